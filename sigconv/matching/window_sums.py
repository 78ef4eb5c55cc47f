"""Mean and energy of every window of a signal, without cancellation.

Σ x² − (Σ x)²/n loses all its digits where a window is bright and faint at once, and differences of prefix sums lose
them everywhere. Here windows grow out of shorter ones side by side, in log₂ of the length steps per axis, and means and
energies about them merge by adding what is never negative:

    E = E₁ + E₂ + n₁ n₂ / (n₁ + n₂) · (mean₁ − mean₂)²

Means are kept relative to the window's first sample, so that nothing is rounded to the size of an offset or of a slope
across the signal: the error of E is relative to E, whatever lies outside the window, and E of a flat one is exactly 0.

Reference:
    Chan, Golub & LeVeque, Updating formulae and a pairwise algorithm for computing sample variances, 1979.
"""

import dataclasses

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.matching.settled import settled


@dataclasses.dataclass(frozen=True)
class Windows:
    """All windows of one size.

    Attributes:
        first: Their first samples, (batch, channel, *out).
        offset: Their means less these.
        energy: Σ (x − mean)².
    """

    first: jax.Array
    offset: jax.Array
    energy: jax.Array


def windows(x: jax.Array, size: tuple[int, ...]) -> Windows:
    """The windows of `size` samples along the axes after the first two.

    Shapes:
        x (batch, channel, *space) → (batch, channel, *out), out = L − K + 1.
    """
    first, width = x, 1
    sums: tuple[jax.Array, ...] = ()
    # The last axis first: there are fewer samples left for the others, which are read with longer strides.
    for axis, length in reversed(list(enumerate(size, start=2))):

        def along(
            first: jax.Array, *sums: jax.Array, axis: int = axis, length: int = length, width: int = width
        ) -> tuple[jax.Array, jax.Array]:
            offset, energy = sums or (jnp.zeros_like(first), jnp.zeros_like(first))
            grown = _grow(Windows(first, offset, energy), axis, length, width)
            return grown.offset, grown.energy

        sums = settled(along, first, *sums)
        first = lax.slice_in_dim(first, 0, sums[0].shape[axis], axis=axis)
        width *= length
    return Windows(first, *sums)


def _grow(samples: Windows, axis: int, length: int, width: int) -> Windows:
    """Windows of any length along an axis, from those of 1, 2, 4, … that its binary digits name; `width` across it."""
    power, reach = samples, 1
    grown, covered = None, 0
    while True:
        if length & reach:
            grown = power if grown is None else _joined(grown, covered, power, reach, axis, width)
            covered += reach
        if 2 * reach > length:
            assert grown is not None
            return grown
        power = _joined(power, reach, power, reach, axis, width)
        reach *= 2


def _joined(one: Windows, length: int, other: Windows, further: int, axis: int, width: int) -> Windows:
    """All windows that are one of `length` samples and then another of `further`."""
    count = other.offset.shape[axis] - length

    def here(a: jax.Array) -> jax.Array:
        return lax.slice_in_dim(a, 0, count, axis=axis)

    def there(a: jax.Array) -> jax.Array:
        return lax.slice_in_dim(a, length, length + count, axis=axis)

    # Differences between neighbours first: they are small where the samples are not.
    step = (there(other.first) - here(one.first)) + (there(other.offset) - here(one.offset))
    share = further / (length + further)
    energy = here(one.energy) + there(other.energy) + (width * length * share) * step * step
    return Windows(here(one.first), here(one.offset) + share * step, energy)
