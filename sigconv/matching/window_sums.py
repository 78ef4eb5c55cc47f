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
import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.matching.settled import settled
from sigconv.matching.window_gradients import spread
from sigconv.matching.window_growth import Part, grow, total

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
    out = tuple(n - k + 1 for n, k in zip(x.shape[2:], size, strict=True))
    return Windows(lax.slice(x, (0,) * x.ndim, (*x.shape[:2], *out)), *_sums(x, size))


def only_window(x: jax.Array) -> Windows:
    """The window that holds all samples: (batch, channel, *space) → (batch, channel, 1, …, 1)."""
    axes = tuple(range(2, x.ndim))
    first = lax.slice(x, (0,) * x.ndim, (*x.shape[:2], *(1,) * len(axes)))
    rest = x - first
    offset = jnp.mean(rest, axis=axes, keepdims=True)
    return Windows(first, offset, jnp.sum(lax.square(rest - offset), axis=axes, keepdims=True))


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def _sums(x: jax.Array, size: tuple[int, ...]) -> Sums:
    first, width = x, 1
    sums: Sums | None = None
    # The last axis first: there are fewer samples left for the others, which are read with longer strides.
    for axis, length in reversed(list(enumerate(size, start=2))):
        if length > 1:
            sums = grow(sums, length, functools.partial(_merged, first, axis, width))
            first = lax.slice_in_dim(first, 0, x.shape[axis] - length + 1, axis=axis)
            width *= length
    return sums or (jnp.zeros_like(x), jnp.zeros_like(x))


@_sums.defjvp
def _tangent(size: tuple[int, ...], primals: Any, tangents: Any) -> tuple[Sums, Sums]:
    """Reverse mode evaluates the transpose of this, so that it is written as the transpose of what that should be."""
    (x,), (dx,) = primals, tangents
    offset, energy = _sums(x, size)
    tangent = jax.linear_transpose(lambda sums: spread(x, offset, size, *sums), (offset, energy))
    return (offset, energy), tangent(dx)[0]


def _merged(first: jax.Array, axis: int, width: int, levels: Sequence[Sums | None], parts: Sequence[Part]) -> Sums:
    """The windows that these parts make up side by side along an axis; `width` samples across it."""
    length = sum(part.length for part in parts)
    count = first.shape[axis] - length + 1

    # In the middle of the longest: between it and the others a slope cancels least.
    longest = [part for part in parts if part.length == parts[-1].length]
    middle = longest[len(longest) // 2]

    def merge(first: jax.Array, levels: Sequence[Sums | None]) -> Sums:
        def here(a: jax.Array, start: int) -> jax.Array:
            return lax.slice_in_dim(a, start, start + count, axis=axis)

        def above(part: Part, start: int, level: Sums | None) -> jax.Array:
            """The part's mean less the sample or, on a level, the mean there; differences of samples, small, first."""
            step = here(first, part.start) - here(first, start)
            own = levels[part.level]
            step = step if own is None else step + here(own[0], part.start)
            return step if level is None else step - here(level[0], start)

        pairs = [(part, above(part, middle.start, levels[middle.level])) for part in parts if part is not middle]
        mean = total([step * (part.length / length) for part, step in pairs])
        between = total([lax.square(step) * (width * part.length) for part, step in pairs])
        within = [here(own[1], part.start) for part in parts if (own := levels[part.level]) is not None]
        energy = total([*within, between - lax.square(mean) * (width * length)])
        return mean + above(middle, 0, None), energy

    return settled(merge, first, levels)
