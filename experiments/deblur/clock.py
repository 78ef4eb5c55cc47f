"""A clock that a camera moved for, restored by the stroke that was found."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import skimage.data
import skimage.restoration

from experiments.deblur.kernels import line
from experiments.deblur.motion import SHAPE, Stroke
from sigconv import restore

MIDDLE = (slice(60, 240), slice(60, 340))
"""Where something is to be seen: the rest is a wall."""
NEAR = 18
"""Pixels from the left and right border that half a stroke reaches."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """The clock, restored in some way.

    Attributes:
        name: Of the way.
        picture: (300, 400).
        edges: The steepest hundredth of the differences along the rows, in the middle, over that of the blurred clock.
        border: Standard deviation within half a stroke of the left and right borders, where there is nothing but wall,
            over that of the blurred picture.
    """

    name: str
    picture: np.ndarray
    edges: float
    border: float


def photograph() -> np.ndarray:
    """Of scikit-image, by Stefan van der Walt: from 0 to 1."""
    return (skimage.data.clock() / 255.0).astype("f4")


def kernel_of(stroke: Stroke) -> np.ndarray:
    return np.asarray(line(SHAPE, stroke.length, jnp.asarray(stroke.angle)))


def restored(clock: np.ndarray, kernel: np.ndarray) -> list[Picture]:
    """By scikit-image and by this library, with the same kernel; there is no truth to choose their settings by."""
    ways = {
        "blurred": clock,
        "scikit-image wiener": skimage.restoration.wiener(clock, kernel, 0.1, clip=False),
        "scikit-image richardson_lucy": skimage.restoration.richardson_lucy(clock, kernel, 50, clip=False),
        "tikhonov": restore.tikhonov(clock, kernel, 0.004),
        "wiener": restore.wiener(clock, kernel, 3e-4),
        "richardson_lucy, total variation": restore.richardson_lucy(
            clock, kernel, iterations=150, total_variation=0.0015, acceleration=True
        ),
    }
    return [Picture(name, np.asarray(way), *_measures(np.asarray(way), clock)) for name, way in ways.items()]


def _measures(picture: np.ndarray, clock: np.ndarray) -> tuple[float, float]:
    found, blurred = (
        (np.quantile(np.abs(np.diff(x[MIDDLE], axis=1)), 0.99), np.concatenate([x[:, :NEAR], x[:, -NEAR:]], 1).std())
        for x in (picture, clock)
    )
    return float(found[0] / blurred[0]), float(found[1] / blurred[1])
