"""The frequency response of a layer."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.dtypes import common, floating
from sigconv._core.errors import ShapeError
from sigconv._filter.layer import Layer, regrouped


def response(layer: Layer, frequencies: jax.Array) -> jax.Array:
    """H(f) = Σ_t w[t] exp(2πi f·(t·dilation − lo)), a matrix per frequency.

    Shapes:
        frequencies (...) along one axis, (..., rank) along more → (..., out, in).
    """
    rank = layer.rank
    if rank == 1:
        frequencies = frequencies[..., None]
    elif frequencies.ndim == 0 or frequencies.shape[-1] != rank:
        raise ShapeError(
            f"`frequencies` must have one number for each of the {rank} axes last; got shape {frequencies.shape}."
        )
    weights = regrouped(layer.weights, layer.groups, 1)
    real = jnp.finfo(floating(weights)).dtype
    values = weights.astype(common(weights, real, np.complex64))
    f = frequencies.astype(real).reshape(-1, rank)
    lead = frequencies.shape[:-1]
    # One axis after the other: (frequency, out, in, *taps) loses its last axis at each.
    values = jnp.broadcast_to(values[None], (f.shape[0], *values.shape))
    for axis in reversed(range(rank)):
        reads = jnp.arange(layer.taps[axis], dtype=real) * layer.dilation[axis] - layer.lo[axis]
        # Whole turns say nothing: taken off while the product is still small, they cost no digits.
        turns = f[:, axis, None] * reads[None]
        angle = 2 * math.pi * (turns - jnp.round(turns))
        phase = lax.complex(jnp.cos(angle), jnp.sin(angle)).astype(values.dtype)
        shaped = phase.reshape(phase.shape[0], *(1 for _ in values.shape[1:-1]), phase.shape[1])
        values = (values * jnp.broadcast_to(shaped, values.shape)).sum(-1)
    return lax.reshape(values, (*lead, layer.outs, layer.ins))
