"""Peaks: the highest places of a score map that are not each other's slopes."""

from typing import NamedTuple

import numpy as np


class Peak(NamedTuple):
    """A placement of the template: its first row and column in the image, and the score there."""

    row: int
    column: int
    score: float


def find_peaks(scores: np.ndarray, count: int, separation: int) -> list[Peak]:
    """The `count` highest local maxima, best first, each over `separation` rows or columns from all better ones."""
    rows, columns = np.nonzero(scores == _neighbourhood_maximum(scores, separation))
    order = np.argsort(-scores[rows, columns], kind="stable")
    found: list[Peak] = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        # Two of a plateau's samples may both be its maximum.
        if all(max(abs(row - peak.row), abs(column - peak.column)) > separation for peak in found):
            found.append(Peak(row, column, float(scores[row, column])))
            if len(found) == count:
                break
    return found


def _neighbourhood_maximum(scores: np.ndarray, separation: int) -> np.ndarray:
    for axis in range(scores.ndim):
        widths = [(separation, separation) if other == axis else (0, 0) for other in range(scores.ndim)]
        padded = np.pad(scores, widths, constant_values=-np.inf)
        scores = np.lib.stride_tricks.sliding_window_view(padded, 2 * separation + 1, axis=axis).max(axis=-1)
    return scores
