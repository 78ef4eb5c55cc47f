"""`dwt` and `idwt`: one level of the discrete wavelet transform, along one or several axes."""

import functools
from typing import Any

import jax
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand
from sigconv._core.errors import ShapeError, front_door
from sigconv._core.layout import check_not_empty
from sigconv.wavelets import bank as banks
from sigconv.wavelets.bands import Bands, as_bands, filled, packed, stacked, unstacked
from sigconv.wavelets.request import Axes, Named, Request, analysis, requested, synthesis


@front_door("wavelets.dwt")
def dwt(signal: ArrayLike, wavelet: Named, *, mode: str | tuple[str, ...] = "symmetric", axes: Axes = -1) -> Any:
    """One level of the wavelet transform: y[k] = Σ_j f[j] x̃[2k + 1 − j] for the low-pass and the high-pass f.

    Args:
        signal: Real or complex samples; integers are taken as floats.
        wavelet: A name (see `design.wavelet`), a `design.Wavelet`, which may be traced, or a tuple of one per axis.
        mode: What is read beyond the ends; one of `MODES`, or one per axis. With all but 'periodization' a band has
            (L + taps − 1) // 2 samples; with that ⌈L / 2⌉, and the transform of an orthogonal wavelet is orthogonal.
        axes: A number, as PyWavelets' `dwt`, or a tuple, as its `dwtn`; all others are batch axes.
    Returns:
        (approximation, detail) where `axes` is a number, else a dict of 'aa', 'ad', … with a letter per axis.
    Raises:
        ShapeError: The signal is empty or has no such axes.
        OptionError: Unknown `wavelet` or `mode`, or bad `axes`.
        DTypeError: The signal is not numeric.
    Reference:
        S. Mallat, A Wavelet Tour of Signal Processing, 3rd ed., section 7.3; the boundaries are PyWavelets'.
    Example:
        >>> approximation, detail = dwt([1.0, 1.0, 5.0, 7.0], "haar")
        >>> (detail * 2**0.5).round(4).tolist()
        [0.0, -2.0]
    """
    x = as_operand("signal", signal)
    check_not_empty("signal", x.shape)
    request, wavelets = requested([x], wavelet, mode, axes)
    return _dwt(x, analysis(wavelets, request), request)


@front_door("wavelets.idwt")
def idwt(
    coefficients: Bands,
    wavelet: Named,
    *,
    mode: str | tuple[str, ...] = "symmetric",
    axes: Axes = -1,
    shape: tuple[int, ...] | None = None,
) -> jax.Array:
    """The inverse of `dwt`: x[n] = Σ_k Σ_bands c[k] g[n − 2k + taps − 2], g the synthesis filters.

    Args:
        coefficients: As `dwt` gives them; None, or a band that a dict lacks, is zero.
        wavelet, mode, axes: Those of `dwt`.
        shape: Of the signal. An odd length cannot be told from the coefficients: without it, as in PyWavelets, the
            result has one sample more.
    Shapes:
        bands (..., M, ...) → (..., L, ...), L = 2M − taps + 2, or 2M for 'periodization'.
    Raises:
        ShapeError: Bands differ in shape, are too short for the wavelet, or do not belong to a signal of `shape`.
        OptionError: The layout is not that of `dwt`, or an option none of those above.
        DTypeError: A band is not numeric.
    Reference:
        S. Mallat, A Wavelet Tour of Signal Processing, 3rd ed., section 7.3.
    Example:
        >>> idwt(dwt([1.0, 2.0, 4.0], "haar"), "haar", shape=(3,)).round(4).tolist()
        [1.0, 2.0, 4.0]
    """
    is_single = not isinstance(axes, tuple | list)
    bands = filled("coefficients", as_bands("coefficients", coefficients, 1 if is_single else len(axes), is_single))
    request, wavelets = requested(list(bands.values()), wavelet, mode, axes)
    check_length(next(iter(bands.values())).shape, request)
    lengths = lengths_of(shape, next(iter(bands.values())).shape, request)
    return _idwt(bands, synthesis(wavelets, request), request, lengths)


def check_length(shape: tuple[int, ...], request: Request) -> None:
    """`ShapeError` where bands are shorter than those of any signal."""
    for axis, taps, mode in zip(request.axes, request.taps, request.modes, strict=True):
        if banks.samples(shape[axis], taps, mode) < 1:
            raise ShapeError(
                f"`coefficients` must have at least {taps // 2} samples along axis {axis} for {taps} taps; got "
                f"{shape[axis]}. Use the wavelet and mode of the transform."
            )


def lengths_of(shape: Any, bands: tuple[int, ...], request: Request) -> tuple[int, ...]:
    """The signal's length along each axis; `ShapeError` where the bands are not those of such a signal."""
    full = tuple(
        banks.samples(bands[axis], taps, mode)
        for axis, taps, mode in zip(request.axes, request.taps, request.modes, strict=True)
    )
    if shape is None:
        return full
    given = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    wanted = list(bands)
    for axis, length in zip(request.axes, full, strict=True):
        wanted[axis] = length - 1 if len(given) == len(bands) and given[axis] == length - 1 else length
    if given != tuple(wanted):
        raise ShapeError(f"`shape` must be that of the signal, {tuple(wanted)} or odd along an axis; got {shape!r}.")
    return tuple(wanted[axis] for axis in request.axes)


@functools.partial(jax.jit, static_argnames="request")
def _dwt(x: jax.Array, filters: tuple[banks.Bank, ...], request: Request) -> Any:
    bands = forward(x.astype(request.computed), filters, request)
    return packed({key: band.astype(request.result) for key, band in bands.items()}, request.is_single)


@functools.partial(jax.jit, static_argnames=("request", "lengths"))
def _idwt(
    bands: dict[str, jax.Array], filters: tuple[banks.Bank, ...], request: Request, lengths: tuple[int, ...]
) -> jax.Array:
    bands = {key: band.astype(request.computed) for key, band in bands.items()}
    return backward(bands, filters, request, lengths).astype(request.result)


def forward(x: jax.Array, filters: tuple[banks.Bank, ...], request: Request) -> dict[str, jax.Array]:
    """All bands of one level."""
    for number, (axis, bank, mode) in enumerate(zip(request.axes, filters, request.modes, strict=True)):
        x = banks.analyse(x, bank, axis + number, mode)
    return unstacked(x, len(request.axes))


def backward(
    bands: dict[str, jax.Array], filters: tuple[banks.Bank, ...], request: Request, lengths: tuple[int, ...]
) -> jax.Array:
    """The signal of all bands of one level."""
    x = stacked(bands, len(request.axes))
    steps = list(zip(request.axes, filters, request.modes, lengths, strict=True))
    for number, (axis, bank, mode, length) in reversed(list(enumerate(steps))):
        x = banks.synthesise(x, bank, axis + number, mode)
        x = lax.slice_in_dim(x, 0, length, axis=axis + number)
    return x
