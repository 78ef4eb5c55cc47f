"""The tasks, as data: a picture, what is cut from it, what is then done to the picture, and where the cut belongs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import skimage.data
import sklearn.datasets

Place = tuple[int, int]
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Task:
    """One search. `expected` is never shown to the search; it only judges what was found."""

    name: str
    title: str
    picture: str
    crop: tuple[int, int, int, int]  # row, column, height, width of the template, in the unchanged picture
    expected: tuple[Place, ...]
    change: str = "none"
    tolerance: int = 0  # in pixels; letters are checked by eye
    flipped: Literal["not tried", "elsewhere", "unnoticed"] = "not tried"  # what convolving instead must lead to

    def load(self) -> tuple[np.ndarray, np.ndarray]:
        """The picture to search, changed, and the template, from the unchanged one."""
        source = PICTURES[self.picture]()
        row, column, height, width = self.crop
        template = source[row : row + height, column : column + width]
        return CHANGES[self.change](source, np.random.default_rng(0)), template


def _as_photograph(values: np.ndarray) -> np.ndarray:
    """Round and clip to 8 bits, as a camera would."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _fade(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Less contrast, more brightness, and noise."""
    return _as_photograph(0.6 * picture + 30 + rng.normal(0, 15, picture.shape))


def _relight(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Warm light from the right that leaves the left side nearly dark, a darker exposure, and noise."""
    side = np.linspace(0.35, 1, picture.shape[1])[:, None]
    warm = np.array([1.0, 0.8, 0.6])
    return _as_photograph(255 * (picture / 255) ** 1.3 * side * warm + rng.normal(0, 6, picture.shape))


def _keep(picture: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return picture


PICTURES: Mapping[str, Callable[[], np.ndarray]] = {
    "coins": skimage.data.coins,
    "page": skimage.data.page,
    "china": lambda: sklearn.datasets.load_sample_image("china.jpg"),
}

CHANGES: Mapping[str, Change] = {"none": _keep, "fade": _fade, "relight": _relight}

TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task(
            name="coin",
            title="A patch between two coins, in a faded and noisy copy",
            picture="coins",
            crop=(155, 225, 50, 50),
            change="fade",
            expected=((155, 225),),
        ),
        Task(
            name="letter",
            title="Every “m” of a paragraph in uneven light",
            picture="page",
            crop=(54, 167, 9, 12),
            expected=((54, 167), (54, 125), (72, 133), (87, 27), (104, 30), (109, 274), (123, 55)),
            tolerance=2,
        ),
        Task(
            name="pagoda",
            title="A window of the pagoda, in other light",
            picture="china",
            crop=(185, 160, 50, 40),
            change="relight",
            expected=((185, 160),),
        ),
        Task(
            name="flip",
            title="Every “d”, and what convolving finds instead",
            picture="page",
            crop=(51, 90, 13, 9),
            expected=((51, 90), (51, 340), (68, 70), (87, 322), (105, 145)),
            tolerance=2,
            flipped="elsewhere",
        ),
        Task(
            name="round",
            title="A round coin: convolving finds it too",
            picture="coins",
            crop=(108, 134, 40, 40),
            change="fade",
            expected=((108, 134),),
            flipped="unnoticed",
        ),
    )
}
