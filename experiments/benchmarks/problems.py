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
from sigconv._engine.method import Method, Problem
from sigconv._engine.overlap import OverlapSave
from sigconv._engine.polyphase import Polyphase
from sigconv._engine.run import METHODS, run

_MOST_PRODUCTS = 3e9
"""Multiplications above which multiplying every tap takes seconds, and nobody needs to know how many."""
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
        groups: Blocks of channels otherwise; both numbers of channels are rounded to multiples.
        stride, dilation, insertion: Bounds of the steps.
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
    groups: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    insertion: tuple[int, int] = (1, 1)


FAMILIES = (
    Family("1-d", 0.21, 1, (100, 2_000_000), (2, 16384)),
    Family("1-d rows", 0.10, 1, (100, 32768), (2, 2048), batch=(2, 128)),
    Family("1-d channels", 0.10, 1, (64, 8192), (2, 512), (1, 8), (2, 64), (2, 64)),
    Family("1-d depthwise", 0.05, 1, (64, 8192), (2, 1024), (1, 8), (2, 128), is_depthwise=True),
    Family("2-d", 0.17, 2, (16, 2048), (2, 96)),
    Family("2-d rows", 0.05, 2, (16, 512), (2, 48), batch=(2, 32)),
    Family("2-d channels", 0.09, 2, (8, 128), (1, 16), (1, 8), (2, 64), (2, 64)),
    Family("2-d depthwise", 0.06, 2, (8, 128), (2, 32), (1, 4), (2, 64), is_depthwise=True),
    Family("3-d", 0.04, 3, (8, 128), (2, 12)),
    Family("3-d channels", 0.04, 3, (6, 40), (1, 5), (1, 2), (2, 24), (2, 24)),
    Family("grouped", 0.03, 2, (8, 96), (1, 9), (1, 4), (8, 64), (8, 64), groups=(2, 8)),
    Family("1-d strided", 0.02, 1, (1000, 300_000), (4, 1024), stride=(2, 8)),
    Family("2-d strided channels", 0.02, 2, (16, 128), (2, 8), (1, 4), (2, 32), (2, 32), stride=(2, 2)),
    Family("dilated", 0.02, 1, (500, 100_000), (3, 64), inner=(1, 16), outer=(1, 16), dilation=(2, 8)),
    Family("transposed", 0.02, 2, (8, 64), (2, 8), (1, 4), (2, 32), (2, 32), insertion=(2, 4)),
)

TRANSPOSED = (
    Family("audio from frames", 1 / 3, 1, (50, 400), (64, 1024), (1, 4), (32, 400), insertion=(32, 256)),
    Family("1-d transposed", 1 / 3, 1, (60, 1000), (2, 24), (1, 8), (8, 128), (8, 128), insertion=(2, 8)),
    Family("2-d transposed", 1 / 3, 2, (8, 48), (2, 5), (1, 4), (8, 96), (3, 96), insertion=(2, 2)),
)
"""Of which `FAMILIES` has few: for the fit, not for the judgement."""


def draw_problems(count: int, seed: int = 0, families: Sequence[Family] = FAMILIES) -> list[tuple[str, Problem]]:
    """About `count` problems with the name of their family, in random order."""
    rng = np.random.default_rng(seed)
    drawn = [(f.name, _draw(f, rng)) for f in families for _ in range(max(1, round(count * f.share)))]
    return [drawn[i] for i in rng.permutation(len(drawn))]


def usual_problems() -> list[tuple[str, Problem]]:
    """Of one kernel on sizes as the benchmarks have them: images, rows, a signal."""
    images = [((1, 1, n, n), (k, k)) for n in (256, 512, 1024, 2048) for k in (3, 5, 7, 9, 11)]
    images += [((1, 1, n, n), (k, k)) for n in (512, 2048) for k in (15, 31, 63)]
    images += [((batch, 1, n, n), (k, k)) for batch in (4, 16) for n, k in ((256, 9), (128, 5))]
    rows = [((64, 1, 16384), (k,)) for k in (16, 64, 256, 1024)]
    signals = [((1, 1, n), (k,)) for n in (10**3, 10**4, 10**5, 10**6) for k in (8, 64, 512, 4096) if k < n]
    return [("usual", _same(signal, taps)) for signal, taps in (*images, *rows, *signals)]


def _same(signal: tuple[int, ...], taps: tuple[int, ...]) -> Problem:
    axes = tuple(Axis((k - 1) // 2, k // 2) for k in taps)
    return Problem(Geometry(axes), signal, (1, 1, *taps), np.dtype(np.float32))


def contenders(problem: Problem) -> dict[str, Method]:
    """The methods worth timing, in their variants. What is fixed here does not depend on the constants to be fitted."""
    found: dict[str, Method] = {}
    for name, method in METHODS.items():
        if method.refusal(problem) is None and name not in ("overlap", "polyphase") and _is_worth_it(method, problem):
            found[name] = method
    for method in METHODS.values():
        phases = Polyphase((method,))
        if method.name not in ("separable", "polyphase") and phases.refusal(problem) is None:
            found[f"polyphase {method.name}"] = phases
    found |= _overlaps(problem)
    return found


def _is_worth_it(method: Method, problem: Problem) -> bool:
    if method.transforms:
        return math.prod(problem.padded) * (problem.rows + problem.out_rows + problem.kernels) <= _MOST_POINTS
    return problem.samples * problem.products <= _MOST_PRODUCTS


def _overlaps(problem: Problem) -> dict[str, Method]:
    whole = tuple(map(spectra.fast_length, problem.padded))
    least = tuple(1 << max(2 * k - 1, 63).bit_length() for k in problem.extent)
    cuts = [tuple(factor * small for small in least) for factor in (1, 2, 4, 8)] if len(whole) == 1 else []
    if len(whole) > 1:
        # Bands of the first axis: cutting the others moves everything.
        lags = whole[0] - problem.extent[0] + 1
        bands = [spectra.fast_length(-(-lags // count) + problem.extent[0] - 1) for count in (2, 4, 8, 16)]
        cuts = [(band, *whole[1:]) for band in bands if band >= 3 * problem.extent[0] // 2]
    found: dict[str, Method] = {}
    for cut in cuts:
        block = tuple(map(min, cut, whole))
        method = OverlapSave(block)
        if block != whole and method.refusal(problem) is None and _is_worth_it(method, problem):
            found["overlap " + "×".join(map(str, block))] = method
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
    stride, dilation, insertion = (
        _log_uniform(rng, bounds) for bounds in (family.stride, family.dilation, family.insertion)
    )
    groups = inner if family.is_depthwise else _log_uniform(rng, family.groups)
    inner, outer = (max(groups, channels // groups * groups) for channels in (inner, outer))
    # 'full' for one axis and 'same' for more, as each is mostly used.
    reach = (taps - 1) * dilation
    lo, hi = (reach, reach) if family.rank == 1 else (reach // 2, reach - reach // 2)
    return Problem(
        Geometry((Axis(lo, hi, stride, dilation, insertion),) * family.rank, groups),
        (batch, inner, *(length,) * family.rank),
        (inner if family.is_depthwise else outer, inner // groups, *(taps,) * family.rank),
        np.dtype(np.float32),
    )


def _log_uniform(rng: np.random.Generator, bounds: tuple[int, int]) -> int:
    low, high = bounds
    return round(math.exp(rng.uniform(math.log(low), math.log(max(low, high)))))
