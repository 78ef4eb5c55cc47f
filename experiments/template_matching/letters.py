"""Letters of a printed paragraph: one example each, the best of them at every place, and the peaks of that."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
import skimage.data

import sigconv

Box = tuple[int, int, int, int]

TEXT = (
    "Let us first determine markers of the coins and the",
    "background. These markers are pixels that we can label",
    "unambiguously as either object or background. Here,",
    "the markers are found at the two extreme parts of the",
    "histogram of grey values:",
)
"""What the paragraph says; the search is not told."""

LETTERS: Mapping[str, Box] = {
    "a": (9, 180, 10, 8),
    "c": (27, 321, 10, 7),
    "d": (7, 90, 13, 9),
    "e": (9, 98, 10, 8),
    "g": (45, 285, 13, 8),
    "k": (6, 194, 13, 8),
    "m": (9, 167, 10, 13),
    "o": (9, 290, 10, 8),
    "s": (9, 309, 10, 7),
    "u": (45, 307, 10, 8),
    "w": (27, 298, 10, 11),
}
"""Row, column, height and width of one example of each, in the paragraph."""

RIVALS: Mapping[str, Box] = {"b": (43, 254, 13, 8), "h": (6, 258, 13, 8), "p": (27, 220, 13, 8)}
"""These only compete: an “o” is not to be found within a “b” or a “p”, nor half an “m” in an “h”."""

_ROWS = slice(44, 140)
"""Of the paragraph, in scikit-image's page."""
_ZOOM = 3
"""Letters are eight pixels wide: half a pixel aside costs more score than another letter does."""
_SIDE = 45
_APART = (27, 15)
_MOST = 400


@dataclass(frozen=True)
class Found:
    """A letter, the middle of its template in pixels of the paragraph, and the score there."""

    letter: str
    row: float
    column: float
    score: float

    @property
    def line(self) -> int:
        """Lines are some 17.4 pixels apart; the paper's curve moves them by less than half of that."""
        return round((self.row - 13) / 17.4)


def load_paragraph() -> np.ndarray:
    return skimage.data.page()[_ROWS]


def find_letters(picture: np.ndarray, threshold: float) -> list[Found]:
    """Every place that scores at least the threshold; where letters would overlap, the best one."""
    boxes = {**LETTERS, **RIVALS}
    x = np.asarray(scipy.ndimage.zoom(picture.astype(np.float32), _ZOOM, order=3, grid_mode=True, mode="nearest"))
    templates, masks = _cut(x, list(boxes.values()))
    best = sigconv.match_bank(
        x, templates, score="zncc", mask=masks, padding="same", image_mask=np.ones(x.shape, bool), overlap=0.9
    )
    peaks = sigconv.find_peaks(best.score, _MOST, threshold=threshold, min_distance=_APART)
    is_valid, index, names = np.asarray(peaks.is_valid), np.asarray(best.index), list(boxes)
    places, values = np.asarray(peaks.positions)[is_valid], np.asarray(peaks.values)[is_valid]
    found = [
        Found(names[index[row, column]], _unzoomed(row), _unzoomed(column), float(value))
        for (row, column), value in zip(places, values, strict=True)
    ]
    return [f for f in found if f.letter in LETTERS]


def _cut(x: np.ndarray, boxes: Sequence[Box]) -> tuple[np.ndarray, np.ndarray]:
    """The examples in the middles of squares, and masks of where they are."""
    templates = np.zeros((len(boxes), _SIDE, _SIDE), np.float32)
    masks = np.zeros(templates.shape, bool)
    for template, mask, box in zip(templates, masks, boxes, strict=True):
        row, column, height, width = (_ZOOM * n for n in box)
        inside = tuple(slice(_SIDE // 2 - n // 2, _SIDE // 2 - n // 2 + n) for n in (height, width))
        template[inside] = x[row : row + height, column : column + width]
        mask[inside] = True
    return templates, masks


def _unzoomed(place: int) -> float:
    return (int(place) + 0.5) / _ZOOM - 0.5


@dataclass(frozen=True)
class Tally:
    """Of one letter: how many were found, how many the text has, and how many of them are on the right line."""

    found: int
    in_text: int
    right: int


def tally(found: Sequence[Found]) -> dict[str, Tally]:
    """Counts of every letter, compared with the text line by line."""
    seen = Counter((f.letter, f.line) for f in found)
    tallies = {}
    for letter in LETTERS:
        pairs = [(seen[letter, number], line.count(letter)) for number, line in enumerate(TEXT)]
        total = sum(count for (name, _), count in seen.items() if name == letter)
        tallies[letter] = Tally(total, sum(true for _, true in pairs), sum(min(pair) for pair in pairs))
    return tallies
