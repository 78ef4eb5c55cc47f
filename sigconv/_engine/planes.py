"""A correlation as planes, one per channel out and tap, and its derivatives.

Plane t of channel o is Σ_c w[o, c, t] x[c, ·]: channels are mixed where the signal lies, and a tap is a plane's shift.
"""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.geometry import Geometry
from sigconv._engine.steps import phases_of

_TIMES = (((3,), (2,)), ((0, 1), (0, 1)))
"""Matrices times matrices, per item of the batch and group."""


def forward(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    batch, groups, space, taps = x.shape[0], geometry.groups, x.shape[2:], w.shape[2:]
    signal = x.reshape(batch, groups, -1, math.prod(space))
    # (batch, groups, out · taps, in) · (batch, groups, in, positions)
    planes = lax.dot_general(_matrices(w, batch, groups), signal, _TIMES, precision=precision)
    planes = planes.reshape(batch, w.shape[0], *taps, *space)
    return _added_up(lax.optimization_barrier(planes), geometry, taps, space)


def adjoint(
    g: jax.Array, w: jax.Array, geometry: Geometry, space: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    batch, groups, taps = g.shape[0], geometry.groups, w.shape[2:]
    planes = _planes_read(g, geometry, taps, space).reshape(batch, groups, -1, math.prod(space))
    matrices = jnp.swapaxes(_matrices(w, batch, groups), 2, 3)
    return lax.dot_general(matrices, planes, _TIMES, precision=precision).reshape(batch, -1, *space)


def weights(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    batch, groups, space, outs = x.shape[0], geometry.groups, x.shape[2:], g.shape[1]
    planes = _planes_read(g, geometry, taps, space).reshape(batch, groups, -1, math.prod(space))
    signal = x.reshape(batch, groups, -1, math.prod(space))
    inner = (((3,), (3,)), ((0, 1), (0, 1)))
    # XLA's CPU backend transposes the second operand: the smaller one.
    if planes.shape[2] < signal.shape[2]:
        w = jnp.swapaxes(lax.dot_general(signal, planes, inner, precision=precision).sum(0), 1, 2)
    else:
        w = lax.dot_general(planes, signal, inner, precision=precision).sum(0)
    return jnp.moveaxis(w.reshape(outs, *taps, -1), -1, 1)


def _matrices(w: jax.Array, batch: int, groups: int) -> jax.Array:
    """(out, in/groups, *taps) → (batch, groups, out/groups · taps, in/groups), the same for every item of the batch."""
    w = jnp.moveaxis(w, 1, -1).reshape(groups, -1, w.shape[1])
    return lax.broadcast_in_dim(w, (batch, *w.shape), (1, 2, 3))


def _added_up(planes: jax.Array, geometry: Geometry, taps: tuple[int, ...], space: tuple[int, ...]) -> jax.Array:
    """Each tap's plane, shifted to where it is read: (batch, out, *taps, *space) → (batch, out, *positions).

    Between inserted zeros the outputs of one phase read some of the taps, and the phases are interleaved.
    """
    rank, lead = len(taps), planes.shape[:2]
    phases = [phases_of(axis, n, k) for axis, n, k in zip(geometry.axes, space, taps, strict=True)]
    counts = tuple(phase.count for phase in phases)
    out = geometry.out_shape(space, taps)
    steps = [-(-n // count) for n, count in zip(out, counts, strict=True)]
    results = []
    for numbers in itertools.product(*map(range, counts)):
        total = None
        for places in itertools.product(*(range(phase.table.shape[1]) for phase in phases)):
            read = [int(phase.table[r, m]) for phase, r, m in zip(phases, numbers, places, strict=True)]
            if any(t == k for t, k in zip(read, taps, strict=True)):
                continue
            plane = lax.slice(planes, (0, 0, *read, *(0,) * rank), (*lead, *(t + 1 for t in read), *space))
            reads = [
                _Read(m * phase.axis.dilation - phase.axis.lo, phase.axis.stride, n)
                for m, phase, n in zip(places, phases, steps, strict=True)
            ]
            term = _read(plane.reshape(*lead, *space), reads)
            total = term if total is None else total + term
        results.append(jnp.zeros((*lead, *steps), planes.dtype) if total is None else total)
    if len(results) == 1:
        return results[0]
    y = jnp.stack(results, 2).reshape(*lead, *counts, *steps)
    y = lax.transpose(y, (0, 1, *(i for axis in range(rank) for i in (2 + rank + axis, 2 + axis))))
    y = y.reshape(*lead, *(n * count for n, count in zip(steps, counts, strict=True)))
    return lax.slice(y, (0,) * y.ndim, (*lead, *out))


def _planes_read(g: jax.Array, geometry: Geometry, taps: tuple[int, ...], space: tuple[int, ...]) -> jax.Array:
    """What each tap's plane adds to, the transpose of `_added_up`: → (batch, out, taps, *space)."""
    lead = g.shape[:2]
    steps = [axis.input_dilation for axis in geometry.axes]
    # All that any tap reads, written out once: padded anew for every tap, the program takes long to compile.
    whole = [
        _Read(axis.lo - (k - 1) * axis.dilation, 1, (k - 1) * axis.dilation + (n - 1) * step + 1, axis.stride)
        for axis, k, n, step in zip(geometry.axes, taps, space, steps, strict=True)
    ]
    g = lax.optimization_barrier(_read(g, whole))
    planes = []
    for tap in itertools.product(*map(range, taps)):
        starts = [(k - 1 - t) * axis.dilation for t, k, axis in zip(tap, taps, geometry.axes, strict=True)]
        stops = [start + (n - 1) * step + 1 for start, n, step in zip(starts, space, steps, strict=True)]
        planes.append(lax.slice(g, (0, 0, *starts), (*lead, *stops), (1, 1, *steps)))
    return jnp.stack(planes, 2)


class _Read(NamedTuple):
    """Samples start + n · stride, n < samples, of an axis with insert − 1 zeros between any two, and all around."""

    start: int
    stride: int
    samples: int
    insert: int = 1


def _read(a: jax.Array, reads: Sequence[_Read]) -> jax.Array:
    """Of the last axes."""
    lead = a.ndim - len(reads)
    pads = [(0, 0, 0)] * lead
    for read, length in zip(reads, a.shape[lead:], strict=True):
        stop = read.start + (read.samples - 1) * read.stride + 1
        pads.append((-read.start, stop - (length - 1) * read.insert - 1, read.insert - 1))
    a = lax.pad(a, np.zeros((), a.dtype), pads)
    return lax.slice(a, (0,) * a.ndim, a.shape, (*(1,) * lead, *(read.stride for read in reads)))
