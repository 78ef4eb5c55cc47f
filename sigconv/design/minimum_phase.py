"""`minimum_phase`: the filter of least delay with a given magnitude, through the cepstrum."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv.design._parameters import constant, count, operand, parameter, result_dtype


@front_door("design.minimum_phase")
def minimum_phase(taps: ArrayLike, *, half: bool = True, points: int | None = None) -> jax.Array:
    """Turn a linear-phase filter into one of minimum phase: its log magnitude's causal half of the cepstrum, back.

    SciPy's `minimum_phase` with its default, the homomorphic method. In float32 stop bands below −100 dB are lost in
    rounding: design those in float64.

    Args:
        taps: Real; symmetric for `half`, which is not checked.
        half: Whether the magnitude becomes its square root and the filter half as long, else both stay.
        points: Of the transform; a power of two above 200 per tap if None.
    Shapes:
        taps (n,) → ((n + 1)//2,), or (n,) without `half`; for `convolve`, like every impulse response.
    Raises:
        ShapeError: `taps` has not one axis, or fewer than 3 samples.
        OptionError: `points` is below the number of taps.
        DTypeError: `taps` are complex.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 13.5.
    Example:
        >>> print(np.array(minimum_phase([0.25, 1.0, 0.25], half=False)).round(3))
        [0.933 0.5   0.067]
    """
    shape = operand("taps", taps).shape
    if len(shape) != 1 or shape[0] < 3:
        raise ShapeError(f"`taps` must have one axis of at least 3; got shape {shape}.")
    kind = result_dtype(None, taps)
    n = shape[0]
    length = 2 ** math.ceil(math.log2(2 * (n - 1) / 0.01)) if points is None else count("points", points)
    if length < n:
        raise OptionError(f"`points` must be at least the number of taps, {n}; got {points}.")
    return _minimum_phase(length, bool(half), kind, parameter("taps", taps, kind, shape))


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _minimum_phase(points: int, half: bool, dtype: np.dtype, taps: jax.Array) -> jax.Array:
    spectrum = jnp.fft.fft(taps, points)
    power = jnp.real(spectrum) ** 2 + jnp.imag(spectrum) ** 2
    # At a zero on the circle the logarithm is held by the least of the others, and has no slope.
    is_there = power > 0
    magnitude = jnp.where(is_there, jnp.sqrt(jnp.where(is_there, power, 1)), 0)
    least = lax.stop_gradient(jnp.min(jnp.where(is_there, magnitude, jnp.inf)))
    logarithm = jnp.log(magnitude + 1e-7 * jnp.where(jnp.isfinite(least), least, 1)) * (0.5 if half else 1)
    causal = np.zeros(points)
    causal[0], causal[1 : points // 2] = 1, 2
    if points % 2:
        causal[points // 2] = 1
    cepstrum = jnp.real(jnp.fft.ifft(logarithm)) * constant(causal, dtype)
    response = jnp.real(jnp.fft.ifft(jnp.exp(jnp.fft.fft(cepstrum))))
    n = taps.size
    return response[: (n + 1) // 2 if half else n].astype(dtype)
