"""How `overlap` cuts a problem into blocks: how many, of what length, in what order they are worked on."""

import dataclasses
import functools
import itertools
import math

from sigconv._core.dtypes import is_complex
from sigconv._engine import spectra
from sigconv._engine.cost import Machine
from sigconv._engine.host import core_count
from sigconv._engine.method import Problem

SMALLEST = 64
"""Shorter blocks than this cost more in moving than they save in transforming."""

CHUNK = 2**23
"""Numbers in all blocks above which they are worked on in turn, so that memory stays bounded and buffers in a cache."""

MOST_PAIRS = 192
"""Pairs of blocks that a program is written out for, which takes 10 ms each to compile."""

PAIR_POINTS = 2**15
"""Complex float32s (256 KiB) below which XLA's CPU backend leaves an array of one axis to one core."""

IN_PAIRS = 2**27
"""Numbers in the blocks of all pairs, which are there at the same time (measured at half as many: 2.2 times the memory
of signal and result, where chunks took 2.6)."""

PAIRS_LOST = 2
"""Pairs of one axis that could have been worked on while cores wait, for the kernel's spectrum or the last pair."""


@dataclasses.dataclass(frozen=True)
class Cut:
    """One axis: samples per block, outputs per block, outputs in all (before striding)."""

    block: int
    step: int
    lags: int

    @property
    def count(self) -> int:
        return -(-self.lags // self.step)


@dataclasses.dataclass(frozen=True)
class Cuts:
    """A problem cut into blocks."""

    problem: Problem
    blocks: tuple[int, ...]
    machine: Machine

    @functools.cached_property
    def axes(self) -> tuple[Cut, ...]:
        return tuple(
            Cut(block, block - k + 1, padded - k + 1)
            for block, k, padded in zip(self.blocks, self.problem.extent, self.problem.padded, strict=True)
        )

    @property
    def pieces(self) -> int:
        return math.prod(cut.count for cut in self.axes)

    @property
    def is_packed(self) -> bool:
        return self.pieces > 1 and not is_complex(self.problem.dtype)

    @functools.cached_property
    def is_pairwise(self) -> bool:
        """Whether each pair of blocks is worked on by itself: of rows with a kernel each, cut along one axis."""
        first, *others = self.axes
        problem = self.problem
        is_by_row = problem.weights[1] == 1 and problem.weights[0] == problem.signal[1]
        is_cut_once = self.is_packed and all(cut.count == 1 for cut in others) and first.block <= 2 * first.step
        is_small = len(self.blocks) > 1 or first.block * problem.width < PAIR_POINTS
        pairs = problem.rows * -(-first.count // 2)
        is_bounded = pairs <= MOST_PAIRS and 2 * pairs * math.prod(self.blocks) <= IN_PAIRS
        return self.machine.pair_work < 1 and is_by_row and is_cut_once and is_small and is_bounded

    @property
    def cycle(self) -> spectra.Cycle:
        if self.is_packed:
            return spectra.Cycle(self.blocks)
        return spectra.linear_cycle(self.blocks, self.problem.dtype, self.problem.rows, (True,) * len(self.blocks))

    @functools.cached_property
    def chunks(self) -> int:
        """Into how many parts the first axis goes, each of an even number of its blocks, so that pairs stay pairs."""
        first = self.axes[0]
        if self.is_pairwise or first.step < self.problem.extent[0] - 1:
            return 1
        across = self.pieces // first.count * max(self.problem.rows, self.problem.out_rows)
        most = max(2, CHUNK // (across * math.prod(self.blocks)) // 2 * 2)
        return -(-first.count // most)

    @property
    def per_chunk(self) -> tuple[Cut, ...]:
        first = self.axes[0]
        if self.chunks == 1:
            return self.axes
        count = -(-first.count // self.chunks)
        return (Cut(first.block, first.step, (count + count % 2) * first.step), *self.axes[1:])

    @property
    def cost(self) -> float:
        """Predicted seconds of a call."""
        work = self._pairwise_work if self.is_pairwise else self.chunks * self._chunk_work
        return self.machine.call + self.kernel_cost + work

    @property
    def _chunk_work(self) -> float:
        problem, machine, cuts = self.problem, self.machine, self.per_chunk
        pieces = math.prod(cut.count for cut in cuts)
        transforms = -(-pieces // 2) if self.is_packed else pieces
        points = transforms * math.prod(self.transformed_shape)
        # Cutting the first axis leaves rows where they are; a cut of another one moves everything, in and out.
        moves = (cuts[0].count > 1) + 2 * sum(cut.count > 1 for cut in cuts[1:])
        moved = moves * (problem.rows + problem.out_rows) * points * machine.pass_point * problem.width
        work = moved + spectra.multiply_cost(problem, machine, points)
        for count in (problem.rows, problem.out_rows):
            work += spectra.transform_cost(machine, self.transformed_shape, transforms * count, problem.width)
        return work + (machine.loop if self.chunks > 1 else 0.0)

    @property
    def _pairwise_work(self) -> float:
        machine, width = self.machine, self.problem.width
        pairs, points = self.problem.rows * -(-self.pieces // 2), math.prod(self.blocks)
        work = 2 * points * machine.pass_point + points * machine.product_point
        work = work * width + spectra.transform_cost(machine, self.blocks, 2, width)
        # The program begins with all of them.
        fresh = 2 * max(0, pairs * points - spectra.KEPT) * machine.fresh_point * width
        if len(self.blocks) == 1:
            return (pairs + PAIRS_LOST) * (machine.pair_call + work * machine.pair_work) + fresh
        pairs = -(-pairs // core_count()) * core_count()
        return pairs * (machine.pair_call + work * machine.pair_work_plane) + fresh

    @property
    def kernel_cost(self) -> float:
        return spectra.transform_cost(
            self.machine, self.transformed_shape, self.problem.kernels, self.problem.width, is_kernel=True
        )

    @property
    def transformed_shape(self) -> tuple[int, ...]:
        """Lengths of the complex transform that two blocks share, or that one takes."""
        return self.blocks if self.is_packed else spectra.row_shape(self.cycle, self.problem.dtype)

    @property
    def workspace(self) -> float:
        pieces = math.prod(cut.count for cut in self.per_chunk)
        points = pieces * math.prod(self.blocks)
        rows = 2 * (self.problem.rows + self.problem.out_rows)
        spectrum = 2 * self.problem.kernels * math.prod(self.blocks)
        extended = self.problem.rows * math.prod(self.problem.padded)
        return float(self.problem.dtype.itemsize * (rows * points + spectrum + extended))


@functools.lru_cache(maxsize=4096)
def cheapest_cuts(problem: Problem, machine: Machine) -> Cuts:
    """Those that are predicted to take the least time."""
    choices = []
    for number, (k, padded) in enumerate(zip(problem.extent, problem.padded, strict=True)):
        whole = spectra.fast_length(padded)
        least = max(SMALLEST, 1 << (2 * k - 1).bit_length())
        sizes = {whole, *(size for size in (least, 2 * least, 4 * least, 8 * least) if size < whole)}
        if number == 0:
            # Few blocks that come out even, and their pairs on the cores. Two would be one transform of everything.
            counts = {4, 8, *(per_core * core_count() for per_core in (2, 3, 4))}
            even = {spectra.fast_length(-(-(padded - k + 1) // count) + k - 1) for count in counts}
            if padded > MOST_PAIRS * PAIR_POINTS:
                # As long as they may be, of signals of which pairs of half as many would be too many.
                even.add(PAIR_POINTS // 8 * 7)
            sizes |= {size for size in even if SMALLEST <= size < whole and size >= 3 * k // 2}
        choices.append(sorted(sizes, reverse=True))
    return min((Cuts(problem, blocks, machine) for blocks in itertools.product(*choices)), key=lambda cuts: cuts.cost)
