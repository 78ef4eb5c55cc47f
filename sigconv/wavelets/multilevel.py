"""`wavedec` and `waverec`: the transform of the approximation, again and again."""

import functools
import itertools
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.layout import check_not_empty
from sigconv._core.options import is_integer
from sigconv.wavelets import bank as banks
from sigconv.wavelets.bands import Details, as_details, described, detail, filled, keys
from sigconv.wavelets.levels import decimated_level
from sigconv.wavelets.request import Axes, Named, Request, analysis, requested, synthesis
from sigconv.wavelets.single import backward, check_length, forward, lengths_of


@front_door("wavelets.wavedec")
def wavedec(
    signal: ArrayLike,
    wavelet: Named,
    *,
    mode: str | tuple[str, ...] = "symmetric",
    level: int | None = None,
    axes: Axes = -1,
) -> list[Any]:
    """The wavelet transform of several levels: `dwt` of the signal, of its approximation, of the approximation's, ….

    Args:
        signal, wavelet, mode, axes: As in `dwt`.
        level: How many; if None `dwt_max_level` of the shortest axis, which is also the most.
    Returns:
        [approximation, details of the last level, …, details of the first]: PyWavelets' `wavedec` where `axes` is a
        number, and where it is a tuple its `wavedecn`: the details of a level are then a dict.
    Raises:
        ShapeError: The signal is empty or has no such axes.
        OptionError: Unknown `wavelet` or `mode`, bad `axes`, or more levels than that.
        DTypeError: The signal is not numeric.
    Reference:
        S. Mallat, "A theory for multiresolution signal decomposition", IEEE Trans. PAMI 11 (1989) 674-693.
    Example:
        >>> [band.shape for band in wavedec(jnp.ones(100), "db2", level=3)]
        [(15,), (15,), (27,), (51,)]
    """
    x = as_operand("signal", signal)
    check_not_empty("signal", x.shape)
    request, wavelets = requested([x], wavelet, mode, axes)
    levels = decimated_level(level, tuple(x.shape[axis] for axis in request.axes), request.taps)
    return _wavedec(x, analysis(wavelets, request), request, levels)


@front_door("wavelets.waverec")
def waverec(
    coefficients: list[Any] | tuple[Any, ...],
    wavelet: Named,
    *,
    mode: str | tuple[str, ...] = "symmetric",
    axes: Axes = -1,
    shape: tuple[int, ...] | None = None,
) -> jax.Array:
    """The inverse of `wavedec`.

    Args:
        coefficients: As `wavedec` gives them; details may be None, and dicts may lack bands: those are zero.
        wavelet, mode, axes, shape: As in `idwt`.
    Shapes:
        → (..., L, ...): that of the signal; where it is odd and `shape` is None, one sample more.
    Raises:
        ShapeError: Bands do not fit one another, the wavelet or `shape`.
        OptionError: The layout is not that of `wavedec`, or an option none of those above.
        DTypeError: A band is not numeric.
    Reference:
        S. Mallat, "A theory for multiresolution signal decomposition", IEEE Trans. PAMI 11 (1989) 674-693.
    Example:
        >>> x = jnp.arange(1.0, 8.0)
        >>> waverec(wavedec(x, "haar"), "haar", shape=x.shape).round(4).tolist()
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    """
    first, details = split(coefficients, axes)
    arrays = [first, *(band for bands in details for band in bands.values() if band is not None)]
    request, wavelets = requested(arrays, wavelet, mode, axes)
    lengths, shapes = _lengths(first.shape, details, request, shape)
    return _waverec(first, details, synthesis(wavelets, request), request, lengths, shapes)


