"""`scipy.ndimage`'s convolutions and correlations.

SciPy computes in float64 and then casts to the output's type, truncating and wrapping for integers. So does this, in
the widest type that JAX is set up for: float32 unless `jax_enable_x64` is on, and then a sum that is a whole number in
exact arithmetic can be truncated to the one below. Integer weights on integer images are exact.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.boundary import Constant, Rule
from sigconv._core.conventions import CONVENTIONS, Convention
from sigconv._core.dtypes import is_complex, is_exact
from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv._core.layout import resolve_axes
from sigconv._core.options import per_axis
from sigconv.compat._through import as_array
from sigconv.signal import convolve as _convolve
from sigconv.signal import correlate as _correlate


@front_door("compat.ndimage.correlate")
def correlate(
    input: ArrayLike,
    weights: ArrayLike,
    output: DTypeLike | None = None,
    mode: str | tuple[str, ...] = "reflect",
    cval: complex = 0.0,
    origin: int | tuple[int, ...] = 0,
    *,
    axes: int | tuple[int, ...] | None = None,
) -> jax.Array:
    """`scipy.ndimage.correlate`: conjugates the weights; a positive origin moves the output towards higher indices.

    Args:
        input, weights, mode, cval, origin, axes: As SciPy's; its mode 'reflect' is sigconv's 'symmetric'.
        output: The result's dtype, or None for the input's. An array to write into is refused: JAX's are immutable.
    Shapes:
        input (*shape), weights with one axis for each of `axes` → (*shape).
    Raises:
        ShapeError: The weights do not have one axis for each of `axes`, or are empty.
        OptionError: Unknown `mode`, an `origin` outside the weights, or an `output` that is not a dtype or too narrow.
    """
    return _filter("scipy.ndimage.correlate", input, weights, output, mode, cval, origin, axes)


@front_door("compat.ndimage.convolve")
def convolve(
    input: ArrayLike,
    weights: ArrayLike,
    output: DTypeLike | None = None,
    mode: str | tuple[str, ...] = "reflect",
    cval: complex = 0.0,
    origin: int | tuple[int, ...] = 0,
    *,
    axes: int | tuple[int, ...] | None = None,
) -> jax.Array:
    """`scipy.ndimage.convolve`: flips the weights; a positive origin moves the output towards lower indices.

    Arguments, shapes and errors are those of `correlate`.
    """
    return _filter("scipy.ndimage.convolve", input, weights, output, mode, cval, origin, axes)


@front_door("compat.ndimage.correlate1d")
def correlate1d(
    input: ArrayLike,
    weights: ArrayLike,
    axis: int = -1,
    output: DTypeLike | None = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> jax.Array:
    """`scipy.ndimage.correlate1d`: `correlate` along one axis with a vector of weights.

    Shapes:
        input (*shape), weights (K,) → (*shape).
    Raises:
        ShapeError, OptionError: As `correlate`.
    """
    return _filter("scipy.ndimage.correlate1d", input, weights, output, mode, cval, origin, (axis,))


@front_door("compat.ndimage.convolve1d")
def convolve1d(
    input: ArrayLike,
    weights: ArrayLike,
    axis: int = -1,
    output: DTypeLike | None = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> jax.Array:
    """`scipy.ndimage.convolve1d`: `convolve` along one axis with a vector of weights.

    Shapes:
        input (*shape), weights (K,) → (*shape).
    Raises:
        ShapeError, OptionError: As `correlate`.
    """
    return _filter("scipy.ndimage.convolve1d", input, weights, output, mode, cval, origin, (axis,))


def _filter(
    name: str,
    input: ArrayLike,
    weights: ArrayLike,
    output: object,
    mode: object,
    cval: complex,
    origin: object,
    axes: object,
) -> jax.Array:
    x, w = as_array("input", input), as_array("weights", weights)
    row = CONVENTIONS[name]
    spatial = resolve_axes(axes, x.ndim, x.ndim)
    if w.ndim != len(spatial) or not w.size:
        raise ShapeError(
            f"`weights` must not be empty and have one axis for each of {len(spatial)}; got shape {w.shape}."
        )
    result = _output_dtype(output, x, w)
    if not (x.size and x.ndim):
        return (x * w).astype(result) if x.size else x.astype(result)
    pads = _padding(row, x.shape, w.shape, spatial, per_axis("origin", origin, len(spatial), least=-max(w.shape)))
    modes = mode if isinstance(mode, tuple | list) else (mode,) * len(spatial)
    reads = (lookup("mode", word, row.boundaries) for word in modes)
    boundary = tuple(read.value if isinstance(read, Rule) else Constant(cval) for read in reads)
    working = _working_dtype(x, w)
    apply = _convolve if row.flips else _correlate
    y = apply(x.astype(working), w.astype(working), mode=pads, boundary=boundary, axes=spatial)
    return _cast(y, result)


def _padding(
    row: Convention, shape: tuple[int, ...], taps: tuple[int, ...], axes: tuple[int, ...], origins: tuple[int, ...]
) -> list[tuple[int, int]]:
    pads = [row.padding(shape[axis], k, origin=o) for axis, k, o in zip(axes, taps, origins, strict=True)]
    if any(lo < 0 or hi < 0 for lo, hi in pads):
        raise OptionError(f"`origin` must keep the centre within the weights, of shape {taps}; got {origins}.")
    return pads


def _output_dtype(output: object, x: jax.Array, w: jax.Array) -> np.dtype:
    complex_result = is_complex(x.dtype) or is_complex(w.dtype)
    if output is None:
        dtype = np.promote_types(x.dtype, np.complex64) if complex_result else np.dtype(x.dtype)
        return jax.dtypes.canonicalize_dtype(dtype)
    if isinstance(output, np.ndarray | jax.Array):
        raise OptionError(
            f"`output` must be a dtype or None; got an array of shape {output.shape}. "
            "JAX arrays cannot be written into: use the value that is returned."
        )
    try:
        dtype = np.dtype(output)  # type: ignore[call-overload]
    except TypeError:
        raise OptionError(f"`output` must be a dtype or None; got {output!r}.") from None
    if complex_result and dtype.kind != "c":
        raise OptionError(f"`output` must be complex where the input or the weights are; got {dtype}.")
    return jax.dtypes.canonicalize_dtype(dtype)


def _working_dtype(x: jax.Array, w: jax.Array) -> np.dtype:
    if is_complex(x.dtype) or is_complex(w.dtype):
        return jax.dtypes.canonicalize_dtype(complex)
    exact = all(is_exact(array.dtype) or array.dtype == bool for array in (x, w))
    return jax.dtypes.canonicalize_dtype(int if exact else float)


def _cast(y: jax.Array, dtype: np.dtype) -> jax.Array:
    """As C casts: towards zero, and modulo the range of the type."""
    if dtype == bool or is_exact(dtype):
        whole = y if is_exact(y.dtype) else jnp.trunc(y).astype(jax.dtypes.canonicalize_dtype(int))
        return whole.astype(dtype)
    return y.astype(dtype)
