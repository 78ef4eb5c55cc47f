"""What a user can set, off and on: each way in processes of its own, in turn."""

import dataclasses
import itertools
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiments.benchmarks.child import call_child
from experiments.benchmarks.guard import Guard
from experiments.benchmarks.knob_tasks import Task

ROUNDS = 3

_SMALL = (Task((1000,), (8,)), Task((10_000,), (64,)))
_MIDDLE = (Task((100_000,), (64,)), Task((512, 512), (5, 5), "same"))
_LARGE = (Task((1_000_000,), (64,)), Task((1_000_000,), (512,)))
_IMAGES = tuple(Task((2048, 2048), (k, k), "same") for k in (5, 31))


@dataclasses.dataclass(frozen=True)
class Way:
    """How the tasks are run.

    Attributes:
        words: What is done, for the reader.
        how: Which caller of knob_tasks runs them.
        environment: Variables set before the process starts.
        flags: JAX's configuration.
    """

    words: str
    how: str = "compiled"
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    flags: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Knob:
    """Something to set, and the tasks on which to see what it does."""

    name: str
    off: Way
    on: Way
    tasks: tuple[Task, ...]


_COMPILED = Way("under `jit`")
_ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(64 << 30),
    "MALLOC_TOP_PAD_": str(256 << 20),
    "MALLOC_ARENA_MAX": "1",
}

KNOBS = (
    Knob("Compile", Way("called as it is", "eager"), _COMPILED, (*_SMALL, *_MIDDLE)),
    Knob("One compiled function around many calls", Way("eight calls, each compiled", "calls"),
         Way("one function of eight", "chain"), (*_SMALL, *_MIDDLE)),
    Knob("Asynchronous dispatch off", Way("on, the default"),
         Way("off", flags={"jax_cpu_enable_async_dispatch": False}), (*_SMALL, *_MIDDLE, _LARGE[1])),
    Knob("Memory kept by the allocator", Way("glibc's defaults"), Way("kept", environment=_ALLOCATOR),
         (*_MIDDLE, *_LARGE, *_IMAGES)),
    Knob("Donated input", Way("kept", "fresh"), Way("`donate_argnums`", "donated"),
         (Task((1_000_000,), (64,), "same"), *_IMAGES)),
    Knob("Wide vectors", _COMPILED, Way("`xla_cpu_prefer_vector_width` of 512", "wide"),
         (Task((1_000_000,), (8,)), _MIDDLE[1], Task((512, 512), (11, 11), "same"), _IMAGES[0])),
    Knob("Prepared kernel", Way("the kernel as it is"), Way("`prepare`", "prepared"),
         (Task((100_000,), (4096,)), Task((1_000_000,), (4096,)),
          Task((4, 32, 64, 64), (32, 32, 31, 31), "same", has_channels=True))),
    Knob("Rows at once", Way("a loop over 64 rows", "loop"), Way("`vmap`", "vmap"),
         (Task((1000,), (8,)), Task((16_384,), (64,)), Task((16_384,), (1024,)))),
    Knob("Half the bytes", Way("float64", "double", flags={"jax_enable_x64": True}), Way("float32"),
         (_MIDDLE[0], _LARGE[1], *_IMAGES)),
)  # fmt: skip
QUICK = (dataclasses.replace(KNOBS[2], tasks=_SMALL[:1]),)


@dataclasses.dataclass(frozen=True)
class Effect:
    """What one knob does to one task.

    Attributes:
        knob, off, on, task: In words.
        seconds_off, seconds_on: Median over the rounds of the median in each.
        ratios: Off ÷ on of each round: above 1, on is faster.
        foreign: Cores that other processes used meanwhile; None where that is unknown.
    """

    knob: str
    off: str
    on: str
    task: str
    seconds_off: float
    seconds_on: float
    ratios: tuple[float, ...]
    foreign: float | None

    @property
    def gain(self) -> float:
        """Median over the rounds."""
        return statistics.median(self.ratios)


def measure_knobs(
    guard: Guard, knobs: Sequence[Knob] = KNOBS, rounds: int = ROUNDS, say: Callable[[str], None] = lambda _: None
) -> list[Effect]:
    """Every knob off and on, `rounds` times in turn."""
    found: list[Effect] = []
    for knob in knobs:
        found += _measure_knob(knob, guard, rounds)
        say(knob.name)
    return found


def _measure_knob(knob: Knob, guard: Guard, rounds: int) -> list[Effect]:
    def in_turn() -> list[tuple[list[float], list[float]]]:
        return [(_in_child(knob.off, knob.tasks), _in_child(knob.on, knob.tasks)) for _ in range(rounds)]

    watched = guard.watch(in_turn, repeats=1)
    off, on = (list(zip(*times, strict=True)) for times in zip(*watched.result, strict=True))
    return [
        Effect(
            knob.name,
            knob.off.words,
            knob.on.words,
            task.name,
            statistics.median(slow),
            statistics.median(fast),
            tuple(a / b for a, b in zip(slow, fast, strict=True)),
            watched.foreign,
        )
        for task, slow, fast in zip(knob.tasks, off, on, strict=True)
    ]


def _in_child(way: Way, tasks: Sequence[Task]) -> list[float]:
    arguments = {"tasks": [dataclasses.asdict(task) for task in tasks], "how": way.how}
    module = "experiments.benchmarks.knob_tasks"
    return call_child(module, "measure_here", arguments, environment=way.environment, flags=way.flags)


def effect_of(data: Mapping[str, Any]) -> Effect:
    """The effect that `dataclasses.asdict` and JSON made this of."""
    return Effect(**{**data, "ratios": tuple(data["ratios"])})


def by_knob(effects: Sequence[Effect]) -> dict[str, list[Effect]]:
    return {name: list(group) for name, group in itertools.groupby(effects, lambda effect: effect.knob)}
