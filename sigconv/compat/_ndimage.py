"""What `compat.ndimage`'s functions share: axes, origins, boundaries, and results cast as SciPy casts them."""

import numbers
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.boundary import Constant, Rule
from sigconv._core.conventions import CONVENTIONS, Convention
from sigconv._core.dtypes import is_complex, is_exact
from sigconv._core.errors import OptionError, ShapeError, lookup
from sigconv._core.layout import resolve_axes
from sigconv._core.options import is_integer, per_axis
from sigconv.compat._through import as_array
from sigconv.signal import convolve as _convolve
from sigconv.signal import correlate as _correlate

T = TypeVar("T")


def filtered(
    name: str,
    input: ArrayLike,
    weights: ArrayLike,
    output: object,
    mode: object,
    cval: complex,
    origin: object,
    axes: Any,
) -> jax.Array:
    """One of the four correlations and convolutions, by its row of the conventions table."""
    x, w = as_array("input", input), as_array("weights", weights)
    row = CONVENTIONS[name]
    given = resolve_axes(axes, x.ndim, x.ndim)
    if w.ndim != len(given) or not w.size:
        raise ShapeError(
            f"`weights` must not be empty and have one axis for each of {len(given)}; got shape {w.shape}."
        )
    result, fill = output_dtype(output, x, w), fill_of(cval, x)
    boundary = _in_order(given, boundaries(row, mode, len(given), fill))
    origins = per_axis("origin", origin, len(given), least=-max(w.shape, default=0))
    if not (x.size and x.ndim):
        w = jnp.conj(w) if row.conjugates else w
        return (x * w).astype(result) if x.size else x.astype(result)
    # The weights' axes are in the input's order, whatever that of `axes`; so are SciPy's origins if there is one for
    # every axis of the input.
    spatial = tuple(sorted(given))
    pads = _padding(row, x.shape, w.shape, spatial, origins if len(given) == x.ndim else _in_order(given, origins))
    working = _working_dtype(x, w, fill, result)
    apply = _convolve if row.flips else _correlate
    y = apply(x.astype(working), w.astype(working), mode=pads, boundary=boundary, axes=spatial)
    return cast(y, result)


def only(axis: object, input: ArrayLike) -> tuple[int, ...]:
    """The one axis, checked."""
    rank = as_array("input", input).ndim
    if not is_integer(axis) or not -rank <= axis < rank:
        raise OptionError(f"`axis` must be one of the input's {rank}; got {axis!r}.")
    return (int(axis),)


def _in_order(axes: tuple[int, ...], entries: tuple[T, ...]) -> tuple[T, ...]:
    """The entries, one for each of `axes`, sorted by axis."""
    return tuple(entry for _, entry in sorted(zip(axes, entries, strict=True), key=lambda pair: pair[0]))


def boundaries(row: Convention, mode: object, rank: int, fill: Constant) -> tuple[str | Constant, ...]:
    """sigconv's boundaries for SciPy's modes, one for each axis."""
    modes = tuple(mode) if isinstance(mode, tuple | list) else (mode,) * rank
    if len(modes) != rank:
        raise OptionError(f"`mode` must be one name, or one for each of the {rank} axes; got {mode!r}.")
    reads = (lookup("mode", word, row.boundaries) for word in modes)
    return tuple(read.value if isinstance(read, Rule) else fill for read in reads)


def fill_of(cval: complex, x: jax.Array) -> Constant:
    """What 'constant' reads; complex where the input is."""
    if not isinstance(cval, numbers.Number):
        raise OptionError(
            f"`cval` must be a number; got {type(cval).__name__}. If it is traced, pad the input instead."
        )
    if is_complex(x.dtype):
        return Constant(complex(cval))  # pyright: ignore[reportArgumentType]
    if not isinstance(cval, numbers.Real):
        raise OptionError(f"`cval` must be real where the input is; got {cval}. Make the input complex first.")
    return Constant(float(cval))


def _padding(
    row: Convention, shape: tuple[int, ...], taps: tuple[int, ...], axes: tuple[int, ...], origins: tuple[int, ...]
) -> list[tuple[int, int]]:
    pads = [row.padding(shape[axis], k, origin=o) for axis, k, o in zip(axes, taps, origins, strict=True)]
    if any(lo < 0 or hi < 0 for lo, hi in pads):
        raise OptionError(f"`origin` must keep the centre within the weights, of shape {taps}; got {origins}.")
    return pads


def output_dtype(output: object, x: jax.Array, w: jax.Array) -> np.dtype:
    """The result's dtype, from `output` or from the operands."""
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
    is_number = dtype == bool or jnp.issubdtype(dtype, jnp.number)
    if not is_number or dtype.itemsize > 8 * (1 + is_complex(dtype)):
        raise OptionError(f"`output` must be a numeric dtype that JAX has, or None; got {dtype}.")
    if complex_result and dtype.kind != "c":
        raise OptionError(f"`output` must be complex where the input or the weights are; got {dtype}.")
    return jax.dtypes.canonicalize_dtype(dtype)


def _working_dtype(x: jax.Array, w: jax.Array, fill: Constant, result: np.dtype) -> np.dtype:
    if is_complex(x.dtype) or is_complex(w.dtype):
        return jax.dtypes.canonicalize_dtype(complex)
    exact = all(is_exact(dtype) or dtype == bool for dtype in (x.dtype, w.dtype, result))
    whole = exact and float(fill.value.real).is_integer()
    return jax.dtypes.canonicalize_dtype(int if whole else float)


def cast(y: jax.Array, dtype: np.dtype) -> jax.Array:
    """As C casts: towards zero, and modulo the range of the type, which for SciPy's bools is a byte's."""
    if dtype == bool or is_exact(dtype):
        whole = y if is_exact(y.dtype) else jnp.trunc(y).astype(jax.dtypes.canonicalize_dtype(int))
        return whole.astype(np.uint8) != 0 if dtype == bool else whole.astype(dtype)
    return y.astype(dtype)
