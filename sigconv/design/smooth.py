"""`gaussian` with its derivatives, and `box`: smoothing along one axis, to SciPy's numbers."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import front_door
from sigconv.design._parameters import check_positive, constant, count, known, parameter, radius_of, result_dtype


@front_door("design.gaussian")
def gaussian(
    sigma: ArrayLike,
    *,
    derivative: int = 0,
    radius: int | None = None,
    truncate: float = 4.0,
    dtype: DTypeLike | None = None,
) -> jax.Array:
    """Make a sampled Gaussian with sum 1, g[x] ∝ exp(−x²/2σ²), or that times the polynomial of a derivative of it.

    `scipy.ndimage`'s numbers. For more axes, `SeparableKernel((gaussian(s), gaussian(t)))`.

    Args:
        sigma: Standard deviation, in samples. May be traced, if `radius` is given.
        derivative: Which one; convolving with the first gives a smoothed slope, positive where the signal rises.
        radius: Samples to each side; `truncate` standard deviations, rounded, if None.
        truncate: See `radius`.
        dtype: A float type; that of `sigma` if None.
    Shapes:
        → (2·radius + 1,), for `convolve`: odd derivatives change sign under `correlate` or a network's convolution.
    Raises:
        OptionError: `sigma` is not positive, or is traced without `radius`; `derivative` or `radius` is negative.
    Reference:
        Lindeberg, "Scale-space for discrete signals", IEEE TPAMI 12, 1990.
    Example:
        >>> print(np.array(gaussian(1.0, radius=2)).round(3))
        [0.054 0.244 0.403 0.244 0.054]
    """
    check_positive("sigma", sigma)
    check_positive("truncate", truncate)
    nth, kind = count("derivative", derivative, 0), result_dtype(dtype, sigma)
    s = parameter("sigma", sigma, kind)
    value = known("sigma", sigma)
    reach = sigma if value is None else float(value) * truncate + 0.5
    return _gaussian(radius_of(radius, reach, "sigma"), nth, kind, s)


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _gaussian(radius: int, nth: int, dtype: np.dtype, sigma: jax.Array) -> jax.Array:
    return sampled(radius, nth, sigma).astype(dtype)


def sampled(radius: int, nth: int, sigma: jax.Array) -> jax.Array:
    """The taps, in the type of sigma: Hermite's polynomials in u = x/σ times (−1/σ)ⁿ."""
    u = jnp.arange(-radius, radius + 1, dtype=sigma.dtype) / sigma
    bell = jnp.exp(-0.5 * u**2)
    before, hermite = jnp.zeros_like(u), jnp.ones_like(u)
    for n in range(nth):
        before, hermite = hermite, u * hermite - n * before
    return hermite * (bell / jnp.sum(bell)) * (-1 / sigma) ** nth


@front_door("design.box")
def box(length: int, *, dtype: DTypeLike | None = None) -> jax.Array:
    """Make the running mean of `length` samples: 1/length each.

    Shapes:
        → (length,).
    Raises:
        OptionError: `length` is no positive integer.
    Example:
        >>> box(4).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    n, kind = count("length", length), result_dtype(dtype)
    return constant(np.full(n, 1 / n), kind).astype(kind)
