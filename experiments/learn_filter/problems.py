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
        picture: (height, width), values about 0 … 1.
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


def observe(x: jax.Array, taps: np.ndarray, noise: float, key: jax.Array) -> Observation:
    """The filtered picture, with white noise of this standard deviation."""
    unknown = Filter(taps, channels=False)
    clean = unknown(x, boundary="symmetric")
    return Observation(x, unknown, clean + noise * jax.random.normal(key, clean.shape))
