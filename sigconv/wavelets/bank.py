"""The two-channel filter bank along one axis: a convolution with stride 2 by two filters, and the way back.

With f of F taps, x̃ the signal read beyond its ends and D the dilation of a stationary transform, bank and inverse are

    y[k] = Σ_j f[j] x̃[2k + 1 − j]            x[n] = Σ_k c[k] g[n − 2k + F − 2]
    y[k] = Σ_j f[j] x̃[2k + F/2 − j]          x[n] = Σ_k c[k] g[n − 2k + F/2 − 1]       circular
    y[k] = Σ_j f[j] x̃[k + (F/2 − j) D]       x[n] = ½ Σ_k c[k] g[(n − k)/D + F/2 − 1]  stationary

summed over the two bands on the way back. Arrays stay where they are: other axes are a batch or filtered by one tap.
"""

import math

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.signal import convolve_channels
from sigconv.wavelets.boundaries import Mode, extend

Bank = tuple[jax.Array, jax.Array]
"""Low-pass and high-pass filter."""


def coefficients(length: int, taps: int, mode: Mode) -> int:
    """How many there are per band."""
    return (length + 1) // 2 if mode.is_circular else (length + taps - 1) // 2


def samples(count: int, taps: int, mode: Mode) -> int:
    """How many come back from `count` coefficients per band: those of the signal, or one more if that is odd."""
    return 2 * count if mode.is_circular else 2 * count - taps + 2


def analyse(x: jax.Array, bank: Bank, axis: int, mode: Mode) -> jax.Array:
    """Both bands.

    Shapes:
        x (..., L, ...) → (2, ..., M, ...).
    """
    taps, length = bank[0].shape[0], x.shape[axis]
    lo, hi = taps - 2, taps - 1
    if mode.is_circular:
        lo, hi = taps // 2 - 1, taps // 2 - 1
        if length % 2:
            x = lax.concatenate([x, lax.slice_in_dim(x, length - 1, length, axis=axis)], axis)
    if mode.engine is None:
        x, lo, hi = extend(x, lo, hi, mode.name, axis), 0, 0
    return _split(x, bank, axis, (lo, hi), mode.engine or "zero", stride=2)


def synthesise(bands: jax.Array, bank: Bank, axis: int, mode: Mode) -> jax.Array:
    """The signal of both bands.

    Shapes:
        bands (2, ..., M, ...) → (..., L, ...).
    """
    taps, pad = bank[0].shape[0], 1
    if mode.is_circular and taps > 2:
        around = taps // 4
        count = bands.shape[axis + 1]
        before = (jnp.arange(-around, count + around)) % count
        bands = jnp.take(bands, before, axis=axis + 1, mode="clip") if around else bands
        pad = taps // 2 - 2 * around
    return _join(bands, bank, axis, (pad, pad), "zero", input_dilation=2)


def split_stationary(x: jax.Array, bank: Bank, axis: int, dilation: int) -> jax.Array:
    """Both bands of a stationary transform: as `analyse`, without a stride, around a period."""
    half = bank[0].shape[0] // 2
    return _split(x, bank, axis, ((half - 1) * dilation, half * dilation), "periodic", dilation=dilation)


def join_stationary(bands: jax.Array, bank: Bank, axis: int, dilation: int) -> jax.Array:
    """The signal of both bands of a stationary transform, doubled."""
    half = bank[0].shape[0] // 2
    return _join(bands, bank, axis, (half * dilation, (half - 1) * dilation), "periodic", dilation=dilation)


def _split(
    x: jax.Array, bank: Bank, axis: int, pads: tuple[int, int], boundary: str, stride: int = 1, dilation: int = 1
) -> jax.Array:
    space, taps, single = _plane(x.shape, axis)
    y = convolve_channels(
        x.reshape(space[0], 1, *space[1:]),
        jnp.stack(bank).reshape(2, 1, -1, *taps),
        padding=[pads, *((0, 0),) * single],
        boundary=(boundary, *("zero",) * single),
        stride=(stride, *(1,) * single),
        dilation=(dilation, *(1,) * single),
    )
    return jnp.moveaxis(y, 1, 0).reshape(2, *x.shape[:axis], y.shape[2], *x.shape[axis + 1 :])


def _join(
    bands: jax.Array,
    bank: Bank,
    axis: int,
    pads: tuple[int, int],
    boundary: str,
    input_dilation: int = 1,
    dilation: int = 1,
) -> jax.Array:
    shape = bands.shape[1:]
    space, taps, single = _plane(shape, axis)
    y = convolve_channels(
        jnp.moveaxis(bands.reshape(2, *space), 0, 1),
        jnp.stack(bank).reshape(1, 2, -1, *taps),
        padding=[pads, *((0, 0),) * single],
        boundary=(boundary, *("zero",) * single),
        input_dilation=(input_dilation, *(1,) * single),
        dilation=(dilation, *(1,) * single),
    )
    return y.reshape(*shape[:axis], y.shape[2], *shape[axis + 1 :])


def _plane(shape: tuple[int, ...], axis: int) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """The axes before, the axis, and the ones behind if there are any; a tap for these, and whether they are there."""
    front, trail = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    return ((front, shape[axis], trail), (1,), 1) if trail > 1 else ((front, shape[axis]), (), 0)
