"""`measure`: rival functions timed side by side, so that their ratios can be believed.

One block is a pause, in which the spinning worker threads of the library before it go to sleep, a few calls to warm up,
and the timed calls. The blocks of all candidates are interleaved in random order, so that a drift hits all alike.
"""

import dataclasses
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from experiments.benchmarks.guard import Guard, is_clean

Reference = np.ndarray | tuple[np.ndarray, ...] | None
"""What is right, in float64; None where nothing is compared."""


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One rival.

    Attributes:
        call: Returns when the result is there: an array, or a tuple of arrays.
        compile: Its compilation alone, if it has one.
        read: From what `call` returns to the layout of the reference, off the clock.
    """

    call: Callable[[], Any]
    compile: Callable[[], object] | None = None
    read: Callable[[Any], Any] = lambda result: result


@dataclasses.dataclass(frozen=True)
class Effort:
    """How long to measure.

    Attributes:
        seconds: Per candidate and row, about.
        slowest: Seconds per call above which a candidate is skipped after its first call.
        block: Seconds of timed calls in a block, about; one call at least.
        pause: Seconds of sleep in front of a block.
        warm: Seconds of calls after it that are not timed, about: a processor that has slept is slow for a while.
        blocks: Fewest and most blocks of a candidate.
        repeats: How often a contaminated row is measured again.
        is_cold: Whether to measure compilation and first call from empty caches (it compiles everything three times).
        hopeless: Times the fastest candidate's warm call above which another one is not timed any further.
    """

    seconds: float = 1.2
    slowest: float = 3.0
    block: float = 2e-3
    pause: float = 5e-3
    warm: float = 3e-3
    blocks: tuple[int, int] = (3, 60)
    repeats: int = 2
    is_cold: bool = True
    hopeless: float = math.inf


@dataclasses.dataclass(frozen=True)
class Timing:
    """What a candidate took, in seconds.

    Attributes:
        median, low, high, least: Of the timed calls: median, quartiles, minimum. Of a skipped candidate, its one call.
        calls: Number of timed calls.
        first: The first call, with everything it compiles.
        compiled: Tracing and compiling alone; None where nothing is compiled.
        error: max|y − reference| / max|reference|, of several arrays the largest; None without a reference.
        skipped: Why it was not measured further; empty if it was.
    """

    median: float
    low: float
    high: float
    least: float
    calls: int
    first: float
    compiled: float | None = None
    error: float | None = None
    skipped: str = ""


@dataclasses.dataclass(frozen=True)
class Row:
    """All candidates of one case.

    Attributes:
        timings: By candidate.
        foreign: Cores that other processes used meanwhile; None where that is unknown.
        attempts: How often the row was measured; the least contaminated attempt is kept.
    """

    timings: Mapping[str, Timing]
    foreign: float | None
    attempts: int

    @property
    def is_clean(self) -> bool | None:
        return is_clean(self.foreign)


@dataclasses.dataclass(frozen=True)
class _Start:
    """What the first calls of a candidate showed."""

    first: float
    compiled: float | None
    once: float
    error: float | None


def measure(
    candidates: Mapping[str, Candidate],
    reference: Reference = None,
    *,
    guard: Guard,
    effort: Effort | None = None,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
    seed: int = 0,
) -> Row:
    """Time every candidate on an idle machine, and again while other processes get in the way."""
    effort = effort or Effort()
    starts = {name: _first_calls(candidate, reference, effort, clock) for name, candidate in candidates.items()}
    ready = {name: candidates[name] for name, start in starts.items() if start.once <= effort.slowest}
    single = {name: _single_call(candidate, clock) for name, candidate in ready.items()}
    slowest = effort.hopeless * max(min(single.values(), default=0.0), 1e-9)
    timed = {name: candidate for name, candidate in ready.items() if single[name] <= slowest}
    rng = np.random.default_rng(seed)
    watched = guard.watch(lambda: _interleaved(timed, single, effort, clock, sleep, rng), effort.repeats)
    times = watched.result
    timings = {
        name: _summary(times[name], start) if name in times else _skipped(start, single.get(name))
        for name, start in starts.items()
    }
    return Row(timings, watched.foreign, watched.attempts)


def _first_calls(candidate: Candidate, reference: Reference, effort: Effort, clock: Callable[[], float]) -> _Start:
    compiled = None
    if candidate.compile is not None and effort.is_cold:
        jax.clear_caches()
        start = clock()
        candidate.compile()
        compiled = clock() - start
        # Else the first call would find what was just compiled.
        jax.clear_caches()
    start = clock()
    result = candidate.call()
    first = clock() - start
    once = first - (compiled or 0.0)
    return _Start(first, compiled, once, _error(candidate.read(result), reference))


def _single_call(candidate: Candidate, clock: Callable[[], float]) -> float:
    """Seconds of one warm call; the call before it compiles again what the others' first calls made JAX forget."""
    candidate.call()
    least, spent = float("inf"), 0.0
    # One call may be stalled by anything, and would then leave a fast candidate with too few timed calls.
    for _ in range(5):
        start = clock()
        candidate.call()
        elapsed = clock() - start
        least, spent = min(least, elapsed), spent + elapsed
        if spent > 0.02:
            break
    return least


def _interleaved(
    candidates: Mapping[str, Candidate],
    single: Mapping[str, float],
    effort: Effort,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    rng: np.random.Generator,
) -> dict[str, list[float]]:
    calls = {name: int(np.clip(round(effort.block / max(once, 1e-9)), 1, 50)) for name, once in single.items()}
    # A call that takes longer than 20 ms does not notice the pause.
    warm = {
        name: int(np.clip(round(effort.warm / max(once, 1e-9)), 1, 75)) if once < 0.02 else 0
        for name, once in single.items()
    }
    length = {name: effort.pause + (calls[name] + warm[name]) * once for name, once in single.items()}
    count = {name: int(np.clip(effort.seconds / length[name], *effort.blocks)) for name in candidates}
    # Every candidate's blocks are spread over the whole row, at random inside each stretch.
    schedule = sorted(((i + rng.random()) / n, name) for name, n in count.items() for i in range(n))
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _, name in schedule:
        call = candidates[name].call
        sleep(effort.pause)
        for _ in range(warm[name]):
            call()
        for _ in range(calls[name]):
            start = clock()
            call()
            times[name].append(clock() - start)
    return times


def _summary(times: Sequence[float], start: _Start) -> Timing:
    low, high = np.percentile(times, (25, 75))
    return Timing(
        median=statistics.median(times),
        low=float(low),
        high=float(high),
        least=min(times),
        calls=len(times),
        first=start.first,
        compiled=start.compiled,
        error=start.error,
    )


def _skipped(start: _Start, warm: float | None) -> Timing:
    once = start.once if warm is None else warm
    return dataclasses.replace(_summary([once], start), skipped=f"one call took {once:.2g} s")


def _error(result: Any, reference: Reference) -> float | None:
    if reference is None:
        return None
    expected = reference if isinstance(reference, tuple) else (reference,)
    actual = result if isinstance(reference, tuple) else (result,)
    return max(_distance(np.asarray(y, dtype=np.float64), y0) for y, y0 in zip(actual, expected, strict=True))


def _distance(y: np.ndarray, y0: np.ndarray) -> float:
    return float(np.abs(y - y0).max() / np.abs(y0).max())
