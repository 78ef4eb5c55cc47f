"""The agreement of a template with every window, Σ_t x[n + t] w[t] for taps that sum to nothing, without cancellation.

An offset of the whole window then changes nothing; in floating point it drowns what is there. A slope across the image
is an offset that differs from window to window, so one number cannot take it away. Hence a base that is constant on
blocks as long as the template, b = x at the middle of each block, and what is left, r = x − b, which is as small as the
image's change within a block:

    Σ_t x[n + t] w[t] = Σ_t r[n + t] w[t] + Σ_i (b[j + i] − b[j]) P[i, n − jK]

where j is the block that n lies in, i ∈ {0, 1}^d one of the 2^d blocks that a window meets, and P[i, m] the sum of the
taps that lie in block i when the window begins m samples into block 0. b[j] may be subtracted: the taps sum to nothing.
This holds whatever b is, so that no derivative passes through it.
"""

import functools
import itertools

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._engine.method import Method
from sigconv.matching.settled import settled
from sigconv.signal import correlate_channels


def agreement(x: jax.Array, taps: jax.Array, method: str | Method) -> tuple[jax.Array, jax.Array]:
    """The agreement with every template of a bank, summed over channels, and Σ r² of each item of the batch.

    Shapes:
        x (batch, channel, *space), taps (template, channel, *taps) → (batch, template, *out), (batch, 1, …, 1).
    """
    blocks = taps.shape[2:]
    counts = tuple((n - k) // k + 2 for n, k in zip(x.shape[2:], blocks, strict=True))
    base = lax.stop_gradient(_sampled(x, blocks, counts))
    rest = x - _spread(base, blocks, x.shape[2:])
    fine = correlate_channels(rest, taps, method=method)
    size = jnp.sum(lax.stop_gradient(rest) ** 2, axis=tuple(range(1, x.ndim)), keepdims=True)
    return fine + _coarse(base, taps, fine.shape[2:]), size


def _sampled(x: jax.Array, blocks: tuple[int, ...], counts: tuple[int, ...]) -> jax.Array:
    """One sample per block, the middle one; 0 in place of one that is not finite, which must not reach others."""
    for axis, (block, count) in enumerate(zip(blocks, counts, strict=True), start=2):
        middle = lax.slice_in_dim(x, block // 2, x.shape[axis], stride=block, axis=axis)
        last = lax.slice_in_dim(x, x.shape[axis] - 1, x.shape[axis], axis=axis)
        x = lax.slice_in_dim(lax.concatenate([middle, last], axis), 0, count, axis=axis)
    return jnp.where(jnp.isfinite(x), x, 0)


def _spread(base: jax.Array, blocks: tuple[int, ...], space: tuple[int, ...]) -> jax.Array:
    """The base at every sample."""
    for axis, (block, length) in enumerate(zip(blocks, space, strict=True), start=2):
        base = lax.slice_in_dim(jnp.repeat(base, block, axis=axis), 0, length, axis=axis)
    return base


def _coarse(base: jax.Array, taps: jax.Array, out: tuple[int, ...]) -> jax.Array:
    """Σ_i (b[j + i] − b[j]) P[i, m], the part of the base."""
    rank = len(out)
    sums: dict[tuple[int, ...], jax.Array] = {(): taps}
    for axis in range(2, 2 + rank):
        sums = {(*i, side): part for i, p in sums.items() for side, part in enumerate(_split(p, axis))}
    counts = tuple(count - 1 for count in base.shape[2:])

    def shifted(i: tuple[int, ...]) -> jax.Array:
        return lax.slice(base, (0, 0, *i), (*base.shape[:2], *(s + c for s, c in zip(i, counts, strict=True))))

    here = shifted((0,) * rank)
    sides = [i for i in itertools.product((0, 1), repeat=rank) if any(i)]
    steps = [shifted(i) - here for i in sides]

    def product(*arrays: jax.Array) -> jax.Array:
        """Blocks and places within them side by side: (batch, template, channel, j₁, m₁, j₂, m₂, …) over channels."""
        steps = (jnp.expand_dims(a, (1, *range(4, 3 + 2 * rank, 2))) for a in arrays[: len(sides)])
        weights = (jnp.expand_dims(a, (0, *range(3, 3 + 2 * rank, 2))) for a in arrays[len(sides) :])
        return functools.reduce(jnp.add, (jnp.sum(a * b, axis=2) for a, b in zip(steps, weights, strict=True)))

    total = settled(product, *steps, *(sums[i] for i in sides))
    size = tuple(c * k for c, k in zip(counts, taps.shape[2:], strict=True))
    return lax.slice(total.reshape(*total.shape[:2], *size), (0,) * (2 + rank), (*total.shape[:2], *out))


def _split(p: jax.Array, axis: int) -> tuple[jax.Array, jax.Array]:
    """For every beginning m in a block: the sums along an axis of the taps before the block's end, and after it."""
    before = lax.rev(lax.cumsum(p, axis), (axis,))
    return before, lax.slice_in_dim(before, 0, 1, axis=axis) - before
