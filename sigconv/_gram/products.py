"""Sums over all pairs of samples a lag apart, block by block: Σ_x w F_i(x) conj(F_j(x + δ))."""

import dataclasses
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np

from sigconv._core.pytree import STATIC, pytree
from sigconv._gram.blocks import Index, own_product, product, read, sum_of_blocks
from sigconv._gram.request import Lag, Request

Start = tuple[Index, ...]


@dataclasses.dataclass(frozen=True)
class Region:
    """A box of pairs: where it starts for the first of each pair and for the second, and its lengths."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    lengths: tuple[int, ...]


def regions(lag: Lag, space: tuple[int, ...], *, periodic: bool) -> list[Region]:
    """The boxes of pairs a lag apart: one where the two overlap, and those in which the second wraps around."""
    per_axis = [_spans(step, length, periodic=periodic) for step, length in zip(lag, space, strict=True)]
    return [Region(*zip(*spans, strict=True)) for spans in itertools.product(*per_axis)]


def _spans(step: int, length: int, *, periodic: bool) -> list[tuple[int, int, int]]:
    if periodic:
        step %= length
        spans = [(0, step, length - step), (length - step, 0, step)]
    else:
        spans = [(max(0, -step), max(0, step), length - abs(step))]
    return [span for span in spans if span[2] > 0]


@pytree
@dataclasses.dataclass(frozen=True)
class Samples:
    """Features, and what is done to them block by block.

    Attributes:
        features: (batch, C, *space).
        weights: (batch or 1, *space), bool or real; None for all alike.
        mean: (batch, C), to be taken off; or None.
        dtype: Of blocks.
    """

    features: jax.Array
    weights: jax.Array | None
    mean: jax.Array | None
    dtype: np.dtype = dataclasses.field(metadata=STATIC)

    def block(self, start: Start, lengths: tuple[int, ...]) -> jax.Array:
        """A box as (batch, C, samples), without the mean, and 0 where a mask is False."""
        x = _box(self.features, start, lengths, 2).astype(self.dtype)
        if self.mean is not None:
            x = x - self.mean[:, :, None]
        if self.weights is not None and self.weights.dtype == bool:
            x = jnp.where(_box(self.weights, start, lengths, 1)[:, None], x, jnp.zeros((), self.dtype))
        return x

    def in_dtype(self, dtype: np.dtype) -> "Samples":
        """The same, of that dtype before they are cut into blocks."""
        return dataclasses.replace(self, features=self.features.astype(dtype), dtype=dtype)

    def weights_of(self, start: Start, lengths: tuple[int, ...], dtype: np.dtype) -> jax.Array | None:
        """The weights of a box as (batch or 1, 1, samples), if they are numbers."""
        if self.weights is None or self.weights.dtype == bool:
            return None
        return _box(self.weights, start, lengths, 1)[:, None].astype(dtype)


def gram_at(x: jax.Array, y: jax.Array | None, mask: jax.Array | None, lag: Lag, request: Request) -> jax.Array:
    """One lag's matrix, normalised; `y` is None for that of `x` with itself.

    Shapes:
        x (batch, C, *space), y (batch, D, *space), mask (batch or 1, *space) → (batch, C, D).
    """
    one = Samples(x, mask, mean_of(x, mask, request), request.multiplied)
    other = one if y is None else Samples(y, mask, mean_of(y, mask, request), request.multiplied)
    total = jnp.zeros((x.shape[0], x.shape[1], other.features.shape[1]), request.dtype)
    count: jax.Array | float = 0.0
    for region in regions(lag, x.shape[2:], periodic=request.periodic):
        total = total + _sum_over(region, one, other, request)
        if request.share:
            count = count + pair_weight(mask, region, request)
    return normalized(total, count, request)


def mean_of(x: jax.Array, mask: jax.Array | None, request: Request) -> jax.Array | None:
    """Each channel's mean over what the mask counts, if it is to be taken off."""
    if not request.centered:
        return None
    axes = tuple(range(2, x.ndim))
    if mask is None:
        return jnp.mean(x, axes, dtype=request.dtype)
    weights = mask[:, None].astype(request.dtype)
    wide = x.astype(request.dtype)
    wide = jnp.where(mask[:, None], wide, jnp.zeros((), wide.dtype)) if mask.dtype == bool else wide * weights
    return divided(jnp.sum(wide, axes), jnp.sum(weights, axes))


