"""Correlations of features at all lags at once, by transforms long enough that nothing wraps around."""

import jax
import jax.numpy as jnp
import numpy as np

from sigconv._core.dtypes import is_complex
from sigconv._engine.spectra import fast_length
from sigconv._gram.products import divided


def all_lags(x: jax.Array, y: jax.Array, rank: int, *, periodic: bool) -> jax.Array:
    """Σ_n x[n] conj(y[n + δ]) over the last `rank` axes; the axes in front are multiplied as they stand.

    Without wrapping the lags of an axis of length L are −(L − 1) … L − 1, those of `correlation_lags(L, L)`;
    with it 0 … L − 1.
    """
    space = x.shape[x.ndim - rank :]
    axes = tuple(range(-rank, 0))
    points = space if periodic else tuple(fast_length(2 * n - 1) for n in space)
    if is_complex(x.dtype):
        product = jnp.fft.fftn(x, points, axes) * jnp.conj(jnp.fft.fftn(y, points, axes))
        found = jnp.fft.fftn(product, axes=axes, norm="forward")
    else:
        product = jnp.conj(jnp.fft.rfftn(x, points, axes)) * jnp.fft.rfftn(y, points, axes)
        found = jnp.fft.irfftn(product, points, axes)
    if periodic:
        return found
    found = jnp.roll(found, tuple(n - 1 for n in space), axes)
    return found[(..., *(slice(2 * n - 1) for n in space))]


def pair_counts(space: tuple[int, ...], *, periodic: bool) -> np.ndarray:
    """How many pairs of samples lie each lag apart, in the order of `all_lags`."""
    if periodic:
        return np.full(space, float(np.prod(space)))
    counts = np.ones(())
    for n in space:
        counts = counts[..., None] * (n - np.abs(np.arange(1 - n, n)))
    return counts


def pair_weights_of(roots: jax.Array, *, periodic: bool) -> jax.Array:
    """What the pairs of each lag weigh, of samples whose weights are the squares of `roots`, (batch, *space).

    A transform leaves rounding where no pair counts; that is set to 0.
    """
    found = all_lags(roots, roots, roots.ndim - 1, periodic=periodic)
    axes = tuple(range(1, roots.ndim))
    rounding = 8 * jnp.finfo(roots.dtype).eps * jnp.sum(roots * roots, axes, keepdims=True)
    return jnp.where(found > rounding, found, 0)


def per_pair(sums: jax.Array, weights: jax.Array | None, space: tuple[int, ...], *, periodic: bool) -> jax.Array:
    """Sums at all lags divided by what their pairs weigh; 0 where none counts.

    Shapes:
        sums (…, *lags), weights as of `pair_weights_of` but with the axes of `sums`; None where all pairs count alike.
    """
    if weights is not None:
        return divided(sums, weights)
    counts = jnp.asarray(1 / pair_counts(space, periodic=periodic), jnp.finfo(sums.dtype).dtype)
    return sums * counts.reshape(*(1,) * (sums.ndim - counts.ndim), *counts.shape).astype(sums.dtype)
