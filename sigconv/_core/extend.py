"""`extend`: write out what is read beyond the ends; `fold`: its transpose."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.boundary import Constant, Reads, source_indices
from sigconv._core.geometry import Axis, Geometry

MOST_RUNS = 16


def extend(x: jax.Array, geometry: Geometry) -> jax.Array:
    """The padded (or cropped), zero-inserted signal over which the correlation is a plain `valid` one.

    Shapes:
        x (batch, channel, *space) → (batch, channel, *padded), padded = L̃ + lo + hi.
    """
    for number, axis in enumerate(geometry.axes):
        x = _extend_axis(x, axis, number + 2)
    return x


def fold(y: jax.Array, geometry: Geometry, space: tuple[int, ...]) -> jax.Array:
    """The transpose of the linear part of `extend`: every padded sample adds to the sample it was read from.

    Shapes:
        y (batch, channel, *padded) → (batch, channel, *space).
    """
    linear = Geometry(tuple(_linear(axis) for axis in geometry.axes), geometry.groups)
    signal = jax.ShapeDtypeStruct((*y.shape[:2], *space), y.dtype)
    return jax.linear_transpose(lambda x: extend(x, linear), signal)(y)[0]


def extended(geometry: Geometry) -> Geometry:
    """The geometry that is left to do after `extend`."""
    axes = tuple(Axis(stride=axis.stride, dilation=axis.dilation) for axis in geometry.axes)
    return Geometry(axes, geometry.groups)


def _extend_axis(x: jax.Array, axis: Axis, position: int) -> jax.Array:
    length = x.shape[position]
    crop_low, crop_high = max(-axis.lo, 0), max(-axis.hi, 0)
    if axis.is_zero:
        pads = [(0, 0, 0)] * x.ndim
        pads[position] = (axis.lo, axis.hi, axis.input_dilation - 1)
        return lax.pad(x, np.zeros((), x.dtype), pads)
    low = _side(x, axis.low, range(-max(axis.lo, 0), 0), position)
    high = _side(x, axis.high, range(length, length + max(axis.hi, 0)), position)
    parts = [part for part in (low, x, high) if part is not None]
    wide = lax.concatenate(parts, position) if len(parts) > 1 else x
    return lax.slice_in_dim(wide, crop_low, wide.shape[position] - crop_high, axis=position)


def _side(x: jax.Array, reads: Reads, indices: range, position: int) -> jax.Array | None:
    if not indices:
        return None
    if isinstance(reads, Constant):
        shape = (*x.shape[:position], len(indices), *x.shape[position + 1 :])
        return lax.full(shape, reads.value, x.dtype)
    # Every rule reads runs of consecutive samples, forwards, backwards or standing: slices are faster than a gather,
    # as long as the runs are few.
    sources = source_indices(np.arange(indices.start, indices.stop), x.shape[position], reads)
    runs = _runs(sources)
    if len(runs) > MOST_RUNS:
        return jnp.take(x, sources, axis=position, mode="clip")
    pieces = [_run(x, first, step, count, position) for first, step, count in runs]
    return lax.concatenate(pieces, position) if len(pieces) > 1 else pieces[0]


def _runs(sources: np.ndarray) -> list[tuple[int, int, int]]:
    """The (first, step, count) of each stretch of constant step in a walk over the samples."""
    steps = np.diff(sources)
    runs, start = [], 0
    while start < len(sources):
        step = int(steps[start]) if start < len(steps) and abs(steps[start]) <= 1 else 1
        changes = np.flatnonzero(steps[start:] != step)
        stop = start + 1 + int(changes[0]) if len(changes) else len(sources)
        runs.append((int(sources[start]), step, stop - start))
        start = stop
    return runs


def _run(x: jax.Array, first: int, step: int, count: int, position: int) -> jax.Array:
    if step == 0:
        sample = lax.slice_in_dim(x, first, first + 1, axis=position)
        shape = (*x.shape[:position], count, *x.shape[position + 1 :])
        return lax.broadcast_in_dim(sample, shape, tuple(range(x.ndim)))
    low = first if step == 1 else first - count + 1
    piece = lax.slice_in_dim(x, low, low + count, axis=position)
    return piece if step == 1 else lax.rev(piece, (position,))


def _linear(axis: Axis) -> Axis:
    def without_offset(reads: Reads) -> Reads:
        return Constant(0) if isinstance(reads, Constant) else reads

    return dataclasses.replace(axis, low=without_offset(axis.low), high=without_offset(axis.high))
