"""How far two pictures' statistics are apart: from what `statistics` gives to one number."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sigconv._core.errors import OptionError
from sigconv.style.transport import Gaussian

Distance = Callable[[Any, Any], jax.Array]

_RIDGE = 1e-4
"""What is added to the diagonal of covariances, which may be singular."""
_ITERATIONS = 12
_TINY = 1e-8


def mean(one: Any, other: Any) -> jax.Array:
    """The mean of squared differences; of several arrays the sum of their means."""
    return _sum_over_leaves(lambda d: jnp.mean(_squared(d)), one, other)


def quarter_mean(one: Any, other: Any) -> jax.Array:
    """A quarter of `mean`."""
    return mean(one, other) / 4


def total(one: Any, other: Any) -> jax.Array:
    """The sum of squared differences: the square of Frobenius' norm."""
    return _sum_over_leaves(lambda d: jnp.sum(_squared(d)), one, other)


def half_total(one: Any, other: Any) -> jax.Array:
    """A half of `total`."""
    return total(one, other) / 2


def scale_free(one: Any, other: Any) -> jax.Array:
    """Σ d² / Σ |d|: grows as the differences do, and its gradient not at all."""
    return _sum_over_leaves(lambda d: jnp.sum(_squared(d)) / (jnp.sum(jnp.abs(d)) + _TINY), one, other)


def w2(one: Gaussian, other: Gaussian) -> jax.Array:
    """Wasserstein's distance of two Gaussians, squared, per channel; their covariances get 1e-4 on the diagonal.

    |μ − ν|² + tr(A + B − 2 (B^½ A B^½)^½), over C, with roots by Newton's iteration.
    """
    if not isinstance(one, Gaussian) or not isinstance(other, Gaussian):
        raise OptionError("`distance` must be another than 'w2' unless the statistic is 'moments'; got 'w2'.")
    ridge = _RIDGE * jnp.eye(one.mean.shape[0], dtype=one.covariance.dtype)
    a, b = one.covariance + ridge, other.covariance + ridge
    root = square_root(b)
    between = square_root(_times(_times(root, a), root))
    moved = jnp.mean(_squared(one.mean - other.mean))
    return moved + jnp.real(jnp.trace(a + b - 2 * between)) / one.mean.shape[0]


def sorted_mean(one: jax.Array, other: jax.Array) -> jax.Array:
    """The mean of squared differences of sorted numbers; of the longer row as many quantiles as the shorter has."""
    length = min(one.shape[-1], other.shape[-1])
    return mean(_quantiles(one, length), _quantiles(other, length))


def square_root(a: jax.Array) -> jax.Array:
    """The root of a positive semidefinite matrix, by twelve coupled Newton–Schulz iterations.

    Reference:
        Higham, Functions of Matrices, 2008, section 6.7; Li, Xie, Wang & Zuo, "Is second-order information helpful for
        large-scale visual recognition?", 2017.
    """
    identity = jnp.eye(a.shape[0], dtype=a.dtype)
    norm = jnp.sqrt(jnp.sum(_squared(a))).astype(a.dtype)
    y, z = a / norm, identity
    for _ in range(_ITERATIONS):
        step = (3 * identity - _times(z, y)) / 2
        y, z = _times(y, step), _times(step, z)
    return y * jnp.sqrt(norm)


DISTANCES: Mapping[str, Distance] = {
    "mean": mean,
    "quarter_mean": quarter_mean,
    "sum": total,
    "half_sum": half_total,
    "scale_free": scale_free,
    "w2": w2,
    "sorted_mean": sorted_mean,
}


def _times(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.matmul(a, b, precision="highest")


def _squared(d: jax.Array) -> jax.Array:
    return jnp.square(jnp.real(d)) + jnp.square(jnp.imag(d)) if jnp.iscomplexobj(d) else jnp.square(d)


def _sum_over_leaves(reduce: Callable[[jax.Array], jax.Array], one: Any, other: Any) -> jax.Array:
    parts = jax.tree.leaves(jax.tree.map(lambda a, b: reduce(a - b), one, other))
    return functools.reduce(jnp.add, parts)


def _quantiles(rows: jax.Array, length: int) -> jax.Array:
    """Sorted rows at so many places evenly between their ends, by straight lines."""
    many = rows.shape[-1]
    if many == length:
        return rows
    places = np.clip((np.arange(length) + 0.5) * (many / length) - 0.5, 0, many - 1)
    low = np.floor(places).astype(np.int32)
    high = np.minimum(low + 1, many - 1)
    share = jnp.asarray(places - low, rows.dtype)[None]
    return rows[:, low] * (1 - share) + rows[:, high] * share
