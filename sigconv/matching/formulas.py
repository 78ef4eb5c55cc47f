"""From sums over windows to scores: one formula each, with no 0/0 in its value or its derivatives."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.matching.moments import Moments


@dataclasses.dataclass(frozen=True)
class Score:
    """A row of the table.

    Attributes:
        formula: From moments to the map; None where the score is not made of these.
        is_distance: Whether the best match has the lowest value.
    """

    formula: Callable[[Moments], jax.Array] | None
    is_distance: bool = False


def _ssd(m: Moments) -> jax.Array:
    return _not_below_zero(m.distance)


def _ssd_normed(m: Moments) -> jax.Array:
    scale = _inverse_root(m.power, m.noise) * _inverse_root(m.template_power, m.template_noise)
    return jnp.where(scale == 0, 1, _not_below_zero(m.distance) * scale)


def _ncc(m: Moments) -> jax.Array:
    return _ratio(m.raw_product, m.power, m.noise, m.template_power, m.template_noise)


def _zncc(m: Moments) -> jax.Array:
    return _ratio(m.product, m.energy, m.noise, m.template_energy, m.template_noise)


SCORES: Mapping[str, Score] = {
    "ssd": Score(_ssd, is_distance=True),
    "ssd_normed": Score(_ssd_normed, is_distance=True),
    "ccorr": Score(lambda m: m.raw_product),
    "ncc": Score(_ncc),
    "ccoeff": Score(lambda m: m.product),
    "zncc": Score(_zncc),
    "sad": Score(None, is_distance=True),
    "phase": Score(None),
}
"""Every score by name."""


def apply(score: Score, m: Moments) -> jax.Array:
    """The map; where too little of the template lies on the image, 0, or infinity for a distance."""
    assert score.formula is not None
    y = score.formula(m)
    return y if m.is_seen is None else unseen(y, m.is_seen, score)


def unseen(y: jax.Array, is_seen: jax.Array, score: Score) -> jax.Array:
    """The map with the worst value where too little of the template is seen."""
    return jnp.where(is_seen, y, jnp.inf if score.is_distance else 0)


def _ratio(
    product: jax.Array, energy: jax.Array, noise: jax.Array, template_energy: jax.Array, template_noise: jax.Array
) -> jax.Array:
    """The product over the root of both energies, in [−1, 1]; 0 where one of them is rounding alone."""
    y = product * _inverse_root(energy, noise) * _inverse_root(template_energy, template_noise)
    # Only the value is clipped: a match that rounding takes beyond 1 keeps its derivatives.
    return y - lax.stop_gradient(y - jnp.clip(y, -1, 1))


@jax.custom_jvp
def _inverse_root(energy: jax.Array, noise: jax.Array) -> jax.Array:
    """1/√energy, 0 where that is not above the noise."""
    is_flat = energy <= noise
    return jnp.where(is_flat, 0, lax.rsqrt(jnp.where(is_flat, 1, energy)))


@_inverse_root.defjvp
def _tangent(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    """y = 1/√e has the derivative −y³/2, which is 0 in flat windows too; the noise is no variable."""
    y = _inverse_root(*primals)
    return y, -0.5 * (y * (y * (y * tangents[0])))


def _not_below_zero(y: jax.Array) -> jax.Array:
    return y - lax.stop_gradient(jnp.minimum(y, 0))
