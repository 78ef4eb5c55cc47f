"""XLA's convolution, its adjoint and its kernel's derivative, each asked for in the form that XLA is fast at.

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
from sigconv._engine import bilinear
from sigconv._engine.method import Problem
from sigconv._engine.steps import Insertion

MOST_GROUPS = 16
"""Groups of several channels up to which each is convolved alone on a CPU (measured: 1.5 to 9 times faster)."""

LEAST_MIXED = 16
"""Channels in times channels out from which a convolution inside a loop of XLA's is faster as a product of matrices
(measured on a CPU: 1.2 times at 16, 20 times at 64 × 64)."""

MANY_POSITIONS, MANY_PRODUCTS = 6000, 1024
"""Where padding pays that nothing needs: outputs of a channel; for a single signal, channels in times channels out."""

FEW_OUTS, MANY_NUMBERS, PART_NUMBERS = 16, 2**22, 2**19
"""Channels out, and numbers in, of a convolution that is faster in parts, and numbers in of each."""

CONTRACTED, MOST_PARTS = 2**18, 64
"""Numbers of a cotangent, or of a signal if that has more channels, that the kernel's derivative adds up at once: where
they do not stay in a core's cache XLA's matrix product is up to 4 times slower (measured). And parts that a program is
written out for."""

LEAST_CHANNELS, MOST_PATCHES = 4, 2**26
"""Where the kernel's derivative along three axes or more is a product of matrices: enough channels, and at most so many
numbers (256 MiB) in all that every tap reads."""


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
    x = _read_at(x, geometry, out).reshape(x.shape[0], groups, -1, math.prod(out))
    w = w.reshape(1, groups, -1, w.shape[1])
    w = lax.broadcast_in_dim(w[0], (x.shape[0], *w.shape[1:]), (1, 2, 3))
    return lax.dot_general(w, x, (((3,), (2,)), ((0, 1), (0, 1))), precision=precision).reshape(x.shape[0], -1, *out)


def _mix_weights(x: jax.Array, g: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """The derivative of `_mix`: per group, cotangents times samples, summed over the batch."""
    batch, groups, out = x.shape[0], geometry.groups, g.shape[2:]
    x = _read_at(x, geometry, out).reshape(batch, groups, -1, math.prod(out))
    g = g.reshape(batch, groups, -1, math.prod(out))
    y = lax.dot_general(g, x, (((3,), (3,)), ((0, 1), (0, 1))), precision=precision).sum(0)
    return y.reshape(-1, y.shape[-1], *(1 for _ in out))


def _read_at(x: jax.Array, geometry: Geometry, out: tuple[int, ...]) -> jax.Array:
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
        cpu=lambda x, w: _in_parts(x, w, geometry, precision),
        default=lambda x, w: _plain(x, w, geometry, precision),
    )


def _in_parts(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """Some signals at a time, where many numbers go into few channels out (measured: 1.3 to 2.7 times faster)."""
    if w.shape[0] > FEW_OUTS or w.shape[1] < 2 * FEW_OUTS or x.size < MANY_NUMBERS or x.shape[0] == 1:
        return _channels_last(x, w, geometry, precision)
    parts = lax.split(x, _even_sizes(x.shape[0], min(x.shape[0], x.size // PART_NUMBERS, MOST_PARTS)), 0)
    return lax.concatenate([_channels_last(part, w, geometry, precision) for part in parts], 0)


def _channels_last(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """In the order of axes that XLA's CPU backend has matrix products for; it finds it by itself outside loops only."""
    out = geometry.out_shape(x.shape[2:], w.shape[2:])
    if x.shape[1] % 2 and 1 < x.shape[1] and (w.shape[0] - 1) % 64 // 16 == 1:
        # Otherwise up to 7 times slower than one channel more (measured; outputs are worked on by 64, 32 and 16).
        x, w = (lax.pad(a, jnp.zeros((), a.dtype), [(0, int(i == 1), 0) for i in range(a.ndim)]) for a in (x, w))
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
        planes = _read_planes(x, geometry, tap, counts)
        term = convolve(planes, w[(slice(None), slice(None), *tap)], last, precision)
        total = term if total is None else total + term
    assert total is not None
    y = total.reshape(x.shape[0], *counts, *total.shape[1:])
    return jnp.moveaxis(y, -3, 1)


def _read_planes(x: jax.Array, geometry: Geometry, tap: tuple[int, ...], counts: tuple[int, ...]) -> jax.Array:
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


