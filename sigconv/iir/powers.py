"""Powers of a matrix I + E, kept as what they differ from I by.

Low frequencies have their poles near 1. There (I + E)ᵏ worked out as such loses k·ε, and k is as large as the filter's
memory; E has its own exponent, and E(j + k) = E(j) + E(k) + E(j) E(k) loses next to nothing.
"""

import jax
import jax.numpy as jnp


def product(x: jax.Array, y: jax.Array) -> jax.Array:
    """The product of matrices at full precision."""
    return jnp.matmul(x, y, precision="highest")


def power(e: jax.Array, n: int) -> jax.Array:
    """(I + E)ⁿ − I for n ≥ 1, by squares; no higher power is worked out on the way.

    Shapes:
        (M, M) → (M, M).
    """
    total = None
    square = e
    while True:
        if n & 1:
            total = square if total is None else total + square + product(total, square)
        n >>= 1
        if not n:
            assert total is not None
            return total
        square = 2 * square + product(square, square)


def powers(e: jax.Array, n: int) -> jax.Array:
    """(I + E)ᵏ − I for k = 1 … n.

    Shapes:
        (M, M) → (n, M, M).
    """
    found, square = e[None], e
    while len(found) < n:
        if len(found) > 1:
            square = 2 * square + product(square, square)
        first = found[: n - len(found)]
        flat = product(first.reshape(-1, e.shape[0]), square).reshape(first.shape)
        found = jnp.concatenate([found, first + square[None] + flat])
    return found


def rows(row: jax.Array, e: jax.Array, n: int) -> jax.Array:
    """row (I + E)ᵏ for k = 0 … n − 1.

    Shapes:
        row (M,), e (M, M) → (n, M).
    """
    found, square = row[None], e
    while len(found) < n:
        if len(found) > 1:
            square = 2 * square + product(square, square)
        first = found[: n - len(found)]
        found = jnp.concatenate([found, first + product(first, square)])
    return found
