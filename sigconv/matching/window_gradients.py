"""What windows give back to their samples: the adjoint of the derivatives of their means and energies.

A sample lies in as many windows as one has samples. With cotangents g of the energies and h of the means less first
samples, of windows n of N samples, sample m gets

    Σ_{n ∋ m} (2 g[n] (x[m] − mean[n]) + h[n] / N) − h[m]

where n goes over a window again, of places, of which m is the last. Such sums grow as energies do; about the last place
n₀ of each they are

    A = Σ 2 g[n]        D = Σ (2 g[n] (mean[n] − mean[n₀]) − h[n] / N)        A (x[m] − mean[m]) − D − h[m]

in which only means of windows near each other are subtracted: nothing is lost to an offset or a slope across the image.
"""

import functools
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.matching.settled import settled
from sigconv.matching.window_growth import Part, grow, total

Sums = tuple[jax.Array, jax.Array]
"""A and D."""


def spread(
    x: jax.Array, offset: jax.Array, size: tuple[int, ...], of_offset: jax.Array, of_energy: jax.Array
) -> jax.Array:
    """The cotangent of x from those of its windows; linear in them.

    Shapes:
        x (batch, channel, *space); offset, of_offset, of_energy (batch, channel, *out) → like x.
    """
    # Places beyond the ends have no window, and weigh nothing.
    before, after = [k - 1 for k in size], [0] * len(size)
    first, offset = settled(lambda x, o: (_padded(x, before, after), _padded(o, before, before)), x, offset)
    sums = _padded(2 * of_energy, before, before), _padded(of_offset / -math.prod(size), before, before)
    for axis, length in reversed(list(enumerate(size, start=2))):
        if length > 1:
            sums = grow(sums, length, functools.partial(_merged, (first, offset), axis))
            first, offset = (lax.slice_in_dim(a, length - 1, None, axis=axis) for a in (first, offset))
    return -sums[0] * offset - sums[1] - _padded(of_offset, after, before)


def _padded(a: jax.Array, before: Sequence[int], after: Sequence[int]) -> jax.Array:
    """With zeros along the axes after the first two."""
    pads = ((lo, hi, 0) for lo, hi in zip(before, after, strict=True))
    return lax.pad(a, jnp.zeros((), a.dtype), ((0, 0, 0), (0, 0, 0), *pads))


def _merged(means: tuple[jax.Array, jax.Array], axis: int, levels: Sequence[Sums], parts: Sequence[Part]) -> Sums:
    """The sums that these parts make up side by side along an axis; the means are first samples and offsets."""
    last = parts[-1].start + parts[-1].length - 1
    count = means[0].shape[axis] - last

    def here(a: jax.Array, start: int) -> jax.Array:
        return lax.slice_in_dim(a, start, start + count, axis=axis)

    def step(part: Part) -> jax.Array:
        """The mean at the part's last place above that at the last of all; differences of samples, small, first."""
        first, offset = (here(a, part.start + part.length - 1) - here(a, last) for a in means)
        return first + offset

    def merge(levels: Sequence[Sums], moved: jax.Array) -> Sums:
        weights, rests = ([here(levels[part.level][i], part.start) for part in parts] for i in range(2))
        return total(weights), total([*rests, moved])

    # Apart, as what is settled would keep every step in memory for reverse mode.
    moved = total([here(levels[part.level][0], part.start) * step(part) for part in parts[:-1]])
    return settled(merge, levels, moved, anchor=means[0])
