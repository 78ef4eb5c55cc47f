"""`associative`: an associative scan over the affine maps z ↦ A z + B x[n], section by section."""

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.iir.powers import product
from sigconv.iir.state_space import in_series

Maps = tuple[jax.Array, jax.Array]
"""A and u of z ↦ A z + u: (n, M, M) and (n, R, M)."""


def associative(b: jax.Array, a: jax.Array, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Filter rows through sections in series.

    Shapes:
        b, a (S, M + 1), x (R, N), state (R, S, M) → (R, N), (R, S, M).
    """
    finals = []
    for section in range(len(b)):
        x, final = _section(b[section : section + 1], a[section : section + 1], x, state[:, section])
        finals.append(final)
    return x, jnp.stack(finals, axis=1)


def _section(b: jax.Array, a: jax.Array, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
    system = in_series(b, a)
    order = len(system.b)
    start = product(state, system.change.T)
    matrix = system.e.value + jnp.eye(order, dtype=x.dtype)
    inputs = x.T[:, :, None] * system.b[None, None]
    # The first map starts from the state, so that every one after it ends at one.
    inputs = inputs.at[0].add(product(start, matrix.T))
    maps = (jnp.broadcast_to(matrix, (x.shape[1], order, order)), inputs)
    after = lax.associative_scan(_composed, maps)[1]
    before = jnp.concatenate([start[None], after[:-1]])
    y = product(before, system.c).T + system.d * x
    return y, product(after[-1], system.restore.T)


def _composed(first: Maps, second: Maps) -> Maps:
    return product(second[0], first[0]), product(first[1], second[0].mT) + second[1]
