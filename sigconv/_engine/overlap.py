"""`overlap`: overlap-save. Blocks of the signal, transformed and cut to the outputs that did not wrap around."""

import dataclasses
import functools
import itertools
import math

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.dtypes import is_complex
from sigconv._core.errors import OptionError
from sigconv._core.extend import extend, extended
from sigconv._core.geometry import Geometry
from sigconv._core.options import is_integer
from sigconv._engine import spectra
from sigconv._engine.cost import Machine, machine_of
from sigconv._engine.method import Method, Problem

SMALLEST = 64
"""Shorter blocks than this cost more in moving than they save in transforming."""


@dataclasses.dataclass(frozen=True)
class OverlapSave(Method):
    """Convolve block by block: n log k, and an error relative to the norm of a block, not of the whole signal.

    Two neighbouring real blocks share one complex transform. An axis on which one block holds everything is not cut.

    Args:
        block: Samples in a block, the length of its transform: one number for all axes, one per axis, or None to choose
            by cost. It must be at least the kernel's (dilated) length.
    """

    block: int | tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        blocks = self.block if isinstance(self.block, tuple | list) else (self.block,)
        if self.block is not None and not all(is_integer(block) and block > 0 for block in blocks):
            raise OptionError(f"`OverlapSave.block` must be a positive integer, or one per axis; got {self.block!r}.")
        if isinstance(self.block, list):
            object.__setattr__(self, "block", tuple(self.block))

    @property
    def name(self) -> str:
        return "overlap"

    def refusal(self, problem: Problem) -> str | None:
        extent = problem.geometry.extent(problem.taps)
        if isinstance(self.block, tuple) and len(self.block) != len(extent):
            return f"`block` has {len(self.block)} entries for {len(extent)} axes"
        if self.block is not None and any(b < k for b, k in zip(self._fixed(extent), extent, strict=True)):
            return f"`block` {self.block} is shorter than the kernel, {extent}"
        return spectra.refusal(problem)

    def cost(self, problem: Problem, machine: Machine) -> float:
        extent = problem.geometry.extent(problem.taps)
        return _cost(problem, machine, self._blocks(problem, machine), extent)

    def run(self, x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
        problem = Problem(geometry, x.shape, w.shape, x.dtype)
        blocks = self._blocks(problem, machine_of(jax.default_backend()))
        w = spectra.spread(w, geometry)
        x, geometry = extend(x, geometry), extended(geometry)
        cuts = tuple(
            _Cut(block, block - k + 1, length - k + 1)
            for block, k, length in zip(blocks, w.shape[2:], x.shape[2:], strict=True)
        )
        y = _blockwise(_frame(x, cuts), w, cuts, geometry.groups, precision)
        y = _join(y, cuts)
        strides = (1, 1, *(axis.stride for axis in geometry.axes))
        return lax.slice(y, (0,) * y.ndim, (*y.shape[:2], *(cut.lags for cut in cuts)), strides)

    def _fixed(self, extent: tuple[int, ...]) -> tuple[int, ...]:
        return self.block if isinstance(self.block, tuple) else (self.block or 0,) * len(extent)

    def _blocks(self, problem: Problem, machine: Machine) -> tuple[int, ...]:
        """The length of each axis's transform."""
        extent = problem.geometry.extent(problem.taps)
        if self.block is None:
            return _cheapest_blocks(problem, machine)
        whole = tuple(spectra.fast_length(length) for length in problem.padded)
        return tuple(min(block, length) for block, length in zip(self._fixed(extent), whole, strict=True))


@dataclasses.dataclass(frozen=True)
class _Cut:
    """One axis: samples per block, outputs per block, outputs in all (before striding)."""

    block: int
    step: int
    lags: int

    @property
    def count(self) -> int:
        return -(-self.lags // self.step)


@functools.lru_cache(maxsize=4096)
def _cheapest_blocks(problem: Problem, machine: Machine) -> tuple[int, ...]:
    extent = problem.geometry.extent(problem.taps)
    choices = []
    for k, padded in zip(extent, problem.padded, strict=True):
        whole = spectra.fast_length(padded)
        least = max(SMALLEST, 1 << (2 * k - 1).bit_length())
        choices.append([whole, *(size for size in (least, 2 * least, 4 * least, 8 * least) if size < whole)])
    return min(itertools.product(*choices), key=lambda blocks: _cost(problem, machine, blocks, extent))


def _cost(problem: Problem, machine: Machine, blocks: tuple[int, ...], extent: tuple[int, ...]) -> float:
    counts = [
        -(-(padded - k + 1) // (block - k + 1)) for padded, block, k in zip(problem.padded, blocks, extent, strict=True)
    ]
    pieces, points = math.prod(counts), math.prod(blocks)
    # Cutting the first axis leaves rows where they are; a cut of another one moves everything, in and out.
    moves = (counts[0] > 1) + 2 * sum(count > 1 for count in counts[1:])
    rows = pieces * (problem.rows + problem.out_rows) * points
    products = pieces * problem.signal[0] * problem.weights[0] * problem.weights[1] * points
    return (
        machine.call
        + spectra.transform_cost(problem, machine, blocks, pieces * problem.rows)
        + spectra.transform_cost(problem, machine, blocks, problem.weights[0] * problem.weights[1])
        + spectra.transform_cost(problem, machine, blocks, pieces * problem.out_rows)
        + (products + moves * rows) * machine.pass_point
    )


def _frame(x: jax.Array, cuts: tuple[_Cut, ...]) -> jax.Array:
    """Cut the signal into overlapping blocks, by reshapes and slices.

    Shapes:
        x (batch, channel, *space) → (pieces, batch, channel, *block).
    """
    batch, channels = x.shape[:2]
    for number, cut in enumerate(cuts):
        position = 2 + 2 * number
        turns = -(-cut.block // cut.step)
        needed = (cut.count + turns - 1) * cut.step if cut.count > 1 else cut.block
        pads = [(0, 0, 0)] * x.ndim
        pads[position] = (0, needed - x.shape[position], 0)
        x = lax.pad(x, jnp.zeros((), x.dtype), pads)
        if cut.count == 1:
            x = jnp.expand_dims(x, position)
            continue
        tiles = x.reshape(*x.shape[:position], cut.count + turns - 1, cut.step, *x.shape[position + 1 :])
        shifted = [lax.slice_in_dim(tiles, i, i + cut.count, axis=position) for i in range(turns)]
        rest = cut.block - (turns - 1) * cut.step
        shifted[-1] = lax.slice_in_dim(shifted[-1], 0, rest, axis=position + 1)
        x = lax.concatenate(shifted, position + 1)
    rank = len(cuts)
    order = (*range(2, 2 + 2 * rank, 2), 0, 1, *range(3, 3 + 2 * rank, 2))
    pieces = math.prod(cut.count for cut in cuts)
    return lax.transpose(x, order).reshape(pieces, batch, channels, *(cut.block for cut in cuts))


def _blockwise(
    frames: jax.Array, w: jax.Array, cuts: tuple[_Cut, ...], groups: int, precision: lax.Precision
) -> jax.Array:
    """Correlate every frame with the kernel and keep what did not wrap around.

    Shapes:
        frames (pieces, batch, channel, *block), w (out, in/groups, *taps) → (pieces, batch, out, *step).
    """
    dtype, count = frames.dtype, frames.shape[0]
    is_packed = count > 1 and not is_complex(dtype)
    if is_packed:
        # The kernel is real, so a frame in the imaginary part stays there: half the transforms, and no unpacking. Only
        # neighbours of one signal share a transform: rounding and NaN must not pass between the items of a batch.
        frames = jnp.pad(frames, [(0, count % 2)] + [(0, 0)] * (frames.ndim - 1))
        frames = lax.complex(frames[0::2], frames[1::2])
    lengths = tuple(cut.block for cut in cuts)
    pieces, batch = frames.shape[:2]
    x = spectra.transform(frames.reshape(pieces * batch, *frames.shape[2:]), lengths)
    spectrum = spectra.correlation_spectrum(w.astype(frames.dtype), lengths)
    y = spectra.inverse(spectra.multiply(x, spectrum, groups, precision), lengths, frames.dtype)
    y = y[(..., *(slice(0, cut.step) for cut in cuts))]
    y = y.reshape(pieces, batch, *y.shape[1:])
    if is_packed:
        y = jnp.stack([lax.real(y), lax.imag(y)], 1).reshape(2 * pieces, *y.shape[1:])[:count]
    return y


def _join(y: jax.Array, cuts: tuple[_Cut, ...]) -> jax.Array:
    """Lay the blocks' outputs side by side again."""
    rank, (batch, out) = len(cuts), y.shape[1:3]
    y = y.reshape(*(cut.count for cut in cuts), batch, out, *(cut.step for cut in cuts))
    order = [rank, rank + 1, *itertools.chain.from_iterable((i, rank + 2 + i) for i in range(rank))]
    return lax.transpose(y, order).reshape(batch, out, *(cut.count * cut.step for cut in cuts))
