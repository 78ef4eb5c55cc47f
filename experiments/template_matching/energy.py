"""The energy of every window about its own mean, without cancellation.

Σ x² − (Σ x)²/n loses all its digits where a window is bright and faint at once, and scores then leave [−1, 1]. Here
windows grow out of shorter ones side by side, whose means and energies E merge by adding what is never negative:

    E = E₁ + E₂ + n₁ n₂ / (n₁ + n₂) · (mean₁ − mean₂)²

Doubling takes log₂ of the length steps per axis.

Reference:
    Chan, Golub & LeVeque, Updating formulae and a pairwise algorithm for computing sample variances, 1979.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import lax


@dataclass(frozen=True)
class _Windows:
    """Means and energies of all windows of `length` samples along one axis; each stands for `width` samples across."""

    mean: jax.Array
    energy: jax.Array
    length: int
    width: int
    axis: int

    def followed_by(self, other: "_Windows") -> "_Windows":
        """All windows that are one of these and then one of the others."""
        axis, length = self.axis, self.length + other.length
        outputs = other.mean.shape[axis] - self.length

        def first(a: jax.Array) -> jax.Array:
            return lax.slice_in_dim(a, 0, outputs, axis=axis)

        def second(a: jax.Array) -> jax.Array:
            return lax.slice_in_dim(a, self.length, self.length + outputs, axis=axis)

        step = second(other.mean) - first(self.mean)
        share = other.length / length
        energy = first(self.energy) + second(other.energy) + self.width * self.length * share * step * step
        return _Windows(first(self.mean) + share * step, energy, length, self.width, axis)


def window_energy(x: jax.Array, size: tuple[int, int]) -> jax.Array:
    """Σ (x − mean)² over each h×w window of the last two axes: (..., H, W) → (..., H − h + 1, W − w + 1)."""
    windows = _grow(_Windows(x, jnp.zeros_like(x), 1, 1, x.ndim - 1), size[1])
    windows = _grow(_Windows(windows.mean, windows.energy, 1, size[1], x.ndim - 2), size[0])
    return windows.energy


def _grow(samples: _Windows, length: int) -> _Windows:
    """Windows of any length, from those of 1, 2, 4, … samples that its binary digits name."""
    power, grown = samples, None
    while True:
        if length & power.length:
            grown = power if grown is None else grown.followed_by(power)
        if 2 * power.length > length:
            assert grown is not None
            return grown
        power = power.followed_by(power)