Source = tuple[Samples, Samples, Index]
"""What blocks are made of: the samples of both sides, and the row of the region they start at."""


def _sum_over(region: Region, one: Samples, other: Samples, request: Request) -> jax.Array:
    """The sum over the pairs of a region."""
    is_own = one is other and region.first == region.second
    smooth = one.in_dtype(request.dtype), other.in_dtype(request.dtype)

    def term(row: Index, count: int) -> jax.Array:
        lengths = (count, *region.lengths[1:])

        def start(corner: tuple[int, ...], source: Source) -> Start:
            return (source[2] + corner[0], *corner[1:])

        def weights(source: Source) -> jax.Array | None:
            first = source[0].weights_of(start(region.first, source), lengths, request.dtype)
            second = source[1].weights_of(start(region.second, source), lengths, request.dtype)
            return first if is_own or first is None or second is None else pair_weights(first, second)

        def first(source: Source) -> jax.Array:
            x, pair = source[0].block(start(region.first, source), lengths), weights(source)
            return x if is_own or pair is None else x * pair

        def second(source: Source) -> jax.Array:
            return source[1].block(start(region.second, source), lengths)

        source, by = (one, other, row), (*smooth, row)
        if is_own:
            return own_product(first, request.dtype, request.precision, first(by), weights(by), source)
        return product(first, second, request.dtype, request.precision, first(by), second(by), source)

    return sum_of_blocks(term, region.lengths[0], _rows(region.lengths, request.chunk))


def pair_weight(mask: jax.Array | None, region: Region, request: Request) -> jax.Array | float:
    """What the pairs of a region weigh together: their number without a mask; else (batch or 1,)."""
    if mask is None:
        return float(math.prod(region.lengths))
    weights = mask.astype(jnp.finfo(request.dtype).dtype)
    first, second = (_box(weights, start, region.lengths, 1) for start in (region.first, region.second))
    return jnp.sum(first if region.first == region.second else pair_weights(first, second), -1)


def pair_weights(first: jax.Array, second: jax.Array) -> jax.Array:
    """The geometric mean of two samples' weights; at 0, where its derivative is infinite, that is taken to be 0."""
    product = first * second
    some = product > 0
    return jnp.where(some, jnp.sqrt(jnp.where(some, product, 1)), 0)


def normalized(total: jax.Array, count: jax.Array | float, request: Request) -> jax.Array:
    """Sums divided by what the pairs weigh, as the request says; 0 where none counts.

    Shapes:
        total (batch, …), count () or (batch or 1,) → (batch, …).
    """
    if not request.share:
        return total
    if not isinstance(count, jax.Array):
        return total / (request.share * count) if count else total
    return divided(total, count.reshape(-1, *(1 for _ in total.shape[1:])) * request.share)


def divided(total: jax.Array, by: jax.Array) -> jax.Array:
    """A quotient; 0 where the divisor is."""
    some = by != 0
    return jnp.where(some, total / jnp.where(some, by, 1).astype(total.dtype), 0)


def _rows(lengths: tuple[int, ...], chunk: int | None) -> int:
    """Rows of the first axis in a block."""
    return lengths[0] if chunk is None else min(lengths[0], max(1, chunk // math.prod(lengths[1:])))


def _box(a: jax.Array, start: Start, lengths: tuple[int, ...], lead: int) -> jax.Array:
    """A box of the axes behind the first `lead`, flattened."""
    sizes = (*a.shape[:lead], *lengths)
    if sizes != a.shape:
        a = read(a, (*(0,) * lead, *start), sizes)
    return a.reshape(*a.shape[:lead], -1)
