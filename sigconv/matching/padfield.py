"""Correlation normalized over the samples of both masks, at every lag, all of it from six transforms.

With masks m, of images that are 0 where theirs is, at every lag d and with sums over n:

    count = Σ m_x m_y[n−d]      s_x = Σ x m_y[n−d]      s_y = Σ m_x y[n−d]      (likewise of x², y² and of x y)
    ρ = (Σ xy − s_x s_y / count) / √((Σ x² − s_x² / count) (Σ y² − s_y² / count))

Reference:
    Padfield, "Masked object registration in the Fourier domain", IEEE Trans. Image Processing 21 (5), 2012.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._engine.spectra import fast_length
from sigconv.matching import upsampled
from sigconv.matching.subsample import REFINEMENTS
from sigconv.matching.upsampled import Waves

_ROUNDINGS = 64
"""An energy within so many roundings of the whole image's is none."""


def masked_shift(
    x: jax.Array, y: jax.Array, x_mask: jax.Array, y_mask: jax.Array, *, overlap: float, upsampling: int
) -> tuple[jax.Array, jax.Array]:
    """The d at which x[n] is most like y[n − d] where both have their mask, and ρ there.

    Shapes:
        x and x_mask (*space), y and y_mask (*space) → (rank,), ().
    """
    sums = _sums(x, y, x_mask, y_mask)
    scores = jnp.moveaxis(jax.vmap(upsampled.samples)(sums), 0, -1)
    least = _least(scores, overlap)
    rho = _ratio(scores, least)
    place = jnp.stack(jnp.unravel_index(jnp.argmax(rho), rho.shape)).astype(np.int32)
    base = jnp.where(place >= jnp.asarray(x.shape, np.int32), place - jnp.asarray(rho.shape, np.int32), place).astype(
        x.dtype
    )
    if upsampling == 1:
        return base, rho[tuple(place)]
    here = jax.vmap(upsampled.moved, in_axes=(0, None))(sums, place)
    points = jnp.asarray(np.arange(-upsampling, upsampling + 1) / upsampling, x.dtype)
    fine = jax.vmap(lambda wave: upsampled.between(wave, [points] * x.ndim))(here)
    near = _ratio(jnp.moveaxis(fine, 0, -1), least)
    at = jnp.stack(jnp.unravel_index(jnp.argmax(near), near.shape)).astype(np.int32)
    offset, score = REFINEMENTS["quadratic"](near, at[None])
    return base + (at - upsampling).astype(x.dtype) / upsampling + offset[0] / upsampling, score[0]


def masked_scores(x: jax.Array, y: jax.Array, x_mask: jax.Array, y_mask: jax.Array, *, overlap: float) -> jax.Array:
    """ρ at every lag, from −(length of y − 1) on.

    Shapes:
        → (*lags), as many as the lengths of x and y less 1.
    """
    scores = jnp.moveaxis(jax.vmap(upsampled.samples)(_sums(x, y, x_mask, y_mask)), 0, -1)
    rho = _ratio(scores, _least(scores, overlap))
    axes = tuple(range(x.ndim))
    rho = jnp.roll(rho, tuple(k - 1 for k in y.shape), axes)
    return lax.slice(rho, (0,) * x.ndim, tuple(n + k - 1 for n, k in zip(x.shape, y.shape, strict=True)))


def _sums(x: jax.Array, y: jax.Array, x_mask: jax.Array, y_mask: jax.Array) -> Waves:
    """The waves of the count and of the five sums, in front."""
    shape = tuple(fast_length(n + k - 1) for n, k in zip(x.shape, y.shape, strict=True))
    of_x, of_y = (
        jax.vmap(lambda a: upsampled.waves(a, shape))(jnp.stack([m, c, c * c]))
        for m, c in ((m, _centred(a, m)) for a, m in ((x, x_mask), (y, y_mask)))
    )
    pairs = np.array([[0, 0], [1, 0], [0, 1], [2, 0], [0, 2], [1, 1]])
    values = of_x.values[pairs[:, 0]] * jnp.conj(of_y.values[pairs[:, 1]]) * math.prod(shape)
    return Waves(values, shape, of_x.is_real)


def _centred(x: jax.Array, mask: jax.Array) -> jax.Array:
    """The samples of the mask less their mean, over their norm; 0 elsewhere, whatever is there."""
    is_there = mask > 0
    x = jnp.where(is_there, x, 0)
    count = jnp.maximum(jnp.sum(mask), 1)
    x = jnp.where(is_there, x - jnp.sum(x) / count, 0)
    energy = jnp.sum(x * x)
    return x * jnp.where(energy == 0, 0, lax.rsqrt(jnp.where(energy == 0, 1, energy)))


def _least(sums: jax.Array, overlap: float) -> jax.Array:
    """The samples that must lie on each other; half a one is left for rounding."""
    most = lax.stop_gradient(jnp.round(jnp.max(sums[..., 0])))
    return jnp.maximum(jnp.ceil(overlap * most), 1) - 0.5


def _ratio(sums: jax.Array, least: jax.Array) -> jax.Array:
    """ρ; 0 where the overlap is less than `least` or one of the parts is flat.

    Shapes:
        sums (*lags, 6) → (*lags).
    """
    count, s_x, s_y, q_x, q_y, p = (sums[..., i] for i in range(6))
    is_enough = count >= least
    share = 1 / jnp.where(is_enough, count, 1)
    noise = _ROUNDINGS * float(jnp.finfo(sums.dtype).eps)
    e_x, e_y = q_x - s_x * s_x * share, q_y - s_y * s_y * share
    is_usable = is_enough & (e_x > noise) & (e_y > noise)
    energies = jnp.where(is_usable, e_x * e_y, 1)
    return jnp.where(is_usable, (p - s_x * s_y * share) * lax.rsqrt(energies), 0)
