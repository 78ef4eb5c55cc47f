"""Random problems for the cost model, and every way in which the engine could solve each."""

import dataclasses
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from experiments.benchmarks.harness import Candidate
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import spectra
from sigconv._engine.direct import Direct
from sigconv._engine.fft import FFT
from sigconv._engine.method import Method, Problem
from sigconv._engine.overlap import OverlapSave
from sigconv._engine.run import run
from sigconv._engine.shift_add import ShiftAdd

_MOST_PRODUCTS = 8e9
"""Multiplications above which the direct method takes seconds, and nobody needs to know how many."""
_MOST_POINTS = 3e7
"""Numbers in all spectra together above which a transform is no contender either."""


@dataclasses.dataclass(frozen=True)
class Family:
    """Problems of one kind, log-uniform between bounds (low, high).

    Attributes:
        name: What they are.
        share: Of all problems.
        rank: Number of spatial axes.
        length, taps: Per axis.
        batch, inner, outer: Signals, channels in and channels out.
        is_depthwise: Whether every channel has a kernel of its own; `outer` is then `inner`.
    """

    name: str
    share: float
    rank: int
    length: tuple[int, int]
    taps: tuple[int, int]
    batch: tuple[int, int] = (1, 1)
    inner: tuple[int, int] = (1, 1)
    outer: tuple[int, int] = (1, 1)
    is_depthwise: bool = False


FAMILIES = (
    Family("1-d", 0.28, 1, (100, 2_000_000), (3, 16384)),
    Family("1-d rows", 0.10, 1, (500, 32768), (3, 2048), batch=(4, 128)),
    Family("2-d", 0.22, 2, (16, 2048), (2, 96)),
    Family("1-d channels", 0.12, 1, (64, 8192), (2, 512), (1, 8), (2, 64), (2, 64)),
    Family("2-d channels", 0.18, 2, (8, 128), (1, 16), (1, 8), (2, 64), (2, 64)),
    Family("depthwise", 0.10, 2, (8, 128), (2, 32), (1, 4), (2, 64), is_depthwise=True),
)


def draw_problems(count: int, seed: int = 0) -> list[tuple[str, Problem]]:
    """About `count` problems with the name of their family, in random order."""
    rng = np.random.default_rng(seed)
    drawn = [(f.name, _draw(f, rng)) for f in FAMILIES for _ in range(max(1, round(count * f.share)))]
    return [drawn[i] for i in rng.permutation(len(drawn))]


def contenders(problem: Problem) -> dict[str, Method]:
    """The methods worth timing. Blocks are fixed, so that what is measured does not depend on the old constants."""
    extent = problem.geometry.extent(problem.taps)
    found: dict[str, Method] = {}
    if math.prod(problem.out) * problem.out_rows * problem.products <= _MOST_PRODUCTS:
        found["direct"] = Direct()
    if math.prod(problem.padded) * (problem.rows + problem.out_rows) <= _MOST_POINTS:
        found["fft"] = FFT()
    if ShiftAdd().refusal(problem) is None:
        found["shift_add"] = ShiftAdd()
    whole = tuple(map(spectra.fast_length, problem.padded))
    least = tuple(1 << max(2 * k - 1, 15).bit_length() for k in extent)
    cuts = [tuple(factor * small for small in least) for factor in (1, 2, 4, 8)]
    if len(extent) > 1:
        # To cut all axes but one costs other passes over memory, and not the same for each.
        cuts += [(4 * least[0], *whole[1:]), (*whole[:-1], 4 * least[-1])]
    for cut in cuts:
        block = tuple(map(min, cut, whole))
        if block != whole:
            found["overlap " + "×".join(map(str, block))] = OverlapSave(block)
    return found


def candidates(problem: Problem, methods: dict[str, Method], seed: int = 0) -> dict[str, Candidate]:
    """Each method on white noise."""
    rng = np.random.default_rng(seed)
    arrays = [jnp.asarray(rng.standard_normal(s, dtype=np.float32)) for s in (problem.signal, problem.weights)]
    return {name: _candidate(arrays, problem.geometry, method) for name, method in methods.items()}


def _candidate(arrays: Sequence[jax.Array], geometry: Geometry, method: Method) -> Candidate:
    x, w = arrays
    return Candidate(lambda: jax.block_until_ready(run(x, w, geometry, method, lax.Precision.HIGHEST)))


def _draw(family: Family, rng: np.random.Generator) -> Problem:
    length = _log_uniform(rng, family.length)
    taps = _log_uniform(rng, (family.taps[0], min(family.taps[1], length)))
    batch, inner, outer = (_log_uniform(rng, bounds) for bounds in (family.batch, family.inner, family.outer))
    groups = inner if family.is_depthwise else 1
    # 'full' for one axis and 'same' for more, as each is mostly used.
    lo, hi = (taps - 1, taps - 1) if family.rank == 1 else ((taps - 1) // 2, taps // 2)
    return Problem(
        Geometry((Axis(lo, hi),) * family.rank, groups),
        (batch, inner, *(length,) * family.rank),
        (inner if family.is_depthwise else outer, inner // groups, *(taps,) * family.rank),
        np.dtype(np.float32),
    )


def _log_uniform(rng: np.random.Generator, bounds: tuple[int, int]) -> int:
    low, high = bounds
    return round(math.exp(rng.uniform(math.log(low), math.log(max(low, high)))))
