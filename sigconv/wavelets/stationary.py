"""`swt` and `iswt`: the transform without decimation, that of every circular shift of the signal in one."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.layout import check_not_empty
from sigconv.wavelets import bank as banks
from sigconv.wavelets.bands import Details, detail, stacked, unstacked
from sigconv.wavelets.levels import stationary_level
from sigconv.wavelets.multilevel import split
from sigconv.wavelets.request import Axes, Named, Request, analysis, requested, synthesis


@front_door("wavelets.swt")
def swt(
    signal: ArrayLike, wavelet: Named, *, level: int | None = None, axes: Axes = -1, norm: bool = False
) -> list[Any]:
    """The stationary transform: y[k] = Σ_j f[j] x[(k + (taps/2 − j) D) mod L], D = 1, 2, 4, … from level to level.

    Every band is as long as the signal, which is taken as periodic; shifting the signal shifts them.

    Args:
        signal, wavelet, axes: As in `dwt`.
        level: How many; 2^level must divide the lengths. The most if None.
        norm: Divide the filters by √2: an orthogonal wavelet's coefficients then have the signal's energy, and `iswt`
            is the adjoint.
    Returns:
        [approximation, details of the last level, …, of the first], in the layout of `wavedec`: that of PyWavelets'
        `swt` and `swtn` with trim_approx=True.
    Raises:
        ShapeError: The signal is empty or has no such axes.
        OptionError: Unknown `wavelet`, bad `axes`, or lengths that 2^level does not divide.
        DTypeError: The signal is not numeric.
    Reference:
        Nason & Silverman, "The stationary wavelet transform and some statistical applications", 1995.
    Example:
        >>> [band.shape for band in swt(jnp.ones(12), "db2")]
        [(12,), (12,), (12,)]
    """
    x = as_operand("signal", signal)
    check_not_empty("signal", x.shape)
    request, wavelets = requested([x], wavelet, "periodization", axes)
    _check_norm(norm)
    levels = stationary_level(level, tuple(x.shape[axis] for axis in request.axes))
    return _swt(x, analysis(wavelets, request), request, levels, norm)


@front_door("wavelets.iswt")
def iswt(
    coefficients: list[Any] | tuple[Any, ...], wavelet: Named, *, axes: Axes = -1, norm: bool = False
) -> jax.Array:
    """The inverse of `swt`: the mean of the inverses of all the decimated transforms that it holds.

    Args:
        coefficients: As `swt` gives them; details may be None, and dicts may lack bands: those are zero.
        wavelet, axes, norm: Those of `swt`.
    Shapes:
        bands (..., L, ...) → (..., L, ...).
    Raises:
        ShapeError: Bands differ in shape.
        OptionError: The layout is not that of `swt`, an option is none of those above, or there are more levels than
            the lengths allow.
        DTypeError: A band is not numeric.
    Reference:
        Coifman & Donoho, "Translation-invariant de-noising", 1995.
    Example:
        >>> iswt(swt(jnp.array([1.0, 2.0, 4.0, 8.0]), "haar"), "haar").round(4).tolist()
        [1.0, 2.0, 4.0, 8.0]
    """
    first, details = split(coefficients, axes)
    arrays = [first, *(band for bands in details for band in bands.values() if band is not None)]
    if len({array.shape for array in arrays}) > 1:
        raise ShapeError(
            f"`coefficients` must have arrays of one shape; got {sorted({array.shape for array in arrays})}. "
            "Those of `wavedec` go to `waverec`."
        )
    request, wavelets = requested(arrays, wavelet, "periodization", axes)
    _check_norm(norm)
    if details:
        stationary_level(len(details), tuple(first.shape[axis] for axis in request.axes), "levels must be")
    return _iswt(first, details, synthesis(wavelets, request), request, norm)


def _check_norm(norm: object) -> None:
    if not isinstance(norm, bool):
        raise OptionError(f"`norm` must be True or False; got {norm!r}.")


@functools.partial(jax.jit, static_argnames=("request", "levels", "norm"))
def _swt(x: jax.Array, filters: tuple[banks.Bank, ...], request: Request, levels: int, norm: bool) -> list[Any]:
    details: list[Any] = []
    x = x.astype(request.computed)
    rank = len(request.axes)
    for number in range(levels):
        for place, (axis, bank) in enumerate(zip(request.axes, filters, strict=True)):
            x = banks.split_stationary(x, bank, axis + place, 2**number)
        bands = unstacked(x * 2 ** (-rank / 2) if norm else x, rank)
        x = bands["a" * rank]
        details.append(detail(bands, request.is_single))
    return jax.tree.map(lambda band: band.astype(request.result), [x, *details[::-1]])


@functools.partial(jax.jit, static_argnames=("request", "norm"))
def _iswt(
    x: jax.Array,
    details: list[Details],
    filters: tuple[banks.Bank, ...],
    request: Request,
    norm: bool,
) -> jax.Array:
    x = x.astype(request.computed)
    rank = len(request.axes)
    zeros = jnp.zeros(x.shape, request.computed)
    for number, bands in zip(reversed(range(len(details))), details, strict=True):
        full = {key: zeros if band is None else band.astype(request.computed) for key, band in bands.items()}
        y = stacked({"a" * rank: x, **full}, rank)
        for place, (axis, bank) in reversed(list(enumerate(zip(request.axes, filters, strict=True)))):
            y = banks.join_stationary(y, bank, axis + place, 2**number)
        x = y * 2 ** (-rank / 2 if norm else -rank)
    return x.astype(request.result)
