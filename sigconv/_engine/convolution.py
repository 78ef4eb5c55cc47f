"""XLA's convolution and its adjoint, each asked for in the form that XLA is fast at.

XLA's CPU backend has a good convolution along one axis or two, without groups, of undilated signals. Everything else it
does in plain loops; here it is brought into that form, or into a product of matrices.
"""

import dataclasses
import itertools
import math

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.extend import extend, extended
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.layout import adjoint_weights
from sigconv._engine.method import Problem
from sigconv._engine.parts import even_sizes
from sigconv._engine.steps import Insertion

MOST_GROUPS = 16
"""Groups of several channels up to which each is convolved alone on a CPU (measured: 1.5 to 9 times faster)."""

LEAST_MIXED = 16
"""Channels in times channels out from which a convolution inside a loop of XLA's is faster as a product of matrices
(measured on a CPU: 1.2 times at 16, 20 times at 64 × 64)."""

MANY_POSITIONS, MANY_PRODUCTS = 6000, 1024
"""Where padding pays that nothing needs: outputs of a channel; for a single signal, channels in times channels out."""

FEW_OUTS, MANY_NUMBERS, PART_NUMBERS, MOST_PARTS = 16, 2**22, 2**19, 64
"""Channels out, and numbers in, of a convolution that is faster in parts; numbers in of each, and how many parts a
program is written out for."""


def is_pointwise(taps: tuple[int, ...], channels: int) -> bool:
    """Whether one tap mixes channels: a product of matrices, which moves no axes (2 to 9 times faster on a CPU)."""
    return channels > 1 and math.prod(taps) == 1


