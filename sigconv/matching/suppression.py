"""Greedy non-maximum suppression: the highest candidate, then the highest one that is far enough from it, and so on."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def lowest_of(dtype: np.dtype) -> jax.Array:
    """A value that marks what is no candidate: −inf, or the lowest integer."""
    return jnp.asarray(jnp.iinfo(dtype).min if jnp.issubdtype(dtype, jnp.integer) else -jnp.inf, dtype)


def local_maxima(x: jax.Array) -> jax.Array:
    """Which samples none of their 3^d − 1 neighbours exceeds; all of a plateau that no higher sample touches.

    Shapes:
        x (*space) → (*space), bools.
    """
    highest = x
    for axis in range(x.ndim):
        pads = [(int(a == axis), int(a == axis), 0) for a in range(x.ndim)]
        wide = lax.pad(highest, lowest_of(x.dtype), pads)
        shifted = (lax.slice_in_dim(wide, side, side + x.shape[axis], axis=axis) for side in (0, 2))
        for neighbour in shifted:
            highest = jnp.maximum(highest, neighbour)
    return x == highest


def within(shape: tuple[int, ...], border: tuple[int, ...]) -> jax.Array:
    """Which samples are so far from every end.

    Shapes:
        → (*shape), bools.
    """
    inside = jnp.ones(shape, bool)
    for axis, (length, width) in enumerate(zip(shape, border, strict=True)):
        at = lax.broadcasted_iota(np.int32, shape, axis)
        inside &= (at >= width) & (at < length - width)
    return inside


def strongest(x: jax.Array, count: int, distance: tuple[int, ...]) -> tuple[jax.Array, jax.Array]:
    """Where the candidates are that are left, highest first, and whether there was one; of equals the first in order.

    A candidate goes if it is nearer than `distance`, along every axis, to one that was taken. The highest value of
    every row is kept, so that a step reads a column and the rows that it changed and not the whole array.

    Shapes:
        x (*space), `lowest_of` where there is no candidate → (count, rank), (count,).
    """
    nothing = lowest_of(x.dtype)
    reach = tuple(min(d, n) - 1 for d, n in zip(distance, x.shape, strict=True))
    box = tuple(2 * r + 1 for r in reach)
    rest = tuple(range(1, x.ndim))
    left = lax.pad(x, nothing, [(r, r, 0) for r in reach])

    def step(state: tuple[jax.Array, jax.Array], _: None) -> tuple[tuple[jax.Array, jax.Array], tuple]:
        left, highest = state
        row = jnp.argmax(highest).astype(np.int32)
        within_row = jnp.argmax(lax.dynamic_index_in_dim(left, row, keepdims=False)).astype(np.int32)
        at = (row, *jnp.unravel_index(within_row, left.shape[1:])) if rest else (row,)
        corner = tuple(a.astype(np.int32) - r for a, r in zip(at, reach, strict=True))
        found = highest[row] > nothing
        left = lax.dynamic_update_slice(left, jnp.full(box, nothing), corner)
        rows = lax.dynamic_slice_in_dim(left, corner[0], box[0])
        highest = lax.dynamic_update_slice(highest, jnp.max(rows, axis=rest), corner[:1])
        return (left, highest), (jnp.stack(corner), found)

    _, (positions, found) = lax.scan(step, (left, jnp.max(left, axis=rest)), length=count)
    return jnp.where(found[:, None], positions, -1), found
