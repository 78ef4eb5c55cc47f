"""Products of blocks of samples, summed in a loop whose backward pass keeps no block.

A block is what a recipe makes of the features, cast, centred and masked. A loop that is differentiated keeps what its
steps need of the forward pass, for every step: of blocks that would be all the samples once more. So the tangents here
make the block anew, by the recipe; features are there anyway.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Recipe = Callable[[Any], jax.Array]
"""From what a block is made of to the block, (batch, channel, samples)."""


def sum_of_blocks(term: Callable[[jax.Array | int, int], jax.Array], count: int, block: int) -> jax.Array:
    """Σ term(start, length) over the blocks of `count` samples; the last may be shorter."""
    whole, rest = divmod(count, block)
    if whole < 2:
        total = term(0, min(count, block))
        return total + term(block, rest) if whole and rest else total
    like = jax.eval_shape(lambda: term(0, block))
    starts = jnp.arange(whole, dtype=np.int32) * block
    total, _ = lax.scan(lambda t, start: (t + term(start, block), None), jnp.zeros(like.shape, like.dtype), starts)
    return total + term(whole * block, rest) if rest else total


def cross(x: jax.Array, y: jax.Array, dtype: np.dtype, precision: lax.Precision) -> jax.Array:
    """Σ_m x[c, m] conj(y[d, m]), added up in `dtype`.

    Shapes:
        x (batch, C, M), y (batch, D, M) → (batch, C, D).
    """
    return lax.dot_general(
        x, jnp.conj(y), (((2,), (2,)), ((0,), (0,))), precision=precision, preferred_element_type=dtype
    )


def adjoint(gram: jax.Array) -> jax.Array:
    """The last two axes exchanged, conjugated."""
    return jnp.conj(jnp.swapaxes(gram, -1, -2))


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1, 2))
def own_product(
    recipe: Recipe, dtype: np.dtype, precision: lax.Precision, x: jax.Array, weights: jax.Array | None, source: Any
) -> jax.Array:
    """Σ_m w[m] x[c, m] conj(x[d, m]) of x = recipe(source).

    The tangent is one product and its adjoint, and so the derivative in reverse mode is one product.

    Shapes:
        x (batch, C, M), weights (batch or 1, 1, M) or None → (batch, C, C).
    """
    return cross(x if weights is None else x * weights, x, dtype, precision)


@own_product.defjvp
def _own_tangent(
    recipe: Recipe, dtype: np.dtype, precision: lax.Precision, primals: Any, tangents: Any
) -> tuple[jax.Array, jax.Array]:
    (x, weights, source), (dx, dw, _) = primals, tangents

    @jax.checkpoint
    def by_samples(dx: jax.Array, weights: jax.Array | None, source: Any) -> jax.Array:
        return cross(dx if weights is None else dx * weights, recipe(source), dtype, precision)

    @jax.checkpoint
    def by_weights(dw: jax.Array, source: Any) -> jax.Array:
        x = recipe(source)
        return cross(x * dw, x, dtype, precision)

    half = by_samples(dx, weights, source)
    tangent = half + adjoint(half)
    if weights is not None:
        tangent = tangent + by_weights(dw, source)
    return own_product(recipe, dtype, precision, x, weights, source), tangent


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1, 2, 3))
def product(
    first: Recipe,
    second: Recipe,
    dtype: np.dtype,
    precision: lax.Precision,
    x: jax.Array,
    y: jax.Array,
    source: Any,
) -> jax.Array:
    """`cross` of x = first(source) and y = second(source)."""
    return cross(x, y, dtype, precision)


@product.defjvp
def _product_tangent(
    first: Recipe, second: Recipe, dtype: np.dtype, precision: lax.Precision, primals: Any, tangents: Any
) -> tuple[jax.Array, jax.Array]:
    (x, y, source), (dx, dy, _) = primals, tangents
    by_first = jax.checkpoint(lambda dx, source: cross(dx, second(source), dtype, precision))
    by_second = jax.checkpoint(lambda dy, source: cross(first(source), dy, dtype, precision))
    value = product(first, second, dtype, precision, x, y, source)
    return value, by_first(dx, source) + by_second(dy, source)
