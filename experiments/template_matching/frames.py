"""A patch that moves and turns while the light changes: frames of one photograph whose poses are known exactly."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
import skimage.data

SHAPE = (200, 280)
"""Of a frame."""
CENTRE = (160, 245)
"""Of the patch in the photograph: the cameraman's face and his camera."""


@dataclass(frozen=True)
class Poses:
    """Where the middle of the patch is in each frame, (n, 2), in rows and columns, and how far it is turned, (n,).

    Angles are in radians, anticlockwise with rows counted downwards, as in `sigconv.matching.transform_bank`.
    """

    places: np.ndarray
    angles: np.ndarray


def make_poses(count: int) -> Poses:
    """Once around a figure of eight, turning by 35° to either side; the first pose is upright and on a pixel."""
    u = 2 * np.pi * np.arange(count) / count
    rows, columns = 100 + 40 * np.sin(2 * u), 140 + 85 * np.sin(u)
    return Poses(np.stack([rows, columns], axis=1), np.deg2rad(35) * np.sin(u))


def make_frames(poses: Poses, seed: int) -> np.ndarray:
    """The photograph turned and shifted to each pose, brighter and darker, with noise of σ = 4: (n, H, W), 8 bits."""
    picture = skimage.data.camera().astype(np.float32)
    rng = np.random.default_rng(seed)
    frames = []
    for number, (place, angle) in enumerate(zip(poses.places, poses.angles, strict=True)):
        u = 2 * np.pi * number / len(poses.angles)
        seen = scipy.ndimage.map_coordinates(picture, _sources(place, angle), order=3, mode="nearest")
        lit = (0.7 + 0.3 * np.cos(3 * u)) * seen + 20 * np.sin(u) + rng.normal(0, 4, SHAPE)
        frames.append(np.clip(np.rint(lit), 0, 255).astype(np.uint8))
    return np.stack(frames)


def _sources(place: np.ndarray, angle: float) -> np.ndarray:
    """Where in the photograph every pixel of a frame is read: about the patch, turned back."""
    down, right = (grid - at for grid, at in zip(np.mgrid[: SHAPE[0], : SHAPE[1]], place, strict=True))
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([CENTRE[0] + sine * right + cosine * down, CENTRE[1] + cosine * right - sine * down])
