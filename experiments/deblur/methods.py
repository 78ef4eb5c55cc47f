"""The ways to restore that are compared: scikit-image's, and this library's."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import skimage.restoration

from experiments.deblur.scenes import Problem
from sigconv import restore

_BALANCES = tuple(float(b) for b in np.geomspace(1e-5, 3e-1, 10))
_COUNTS = (5, 10, 20, 30, 50, 80, 120)


@dataclasses.dataclass(frozen=True)
class Method:
    """A way to restore, and the settings that are tried.

    Attributes:
        name: With the library's.
        run: Of the problem and a setting.
        settings: Of which the best by PSNR is kept, for every method alike; one of None if there is nothing to set.
        word: What the setting is.
    """

    name: str
    run: Callable[[Problem, float], np.ndarray]
    settings: Sequence[float]
    word: str


def _per_channel(call: Callable[[np.ndarray], np.ndarray], picture: np.ndarray) -> np.ndarray:
    if picture.ndim == 2:
        return call(picture)
    return np.stack([call(picture[..., channel]) for channel in range(picture.shape[-1])], -1)


def _skimage_wiener(problem: Problem, balance: float) -> np.ndarray:
    def call(picture: np.ndarray) -> np.ndarray:
        return np.asarray(skimage.restoration.wiener(picture, problem.kernel, balance, clip=False))

    return _per_channel(call, problem.observed)


def _skimage_lucy(problem: Problem, count: float) -> np.ndarray:
    def call(picture: np.ndarray) -> np.ndarray:
        return skimage.restoration.richardson_lucy(picture, problem.kernel, int(count), clip=False)

    return _per_channel(call, problem.observed)


def _tikhonov(
    problem: Problem, strength: float, boundary: str, penalty: Literal["laplacian", "gradient"]
) -> np.ndarray:
    found = restore.tikhonov(
        problem.observed, problem.kernel, strength, boundary=boundary, penalty=penalty, axes=(0, 1)
    )
    return np.asarray(found)


def _wiener(problem: Problem, _: float, boundary: str) -> np.ndarray:
    return np.asarray(
        restore.wiener(problem.observed, problem.kernel, problem.noise**2, boundary=boundary, axes=(0, 1))
    )


def _lucy(problem: Problem, count: float, boundary: str, variation: float | None = None) -> np.ndarray:
    found = restore.richardson_lucy(
        problem.observed,
        problem.kernel,
        iterations=int(count),
        boundary=boundary,
        total_variation=variation,
        acceleration=variation is not None,
        axes=(0, 1),
    )
    return np.asarray(found)


def methods(border: str) -> tuple[Method, ...]:
    """Those for images with this border; the first of each pair is scikit-image's."""
    boundary = "periodic" if border == "periodic" else "unknown"
    same = functools.partial(_tikhonov, boundary="periodic", penalty="laplacian")
    return (
        Method("scikit-image wiener", _skimage_wiener, _BALANCES, "balance"),
        Method("scikit-image richardson_lucy", _skimage_lucy, _COUNTS, "steps"),
        Method("tikhonov, Laplacian, periodic", same, _BALANCES, "strength"),
        Method(
            f"tikhonov, gradient, {boundary}",
            functools.partial(_tikhonov, boundary=boundary, penalty="gradient"),
            _BALANCES,
            "strength",
        ),
        Method(f"wiener, {boundary}", functools.partial(_wiener, boundary=boundary), (0.0,), "nothing"),
        Method(f"richardson_lucy, {boundary}", functools.partial(_lucy, boundary=boundary), _COUNTS, "steps"),
        Method(
            f"… with total variation, {boundary}",
            functools.partial(_lucy, boundary=boundary, variation=0.002),
            _COUNTS,
            "steps",
        ),
    )
