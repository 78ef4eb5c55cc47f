"""The derivative of a convolution by its kernel, in the forms that XLA is fast at."""

import itertools
import math

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.extend import extend
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import bilinear
from sigconv._engine.convolution import MOST_PARTS, adjoint, forward, is_pointwise, read_at, read_planes
from sigconv._engine.parts import even_sizes

CONTRACTED = 2**18
"""Numbers of a cotangent, or of a signal if that has more channels, that the kernel's derivative adds up at once: where
they do not stay in a core's cache XLA's matrix product is up to 4 times slower (measured)."""

LEAST_CHANNELS, MOST_PATCHES = 4, 2**26
"""Where the kernel's derivative along three axes or more is a product of matrices: enough channels, and at most so many
numbers (256 MiB) in all that every tap reads."""


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
    for slab in lax.split(g, even_sizes(g.shape[2], count), 2):
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
        read = read_planes(x, geometry, tap, g.shape[2 : 2 + lead])
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
    """The sum over some signals at a time, and over bands of them if one signal is too much."""
    count, batch = _contraction_parts(x.shape[1], g.shape), x.shape[0]
    sizes = even_sizes(batch, min(count, batch))
    bands = even_sizes(g.shape[2], min(-(-count // batch), g.shape[2]))
    first, *others = geometry.axes
    inner = Geometry((Axis(stride=first.stride, dilation=first.dilation), *others))
    reach = (taps[0] - 1) * first.dilation + 1
    if len(bands) > 1:
        x, geometry = extend(x, Geometry((first, *(Axis() for _ in others)))), inner
    total = None
    for signals, cotangents in zip(lax.split(x, sizes, 0), lax.split(g, sizes, 0), strict=True):
        start = 0
        for band in lax.split(cotangents, bands, 2):
            stop = start + (band.shape[2] - 1) * first.stride + reach
            read = lax.slice_in_dim(signals, start, stop, axis=2) if len(bands) > 1 else signals
            part = _weights_at_once(read, band, geometry, taps, precision)
            total = part if total is None else total + part
            start += band.shape[2] * first.stride
    assert total is not None
    return total


def _weights_at_once(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    return bilinear.weights_by(lambda x, g, inner: forward(x, g, inner.geometry, precision), x, g, geometry, taps)


def _mix_weights(x: jax.Array, g: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """The derivative of `_mix`: per group, cotangents times samples, summed over the batch."""
    batch, groups, out = x.shape[0], geometry.groups, g.shape[2:]
    x = read_at(x, geometry, out).reshape(batch, groups, -1, math.prod(out))
    g = g.reshape(batch, groups, -1, math.prod(out))
    y = lax.dot_general(g, x, (((3,), (3,)), ((0, 1), (0, 1))), precision=precision).sum(0)
    return y.reshape(-1, y.shape[-1], *(1 for _ in out))


FORMS = bilinear.Forms(forward, adjoint, weights)
"""For whatever multiplies every tap."""
