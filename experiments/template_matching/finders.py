"""The same search by several libraries: the score of every place, and which one is the highest."""

import importlib
import importlib.util
from collections.abc import Callable, Mapping

import numpy as np
import skimage.feature

import sigconv
from experiments.template_matching.disturbances import Scene

Finder = Callable[[Scene], np.ndarray]

HAS_OPENCV = importlib.util.find_spec("cv2") is not None


def _sigconv(scene: Scene) -> np.ndarray:
    return np.asarray(sigconv.match_template(scene.image, scene.template))


def _sigconv_masked(scene: Scene) -> np.ndarray:
    return np.asarray(sigconv.match_template(scene.image, scene.template, image_mask=scene.visible, overlap=0.1))


def _opencv(scene: Scene) -> np.ndarray:
    cv2 = importlib.import_module("cv2")
    return cv2.matchTemplate(scene.image, scene.template, cv2.TM_CCOEFF_NORMED)


def _skimage(scene: Scene) -> np.ndarray:
    return skimage.feature.match_template(scene.image, scene.template)


def _skimage_wide(scene: Scene) -> np.ndarray:
    return skimage.feature.match_template(scene.image.astype(float), scene.template.astype(float))


FINDERS: Mapping[str, Finder] = {"sigconv": _sigconv, "scikit-image": _skimage} | (
    {"OpenCV": _opencv} if HAS_OPENCV else {}
)
"""Of samples as they are."""

MASKED: Mapping[str, Finder] = {"sigconv, image_mask": _sigconv_masked}
WIDE: Mapping[str, Finder] = {"scikit-image, float64": _skimage_wide}


def find(finder: Finder, scene: Scene) -> tuple[int, int]:
    """The place of the highest score; a NaN is none."""
    scores = finder(scene)
    row, column = np.unravel_index(np.argmax(np.nan_to_num(scores, nan=-np.inf)), scores.shape)
    return int(row), int(column)
