"""How good `auto`'s choices are: every contender timed on random shapes that no constant was fitted on."""

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.signal
import numpy as np
from jax import lax

from experiments.benchmarks.guard import UNWATCHED, Guard
from experiments.benchmarks.harness import Candidate, Effort, Row, measure
from experiments.benchmarks.problems import candidates, contenders, draw_problems
from experiments.benchmarks.workloads.noise import white_noise
from experiments.benchmarks.workloads.rivals import Function, with_jax
from sigconv._engine.host import core_count
from sigconv._engine.method import Method, Problem
from sigconv._engine.run import METHODS, select

COUNT = 300
SEED = 20_254
"""Of the draw; not that of the fit."""
WORST = 15
CHUNK = 10
"""Problems between two looks at what other processes do; in less time the kernel's clock resolves nothing."""
EFFORT = Effort(seconds=0.07, slowest=1.0, blocks=(3, 20), repeats=0, is_cold=False, hopeless=4.0)
AGAIN = dataclasses.replace(EFFORT, seconds=0.7, slowest=5.0, blocks=(30, 200), repeats=2)
_PICK = "auto's own pick"


@dataclasses.dataclass(frozen=True)
class Choice:
    """What `auto` picked, and what everything took.

    Attributes:
        family: The kind of problem.
        problem: Its shapes, in words.
        picked: Name of the timing that is `auto`'s.
        seconds: Median and minimum per contender.
        skipped: The contenders that were hardly timed, as far too slow.
        foreign: Cores that other processes used meanwhile; None where that is unknown.
    """

    family: str
    problem: str
    picked: str
    seconds: Mapping[str, tuple[float, float]]
    skipped: tuple[str, ...]
    foreign: float | None

    def loss(self, statistic: int = 0) -> float:
        """Time of the pick over that of the best, of medians (0) or minima (1)."""
        return self.seconds[self.picked][statistic] / min(pair[statistic] for pair in self.seconds.values())

    @property
    def best(self) -> str:
        return min(self.seconds, key=lambda name: self.seconds[name][0])


@dataclasses.dataclass(frozen=True)
class Again:
    """One of the worst, measured alone and longer, beside what JAX makes of it (None where it cannot do it).

    Attributes:
        first, again: The two measurements.
        jax: JAX's ways, median and minimum seconds each.
    """

    first: Choice
    again: Choice
    jax: Mapping[str, tuple[float, float]]

    @property
    def behind_jax(self) -> float | None:
        """Time of the pick over that of JAX's better way, medians."""
        if not self.jax:
            return None
        return self.again.seconds[self.again.picked][0] / min(pair[0] for pair in self.jax.values())


def measure_slice(guard: Guard, count: int, start: int, stop: int) -> list[Choice]:
    """Time the contenders of some of the `count` problems."""
    problems = draw_problems(count, SEED)[:count][start:stop]
    chosen: list[Choice] = []
    for first in range(0, len(problems), CHUNK):
        chosen += measure_problems(problems[first : first + CHUNK], guard)
    return chosen


def measure_problems(problems: Sequence[tuple[str, Problem]], guard: Guard) -> list[Choice]:
    """Time the contenders of each, in one look at what others do: hand over `CHUNK` at a time."""

    def measure_each() -> list[Choice]:
        found = []
        for family, problem in problems:
            picked, rivals = contest(problem)
            found.append(choice_of(family, problem, picked, measure(rivals, guard=UNWATCHED, effort=EFFORT)))
        # A program per method and problem would fill the memory.
        jax.clear_caches()
        return found

    watched = guard.watch(measure_each)
    return [dataclasses.replace(choice, foreign=watched.foreign) for choice in watched.result]


def worst_of(chosen: Sequence[Choice], count: int) -> list[int]:
    return sorted(range(len(chosen)), key=lambda i: -chosen[i].loss())[:count]


def measure_again(
    guard: Guard, count: int, numbers: Sequence[int], firsts: Sequence[Choice], effort: Effort
) -> list[Again]:
    """Time the contenders of these of the `count` problems alone and longer, and JAX's own ways beside them."""
    problems = draw_problems(count, SEED)[:count]
    return [_measure_again(*problems[i], first, guard, effort) for i, first in zip(numbers, firsts, strict=True)]


def slice_in_child(patience: float, count: int, start: int, stop: int) -> list[dict[str, Any]]:
    """`measure_slice` as plain data."""
    return record(measure_slice(Guard(patience), count, start, stop), [])["choices"]


