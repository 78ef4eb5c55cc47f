"""The derivative of total variation as a difference of two positive parts, as a multiplicative step needs it."""

import jax
import jax.numpy as jnp

from sigconv.restore.model import Sight


def pulls(x: jax.Array, sight: Sight, smoothing: jax.Array) -> tuple[jax.Array, jax.Array]:
    """U = Σ g x' over the neighbours x' of a sample and V = x Σ g: V − U is the derivative of total variation.

    g = 1/√(|∇x|² + smoothing²) of the step between the two; none across ends that do not meet. x U/V, the mean of the
    neighbours, is a contraction, where the parts of V − U by its sign make steps that overshoot.
    """
    opens = [_is_open(x, axis, name == "periodic") for axis, name in enumerate(sight.mirrored)]
    # In units of the smoothing: squares of others may leave the range of the dtype, and 0/0 would be left.
    steps = [(jnp.roll(x, -1, axis) - x) * is_open / smoothing for axis, is_open in enumerate(opens)]
    size = smoothing * jnp.sqrt(sum((jnp.square(step) for step in steps), jnp.ones((), x.dtype)))
    gain, loss = jnp.zeros_like(x), jnp.zeros_like(x)
    for axis, is_open in enumerate(opens):
        g = is_open / size
        before = jnp.roll(g, 1, axis)
        gain = gain + g * jnp.roll(x, -1, axis) + before * jnp.roll(x, 1, axis)
        loss = loss + x * (g + before)
    return gain, loss


def _is_open(x: jax.Array, axis: int, is_periodic: bool) -> jax.Array:
    """1 where a sample has one behind it, else 0."""
    if is_periodic:
        return jnp.ones_like(x)
    last = jax.lax.broadcasted_iota(jnp.int32, x.shape, axis) == x.shape[axis] - 1
    return jnp.where(last, 0, 1).astype(x.dtype)