def weights(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """A correlation of the signal with the cotangent as kernel: stride and dilation change places.

    Signals of the batch are its channels in, channels in its batch. Where the cotangent has fewer channels, it is the
    one that is read at every tap: Σ_m x[c, m] g[o, m − t·dilation + lo].
    """
    if is_pointwise(taps, x.shape[1] // geometry.groups):
        return _mix_weights(x, g, geometry, precision)
    strides = [axis.stride for axis in geometry.axes]
    if geometry.groups == max(strides) == 1 and g.shape[1] < x.shape[1]:
        sizes = zip(geometry.axes, x.shape[2:], g.shape[2:], taps, strict=True)
        axes = []
        for axis, length, n, k in sizes:
            reach = (k - 1) * axis.dilation
            axes.append(Axis(reach - axis.lo, length - n + axis.lo, dilation=axis.dilation))
        flipped = weights(g, x, Geometry(tuple(axes)), taps, precision)
        return lax.rev(jnp.swapaxes(flipped, 0, 1), tuple(range(2, flipped.ndim)))
    if geometry.rank <= 2:
        return _weights_by_convolution(x, g, geometry, taps, precision)
    return lax.platform_dependent(
        x,
        g,
        cpu=lambda x, g: _weights_in_space(x, g, geometry, taps, precision),
        default=lambda x, g: _weights_by_convolution(x, g, geometry, taps, precision),
    )


def _weights_in_space(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """Along three axes or more: one matrix product of channels, or 2-d convolutions where that gains nothing."""
    patches = math.prod(taps) * x.shape[1] * x.shape[0] * math.prod(g.shape[2:])
    if geometry.groups > 1 or x.shape[1] < LEAST_CHANNELS or patches > MOST_PATCHES:
        return _weights_by_slices(x, g, geometry, taps, precision)
    x, g = jnp.swapaxes(extend(x, geometry), 0, 1), jnp.swapaxes(g, 0, 1)
    count = min(_contraction_parts(x.shape[0], (g.shape[1], g.shape[0], *g.shape[2:])), g.shape[2])
    total, start = None, 0
    for slab in lax.split(g, _even_sizes(g.shape[2], count), 2):
        part = _weights_of_slab(x, slab, start, geometry, taps, precision)
        total = part if total is None else total + part
        start += slab.shape[2] * geometry.axes[0].stride
    assert total is not None
    return lax.transpose(total, (2, 1, 0)).reshape(g.shape[0], x.shape[0], *taps)


def _weights_of_slab(
    x: jax.Array, g: jax.Array, first: int, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """What some positions along the first axis add, of which the first reads from `first` on.

    Shapes:
        x (in, batch, *padded), g (out, batch, *positions) → (taps, in, out).
    """
    strides = (1, 1, *(axis.stride for axis in geometry.axes))
    reads = []
    for tap in itertools.product(*map(range, taps)):
        starts = [t * axis.dilation for t, axis in zip(tap, geometry.axes, strict=True)]
        starts[0] += first
        sizes = zip(starts, g.shape[2:], geometry.axes, strict=True)
        stops = tuple(a + (n - 1) * axis.stride + 1 for a, n, axis in sizes)
        reads.append(lax.slice(x, (0, 0, *starts), (*x.shape[:2], *stops), strides).reshape(x.shape[0], -1))
    cotangents = g.reshape(g.shape[0], -1)
    # (taps, in, positions) · (out, positions) → (taps, in, out)
    return lax.dot_general(jnp.stack(reads), cotangents, (((2,), (1,)), ((), ())), precision=precision)


def _weights_by_slices(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """Per tap of all axes but the last two, what 2-d convolutions give with the other positions in the batch."""
    lead = geometry.rank - 2
    x = extend(x, Geometry((*geometry.axes[:lead], Axis(), Axis())))
    last = Geometry(geometry.axes[lead:], geometry.groups)
    planes = jnp.moveaxis(g, 1, -3).reshape(-1, g.shape[1], *g.shape[-2:])
    parts = []
    for tap in itertools.product(*map(range, taps[:lead])):
        read = _read_planes(x, geometry, tap, g.shape[2 : 2 + lead])
        parts.append(_weights_by_convolution(read, planes, last, taps[lead:], precision))
    stacked = jnp.stack(parts, 2)
    return stacked.reshape(*stacked.shape[:2], *taps)


def _weights_by_convolution(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    if geometry.groups > 1 or _contraction_parts(x.shape[1], g.shape) == 1:
        return _weights_at_once(x, g, geometry, taps, precision)
    return lax.platform_dependent(
        x,
        g,
        cpu=lambda x, g: _weights_in_parts(x, g, geometry, taps, precision),
        default=lambda x, g: _weights_at_once(x, g, geometry, taps, precision),
    )


def _contraction_parts(channels: int, shape: tuple[int, ...]) -> int:
    """Into how many parts the positions go that the kernel's derivative adds up; `shape` is the cotangent's."""
    numbers = max(channels, shape[1]) * shape[0] * math.prod(shape[2:])
    return min(-(-numbers // CONTRACTED), MOST_PARTS)


def _weights_in_parts(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """The sum over some signals, or over bands of one, at a time."""
    count = _contraction_parts(x.shape[1], g.shape)
    if x.shape[0] > 1:
        sizes = _even_sizes(x.shape[0], min(count, x.shape[0]))
        pairs = zip(lax.split(x, sizes, 0), lax.split(g, sizes, 0), strict=True)
        parts = [_weights_by_convolution(*pair, geometry, taps, precision) for pair in pairs]
    else:
        first, *others = geometry.axes
        x = extend(x, Geometry((first, *(Axis() for _ in others))))
        inner = Geometry((Axis(stride=first.stride, dilation=first.dilation), *others))
        parts, start, reach = [], 0, (taps[0] - 1) * first.dilation + 1
        for band in lax.split(g, _even_sizes(g.shape[2], min(count, g.shape[2])), 2):
            stop = start + (band.shape[2] - 1) * first.stride + reach
            read = lax.slice_in_dim(x, start, stop, axis=2)
            parts.append(_weights_at_once(read, band, inner, taps, precision))
            start += band.shape[2] * first.stride
    return sum(parts[1:], parts[0])


def _even_sizes(total: int, count: int) -> list[int]:
    return [(number + 1) * total // count - number * total // count for number in range(count)]


def _weights_at_once(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    batch, groups = x.shape[0], geometry.groups
    shape = (g.shape[1], x.shape[1] // groups, *taps)
    problem = bilinear.weights_problem(Problem(geometry, x.shape, shape, x.dtype))
    x = jnp.moveaxis(x.reshape(batch, groups, -1, *x.shape[2:]), (2, 1, 0), (0, 1, 2)).reshape(problem.signal)
    return jnp.swapaxes(forward(x, jnp.swapaxes(g, 0, 1), problem.geometry, precision), 0, 1)


FORMS = bilinear.Forms(forward, adjoint, weights)
"""For whatever multiplies every tap."""
