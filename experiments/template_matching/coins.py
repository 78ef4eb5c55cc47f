"""Round things of many sizes: one bank of scaled discs, the best one at every place, and the peaks of that."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import sigconv
from sigconv.matching import Bank, BestMatch, transform_bank

_DIAMETER = 48
"""Of the disc that all others are scaled from, in pixels."""
_SURROUND = 1.3
"""How far a template looks, in radii: a disc is bright within its edge and darker beyond it."""
_MOST = 500
"""Peaks that are looked at."""

CENTRES = (
    *((52, 43), (57, 100), (50, 156), (48, 215), (52, 275), (43, 335)),
    *((123, 46), (124, 102), (126, 153), (124, 205), (119, 271), (124, 337)),
    *((196, 43), (195, 101), (196, 153), (193, 212), (194, 274), (187, 347)),
    *((258, 46), (265, 114), (264, 172), (264, 248), (264, 300), (267, 357)),
)
"""Row and column of every coin in scikit-image's picture, read off it by eye, to a few pixels."""


@dataclass(frozen=True)
class Circle:
    row: int
    column: int
    diameter: float
    score: float

    def is_near(self, centre: tuple[int, int]) -> bool:
        """Whether its middle lies within a quarter of its diameter of a place."""
        return bool(np.hypot(self.row - centre[0], self.column - centre[1]) <= self.diameter / 4)


def make_discs(diameters: Sequence[float]) -> Bank:
    """A template for every diameter, all of one odd size, and which samples of each count: those around its middle."""
    half = int(np.ceil(_SURROUND * _DIAMETER / 2))
    down, right = np.mgrid[-half : half + 1, -half : half + 1]
    radius = np.hypot(down, right)
    disc = np.clip(_DIAMETER / 2 - radius + 0.5, 0, 1).astype(np.float32)
    side = template_side(max(diameters))
    scales = np.asarray(diameters, np.float32) / _DIAMETER
    return transform_bank(disc, scales=scales, mask=radius <= half, shape=(side, side), interpolation="linear")


def template_side(largest: float) -> int:
    """Of the bank whose largest disc has that diameter; pictures must not be smaller."""
    return 2 * int(np.ceil(_SURROUND * largest / 2)) + 1


def score_discs(picture: np.ndarray, bank: Bank) -> BestMatch:
    """The best disc with its middle at each pixel; what lies beyond the picture does not count."""
    x = picture.astype(np.float32)
    options = {"padding": "same", "image_mask": np.ones(x.shape, bool), "overlap": 0.7}
    return sigconv.match_bank(x, bank.templates, score="zncc", mask=bank.masks, **options)


def find_circles(best: BestMatch, diameters: Sequence[float]) -> list[Circle]:
    """All peaks three quarters of the smallest diameter apart, the best first."""
    apart = max(1, round(0.75 * min(diameters)))
    peaks = sigconv.find_peaks(best.score, _MOST, min_distance=apart)
    is_valid, index = np.asarray(peaks.is_valid), np.asarray(best.index)
    places, values = np.asarray(peaks.positions)[is_valid], np.asarray(peaks.values)[is_valid]
    return [
        Circle(int(row), int(column), float(diameters[int(index[row, column])]), float(value))
        for (row, column), value in zip(places, values, strict=True)
    ]


def is_each_found_once(circles: Sequence[Circle], centres: Sequence[tuple[int, int]] = CENTRES) -> bool:
    """Whether every centre has one circle, and every circle a centre."""
    hits = [sum(circle.is_near(centre) for circle in circles) for centre in centres]
    return len(circles) == len(centres) and all(hit == 1 for hit in hits)
