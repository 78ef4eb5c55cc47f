"""Mean and energy of every window of a signal, without cancellation.

Σ x² − (Σ x)²/n loses all its digits where a window is bright and faint at once, and differences of prefix sums lose
them everywhere. Here windows grow out of shorter ones side by side, eight at a time, in log₈ of the length steps per
axis, and means and energies about them merge:

    mean = Σ nᵢ meanᵢ / n        E = Σ Eᵢ + Σ nᵢ (meanᵢ − mean₀)² − n (mean − mean₀)²

of which the last difference loses no more than a factor of eight: mean₀ is that of one of the longest parts. Means are
kept relative to the window's first sample, so that nothing is rounded to the size of an offset or of a slope across the
signal: the error of E is relative to E, whatever lies outside the window, and E of a flat one is exactly 0.

Reference:
    Chan, Golub & LeVeque, Updating formulae and a pairwise algorithm for computing sample variances, 1979.
"""

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.matching.settled import settled

RADIX = 8
"""Windows that are merged in one pass over memory (on a CPU 4 and 8 are about as fast, 2 and 16 slower)."""

Sums = tuple[jax.Array, jax.Array]
"""Means less first samples, and energies."""


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
    sums: Sums | None = None
    # The last axis first: there are fewer samples left for the others, which are read with longer strides.
    for axis, length in reversed(list(enumerate(size, start=2))):
        if length > 1:
            sums = _grow(first, sums, axis, length, width)
            first = lax.slice_in_dim(first, 0, sums[0].shape[axis], axis=axis)
            width *= length
    return Windows(first, *(sums or (jnp.zeros_like(x), jnp.zeros_like(x))))


def _grow(first: jax.Array, level: Sums | None, axis: int, length: int, width: int) -> Sums:
    """Windows of any length along an axis, from those of 1, 8, 64, … that its octal digits name; `width` across it."""
    reach, covered = 1, 0
    parts: list[_Part] = []
    while True:
        digit = length // reach % RADIX
        parts += [_Part(level, covered + i * reach, reach) for i in range(digit)]
        covered += digit * reach
        if length < RADIX * reach:
            return _merged(first, parts, axis, width)
        level = _merged(first, [_Part(level, i * reach, reach) for i in range(RADIX)], axis, width)
        reach *= RADIX


@dataclasses.dataclass(frozen=True)
class _Part:
    """A part of a window: windows of its `length`, which are single samples if None, and where it starts."""

    sums: Sums | None
    start: int
    length: int


def _merged(first: jax.Array, parts: Sequence[_Part], axis: int, width: int) -> Sums:
    """The windows that these parts make up side by side."""
    if len(parts) == 1 and parts[0].sums is not None:
        return parts[0].sums
    total = sum(part.length for part in parts)
    count = first.shape[axis] - total + 1
    levels = list({id(part.sums): part.sums for part in parts if part.sums is not None}.values())

    # In the middle of the longest: between it and the others a slope cancels least.
    longest = [part for part in parts if part.length == parts[-1].length]
    middle = longest[len(longest) // 2]

    def merge(first: jax.Array, *flat: jax.Array) -> Sums:
        known = {id(sums): pair for sums, pair in zip(levels, zip(flat[::2], flat[1::2], strict=True), strict=True)}

        def here(a: jax.Array, start: int) -> jax.Array:
            return lax.slice_in_dim(a, start, start + count, axis=axis)

        def above(part: _Part, start: int, level: Sums | None) -> jax.Array:
            """The part's mean less the sample or, on a level, the mean there; differences of samples, small, first."""
            step = here(first, part.start) - here(first, start)
            step = step if part.sums is None else step + here(known[id(part.sums)][0], part.start)
            return step if level is None else step - here(known[id(level)][0], start)

        pairs = [(part, above(part, middle.start, middle.sums)) for part in parts if part is not middle]
        mean = _sum([step * (part.length / total) for part, step in pairs])
        between = _sum([lax.square(step) * (width * part.length) for part, step in pairs])
        within = [here(known[id(part.sums)][1], part.start) for part in parts if part.sums is not None]
        energy = _sum([*within, between - lax.square(mean) * (width * total)])
        return mean + above(middle, 0, None), energy

    return settled(merge, first, *(a for sums in levels for a in sums))


def _sum(terms: Sequence[jax.Array]) -> jax.Array:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
