"""`steerable_pair`, `steering_weights`: filters at any angle as sums of filters at a few."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import front_door
from sigconv.design._parameters import check_positive, constant, count, known, parameter, radius_of, result_dtype


@front_door("design.steerable_pair")
def steerable_pair(
    angle: ArrayLike,
    *,
    sigma: ArrayLike = 1.0,
    radius: int | None = None,
    truncate: float = 4.0,
    dtype: DTypeLike | None = None,
) -> jax.Array:
    """Make Freeman & Adelson's G₂ and H₂: a second derivative of a Gaussian and its quadrature partner, at an angle.

    With u, v the coordinates along and across, in units of σ√2: G₂ = 0.9213(2u² − 1)e^(−u²−v²),
    H₂ = 0.978(u³ − 2.254u)e^(−u²−v²). The sum of the squares of their outputs is a local energy.

    Args:
        angle: From the columns' axis towards the rows'. May be traced.
        sigma: Of the Gaussian, in samples; 1/√2 for the tables of the paper at unit spacing. May be traced, if
            `radius` is given.
        radius: Samples to each side; `truncate` standard deviations, rounded, if None.
        truncate: See `radius`.
        dtype: A float type; that of the parameters if None.
    Shapes:
        → (2, 2·radius + 1, 2·radius + 1): even, odd. The odd one is for `convolve`, and changes sign otherwise.
    Raises:
        OptionError: `sigma` is not positive, or is traced without `radius`.
    Reference:
        Freeman & Adelson, "The design and use of steerable filters", IEEE TPAMI 13, 1991, tables IV and VI.
    Example:
        >>> print(np.array(steerable_pair(0.0, radius=1)[0, :, 1]).round(3))
        [-0.559 -0.921 -0.559]
    """
    kind = result_dtype(dtype, angle, sigma)
    check_positive("sigma", sigma)
    check_positive("truncate", truncate)
    value = known("sigma", sigma)
    reach = sigma if value is None else float(value) * truncate + 0.5
    turn, scale = parameter("angle", angle, kind), parameter("sigma", sigma, kind)
    return _pair(radius_of(radius, reach, "sigma"), kind, turn, scale)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _pair(radius: int, dtype: np.dtype, angle: jax.Array, sigma: jax.Array) -> jax.Array:
    y, x = (constant(grid, dtype) for grid in np.mgrid[-radius : radius + 1, -radius : radius + 1])
    scale = sigma * math.sqrt(2)
    u, v = (x * jnp.cos(angle) + y * jnp.sin(angle)) / scale, (y * jnp.cos(angle) - x * jnp.sin(angle)) / scale
    bell = jnp.exp(-(u**2) - v**2)
    return jnp.stack([0.9213 * (2 * u**2 - 1) * bell, 0.978 * (u**3 - 2.254 * u) * bell]).astype(dtype)


@front_door("design.steering_weights")
def steering_weights(angle: ArrayLike, order: int, *, dtype: DTypeLike | None = None) -> jax.Array:
    """Find the weights that sum filters at the angles jπ/(order + 1) to the filter at `angle`.

    For filters made of angular frequencies order, order − 2, …: derivatives of that order of a round filter, G₂ of
    `steerable_pair` with 2, H₂ with 3. Filtering is linear: the same weights steer the filtered pictures.

    Args:
        angle: May be traced.
        order: Of the derivative, or the polynomial.
        dtype: A float type; that of `angle` if None.
    Shapes:
        → (order + 1,).
    Raises:
        OptionError: `order` is negative.
    Reference:
        Freeman & Adelson, "The design and use of steerable filters", IEEE TPAMI 13, 1991, theorem 1.
    Example:
        >>> print(np.array(steering_weights(jnp.pi / 4, 1)).round(3))
        [0.707 0.707]
    """
    n, kind = count("order", order, 0), result_dtype(dtype, angle)
    turn = parameter("angle", angle, kind)
    apart = turn - constant(np.arange(n + 1) * np.pi / (n + 1), kind)
    frequencies = range(n % 2, n + 1, 2)
    waves = [(2.0 if k else 1.0) * jnp.cos(k * apart) for k in frequencies]
    return (sum(waves[1:], start=waves[0]) / (n + 1)).astype(kind)
