"""Where two zero-padded layers and their composite differ, and by what.

Two 'same' layers in turn are T₂ P T₁: P crops the first's output to [0, N₁) and the second reads zeros beyond. Their
composite reads there what the first would have given. So an output differs where the second reads a position beyond
[0, N₁) at which the first reads samples (or adds a bias).
"""

import dataclasses
import itertools
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from sigconv._core.dtypes import common
from sigconv._filter.layer import Layer
from sigconv.signal import correlate_channels


@dataclasses.dataclass(frozen=True)
class Span:
    """Consecutive positions first … last of one axis."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def out_length(length: int, stride: int) -> int:
    """Outputs of a 'same' layer."""
    return -(-length // stride)


def differing(second: Layer, first: Layer, space: tuple[int, ...]) -> np.ndarray:
    """Which outputs of the two in turn can differ from those of the composite.

    Shapes:
        → (*out,), boolean.
    """
    has_bias = first.bias is not None
    reads, rings = [], []
    for axis, length in enumerate(space):
        middle = out_length(length, first.stride[axis])
        outputs = np.arange(out_length(middle, second.stride[axis]))[:, None]
        taps = np.arange(second.taps[axis]) * second.dilation[axis]
        positions = outputs * second.stride[axis] + taps - second.lo[axis]
        is_outside = (positions < 0) | (positions >= middle)
        steps = np.arange(first.taps[axis]) * first.dilation[axis]
        samples = positions[..., None] * first.stride[axis] + steps - first.lo[axis]
        is_read = ((samples >= 0) & (samples < length)).any(-1) | has_bias
        reads.append(is_read.any(-1))
        rings.append((is_read & is_outside).any(-1))
    shape = tuple(map(len, reads))

    def along(axis: int, row: np.ndarray) -> np.ndarray:
        return row.reshape([-1 if i == axis else 1 for i in range(len(shape))])

    result = np.zeros(shape, bool)
    for ring_axis, ring in enumerate(rings):
        one = np.broadcast_to(along(ring_axis, ring), shape)
        for axis, row in enumerate(reads):
            one = one & along(axis, row)
        result |= one
    return result


def in_words(mask: np.ndarray) -> str:
    """The rows of each axis that lie in the mask whatever the others are, as ranges."""
    words = []
    for axis in range(mask.ndim):
        others = tuple(i for i in range(mask.ndim) if i != axis)
        rows = np.flatnonzero(mask.all(others))
        if len(rows):
            words.append(f"{_ranges(rows)} of axis {axis}")
    return ", ".join(words) or f"{int(mask.sum())} outputs"


def _ranges(rows: np.ndarray) -> str:
    cuts = np.flatnonzero(np.diff(rows) > 1) + 1
    runs = [(int(run[0]), int(run[-1])) for run in np.split(rows, cuts)]
    return " and ".join(str(a) if a == b else f"{a}…{b}" for a, b in runs)


def surplus(second: Layer, first: Layer, signal: jax.Array) -> Iterator[tuple[tuple[Span, ...], jax.Array]]:
    """What the composite adds to the two in turn, a slab of the ring at a time: (outputs, values to subtract there).

    The positions beyond [0, N₁) are cut into disjoint slabs: beyond on one axis, within on those before it, anywhere
    on those after. Each costs its own size.

    Shapes:
        signal (..., in, *space) → values (..., out, *span).
    """
    space = signal.shape[signal.ndim - first.rank :]
    middle = tuple(map(out_length, space, first.stride))
    outs = tuple(map(out_length, middle, second.stride))
    inside = tuple(Span(0, length - 1) for length in middle)
    everything = tuple(Span(0, length - 1) for length in outs)
    read = tuple(
        Span(min(-second.lo[a], 0), max((outs[a] - 1) * second.stride[a] + second.hi[a], middle[a] - 1))
        for a in range(first.rank)
    )
    for axis, is_high in itertools.product(range(first.rank), (False, True)):
        beyond = Span(middle[axis], read[axis].last) if is_high else Span(read[axis].first, -1)
        rows = _rows_reading(second, axis, beyond, outs[axis])
        if beyond.count < 1 or rows.count < 1:
            continue
        positions = (*inside[:axis], beyond, *read[axis + 1 :])
        outputs = (*everything[:axis], rows, *everything[axis + 1 :])
        yield outputs, _through(second, _first_at(first, signal, positions), positions, outputs)


def _rows_reading(second: Layer, axis: int, positions: Span, outs: int) -> Span:
    """The outputs that can read one of the positions."""
    stride, lo, hi = second.stride[axis], second.lo[axis], second.hi[axis]
    return Span(max(0, -(-(positions.first - hi) // stride)), min(outs - 1, (positions.last + lo) // stride))


def _first_at(first: Layer, signal: jax.Array, positions: tuple[Span, ...]) -> jax.Array:
    """The first layer's output at positions that may lie beyond the ends."""
    space = signal.shape[signal.ndim - first.rank :]
    padding = []
    for axis, span in enumerate(positions):
        low = first.lo[axis] - first.stride[axis] * span.first
        padding.append((low, first.stride[axis] * (span.count - 1) + first.reach[axis] + 1 - space[axis] - low))
    y = correlate_channels(
        signal, first.weights, padding=padding, stride=first.stride, dilation=first.dilation, groups=first.groups
    )
    if first.bias is None:
        return y
    bias = along_channels(first.bias, first.rank, y)
    return y.astype(bias.dtype) + bias


def _through(second: Layer, z: jax.Array, positions: tuple[Span, ...], outputs: tuple[Span, ...]) -> jax.Array:
    """The second layer's weights on values at some positions and zeros elsewhere, at some outputs."""
    padding = []
    for axis, (span, rows) in enumerate(zip(positions, outputs, strict=True)):
        low = second.lo[axis] + span.first - second.stride[axis] * rows.first
        padding.append((low, second.stride[axis] * (rows.count - 1) + second.reach[axis] + 1 - span.count - low))
    return correlate_channels(
        z, second.weights, padding=padding, stride=second.stride, dilation=second.dilation, groups=second.groups
    )


def along_channels(values: jax.Array, rank: int, like: jax.Array) -> jax.Array:
    """One value per channel, broadcast to (..., channel, *space)."""
    shaped = values.reshape(-1, *(1 for _ in range(rank))).astype(common(values, like))
    return jnp.broadcast_to(shaped, like.shape)
