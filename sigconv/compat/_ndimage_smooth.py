"""`scipy.ndimage`'s smoothing: Gaussian and uniform filters, one axis after the other."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.conventions import CONVENTIONS
from sigconv._core.dtypes import computed_in, is_complex, is_exact
from sigconv._core.errors import OptionError, front_door
from sigconv._core.layout import resolve_axes
from sigconv._core.options import is_integer, per_axis
from sigconv.compat._ndimage import boundaries, cast, fill_of, filtered, only, output_dtype
from sigconv.compat._through import as_array
from sigconv.design import gaussian
from sigconv.design._parameters import known

Mode = str | tuple[str, ...]
ROW = "scipy.ndimage.correlate1d"
_NOTHING = 1e-15
"""Standard deviations up to which SciPy leaves an axis as it is."""


@front_door("compat.ndimage.gaussian_filter")
def gaussian_filter(
    input: ArrayLike,
    sigma: ArrayLike | tuple[ArrayLike, ...],
    order: int | tuple[int, ...] = 0,
    output: DTypeLike | None = None,
    mode: Mode = "reflect",
    cval: complex = 0.0,
    truncate: float = 4.0,
    *,
    radius: int | tuple[int, ...] | None = None,
    axes: int | tuple[int, ...] | None = None,
) -> jax.Array:
    """`scipy.ndimage.gaussian_filter`: `gaussian_filter1d` along one axis after the other.

    Args:
        input, order, output, mode, cval, truncate, radius, axes: As SciPy's; integer outputs are truncated after every
            axis, as there.
        sigma: One, or one for each of `axes`; may be traced, if `radius` is given. Axes with 0 are left alone.
    Shapes:
        input (*shape) → (*shape).
    Raises:
        OptionError: An argument is not one of SciPy's, or `sigma` is negative, or traced without `radius`.
    """
    x = as_array("input", input)
    spatial = axes_of(axes, x.ndim)
    sigmas = _one_each("sigma", sigma, len(spatial))
    orders = per_axis("order", order, len(spatial), least=0)
    radii = _radii(radius, len(spatial))
    words = modes_of(mode, len(spatial))
    result = output_dtype(output, x, jnp.zeros((), np.float32))
    check_boundary(words, cval, x)
    weights = [
        (axis, word, _weights(s, n, r, truncate))
        for axis, s, n, r, word in zip(spatial, sigmas, orders, radii, words, strict=True)
        if not _is_nothing(s)
    ]
    # Half types are rounded once, at the end.
    y, stage = x, computed_in(result)
    for axis, word, taps in weights:
        y = filtered(ROW, y, taps, stage, word, cval, 0, (axis,))
    return cast(y, result)


@front_door("compat.ndimage.gaussian_filter1d")
def gaussian_filter1d(
    input: ArrayLike,
    sigma: ArrayLike,
    axis: int = -1,
    order: int = 0,
    output: DTypeLike | None = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    truncate: float = 4.0,
    *,
    radius: int | None = None,
) -> jax.Array:
    """`scipy.ndimage.gaussian_filter1d`: `correlate1d` with `design.gaussian`, flipped; order 1 is the slope.

    Args:
        input, axis, order, output, mode, cval, truncate, radius: As SciPy's.
        sigma: Standard deviation in samples; may be traced, if `radius` is given.
    Shapes:
        input (*shape) → (*shape).
    Raises:
        OptionError: As `gaussian_filter`, and for a `sigma` of 0, for which SciPy gives NaN.
    """
    taps = _weights(sigma, per_axis("order", order, 1, least=0)[0], _radii(radius, 1)[0], truncate)
    return filtered(ROW, input, taps, output, mode, cval, 0, only(axis, input))


@front_door("compat.ndimage.uniform_filter")
def uniform_filter(
    input: ArrayLike,
    size: int | tuple[int, ...] = 3,
    output: DTypeLike | None = None,
    mode: Mode = "reflect",
    cval: complex = 0.0,
    origin: int | tuple[int, ...] = 0,
    *,
    axes: int | tuple[int, ...] | None = None,
) -> jax.Array:
    """`scipy.ndimage.uniform_filter`: `uniform_filter1d` along one axis after the other.

    Arguments are SciPy's; integer outputs are truncated after every axis, as there.

    Shapes:
        input (*shape) → (*shape).
    Raises:
        OptionError: An argument is not one of SciPy's, or a `size` is below 1.
    """
    x = as_array("input", input)
    spatial = axes_of(axes, x.ndim)
    sizes = per_axis("size", size, len(spatial))
    origins = per_axis("origin", origin, len(spatial), least=-max(sizes, default=0))
    words = modes_of(mode, len(spatial))
    result = output_dtype(output, x, jnp.zeros((), np.float32))
    check_boundary(words, cval, x)
    for n, shift in zip(sizes, origins, strict=True):
        _check_origin(n, shift)
    y, stage = x, computed_in(result)
    for axis, n, word, shift in zip(spatial, sizes, words, origins, strict=True):
        if n > 1:
            y = _mean(y, n, axis, stage, word, cval, shift)
    return cast(y, result)


@front_door("compat.ndimage.uniform_filter1d")
def uniform_filter1d(
    input: ArrayLike,
    size: int,
    axis: int = -1,
    output: DTypeLike | None = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> jax.Array:
    """`scipy.ndimage.uniform_filter1d`: the mean of `size` samples; of integers exactly, and truncated.

    Shapes:
        input (*shape) → (*shape).
    Raises:
        OptionError: An argument is not one of SciPy's.
    """
    x = as_array("input", input)
    (place,) = only(axis, x)
    (n,), result = per_axis("size", size, 1), output_dtype(output, x, jnp.zeros((), np.float32))
    (shift,) = per_axis("origin", origin, 1, least=-n)
    _check_origin(n, shift)
    check_boundary((mode,), cval, x)
    return cast(_mean(x, n, place, computed_in(result), mode, cval, shift), result)


def axes_of(axes: Any, rank: int) -> tuple[int, ...]:
    """The axes to filter along; none for a scalar or an empty sequence."""
    if axes is None:
        return tuple(range(rank))
    given = tuple(axes) if isinstance(axes, tuple | list) else axes
    return () if given == () else resolve_axes(given, rank, rank)


def modes_of(mode: object, rank: int) -> tuple[str, ...]:
    """One mode for each axis."""
    words: tuple[Any, ...] = tuple(mode) if isinstance(mode, tuple | list) else (mode,) * rank
    if len(words) != rank:
        raise OptionError(f"`mode` must be one name, or one for each of the {rank} axes; got {mode!r}.")
    return words


def check_boundary(words: tuple[str, ...], cval: complex, x: jax.Array) -> None:
    """`OptionError` for what `filtered` would refuse, before the first axis is filtered."""
    boundaries(CONVENTIONS[ROW], words, len(words), fill_of(cval, x))


def _one_each(argument: str, value: Any, rank: int) -> tuple[ArrayLike, ...]:
    if isinstance(value, tuple | list):
        values = tuple(value)
    elif np.ndim(value) == 1:
        values = tuple(value[i] for i in range(len(value)))
    else:
        values = (value,) * rank
    if len(values) != rank:
        raise OptionError(f"`{argument}` must be one, or one for each of the {rank} axes; got {len(values)}.")
    return values


def _radii(radius: object, rank: int) -> tuple[int | None, ...]:
    radii: tuple[Any, ...] = tuple(radius) if isinstance(radius, tuple | list) else (radius,) * rank
    if len(radii) != rank or not all(r is None or (is_integer(r) and r >= 0) for r in radii):
        raise OptionError(
            f"`radius` must be None, an integer of at least 0, or one for each of the {rank} axes; got {radius!r}."
        )
    return radii


def _is_nothing(sigma: ArrayLike) -> bool:
    value = known("sigma", sigma)
    return value is not None and bool(np.all((value >= 0) & (value <= _NOTHING)))


def _weights(sigma: ArrayLike, order: int, radius: int | None, truncate: float) -> jax.Array:
    taps = gaussian(sigma, derivative=order, radius=radius, truncate=truncate, dtype=float)
    return taps[::-1]


def _check_origin(size: int, origin: int) -> None:
    if not 0 <= size // 2 + origin < size:
        raise OptionError(f"`origin` must keep the centre within the {size} samples; got {origin}.")


def _mean(x: jax.Array, size: int, axis: int, result: np.dtype, mode: str, cval: complex, origin: int) -> jax.Array:
    """Sums first: of integers they are exact, and so is what division leaves of them."""

    def total(x: jax.Array, dtype: Any, fill: complex) -> jax.Array:
        return filtered(ROW, x, np.ones(size, int), jax.dtypes.canonicalize_dtype(dtype), mode, fill, origin, (axis,))

    if is_complex(x.dtype):
        return cast(total(x, complex, cval) / size, result)
    is_whole = (is_exact(x.dtype) or x.dtype == bool) and float(cval.real).is_integer()
    is_short = x.dtype.itemsize < jax.dtypes.canonicalize_dtype(int).itemsize
    if not (is_exact(result) or result == bool):
        sums = total(x, int if is_whole and is_short else float, cval)
        return cast(sums.astype(jax.dtypes.canonicalize_dtype(float)) / size, result)
    if not is_whole:
        return cast(total(x, float, cval) / size, result)
    if is_short:
        sums = total(x, int, cval)
        return cast(lax.div(sums, jnp.full((), size, sums.dtype)), result)
    # Sums of these would overflow: those of quotients, rounded down, and of remainders do not.
    n = jnp.full((), size, x.dtype)
    quotient, remainder = x // n, x % n
    fills = divmod(int(cval.real), size)
    whole, rest = (total(part, x.dtype, fill) for part, fill in zip((quotient, remainder), fills, strict=True))
    down = whole + rest // n
    return cast(down + ((down < 0) & (rest % n != 0)).astype(x.dtype), result)
