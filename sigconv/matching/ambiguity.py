"""Which of the shifts that differ by the length of the image it is, as a periodic correlation cannot tell."""

import itertools

import jax
import jax.numpy as jnp
from jax import lax

_LEAST = 3
"""Samples that two parts must share to be compared."""


def unwrapped(x: jax.Array, y: jax.Array, shift: jax.Array) -> jax.Array:
    """The shift modulo the image at which the parts of x and of y shifted that then overlap correlate best.

    Rolled by the shift, y falls into 2^d parts along the seams: each is where the two overlap for one of the shifts.

    Shapes:
        x, y (*space), shift (rank,) → (rank,).
    """
    rank = x.ndim
    lengths = jnp.asarray(x.shape, shift.dtype)
    positive = jnp.mod(shift, lengths)
    seam = jnp.round(lax.stop_gradient(positive)).astype(jnp.int32)
    rolled = jnp.roll(y, tuple(seam), tuple(range(rank)))
    choices = list(itertools.product((0, 1), repeat=rank))
    scores = []
    for choice in choices:
        part = jnp.ones(x.shape, bool)
        for axis, is_behind in enumerate(choice):
            at = lax.broadcasted_iota(jnp.int32, x.shape, axis)
            part &= (at < seam[axis]) if is_behind else (at >= seam[axis])
        scores.append(_correlation(lax.stop_gradient(x), lax.stop_gradient(rolled), part))
    best = jnp.asarray(choices, shift.dtype)[jnp.argmax(jnp.stack(scores))]
    return positive - best * lengths


def _correlation(x: jax.Array, y: jax.Array, part: jax.Array) -> jax.Array:
    """Pearson's coefficient over a part; −1 where there is nothing to compare."""
    count = jnp.sum(part)
    weights = part.astype(x.dtype)
    share = 1 / jnp.maximum(count, 1).astype(x.dtype)
    x, y = (weights * (a - jnp.sum(a * weights) * share) for a in (x, y))
    energy = jnp.real(jnp.vdot(x, x)) * jnp.real(jnp.vdot(y, y))
    is_usable = (count >= _LEAST) & (energy > 0)
    return jnp.where(is_usable, jnp.real(jnp.vdot(y, x)) * lax.rsqrt(jnp.where(is_usable, energy, 1)), -1)
