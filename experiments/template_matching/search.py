"""A search: score every placement, keep the best ones, time it, and judge it where the answer is known."""

import dataclasses
import time
from typing import Literal, NamedTuple

import numpy as np

import sigconv
from experiments.template_matching.tasks import Place, Task

_REPEATS = 3

Operation = Literal["correlate", "convolve"]


class Peak(NamedTuple):
    """A placement of the template: its first row and column in the image, and the score there."""

    row: int
    column: int
    score: float


@dataclasses.dataclass(frozen=True)
class Search:
    """What a search saw and found. `next_best` is the best place it turned down, if there is one."""

    name: str
    title: str
    operation: Operation
    image: np.ndarray
    template: np.ndarray
    scores: np.ndarray
    found: tuple[Peak, ...]
    next_best: Peak | None
    first_seconds: float
    later_seconds: float
    expected: tuple[Place, ...] | None = None
    tolerance: int = 0
    is_correct: bool | None = None
    is_as_expected: bool = True

    @property
    def applied(self) -> np.ndarray:
        """The template as it is laid on the image."""
        return as_applied(self.template, self.operation)


def search(
    image: np.ndarray, template: np.ndarray, matches: int, *, name: str, title: str, operation: Operation = "correlate"
) -> Search:
    """Find the best `matches` placements of a template in an image; flipped by mistake if it is to `convolve`."""
    applied = as_applied(template, operation)
    # The first call compiles.
    scores, first_seconds = _score(image, applied)
    later_seconds = min(_score(image, applied)[1] for _ in range(_REPEATS))
    peaks = best_places(scores, matches + 1, template.shape)
    return Search(
        name=name,
        title=title,
        operation=operation,
        image=image,
        template=template,
        scores=scores,
        found=tuple(peaks[:matches]),
        next_best=peaks[matches] if len(peaks) > matches else None,
        first_seconds=first_seconds,
        later_seconds=later_seconds,
    )


def as_applied(template: np.ndarray, operation: Operation) -> np.ndarray:
    """A convolution flips along both axes, a correlation does not."""
    return template if operation == "correlate" else np.ascontiguousarray(template[::-1, ::-1])


def best_places(scores: np.ndarray, count: int, shape: tuple[int, ...]) -> list[Peak]:
    """The `count` best placements; boxes may overlap by half of the template's shorter side."""
    peaks = sigconv.find_peaks(scores, count, min_distance=1 + max(1, min(shape[:2]) // 2))
    rows = zip(peaks.positions.tolist(), peaks.values.tolist(), peaks.is_valid.tolist(), strict=True)
    return [Peak(row, column, score) for (row, column), score, is_valid in rows if is_valid]


def _score(image: np.ndarray, template: np.ndarray) -> tuple[np.ndarray, float]:
    began = time.perf_counter()
    channel_axis = None if image.ndim == 2 else -1
    scores = np.asarray(sigconv.match_template(image, template, score="zncc", channel_axis=channel_axis))
    return scores, time.perf_counter() - began


def run_task(task: Task) -> list[Search]:
    """Search as it should be done and, where the task asks for it, with the template flipped by mistake."""
    image, template = task.load()
    operations: tuple[Operation, ...] = ("correlate",) if task.flipped == "not tried" else ("correlate", "convolve")
    return [
        _judge(search(image, template, len(task.expected), name=task.name, title=task.title, operation=operation), task)
        for operation in operations
    ]


def _judge(result: Search, task: Task) -> Search:
    """Right if every expected place is found; by mistake it must be `elsewhere` at each place, or go `unnoticed`."""
    known = dataclasses.replace(result, expected=task.expected, tolerance=task.tolerance)
    hits = [any(is_near(peak, place, task.tolerance) for peak in result.found) for place in task.expected]
    is_lost = result.operation == "convolve" and task.flipped == "elsewhere"
    return dataclasses.replace(known, is_correct=all(hits), is_as_expected=not any(hits) if is_lost else all(hits))


def is_near(peak: Peak, place: Place, tolerance: int) -> bool:
    """Whether a peak lies within `tolerance` pixels of a place along both axes."""
    return max(abs(peak.row - place[0]), abs(peak.column - place[1])) <= tolerance
