"""A template in a large image, as a whole and tile by tile: time, peak memory, and whether the peaks are the same."""

import dataclasses
import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiments.benchmarks.child import call_child
from experiments.benchmarks.guard import Guard
from experiments.benchmarks.memory import forget_peak, peak

CASES = ((4096, None), (4096, 512), (16384, 1024))
"""Sides of the image and of the tile."""
QUICK = ((256, None), (256, 64))
TEMPLATE = 64
PEAKS = 20


@dataclasses.dataclass(frozen=True)
class Tiled:
    """One image, searched once.

    Attributes:
        side, tile: Of the square image and of the square tiles of its map; None if it was worked on as a whole.
        seconds: Of the map, compiled before.
        operands: Bytes of image and map, float32.
        above: Bytes at the peak of the map's making beyond those held before, when the image was there.
        peaks: Where the highest scores are, the highest first.
        foreign: Cores that other processes used meanwhile; None where that is unknown.
    """

    side: int
    tile: int | None
    seconds: float
    operands: tuple[int, int]
    above: int
    peaks: tuple[tuple[int, int], ...]
    foreign: float | None = None

    @property
    def total(self) -> int:
        """Bytes of the image and of all that came on top of it."""
        return self.operands[0] + self.above


def measure_tiled(
    guard: Guard, cases: Sequence[tuple[int, int | None]] = CASES, say: Callable[[str], None] = lambda _: None
) -> list[Tiled]:
    """Every case in a process of its own."""
    found = []
    for side, tile in cases:
        arguments = {"side": side, "tile": tile}
        watched = guard.watch(functools.partial(call_child, "experiments.benchmarks.tiled", "measure_here", arguments))
        found.append(dataclasses.replace(tiled_of(watched.result), foreign=watched.foreign))
        say(f"{side}² by {tile}: {found[-1].seconds:.3g} s, {found[-1].total / 2**30:.2f} GiB")
    return found


def measure_here(side: int, tile: int | None) -> dict[str, Any]:
    """The case, in a process that has done nothing else; plain data. The template is a part of the image."""
    import jax
    import jax.numpy as jnp

    import sigconv

    x = jax.block_until_ready(jax.random.normal(jax.random.key(0), (side, side)))
    w = x[side // 3 : side // 3 + TEMPLATE, side // 2 : side // 2 + TEMPLATE]
    match = jax.jit(lambda x, w: sigconv.match_template(x, w, tile=tile)).lower(x, w).compile()
    # The pools of threads take their memory at the first program they run.
    jax.block_until_ready(jnp.sin(w))
    held = forget_peak()
    start = time.perf_counter()
    y = jax.block_until_ready(match(x, w))
    seconds = time.perf_counter() - start
    above = max(0, peak() - held)
    places = sigconv.find_peaks(y, PEAKS, min_distance=TEMPLATE).positions.tolist()
    return dataclasses.asdict(Tiled(side, tile, seconds, (x.nbytes, y.nbytes), above, tuple(map(tuple, places))))


def tiled_of(data: Mapping[str, Any]) -> Tiled:
    """What `dataclasses.asdict` and JSON made this of."""
    places = tuple(tuple(place) for place in data["peaks"])
    return Tiled(**{**data, "operands": tuple(data["operands"]), "peaks": places})


def same_peaks(found: Sequence[Tiled]) -> dict[int, bool]:
    """By side of images that were searched more than once: whether that gave the same peaks."""
    by_side: dict[int, list[Tiled]] = {}
    for one in found:
        by_side.setdefault(one.side, []).append(one)
    return {side: len({t.peaks for t in group}) == 1 for side, group in by_side.items() if len(group) > 1}