def forward(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    if is_pointwise(w.shape[2:], w.shape[1]):
        return _mix(x, w, geometry, precision)
    is_grouped = 1 < geometry.groups <= MOST_GROUPS and geometry.groups < x.shape[1]
    if geometry.rank <= 2 and not is_grouped:
        return convolve(x, w, geometry, precision)
    # Only XLA's CPU backend is better off with several plain convolutions.
    return lax.platform_dependent(
        x,
        w,
        cpu=lambda x, w: _by_groups(x, w, geometry, precision),
        default=lambda x, w: convolve(x, w, geometry, precision),
    )


def _mix(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """One tap: per group, the channels' matrix times the samples that are read."""
    out, groups = geometry.out_shape(x.shape[2:], w.shape[2:]), geometry.groups
    x = read_at(x, geometry, out).reshape(x.shape[0], groups, -1, math.prod(out))
    w = w.reshape(1, groups, -1, w.shape[1])
    w = lax.broadcast_in_dim(w[0], (x.shape[0], *w.shape[1:]), (1, 2, 3))
    return lax.dot_general(w, x, (((3,), (2,)), ((0, 1), (0, 1))), precision=precision).reshape(x.shape[0], -1, *out)


def read_at(x: jax.Array, geometry: Geometry, out: tuple[int, ...]) -> jax.Array:
    """The samples that one tap reads."""
    x = extend(x, geometry)
    stops = tuple((n - 1) * axis.stride + 1 for n, axis in zip(out, geometry.axes, strict=True))
    return lax.slice(x, (0,) * x.ndim, (*x.shape[:2], *stops), (1, 1, *(axis.stride for axis in geometry.axes)))


def convolve(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    if geometry.groups > 1 or geometry.rank > 2 or x.dtype != jnp.float32 or w.shape[0] * w.shape[1] < LEAST_MIXED:
        return _plain(x, w, geometry, precision)
    return lax.platform_dependent(
        x,
        w,
        cpu=lambda x, w: _some_at_a_time(x, w, geometry, precision),
        default=lambda x, w: _plain(x, w, geometry, precision),
    )


def _some_at_a_time(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """Some signals at a time, where many numbers go into few channels out (measured: 1.3 to 2.7 times faster)."""
    if w.shape[0] > FEW_OUTS or w.shape[1] < 2 * FEW_OUTS or x.size < MANY_NUMBERS or x.shape[0] == 1:
        return _channels_last(x, w, geometry, precision)
    parts = lax.split(x, even_sizes(x.shape[0], min(x.shape[0], x.size // PART_NUMBERS, MOST_PARTS)), 0)
    return lax.concatenate([_channels_last(part, w, geometry, precision) for part in parts], 0)


def _channels_last(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """In the order of axes that XLA's CPU backend has matrix products for; it finds it by itself outside loops only."""
    out = geometry.out_shape(x.shape[2:], w.shape[2:])
    missing = missing_channels(x.shape[1], w.shape[0], len(out))
    if missing:
        pads = [(0, missing if i == 1 else 0, 0) for i in range(x.ndim)]
        x, w = (lax.pad(a, jnp.zeros((), a.dtype), pads) for a in (x, w))
    pads = [(axis.lo, axis.hi) for axis in geometry.axes]
    is_large = x.shape[0] > 1 or w.shape[0] * w.shape[1] >= MANY_PRODUCTS
    if len(out) == 2 and x.shape[1] > 1 and is_large and x.shape[0] * math.prod(out) >= MANY_POSITIONS:
        # Without any padding up to 4 times slower (measured): so there is some, and its outputs are dropped.
        pads[-1] = pads[-1] if any(map(any, pads)) else (0, 1)
    axes = tuple(range(2, x.ndim))
    last = (0, x.ndim - 1, *range(1, x.ndim - 1))
    y = lax.conv_general_dilated(
        lax.transpose(x, (0, *axes, 1)),
        lax.transpose(w, (*axes, 1, 0)),
        window_strides=[axis.stride for axis in geometry.axes],
        padding=pads,
        rhs_dilation=[axis.dilation for axis in geometry.axes],
        dimension_numbers=lax.ConvDimensionNumbers(last, (x.ndim - 1, x.ndim - 2, *range(x.ndim - 2)), last),
        precision=precision,
    )
    y = lax.slice(y, (0,) * y.ndim, (y.shape[0], *out, y.shape[-1]))
    return lax.transpose(y, last)


def missing_channels(channels: int, outs: int, rank: int) -> int:
    """Channels of zeros with which XLA's convolution is up to 7 times faster (measured).

    It works on 64, 32 and 16 outputs at once. Where the rest of outputs takes one turn of 32 it wants an even number of
    channels; where it takes one of 16, alone or after 32, and along two axes, a multiple of 4, which is worth a quarter
    more channels at most.
    """
    if channels == 1:
        return 0
    if (outs - 1) % 64 // 16 == 1:
        return channels % 2
    missing = -channels % 4
    return missing if rank == 2 and (outs - 1) % 32 < 16 and 4 * missing <= channels else 0


def _plain(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    return lax.conv_general_dilated(
        x,
        w,
        window_strides=[axis.stride for axis in geometry.axes],
        padding=[(axis.lo, axis.hi) for axis in geometry.axes],
        rhs_dilation=[axis.dilation for axis in geometry.axes],
        feature_group_count=geometry.groups,
        precision=precision,
    )


def _by_groups(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """One convolution per group of several channels."""
    groups = geometry.groups
    if groups == 1 or groups > MOST_GROUPS or groups == x.shape[1]:
        return _by_slices(x, w, geometry, precision)
    one = dataclasses.replace(geometry, groups=1)
    parts = zip(jnp.split(x, groups, axis=1), jnp.split(w, groups, axis=0), strict=True)
    return lax.concatenate([_by_slices(x, w, one, precision) for x, w in parts], 1)


def _by_slices(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """The sum over the taps of all axes but the last two of 2-d convolutions, whose batch holds the other positions."""
    lead = geometry.rank - 2
    if lead < 1:
        return convolve(x, w, geometry, precision)
    first = Geometry((*geometry.axes[:lead], Axis(), Axis()))
    last = Geometry(geometry.axes[lead:], geometry.groups)
    x = extend(x, first)
    counts = tuple(
        axis.out_length(n, k)
        for axis, n, k in zip(extended(first).axes[:lead], x.shape[2 : 2 + lead], w.shape[2 : 2 + lead], strict=True)
    )
    total = None
    for tap in itertools.product(*map(range, w.shape[2 : 2 + lead])):
        planes = read_planes(x, geometry, tap, counts)
        term = convolve(planes, w[(slice(None), slice(None), *tap)], last, precision)
        total = term if total is None else total + term
    assert total is not None
    y = total.reshape(x.shape[0], *counts, *total.shape[1:])
    return jnp.moveaxis(y, -3, 1)


def read_planes(x: jax.Array, geometry: Geometry, tap: tuple[int, ...], counts: tuple[int, ...]) -> jax.Array:
    """What one tap of all axes but the last two reads, for `counts` positions along those, as a batch of planes.

    Shapes:
        x (batch, channel, *lead, height, width) → (batch · positions, channel, height, width).
    """
    axes = geometry.axes[: len(tap)]
    starts = tuple(t * axis.dilation for t, axis in zip(tap, axes, strict=True))
    stops = tuple(a + (n - 1) * axis.stride + 1 for a, n, axis in zip(starts, counts, axes, strict=True))
    strides = (1, 1, *(axis.stride for axis in axes), 1, 1)
    read = lax.slice(x, (0, 0, *starts, 0, 0), (*x.shape[:2], *stops, *x.shape[-2:]), strides)
    return jnp.moveaxis(read, 1, -3).reshape(-1, x.shape[1], *x.shape[-2:])


def adjoint(
    g: jax.Array, w: jax.Array, geometry: Geometry, space: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """The adjoint geometry's correlation; a stride's inserted zeros are not multiplied."""
    back, w = geometry.adjoint(space, w.shape[2:]), adjoint_weights(w, geometry.groups)
    insertion, problem = Insertion(), Problem(back, g.shape, w.shape, g.dtype)
    inner = insertion.problem(problem)
    if inner is None:
        return forward(g, w, back, precision)
    y = forward(g, insertion.weights(w, problem), inner.geometry, precision)
    return insertion.result(y, problem)
