"""The derivative of total variation, and how it enters a multiplicative step."""

import jax
import jax.numpy as jnp

from sigconv.restore.model import Sight


def curvature(x: jax.Array, sight: Sight, smoothing: jax.Array) -> jax.Array:
    """div(∇x / √(|∇x|² + smoothing²)): less the derivative of total variation, without steps across open ends."""
    # In units of the smoothing: squares of others may leave the range of the dtype, and 0/0 would be left.
    steps = [_step(x, axis, name == "periodic") / smoothing for axis, name in enumerate(sight.mirrored)]
    size = jnp.sqrt(sum((jnp.square(step) for step in steps), jnp.ones((), x.dtype)))
    parts = (_back(step / size, axis) for axis, step in enumerate(steps))
    return sum(parts, jnp.zeros_like(x))


def _step(x: jax.Array, axis: int, is_periodic: bool) -> jax.Array:
    """x[n + 1] − x[n]; at the last sample 0 where the ends do not meet."""
    step = jnp.roll(x, -1, axis) - x
    if is_periodic:
        return step
    last = jax.lax.broadcasted_iota(jnp.int32, x.shape, axis) == x.shape[axis] - 1
    return jnp.where(last, 0, step)


def _back(flow: jax.Array, axis: int) -> jax.Array:
    """Less the transpose of `_step`; the flow across ends that do not meet is 0 already."""
    return flow - jnp.roll(flow, 1, axis)
