"""Coordinates of a picture's colours in which they have mean 0, variance 1 and no correlation."""

import dataclasses

import jax
import jax.numpy as jnp

_FLOOR = 1e-3
"""Least variance along an axis of colour, beside the largest: what differs less is noise, and is not blown up."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Colours:
    """`into` takes colours less their `mean` to the coordinates, `back` from them; all symmetric, (C, C).

    `emphasis` gives the axes of colour back the square roots of their standard deviations: halfway to the colours.
    """

    mean: jax.Array
    into: jax.Array
    back: jax.Array
    emphasis: jax.Array

    def encode(self, picture: jax.Array) -> jax.Array:
        return _mixed(self.into, picture - self.mean[:, None, None])

    def decode(self, coordinates: jax.Array) -> jax.Array:
        return _mixed(self.back, coordinates) + self.mean[:, None, None]


def colours_of(picture: jax.Array) -> Colours:
    """Of a picture (C, H, W). The roots are symmetric: each coordinate stays as near to its colour as it can."""
    samples = picture.reshape(picture.shape[0], -1)
    mean = jnp.mean(samples, 1)
    centred = samples - mean[:, None]
    variances, axes = jnp.linalg.eigh(centred @ centred.T / samples.shape[1])
    deviations = jnp.sqrt(jnp.maximum(variances, _FLOOR * variances[-1]) + jnp.finfo(picture.dtype).tiny)
    roots = jnp.sqrt(deviations / deviations[-1])
    return Colours(mean, *((axes * scale) @ axes.T for scale in (1 / deviations, deviations, roots)))


def _mixed(matrix: jax.Array, picture: jax.Array) -> jax.Array:
    return jnp.einsum("ij,jhw->ihw", matrix, picture, precision="highest")
