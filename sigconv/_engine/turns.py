"""How `fft_channels` divides a correlation among the turns of a loop, so that what a turn makes stays in the cache."""

import dataclasses
import functools
import math
from typing import Literal

from sigconv._engine import spectra, whole
from sigconv._engine.cost import Machine
from sigconv._engine.method import Problem

TURN_POINTS = 2**18
"""Complex numbers of which a turn makes no more, if it can be divided (2 MiB; measured on CPUs)."""


@dataclasses.dataclass(frozen=True)
class Turns:
    """What one turn works on.

    Attributes:
        over: `items`: some signals of the batch, or some groups of one, after all kernels were transformed. `groups`:
            some groups of all signals, with their kernels. `outs`: some kernels, after all signals were transformed.
        items: Signals of the batch in a turn.
        groups: Groups of channels in a turn.
        outs: Channels out of each of these groups.
    """

    over: Literal["items", "groups", "outs"]
    items: int
    groups: int
    outs: int

    def count(self, problem: Problem) -> int:
        """Turns in all."""
        batch, groups = problem.signal[0], problem.geometry.groups
        return (batch // self.items) * (groups // self.groups) * (problem.weights[0] // groups // self.outs)

    def rows(self, problem: Problem) -> tuple[int, int, int]:
        """Of one turn: signals' channels, kernels, and outputs' channels that are transformed, wherever it is done."""
        read = self.items * self.groups * problem.weights[1]
        kernels = self.groups * self.outs * problem.weights[1]
        return read, kernels, self.items * self.groups * self.outs


@functools.lru_cache(maxsize=4096)
def ways(problem: Problem, points: int) -> tuple[Turns, ...]:
    """Every way to go about it; none where there is one kernel and one signal.

    Args:
        points: Complex numbers that a row becomes.
    """
    batch, groups = problem.signal[0], problem.geometry.groups
    outs, per_group = problem.weights[0] // groups, problem.weights[1]
    found = []
    if batch > 1:
        per_item = max(per_group, outs) * points
        items = _most(batch, per_item * groups)
        found.append(Turns("items", items, groups if items > 1 else _most(groups, per_item), outs))
    if groups > 1:
        per_one = max(batch * per_group, outs * per_group, batch * outs) * points
        found.append(Turns("groups", batch, _most(groups, per_one), outs))
    if groups == 1 and outs > 1:
        found.append(Turns("outs", batch, 1, _most(outs, max(batch, per_group) * points)))
    return tuple(found)


def cost(turns: Turns, problem: Problem, machine: Machine, *, is_kept: bool = False) -> float:
    """Predicted seconds, beside the call; of a kernel whose spectrum is kept, without those it takes."""
    shape, width = whole.transformed_shape(problem, problem.rows), problem.width
    count, (read, kernels, written) = turns.count(problem), turns.rows(problem)

    def transform(rows: int, *, is_kernel: bool = False) -> float:
        return spectra.transform_cost(machine, shape, rows, width, is_kernel=is_kernel)

    def in_turns(rows: int) -> float:
        return count * machine.turn_work * transform(rows)

    seconds = count * machine.loop + in_turns(written) + spectra.multiply_cost(problem, machine, math.prod(shape))
    seconds += transform(problem.rows) if turns.over == "outs" else in_turns(read)
    if not is_kept:
        is_ahead = turns.over == "items"
        seconds += transform(problem.kernels, is_kernel=True) if is_ahead else count * transform(kernels)
    return seconds


@functools.lru_cache(maxsize=4096)
def cheapest(problem: Problem, machine: Machine, *, is_kept: bool = False) -> Turns:
    points = math.prod(whole.transformed_shape(problem, problem.rows))
    return min(ways(problem, points), key=lambda turns: cost(turns, problem, machine, is_kept=is_kept))


def _most(total: int, points: int) -> int:
    """How many of `total` to take in a turn, all turns alike; each makes so many complex numbers."""
    most = max(1, TURN_POINTS // points)
    return next(count for count in range(min(most, total), 0, -1) if total % count == 0)
