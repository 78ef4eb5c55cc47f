"""Powers of a matrix I + E, kept as what they differ from I by, and while they are squared in parts.

Low frequencies have their poles near 1. There (I + E)ᵏ worked out as such loses k·ε, and k is as large as the filter's
memory; E has its own exponent, and E(j + k) = E(j) + E(k) + E(j) E(k) loses next to nothing. Elsewhere on the circle E
is not small, and it is the parts that lose nothing.
"""

import jax
import jax.numpy as jnp

from sigconv.iir.parts import Parts, settled


def product(x: jax.Array, y: jax.Array) -> jax.Array:
    """The product of matrices at full precision."""
    return jnp.matmul(x, y, precision="highest")


def doublings(e: Parts, n: int) -> list[Parts]:
    """(I + E)ᵏ − I for k = 1, 2, 4, … up to n; no higher power is worked out."""
    found = [e]
    while 2 ** len(found) <= n:
        found.append(_followed(found[-1], found[-1]))
    return found


def power(squares: list[Parts], n: int) -> Parts:
    """(I + E)ⁿ − I for n ≥ 1, from `doublings`."""
    first, *others = (square for i, square in enumerate(squares) if n >> i & 1)
    for square in others:
        first = _followed(first, square)
    return first


def powers(squares: list[Parts], n: int) -> jax.Array:
    """(I + E)ᵏ − I for k = 1 … n, from `doublings`.

    Shapes:
        (M, M) → (n, M, M).
    """
    found = squares[0].value[None]
    for square in (s.value for s in squares):
        first = found[: n - len(found)]
        flat = product(first.reshape(-1, first.shape[-1]), square).reshape(first.shape)
        found = jnp.concatenate([found, first + square[None] + flat])
    return found


def rows(row: jax.Array, squares: list[jax.Array], n: int) -> jax.Array:
    """row (I + E)ᵏ for k = 0 … n − 1, from the values of `doublings`.

    Shapes:
        row (M,), (M, M) → (n, M).
    """
    found = row[None]
    for square in squares:
        first = found[: n - len(found)]
        found = jnp.concatenate([found, first + product(first, square)])
    return found


def _followed(first: Parts, second: Parts) -> Parts:
    """(I + E)(I + F) − I = E + F + EF."""
    exact = first.coarse + second.coarse + product(first.coarse, second.coarse)
    left, right = jnp.concatenate([first.fine, first.value], 1), jnp.concatenate([second.coarse, second.fine])
    return settled(exact, first.fine + second.fine + product(left, right))
