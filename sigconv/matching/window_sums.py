"""Mean and energy of every window of a signal, without cancellation.

Σ x² − (Σ x)²/n loses all its digits where a window is bright and faint at once, and differences of prefix sums lose
them everywhere. Here windows grow out of shorter ones side by side, eight at a time, in log₈ of the length steps per
axis, and means and energies about them merge by adding what is never negative:

    mean = Σ nᵢ meanᵢ / n        E = Σ Eᵢ + Σ nᵢ (meanᵢ − mean₀)² − n (mean − mean₀)²

of which the last difference, of at most eight parts, loses no more than a factor of eight. Means are kept relative to the window's first sample, so that nothing is rounded to the size of an offset or of a slope
across the signal: the error of E is relative to E, whatever lies outside the window, and E of a flat one is exactly 0.

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

    def merge(first: jax.Array, *flat: jax.Array) -> Sums:
        known = {id(sums): pair for sums, pair in zip(levels, zip(flat[::2], flat[1::2], strict=True), strict=True)}
        energies, steps = [], []
        base = None
        for part in parts:

            def here(a: jax.Array, start: int = part.start) -> jax.Array:
                return lax.slice_in_dim(a, start, start + count, axis=axis)

            sums = None if part.sums is None else known[id(part.sums)]
            if base is None:
                base = here(first), None if sums is None else here(sums[0])
            else:
                # Differences between neighbours first: they are small where the samples are not.
                step = here(first) - base[0]
                if sums is not None:
                    step = step + here(sums[0])
                steps.append(step if base[1] is None else step - base[1])
            if sums is not None:
                energies.append(here(sums[1]))
        pairs = list(zip(parts[1:], steps, strict=True))
        offset = _sum([step * (part.length / total) for part, step in pairs])
        between = _sum([(width * part.length) * lax.square(step) for part, step in pairs])
        energy = _sum([*energies, between - (width * total) * lax.square(offset)])
        assert base is not None
        return (offset if base[1] is None else offset + base[1]), energy

    return settled(merge, first, *(a for sums in levels for a in sums))


def _sum(terms: Sequence[jax.Array]) -> jax.Array:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
