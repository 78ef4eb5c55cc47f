"""`overlap`: overlap-save. Blocks of the signal, transformed and cut to the outputs that did not wrap around."""

import dataclasses
import itertools
import math
from collections.abc import Callable
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.errors import OptionError
from sigconv._core.extend import extend
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.options import is_integer
from sigconv._engine import spectra
from sigconv._engine.cost import Machine, machine_of
from sigconv._engine.cuts import Cut, Cuts, cheapest_cuts
from sigconv._engine.method import Method, Problem
from sigconv._engine.pairs import pairwise


@dataclasses.dataclass(frozen=True)
class OverlapSave(Method):
    """Convolve block by block: n log k, and an error relative to the norm of a block, not of the whole signal.

    Two neighbouring real blocks share one complex transform. An axis on which one block holds everything is not cut.
    Long signals are worked on in chunks of blocks, in bounded memory.

    Args:
        block: Samples in a block, the length of its transform: one number for all axes, one per axis, or None to choose
            by cost. It must be at least the kernel's (dilated) length.
    """

    transforms: ClassVar[bool] = True
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
        extent = problem.extent
        if isinstance(self.block, tuple) and len(self.block) != len(extent):
            return f"`block` has {len(self.block)} entries for {len(extent)} axes"
        if self.block is not None and any(b < k for b, k in zip(self._fixed(extent), extent, strict=True)):
            return f"`block` {self.block} is shorter than the kernel, {extent}"
        return spectra.refusal(problem)

    def cost(self, problem: Problem, machine: Machine) -> float:
        return self._cuts(problem, machine).cost

    def kernel_cost(self, problem: Problem, machine: Machine) -> float:
        return self._cuts(problem, machine).kernel_cost

    def workspace(self, problem: Problem) -> float:
        return self._cuts(problem, machine_of("cpu")).workspace

    def prepare(self, w: jax.Array, problem: Problem) -> jax.Array:
        cuts = self._cuts(problem, machine_of(jax.default_backend()))
        w = spectra.spread(w, problem.geometry)
        if cuts.is_packed:
            w = lax.complex(w, jnp.zeros_like(w))
        return spectra.correlation_spectrum(w, cuts.cycle)

    def apply(self, x: jax.Array, prepared: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        geometry, cuts = problem.geometry, self._cuts(problem, machine_of(jax.default_backend()))
        first, *others = geometry.axes
        lead = 0
        if cuts.is_pairwise and first.is_zero and first.input_dilation == 1:
            # The parts read zeros beyond the ends; the signal itself need not be padded with them.
            lead, geometry = first.lo, Geometry((Axis(stride=first.stride), *others))
        x = extend(x, geometry)

        if cuts.is_pairwise:
            y = pairwise(x, prepared, cuts.axes, cuts.cycle, lead)
        else:

            def correlate(x: jax.Array, axes: tuple[Cut, ...]) -> jax.Array:
                return _join(_blockwise(_frame(x, axes), prepared, axes, cuts, precision), axes)

            y = correlate(x, cuts.axes) if cuts.chunks == 1 else _in_chunks(x, cuts, correlate)
        strides = (1, 1, *(axis.stride for axis in geometry.axes))
        return lax.slice(y, (0,) * y.ndim, (*y.shape[:2], *(cut.lags for cut in cuts.axes)), strides)

    def _fixed(self, extent: tuple[int, ...]) -> tuple[int, ...]:
        return self.block if isinstance(self.block, tuple) else (self.block or 0,) * len(extent)

    def _cuts(self, problem: Problem, machine: Machine) -> Cuts:
        if self.block is None:
            return cheapest_cuts(problem, machine)
        whole = tuple(spectra.fast_length(length) for length in problem.padded)
        blocks = zip(self._fixed(problem.extent), whole, strict=True)
        return Cuts(problem, tuple(min(block, length) for block, length in blocks), machine)


def _in_chunks(x: jax.Array, cuts: Cuts, correlate: Callable[[jax.Array, tuple[Cut, ...]], jax.Array]) -> jax.Array:
    """The blocks of one chunk after the other; every sample is read by one chunk, or by two neighbours."""
    axes, halo = cuts.per_chunk, cuts.problem.extent[0] - 1
    length = axes[0].lags
    pads = [(0, 0, 0)] * x.ndim
    pads[2] = (0, (cuts.chunks + 1) * length - x.shape[2], 0)
    x = lax.pad(x, jnp.zeros((), x.dtype), pads)
    x = jnp.moveaxis(x.reshape(*x.shape[:2], cuts.chunks + 1, length, *x.shape[3:]), 2, 0)
    parts = x[:-1], lax.slice_in_dim(x[1:], 0, halo, axis=3)
    y = lax.map(lambda part: correlate(lax.concatenate(part, 2), axes), parts)
    y = jnp.moveaxis(y, 0, 2)
    return y.reshape(*y.shape[:2], cuts.chunks * length, *y.shape[4:])


def _frame(x: jax.Array, cuts: tuple[Cut, ...]) -> jax.Array:
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
    frames: jax.Array, spectrum: jax.Array, axes: tuple[Cut, ...], cuts: Cuts, precision: lax.Precision
) -> jax.Array:
    """Correlate every frame with the kernel and keep what did not wrap around.

    Shapes:
        frames (pieces, batch, channel, *block), spectrum (out, in/groups, *frequencies) → (pieces, batch, out, *step).
    """
    count = frames.shape[0]
    if cuts.is_packed:
        # The kernel is real, so a frame in the imaginary part stays there: half the transforms, and no unpacking. Only
        # neighbours of one signal share a transform: rounding and NaN must not pass between the items of a batch.
        frames = jnp.pad(frames, [(0, count % 2)] + [(0, 0)] * (frames.ndim - 1))
        frames = lax.complex(frames[0::2], frames[1::2])
    pieces, batch = frames.shape[:2]
    x = spectra.transform(frames.reshape(pieces * batch, *frames.shape[2:]), cuts.cycle)
    product = spectra.multiply(x, spectrum, cuts.problem.geometry.groups, precision)
    y = spectra.inverse(product, cuts.cycle, frames.dtype)
    y = y[(..., *(slice(0, cut.step) for cut in axes))]
    y = y.reshape(pieces, batch, *y.shape[1:])
    if cuts.is_packed:
        y = jnp.stack([lax.real(y), lax.imag(y)], 1).reshape(2 * pieces, *y.shape[1:])[:count]
    return y


def _join(y: jax.Array, cuts: tuple[Cut, ...]) -> jax.Array:
    """Lay the blocks' outputs side by side again."""
    rank, (batch, out) = len(cuts), y.shape[1:3]
    y = y.reshape(*(cut.count for cut in cuts), batch, out, *(cut.step for cut in cuts))
    order = [rank, rank + 1, *itertools.chain.from_iterable((i, rank + 2 + i) for i in range(rank))]
    return lax.transpose(y, order).reshape(batch, out, *(cut.count * cut.step for cut in cuts))
