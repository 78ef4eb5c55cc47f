"""A search: score every placement, keep the best ones, time it, and judge it where the answer is known."""

import dataclasses
import time
from collections.abc import Callable

import jax
import numpy as np

import sigconv
from experiments.template_matching.peaks import Peak, find_peaks
from experiments.template_matching.tasks import Place, Task
from experiments.template_matching.zncc import zncc

_REPEATS = 3


@dataclasses.dataclass(frozen=True)
class Search:
    """What a search saw and found. `next_best` is the best place it turned down, if there is one."""

    name: str
    title: str
    operation: str
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


def search(
    image: np.ndarray,
    template: np.ndarray,
    matches: int,
    *,
    name: str,
    title: str,
    operation: Callable[..., jax.Array] = sigconv.correlate,
) -> Search:
    """Find the best `matches` placements of a template in an image."""
    # The first call compiles.
    scores, first_seconds = _score(image, template, operation)
    later_seconds = min(_score(image, template, operation)[1] for _ in range(_REPEATS))
    # Boxes may overlap by half of the template's shorter side.
    peaks = find_peaks(scores, matches + 1, max(1, min(template.shape[:2]) // 2))
    return Search(
        name=name,
        title=title,
        operation=operation.__name__,
        image=image,
        template=template,
        scores=scores,
        found=tuple(peaks[:matches]),
        next_best=peaks[matches] if len(peaks) > matches else None,
        first_seconds=first_seconds,
        later_seconds=later_seconds,
    )


def _score(image: np.ndarray, template: np.ndarray, operation: Callable[..., jax.Array]) -> tuple[np.ndarray, float]:
    began = time.perf_counter()
    scores = np.asarray(zncc(image, template, operation=operation))
    return scores, time.perf_counter() - began


def run_task(task: Task) -> list[Search]:
    """Search as it should be done and, where the task asks for it, with the template flipped by mistake."""
    image, template = task.load()
    operations = [sigconv.correlate] if task.flipped == "not tried" else [sigconv.correlate, sigconv.convolve]
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
