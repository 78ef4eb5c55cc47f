"""Pairs of views of photographs whose shift between the pixels is known exactly."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import skimage.color
import skimage.data

_PICTURES = ("camera", "astronaut", "brick", "gravel")
_PERIOD = 127
"""Odd, so that no wave is its own mirror image and a shift is exact for all of them."""

_REDUCED, _REACH = 4, 32
"""Pixels of the photograph that one pixel of a view averages; how many of them a view may move."""


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Views and their shifts: reference[n] = moving[n − shift].

    Shapes:
        reference and moving (pair, *space), shift (pair, 2), deviation (pair, 1, 1).
    """

    reference: np.ndarray
    moving: np.ndarray
    shift: np.ndarray

    @property
    def deviation(self) -> np.ndarray:
        return self.reference.std((1, 2), keepdims=True)


def photograph(name: str) -> np.ndarray:
    """512×512 grey levels."""
    picture = getattr(skimage.data, name)()
    return 255 * skimage.color.rgb2gray(picture) if picture.ndim == 3 else picture.astype(float)


def moved(signal: np.ndarray, shift: Sequence[float]) -> np.ndarray:
    """y[n] = x[n − shift], of the periodic interpolant."""
    spectrum = np.fft.fftn(signal)
    for axis, (n, d) in enumerate(zip(signal.shape, shift, strict=True)):
        turns = np.exp(-2j * np.pi * np.fft.fftfreq(n) * d)
        spectrum = spectrum * turns.reshape(*(-1 if a == axis else 1 for a in range(signal.ndim)))
    return np.fft.ifftn(spectrum).real


def periodic_pairs(count: int, rng: np.random.Generator) -> Pairs:
    """A crop, and the same crop as if it repeated, shifted by up to 8 pixels to each side."""
    views = []
    for number in range(count):
        whole = photograph(_PICTURES[number % len(_PICTURES)])
        row, column = rng.integers(0, len(whole) - _PERIOD, 2)
        views.append(whole[row : row + _PERIOD, column : column + _PERIOD])
    shifts = rng.uniform(-8, 8, (count, 2))
    moving = np.stack(views)
    return Pairs(np.stack([moved(view, shift) for view, shift in zip(views, shifts, strict=True)]), moving, shifts)


def cropped_pairs(count: int, rng: np.random.Generator) -> Pairs:
    """Two crops of one photograph, each reduced in size: shifts are quarters of a pixel, and each sees its own part."""
    reference, moving, shifts = [], [], []
    for number in range(count):
        whole = photograph(_PICTURES[number % len(_PICTURES)])
        side = len(whole) - _REACH
        at = rng.integers(0, _REACH + 1, (2, 2))
        for views, (row, column) in zip((reference, moving), at, strict=True):
            views.append(_reduced(whole[row : row + side, column : column + side]))
        # What lies at n in the moving view lies earlier in one that begins later.
        shifts.append((at[1] - at[0]) / _REDUCED)
    return Pairs(np.stack(reference), np.stack(moving), np.stack(shifts))


def _reduced(part: np.ndarray) -> np.ndarray:
    """Means of square blocks, as larger pixels would see."""
    side = len(part) // _REDUCED
    return part.reshape(side, _REDUCED, side, _REDUCED).mean((1, 3))
