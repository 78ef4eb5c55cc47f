"""Every tap in turn: one multiplication and addition of the whole signal per tap, on any device and in any dtype."""

import math

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.extend import extend
from sigconv._core.geometry import Geometry


def tap_by_tap(x: jax.Array, w: jax.Array, geometry: Geometry) -> jax.Array:
    """The correlation as a loop over taps.

    `direct` needs it for integers on accelerators: XLA has no integer convolution on GPUs (jax#7637), or a wrong one
    (openxla/xla#49123).

    Shapes:
        x (batch, channel, *space), w (out, in/groups, *taps) → (batch, out, *out).
    """
    space, taps, groups = x.shape[2:], w.shape[2:], geometry.groups
    out = geometry.out_shape(space, taps)
    x = extend(x, geometry)
    batch, outs, per_group = x.shape[0], w.shape[0] // groups, w.shape[1]
    spans = tuple((n - 1) * axis.stride + 1 for n, axis in zip(out, geometry.axes, strict=True))
    strides = (1, 1, *(axis.stride for axis in geometry.axes))
    products = w.reshape(groups, outs, per_group, math.prod(taps))

    def add(tap: jax.Array, y: jax.Array) -> jax.Array:
        starts, rest = [], tap
        for axis, k in zip(reversed(geometry.axes), reversed(taps), strict=True):
            starts.insert(0, rest % k * axis.dilation)
            rest = rest // k
        zero = jnp.zeros_like(tap)
        read = lax.dynamic_slice(x, (zero, zero, *starts), (*x.shape[:2], *spans))
        read = lax.slice(read, (0,) * read.ndim, read.shape, strides).reshape(batch, groups, per_group, -1)
        return y + jnp.einsum("goc,bgcn->bgon", products[..., tap], read)

    y = lax.fori_loop(0, math.prod(taps), add, jnp.zeros((batch, groups, outs, math.prod(out)), x.dtype))
    return y.reshape(batch, groups * outs, *out)
