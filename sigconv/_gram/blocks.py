"""Products of blocks of samples, summed in a loop whose backward pass keeps no block.

A block is what a recipe makes of the features, cast, centred and masked. A loop that is differentiated keeps what its
steps need of the forward pass, for every step: of blocks that would be all the samples once more. So the tangents here
make the block anew, by the recipe; features are there anyway. What a product is differentiated by is a block too, as a
second argument whose value is not read: made of float32, in which XLA adds up derivatives block by block in place.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Index = jax.Array | int
Recipe = Callable[[Any], jax.Array]
"""From what a block is made of to the block, (batch, channel, samples)."""


def sum_of_blocks(term: Callable[[Index, int], jax.Array], count: int, block: int) -> jax.Array:
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


_WIDEST = 128
"""Channels up to which XLA's CPU backend multiplies blocks that lie in the cache faster than the whole: from 3 to 128
channels 1.3 to 2.8 times (measured); with more it shares the whole out to its cores well."""
_CACHED = 2**15
"""Numbers of such a block."""
_FEWEST = 8
"""Blocks that make a loop worth it."""


def value(x: jax.Array, y: jax.Array, dtype: np.dtype, precision: lax.Precision) -> jax.Array:
    """`cross`, in the way that the device is fastest at; to be differentiated as `cross`."""
    batch, channels, samples = x.shape
    block = _CACHED // channels
    is_narrow = max(channels, y.shape[1]) <= _WIDEST and x.dtype == y.dtype == dtype
    if jax.default_backend() != "cpu" or not is_narrow or samples < _FEWEST * block:
        return cross(x, y, dtype, precision)

    def step(total: jax.Array, place: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        picture, start = place
        one, other = (lax.dynamic_slice(a, (picture, 0, start), (1, a.shape[1], block)) for a in (x, y))
        return total.at[picture].add(cross(one, other, dtype, precision)[0]), None

    whole = samples // block
    places = np.indices((batch, whole), np.int32).reshape(2, -1)
    zeros = jnp.zeros((batch, channels, y.shape[1]), dtype)
    total, _ = lax.scan(step, zeros, (jnp.asarray(places[0]), jnp.asarray(places[1]) * block))
    rest = slice(whole * block, samples)
    return total + cross(x[:, :, rest], y[:, :, rest], dtype, precision) if samples % block else total


def read(a: jax.Array, starts: tuple[Index, ...], sizes: tuple[int, ...]) -> jax.Array:
    """A box of an array.

    XLA's CPU backend slices floats of 16 bits as ones of 32, and in a loop it would first make all of the array such
    ones, if it were not told that the array may change with the place.
    """
    at = tuple(jnp.asarray(start, np.int32) for start in starts)
    if jnp.issubdtype(a.dtype, jnp.floating) and a.dtype.itemsize == 2:
        a, at = lax.optimization_barrier((a, at))
    return lax.dynamic_slice(a, at, sizes)


def adjoint(gram: jax.Array) -> jax.Array:
    """The last two axes exchanged, conjugated."""
    return jnp.conj(jnp.swapaxes(gram, -1, -2))


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1, 2))
def own_product(
    recipe: Recipe, dtype: np.dtype, precision: lax.Precision, x: jax.Array, weights: jax.Array | None, source: Any
) -> jax.Array:
    """Σ_m w[m] x[c, m] conj(x[d, m]) of recipe(source), differentiated by x, which is that too.

    The tangent is one product and its adjoint, and so the derivative in reverse mode is one product.

    Shapes:
        x (batch, C, M), weights (batch or 1, 1, M) or None → (batch, C, C).
    """
    made = recipe(source)
    return value(made if weights is None else made * weights, made, dtype, precision)


@own_product.defjvp
def _own_tangent(
    recipe: Recipe, dtype: np.dtype, precision: lax.Precision, primals: Any, tangents: Any
) -> tuple[jax.Array, jax.Array]:
    (x, weights, source), (dx, dw, _) = primals, tangents

    @jax.checkpoint
    def by_samples(dx: jax.Array, weights: jax.Array | None, source: Any) -> jax.Array:
        made = recipe(source).astype(dtype)
        return cross(dx if weights is None else dx * weights, made, dtype, precision)

    @jax.checkpoint
    def by_weights(dw: jax.Array, source: Any) -> jax.Array:
        made = recipe(source)
        return cross(made * dw, made, dtype, precision)

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
    """`cross` of first(source) and second(source), differentiated by x and y, which are these too."""
    return value(first(source), second(source), dtype, precision)


@product.defjvp
def _product_tangent(
    first: Recipe, second: Recipe, dtype: np.dtype, precision: lax.Precision, primals: Any, tangents: Any
) -> tuple[jax.Array, jax.Array]:
    (x, y, source), (dx, dy, _) = primals, tangents
    by_first = jax.checkpoint(lambda dx, source: cross(dx, second(source).astype(dtype), dtype, precision))
    by_second = jax.checkpoint(lambda dy, source: cross(first(source).astype(dtype), dy, dtype, precision))
    total = product(first, second, dtype, precision, x, y, source)
    return total, by_first(dx, source) + by_second(dy, source)
