"""`toeplitz`: blocks of the last axis times a banded Toeplitz matrix of the taps, as matrix products."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.dtypes import is_exact
from sigconv._core.extend import extend
from sigconv._engine import spectra
from sigconv._engine.cost import Machine
from sigconv._engine.method import Method, Problem

MOST_CHANNELS = 16
"""Beyond this a convolution of channels is matrix products already, and tiles would only multiply zeros."""

DOT_OUTPUTS = 2**17
"""Outputs from which XLA's convolution is faster on a CPU than a product with frames that are written out first."""


@dataclasses.dataclass(frozen=True)
class Toeplitz(Method):
    """Every product, as `direct`, and some with zeros, at the speed of matrix products."""

    @property
    def name(self) -> str:
        return "toeplitz"

    def refusal(self, problem: Problem) -> str | None:
        if is_exact(problem.dtype):
            return f"matrix products of {problem.dtype} are slow; use 'direct'"
        if problem.geometry.groups > 1:
            return f"its blocks mix channels, and here are {problem.geometry.groups} groups that do not mix"
        channels = max(problem.signal[1], problem.weights[0])
        if channels > MOST_CHANNELS:
            return f"channels already make matrix products; it takes at most {MOST_CHANNELS}, got {channels}"
        if _is_wide(problem.dtype) and len(problem.space) > 1:
            return f"along several axes it needs convolutions that are slow in {problem.dtype}; use 'direct'"
        return None

    def cost(self, problem: Problem, machine: Machine) -> float:
        tiles = _Tiles(problem)
        per_block = tiles.inner * problem.signal[1] * tiles.block * problem.weights[0]
        products = problem.signal[0] * tiles.positions * per_block * math.prod(problem.taps[:-1])
        complex_factor = 4 if problem.dtype.kind == "c" else 1
        if tiles.is_dot:
            rate, moved = machine.tile_product_dot, tiles.frames
        else:
            rate = machine.tile_product if len(problem.space) == 1 else machine.tile_product_plane
            moved = problem.rows * math.prod(problem.padded)
        rate *= 1 + machine.tile_narrow / (problem.weights[0] * tiles.block)
        tile = problem.kernels * math.prod(problem.taps[:-1]) * tiles.inner * tiles.block
        passes = (moved + problem.samples + tile) / 2
        return (
            machine.call
            + (machine.tile_call_dot if tiles.is_dot else machine.tile_call)
            + (products * rate * complex_factor + spectra.memory_cost(machine, int(passes))) * problem.width
        )

    def derivative_cost(self, problem: Problem, machine: Machine, wants: tuple[bool, ...]) -> float:
        return sum(wants) * self.work(problem, machine)

    def workspace(self, problem: Problem) -> float:
        tiles = _Tiles(problem)
        frames = tiles.frames if tiles.is_dot else problem.rows * math.prod(problem.padded)
        tile = problem.kernels * math.prod(problem.taps[:-1]) * tiles.inner * tiles.block
        return float(problem.dtype.itemsize * (frames + problem.rows * math.prod(problem.padded) + 2 * tile))

    def prepare(self, w: jax.Array, problem: Problem) -> jax.Array:
        """The tiles T[t, (c, i), (o, j)] = w[o, c, t, i − j·stride].

        Shapes:
            w (out, in, *taps) → (*taps[:-1], blocks, in · read, out · block).
        """
        tiles = _Tiles(problem)
        # Row j of a reshaped repetition of (taps, zeros) is the taps moved right by j · stride.
        zeros = tiles.inner + tiles.stride - problem.extent[-1]
        gaps = (0, zeros, problem.geometry.axes[-1].dilation - 1)
        row = lax.pad(w, np.zeros((), w.dtype), [(0, 0, 0)] * (w.ndim - 1) + [gaps])
        turns = -(-tiles.block * tiles.inner // row.shape[-1])
        row = jnp.tile(row, turns)[..., : tiles.block * tiles.inner]
        tile = row.reshape(*w.shape[:-1], tiles.block, tiles.count, tiles.read)
        # (out, in, *lead, block, count, read) → (*lead, count, in, read, out, block)
        lead = tuple(range(2, w.ndim - 1))
        last = w.ndim - 1
        tile = lax.transpose(tile, (*lead, last + 1, 1, last + 2, 0, last))
        out, channels = w.shape[:2]
        return tile.reshape(*w.shape[2:-1], tiles.count, channels * tiles.read, out * tiles.block)

    def apply(self, x: jax.Array, prepared: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        tiles, geometry = _Tiles(problem), problem.geometry
        x = extend(x, geometry)
        batch, channels, *space = x.shape
        needed = (tiles.blocks + tiles.count - 1) * tiles.read
        keep = min(space[-1], needed)
        x = lax.slice_in_dim(x, 0, keep, axis=x.ndim - 1)
        x = lax.pad(x, np.zeros((), x.dtype), [(0, 0, 0)] * (x.ndim - 1) + [(0, needed - keep, 0)])
        x = x.reshape(*x.shape[:-1], tiles.blocks + tiles.count - 1, tiles.read)
        # (batch, channel, *lead, blocks, read) → (batch, *lead, blocks, channel · read)
        rank = len(space)
        x = lax.transpose(x, (0, *range(2, 2 + rank), 1, 2 + rank))
        x = x.reshape(*x.shape[:-2], channels * tiles.read)
        if tiles.is_dot:
            frames = lax.concatenate(
                [lax.slice_in_dim(x, i, i + tiles.blocks, axis=1) for i in range(tiles.count)], dimension=2
            )
            flat = frames.reshape(batch * tiles.blocks, -1)
            y = lax.dot(flat, prepared.reshape(flat.shape[1], -1), precision=precision)
            y = y.reshape(batch, tiles.blocks, -1)
        else:
            letters = "".join("DHWXYZ"[i] for i in range(rank))
            y = lax.conv_general_dilated(
                x,
                prepared,
                window_strides=[*(axis.stride for axis in geometry.axes[:-1]), 1],
                padding="VALID",
                rhs_dilation=[*(axis.dilation for axis in geometry.axes[:-1]), 1],
                dimension_numbers=(f"N{letters}C", f"{letters}IO", f"N{letters}C"),
                precision=precision,
            )
        out = problem.weights[0]
        y = y.reshape(*y.shape[:-1], out, tiles.block)
        # (batch, *lead, blocks, out, block) → (batch, out, *lead, blocks · block)
        y = lax.transpose(y, (0, rank + 1, *range(1, rank + 1), rank + 2))
        y = y.reshape(*y.shape[:-2], tiles.blocks * tiles.block)
        return lax.slice_in_dim(y, 0, problem.out[-1], axis=y.ndim - 1)


@dataclasses.dataclass(frozen=True)
class _Tiles:
    """The last axis in blocks of `block` outputs, each from `count` blocks of `read` = block · stride inputs."""

    problem: Problem

    @property
    def stride(self) -> int:
        return self.problem.geometry.axes[-1].stride

    @property
    def block(self) -> int:
        """Outputs in a block: long enough for matrix products, short enough to multiply few zeros."""
        reach = max(1, self.problem.extent[-1] // self.stride)
        channels = max(self.problem.signal[1], self.problem.weights[0])
        wanted = 16 if reach <= 8 else 32 if reach <= 48 or len(self.problem.space) > 1 else 64
        return max(4, min(wanted, 512 // self.stride, 256 // channels))

    @property
    def read(self) -> int:
        return self.block * self.stride

    @property
    def count(self) -> int:
        """Blocks of input that a block of output reads."""
        return -(-((self.block - 1) * self.stride + self.problem.extent[-1]) // self.read)

    @property
    def inner(self) -> int:
        """Samples that a block of output reads, per channel."""
        return self.count * self.read

    @property
    def blocks(self) -> int:
        return -(-self.problem.out[-1] // self.block)

    @property
    def positions(self) -> int:
        """Blocks of output in one signal."""
        return self.blocks * math.prod(self.problem.out[:-1])

    @property
    def frames(self) -> int:
        """Numbers in the frames when they are written out."""
        return self.problem.signal[0] * self.blocks * self.inner * self.problem.signal[1]

    @property
    def is_dot(self) -> bool:
        if len(self.problem.space) > 1:
            return False
        return _is_wide(self.problem.dtype) or self.problem.samples < DOT_OUTPUTS


def _is_wide(dtype: np.dtype) -> bool:
    """Whether XLA has no fast convolution of this type on a CPU."""
    return dtype in (np.float64, np.complex128)
