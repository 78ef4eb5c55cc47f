"""A binomial pyramid: pictures at half the size each, made by sigconv's own correlation."""

import jax
import jax.numpy as jnp

from sigconv import correlate

_BINOMIAL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)


def halve(picture: jax.Array, boundary: str) -> jax.Array:
    """Smoothed along both axes, and every other sample: (..., H, W) → (..., ⌈H/2⌉, ⌈W/2⌉)."""
    taps = jnp.asarray(_BINOMIAL, picture.dtype)
    for axis in (-2, -1):
        picture = correlate(picture, taps, mode=((2, 2),), axes=axis, stride=2, boundary=boundary)
    return picture


def pyramid(picture: jax.Array, scales: int, boundary: str = "reflect") -> list[jax.Array]:
    """The picture and its halves, the finest first; 'reflect' or, for pictures that tile, 'periodic'."""
    levels = [picture]
    for _ in range(scales - 1):
        levels.append(halve(levels[-1], boundary))
    return levels
