"""Where between the samples a peak lies: by a quadratic through its neighbours, through their logarithms, or by DFT."""

import itertools
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np

from sigconv.matching import upsampled
from sigconv.matching.newton import uphill

_GRID = 8
"""Points per sample at which the interpolant is looked at before it is climbed."""

Refined = tuple[jax.Array, jax.Array]


def _quadratic(x: jax.Array, at: jax.Array) -> Refined:
    """By second differences of the 3^d samples about the peak, cross terms included; within a sample of it.

    Shapes:
        x (*space), at (count, rank), integers → (count, rank), (count,).
    """
    return _maximum(_neighbours(x, at))


def _gaussian(x: jax.Array, at: jax.Array) -> Refined:
    """The same through logarithms, exact for a Gaussian peak; through the values where one of them is not positive."""
    near = _neighbours(x, at)
    axes = tuple(range(1, near.ndim))
    is_positive = jnp.all(near > 0, axis=axes, keepdims=True)
    offset, top = _maximum(jnp.where(is_positive, jnp.log(jnp.where(is_positive, near, 1)), near))
    # The maximum of the logarithm may be large where it is none.
    positive = is_positive.reshape(-1)
    return offset, jnp.where(positive, jnp.exp(jnp.where(positive, top, 0)), top)


def _dft(x: jax.Array, at: jax.Array) -> Refined:
    """The maximum, within a sample, of the trigonometric polynomial through all samples; 0 for those not finite."""
    wave = upsampled.waves(jnp.where(jnp.isfinite(x), x, 0))

    def climbed(base: jax.Array) -> Refined:
        here = upsampled.moved(wave, base)
        offset = upsampled.climbed(here, jnp.zeros(x.ndim, x.dtype), _GRID, 1.0)
        return offset, upsampled.value(here, offset)

    return jax.vmap(climbed)(at)


REFINEMENTS: Mapping[str, Callable[[jax.Array, jax.Array], Refined]] = {
    "quadratic": _quadratic,
    "gaussian": _gaussian,
    "dft": _dft,
}
"""Each gives the offset from the sample, and the value there."""


def _neighbours(x: jax.Array, at: jax.Array) -> jax.Array:
    """The 3^d samples about each position, mirrored at the ends so that no slope is seen there.

    Shapes:
        x (*space), at (count, rank) → (count, 3, …, 3).
    """
    rank = x.ndim
    places = []
    for axis, length in enumerate(x.shape):
        step = np.arange(-1, 2, dtype=np.int32).reshape(*(3 if a == axis else 1 for a in range(rank)))
        index = jnp.abs(at[:, axis].reshape(-1, *(1,) * rank) + step[None])
        places.append(jnp.clip((length - 1) - jnp.abs((length - 1) - index), 0, length - 1))
    return x[tuple(places)]


def _maximum(near: jax.Array) -> Refined:
    """Where the quadratic with the differences of these samples is highest, and its value; 0 if one is not finite."""
    rank = near.ndim - 1
    middle = (slice(None), *(1,) * rank)
    centre = near[middle]
    is_finite = jnp.all(jnp.isfinite(near), axis=tuple(range(1, near.ndim)))
    near = jnp.where(is_finite.reshape(-1, *(1,) * rank), near, 0)

    def beside(*moves: tuple[int, int]) -> jax.Array:
        index = [1] * rank
        for axis, move in moves:
            index[axis] = 1 + move
        return near[(slice(None), *index)]

    slopes = [(beside((a, 1)) - beside((a, -1))) / 2 for a in range(rank)]
    rows = [[jnp.zeros_like(centre)] * rank for _ in range(rank)]
    for a in range(rank):
        rows[a][a] = beside((a, 1)) - 2 * near[middle] + beside((a, -1))
    for a, b in itertools.combinations(range(rank), 2):
        cross = (
            beside((a, 1), (b, 1)) + beside((a, -1), (b, -1)) - beside((a, 1), (b, -1)) - beside((a, -1), (b, 1))
        ) / 4
        rows[a][b] = rows[b][a] = cross
    gradient = jnp.stack(slopes, axis=-1)
    hessian = jnp.stack([jnp.stack(row, axis=-1) for row in rows], axis=-2)
    offset = uphill(gradient, hessian, 1.0)
    bent = jnp.sum(hessian * offset[:, None, :], axis=-1)
    return offset, centre + jnp.sum(offset * (gradient + bent / 2), axis=-1)
