"""How time and peak memory grow with the signal, one process per point."""

import dataclasses
import functools
import itertools
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiments.benchmarks.child import call_child
from experiments.benchmarks.guard import Guard
from experiments.benchmarks.memory import forget_peak, peak

CURVES = (
    *((tuple((round(10 ** (e / 2)),) for e in range(6, 15)), (k,), "full") for k in (64, 1024)),
    *((tuple((2**e, 2**e) for e in range(7, 14)), (k, k), "same") for k in (5, 31)),
)
"""Signals, kernel and mode of each."""
QUICK = ((((1000,), (10_000,)), (64,), "full"),)
STEP = 3.0
"""How many times the time per sample may grow from one size to the next one before it is a cliff."""
MULTIPLE = 6.0
"""How many times the input and output together the memory may be."""
_SOLID = 8 << 20
"""Bytes of input and output below which memory is that of the process, not of the method."""
_SECONDS, _MOST_CALLS = 0.5, 200


@dataclasses.dataclass(frozen=True)
class Point:
    """One size.

    Attributes:
        signal, kernel: Shapes.
        method: What `auto` picked.
        median, least: Seconds of a warm call.
        calls: How many were timed.
        operands: Bytes of the input and of the output, float32.
        above: Bytes at the peak beyond those held when the inputs were ready and the program compiled.
        foreign: Cores that other processes used meanwhile; None where that is unknown.
        plain: Seconds that JAX takes to add 1 to such a signal, median; None where it was not measured.
    """

    signal: tuple[int, ...]
    kernel: tuple[int, ...]
    method: str
    median: float
    least: float
    calls: int
    operands: tuple[int, int]
    above: int
    foreign: float | None = None
    plain: float | None = None

    @property
    def samples(self) -> int:
        return math.prod(self.signal)

    @property
    def multiple(self) -> float | None:
        """Input and all that came on top, over input and output; None where the process itself would drown it."""
        together = sum(self.operands)
        return (self.operands[0] + self.above) / together if together >= _SOLID else None


def measure_scaling(
    guard: Guard, curves: Sequence[tuple[Any, ...]] = CURVES, say: Callable[[str], None] = lambda _: None
) -> list[Point]:
    """Each point once, and up to twice more while others get in the way and there is patience."""
    found = []
    for signals, kernel, mode in curves:
        for signal in signals:
            arguments = {"signal": signal, "kernel": kernel, "mode": mode}
            call = functools.partial(call_child, "experiments.benchmarks.scaling", "measure_here", arguments)
            watched = guard.watch(call)
            found.append(dataclasses.replace(point_of(watched.result), foreign=watched.foreign))
            say(f"{signal} * {kernel}: {found[-1].method}, {1e3 * found[-1].median:.3g} ms")
    return found


def measure_here(signal: Sequence[int], kernel: Sequence[int], mode: Any) -> dict[str, Any]:
    """The point, in a process that has done nothing else; plain data."""
    import jax
    import jax.numpy as jnp

    import sigconv

    shapes = tuple(signal), tuple(kernel)
    keys = jax.random.split(jax.random.key(0))
    x, w = (jax.block_until_ready(jax.random.normal(key, s)) for key, s in zip(keys, shapes, strict=True))
    compiled = jax.jit(lambda x, w: sigconv.convolve(x, w, mode=mode)).lower(x, w).compile()
    # The pools of threads take their memory at the first program they run.
    jax.block_until_ready(jnp.sin(x[:1]))
    held = forget_peak()
    out = jax.block_until_ready(compiled(x, w))
    above = max(0, peak() - held)
    operands = (x.nbytes, out.nbytes)
    del out
    times = _timed(lambda: jax.block_until_ready(compiled(x, w)))
    add = jax.jit(lambda x: x + 1).lower(x).compile()
    plain = _timed(lambda: jax.block_until_ready(add(x)))
    point = Point(
        *shapes,
        sigconv.select_method(*shapes, mode=mode).method,
        statistics.median(times),
        min(times),
        len(times),
        operands,
        above,
        plain=statistics.median(plain),
    )
    return dataclasses.asdict(point)


def _timed(call: Callable[[], Any]) -> list[float]:
    """Seconds of each of several calls."""
    call()
    times: list[float] = []
    while not times or ((len(times) < 3 or sum(times) < _SECONDS) and len(times) < _MOST_CALLS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def point_of(data: Mapping[str, Any]) -> Point:
    """The point that `dataclasses.asdict` and JSON made this of."""
    return Point(**{**data, **{name: tuple(data[name]) for name in ("signal", "kernel", "operands")}})


def curves_of(points: Sequence[Point]) -> list[list[Point]]:
    """The points of each curve, by size."""
    grouped: dict[tuple[int, ...], list[Point]] = {}
    for point in points:
        grouped.setdefault(point.kernel, []).append(point)
    return [sorted(curve, key=lambda point: point.samples) for curve in grouped.values()]


def steps(points: Sequence[Point]) -> list[tuple[float, Point, Point]]:
    """How many times the time per sample grew between neighbouring sizes, worst first."""
    pairs = [pair for curve in curves_of(points) for pair in itertools.pairwise(curve)]
    grown = [((b.median / b.samples) / (a.median / a.samples), a, b) for a, b in pairs]
    return sorted(grown, key=lambda step: -step[0])