def split(coefficients: Any, axes: Axes) -> tuple[jax.Array, list[Details]]:
    """The approximation, and the details of each level as a dict."""
    is_single = not isinstance(axes, tuple | list)
    rank = 1 if is_single else len(axes)
    if not isinstance(coefficients, tuple | list) or not coefficients or coefficients[0] is None:
        raise OptionError(
            f"`coefficients` must be [approximation, details, …, details]; got {described(coefficients)}. "
            "For one level there is `idwt`."
        )
    first = as_operand("coefficients", coefficients[0])
    check_not_empty("coefficients", first.shape)
    none: Details = {key: None for key in keys(rank) if "d" in key}
    details = [
        none if given is None else as_details("coefficients", given, rank, is_single) for given in coefficients[1:]
    ]
    for bands in details:
        for band in bands.values():
            if band is not None and band.ndim != first.ndim:
                raise ShapeError(f"`coefficients` must have arrays of one rank, {first.ndim}; got shape {band.shape}.")
    return first, details


def _lengths(
    start: tuple[int, ...], details: list[Details], request: Request, shape: Any
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Per level, the lengths of what comes out along the axes, and the shape of the bands that go in."""
    known = [_common_shape(bands) for bands in details] + [None]
    if shape is not None:
        expected = _expected(shape, start, len(details), request)
        known = [expected[number] if given is None else given for number, given in enumerate(known)]
    lengths, shapes, here = [], [], start
    for given, after in itertools.pairwise(known):
        if given is not None and given != here:
            raise ShapeError(
                f"`coefficients` must have details of the approximation's shape at each level, {here}; got {given}."
            )
        check_length(here, request)
        full = lengths_of(None, here, request)
        if after is not None:
            # An odd length gives as many coefficients as the even one above it.
            full = tuple(n - (after[axis] == n - 1) for axis, n in zip(request.axes, full, strict=True))
        lengths.append(full)
        shapes.append(here)
        here = _with(here, request.axes, full)
    return tuple(lengths), tuple(shapes)


def _expected(shape: Any, start: tuple[int, ...], levels: int, request: Request) -> list[tuple[int, ...]]:
    """The shapes of the bands of each level, and of the signal, from that of the signal."""
    here = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    found = [here]
    for _ in range(levels if len(here) == len(start) and all(map(is_integer, here)) else 0):
        counts = (
            banks.coefficients(found[-1][axis], taps, mode)
            for axis, taps, mode in zip(request.axes, request.taps, request.modes, strict=True)
        )
        found.append(_with(found[-1], request.axes, tuple(counts)))
    if found[-1] != start:
        raise ShapeError(
            f"`shape` must be that of a signal with an approximation of shape {start} after {levels} levels; got "
            f"{shape!r}."
        )
    return found[::-1]


def _with(shape: tuple[int, ...], axes: tuple[int, ...], lengths: tuple[int, ...]) -> tuple[int, ...]:
    sizes = dict(enumerate(shape)) | dict(zip(axes, lengths, strict=True))
    return tuple(sizes[axis] for axis in range(len(shape)))


def _common_shape(bands: Details) -> tuple[int, ...] | None:
    if all(band is None for band in bands.values()):
        return None
    return next(iter(filled("coefficients", bands).values())).shape


@functools.partial(jax.jit, static_argnames=("request", "levels"))
def _wavedec(x: jax.Array, filters: tuple[banks.Bank, ...], request: Request, levels: int) -> list[Any]:
    details: list[Any] = []
    x = x.astype(request.computed)
    rank = len(request.axes)
    for _ in range(levels):
        bands = forward(x, filters, request)
        x = bands["a" * rank]
        details.append(detail(bands, request.is_single))
    return jax.tree.map(lambda band: band.astype(request.result), [x, *details[::-1]])


@functools.partial(jax.jit, static_argnames=("request", "lengths", "shapes"))
def _waverec(
    x: jax.Array,
    details: list[Details],
    filters: tuple[banks.Bank, ...],
    request: Request,
    lengths: tuple[tuple[int, ...], ...],
    shapes: tuple[tuple[int, ...], ...],
) -> jax.Array:
    x = x.astype(request.computed)
    for bands, along, shape in zip(details, lengths, shapes, strict=True):
        zeros = jnp.zeros(shape, request.computed)
        full = {key: zeros if band is None else band.astype(request.computed) for key, band in bands.items()}
        x = backward({"a" * len(request.axes): x, **full}, filters, request, along)
    return x.astype(request.result)
