"""The pictures, the filters to be found, and what is observed."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import skimage.data

from sigconv import Filter


@dataclasses.dataclass(frozen=True)
class Observation:
    """A picture and what a filter and noise made of it.

    Attributes:
        picture: (height, width).
        filter: The unknown.
        observed: (height, width).
    """

    picture: jax.Array
    filter: Filter
    observed: jax.Array


def picture(size: int) -> jax.Array:
    """The middle of a photograph, at a quarter of its resolution."""
    whole = skimage.data.camera().reshape(128, 4, 128, 4).mean((1, 3)) / 255.0
    start = (128 - size) // 2
    return jnp.asarray(whole[start : start + size, start : start + size], jnp.float32)


def ripple(taps: int) -> np.ndarray:
    """An oriented band-pass filter: positive and negative taps, which no blur has."""
    rows, columns = (np.mgrid[:taps, :taps] - (taps - 1) / 2) / (taps / 5)
    return (np.exp(-(rows**2 + columns**2) / 2) * np.cos(2.5 * (columns + rows / 2))).astype("f4")


def spikes(size: int, density: float, key: jax.Array) -> jax.Array:
    """A dark picture with normally distributed values at this share of its pixels, at one of them at least."""
    where, what = jax.random.split(key)
    chances = jax.random.uniform(where, (size, size))
    is_lit = chances <= jnp.maximum(density, jnp.min(chances))
    return is_lit * jax.random.normal(what, (size, size))


def observe(x: jax.Array, taps: np.ndarray, noise: float, key: jax.Array, boundary: str) -> Observation:
    """The filtered picture, with white noise of this standard deviation."""
    unknown = Filter(taps, channels=False)
    clean = unknown(x, boundary=boundary)
    return Observation(x, unknown, clean + noise * jax.random.normal(key, clean.shape))
