"""The pictures: one to clean, others to learn from; all scikit-image's and scikit-learn's own."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
from skimage import color, data
from sklearn.datasets import load_sample_image

from experiments.decibels import psnr

TRAINING = ("astronaut", "chelsea", "coffee", "coins", "rocket", "china", "flower")
"""None of them is the picture to clean, nor a part of it."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """A picture and what is seen of it; samples from 0 to 255.

    Attributes:
        clean: (H, W).
        noisy: With white Gaussian noise; not clipped.
    """

    clean: jax.Array
    noisy: jax.Array


def observe(clean: np.ndarray, sigma: float, seed: int) -> Problem:
    picture = jnp.asarray(clean, jnp.float32)
    return Problem(picture, picture + sigma * jax.random.normal(jax.random.key(seed), picture.shape))


def camera() -> np.ndarray:
    """The picture to clean: 512×512."""
    return np.asarray(data.camera(), np.float32)


@functools.cache
def training_patches(side: int, count: int, seed: int) -> np.ndarray:
    """(count, side, side), from anywhere in the training pictures."""
    rng = np.random.default_rng(seed)
    pictures = [_grey(name) for name in TRAINING]
    patches = []
    for number in range(count):
        picture = pictures[number % len(pictures)]
        row, column = (int(rng.integers(0, n - side + 1)) for n in picture.shape)
        patches.append(picture[row : row + side, column : column + side])
    return np.stack(patches)


def score(clean: jax.Array | np.ndarray, found: jax.Array | np.ndarray) -> float:
    """PSNR of samples as they are shown, from 0 to 255."""
    return psnr(np.clip(np.asarray(found, float), 0, 255) - np.asarray(clean, float), 255.0)


def _grey(name: str) -> np.ndarray:
    picture = np.asarray(load_sample_image(f"{name}.jpg") if name in ("china", "flower") else getattr(data, name)())
    grey = picture if picture.ndim == 2 else 255 * color.rgb2gray(picture)
    return grey.astype(np.float32)
