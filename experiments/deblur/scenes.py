"""Photographs with a known truth: blurred, made noisy, and cropped as a camera crops, or on a cycle."""

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np
import skimage.data

from experiments.deblur.kernels import bump, disc, line
from sigconv import convolve

Border = Literal["real", "periodic"]


@dataclasses.dataclass(frozen=True)
class Problem:
    """A blurred photograph and what it is of.

    Attributes:
        name: Of the photograph and of the blur.
        truth, observed: (height, width) or (height, width, 3), from 0 to 1.
        kernel: Taps.
        noise: Standard deviation.
        border: 'real': what lies outside has been blurred into the image; 'periodic': it is the other side.
    """

    name: str
    truth: np.ndarray
    observed: np.ndarray
    kernel: np.ndarray
    noise: float
    border: Border

    @property
    def near(self) -> np.ndarray:
        """Where a pixel is within a kernel's width of the border."""
        far = np.zeros(self.truth.shape[:2], bool)
        rows, columns = self.kernel.shape
        far[rows:-rows, columns:-columns] = True
        return ~far


def _motion() -> np.ndarray:
    return np.asarray(line((11, 17), 17.0, np.pi / 6))


SCENES: dict[str, tuple[Callable[[], np.ndarray], Callable[[], np.ndarray], str, tuple[int, int]]] = {
    "camera": (skimage.data.camera, _motion, "motion over 17 pixels", (90, 130)),
    "astronaut": (skimage.data.astronaut, lambda: disc(4.5), "out of focus", (10, 120)),
    "chelsea": (skimage.data.chelsea, lambda: bump(13), "Gaussian", (22, 100)),
}
"""Photograph, kernel, what that is, and where the crop begins."""


def problem(name: str, border: Border, size: int, noise: float, seed: int) -> Problem:
    """A crop of so many rows and columns of a blurred photograph, with white noise."""
    photograph, make, words, (top, left) = SCENES[name]
    whole = (photograph() / 255.0).astype("f4")
    kernel = make()
    rows, columns = (slice(start, start + size) for start in (top, left))
    truth = whole[rows, columns]
    if border == "periodic":
        blurred = convolve(truth, kernel, mode="same", boundary="periodic", axes=(0, 1))
    else:
        # Of the whole photograph: its own border is far away.
        blurred = convolve(whole, kernel, mode="same", axes=(0, 1))[rows, columns]
    observed = np.asarray(blurred) + noise * np.random.default_rng(seed).standard_normal(truth.shape)
    return Problem(f"{name}, {words}", truth, np.clip(observed, 0, 1).astype("f4"), kernel, noise, border)