def again_in_child(
    patience: float, count: int, numbers: Sequence[int], firsts: Sequence[Any], effort: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """`measure_again` from and to plain data."""
    return record([], measure_again(Guard(patience), count, numbers, [*map(_choice, firsts)], Effort(**effort)))[
        "again"
    ]


def _measure_again(family: str, problem: Problem, first: Choice, guard: Guard, effort: Effort) -> Again:
    picked, rivals = contest(problem)
    ways = jax_ways(problem)
    row = measure({**rivals, **ways}, guard=guard, effort=effort)
    own = Row({name: timing for name, timing in row.timings.items() if name in rivals}, row.foreign, row.attempts)
    jax_times = {name: (row.timings[name].median, row.timings[name].least) for name in ways}
    return Again(first, choice_of(family, problem, picked, own), jax_times)


def contest(problem: Problem) -> tuple[str, dict[str, Candidate]]:
    """The name of `auto`'s pick among the contenders, and all of them ready to be timed."""
    methods: dict[str, Method] = dict(contenders(problem))
    pick = METHODS[select(problem, "cpu")[1].method]
    name = next((name for name, method in methods.items() if method == pick), f"{pick.name} ({_PICK})")
    methods[name] = pick
    found = candidates(problem, methods)
    # Each compiles at its first call; together they use all cores.
    with ThreadPoolExecutor(core_count()) as pool:
        list(pool.map(lambda candidate: candidate.call(), found.values()))
    return name, found


def choice_of(family: str, problem: Problem, picked: str, row: Row) -> Choice:
    seconds = {name: (timing.median, timing.least) for name, timing in row.timings.items()}
    skipped = tuple(name for name, timing in row.timings.items() if timing.skipped)
    return Choice(family, _described(problem), picked, seconds, skipped, row.foreign)


def _described(problem: Problem) -> str:
    words = [f"{problem.signal} * {problem.weights}"]
    axes = problem.geometry.axes
    words.append("pads " + ", ".join(f"({axis.lo}, {axis.hi})" for axis in dict.fromkeys(axes)))
    for step in ("stride", "dilation", "input_dilation"):
        values = tuple(getattr(axis, step) for axis in axes)
        if set(values) != {1}:
            words.append(f"{step} {values}")
    if problem.geometry.groups > 1:
        words.append(f"groups {problem.geometry.groups}")
    return ", ".join(words)


def jax_ways(problem: Problem) -> dict[str, Candidate]:
    """What a JAX user has for a problem that reads zeros beyond the ends."""
    if not problem.geometry.is_zero:
        return {}
    arrays = tuple(jnp.asarray(a, problem.dtype) for a in white_noise(problem.signal, problem.weights))
    functions: dict[str, Function] = {"jax conv": lambda x, w: _lax(x, w, problem)}
    axes = problem.geometry.axes
    is_plain = all((axis.stride, axis.dilation, axis.input_dilation) == (1, 1, 1) for axis in axes)
    if is_plain and problem.weights[:2] == (1, 1) and problem.signal[1] == 1:
        functions["jax fftconvolve"] = lambda x, w: _by_fft(x, w, problem)
    return {name: with_jax(function, arrays) for name, function in functions.items()}


def _lax(x: jax.Array, w: jax.Array, problem: Problem) -> jax.Array:
    axes = problem.geometry.axes
    return lax.conv_general_dilated(
        x,
        w,
        window_strides=[axis.stride for axis in axes],
        padding=[(axis.lo, axis.hi) for axis in axes],
        lhs_dilation=[axis.input_dilation for axis in axes],
        rhs_dilation=[axis.dilation for axis in axes],
        feature_group_count=problem.geometry.groups,
    )


def _by_fft(x: jax.Array, w: jax.Array, problem: Problem) -> jax.Array:
    def of_row(row: jax.Array) -> jax.Array:
        return jax.scipy.signal.fftconvolve(row, jnp.flip(w[0, 0]), "full")

    steps = zip(problem.taps, problem.space, problem.geometry.axes, strict=True)
    window = tuple(slice(max(k - 1 - axis.lo, 0), n + axis.hi) for k, n, axis in steps)
    return jax.vmap(of_row)(x[:, 0])[(slice(None), *window)]


def shares(choices: Sequence[Choice], statistic: int = 0) -> dict[float, float]:
    """In what share of the problems the pick costs at most so many times the best."""
    losses = [choice.loss(statistic) for choice in choices]
    return {limit: float(np.mean([loss <= limit for loss in losses])) for limit in (1.25, 1.5, 2.0, 3.0)}


def record(choices: Sequence[Choice], again: Sequence[Again]) -> dict[str, Any]:
    return {"choices": [*map(dataclasses.asdict, choices)], "again": [*map(dataclasses.asdict, again)]}


def choices_of(data: Mapping[str, Any]) -> tuple[list[Choice], list[Again]]:
    """What `record` and JSON made this of."""
    again = [Again(_choice(a["first"]), _choice(a["again"]), _pairs(a["jax"])) for a in data["again"]]
    return [_choice(c) for c in data["choices"]], again


def _choice(data: Mapping[str, Any]) -> Choice:
    return Choice(**{**data, "seconds": _pairs(data["seconds"]), "skipped": tuple(data["skipped"])})


def _pairs(data: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, float]]:
    return {name: (pair[0], pair[1]) for name, pair in data.items()}
