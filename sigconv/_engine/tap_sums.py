"""The kernel's derivative with groups, or of one channel: for every tap, a sum of products over all samples.

XLA's CPU backend does a reduction over batch and space one number at a time. Here most of the sum is written out, in
terms that are vectors along the last axis (measured: 2 to 8 times faster).
"""

import functools
import itertools
import operator
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.geometry import Geometry

UNROLLED, MOST_PRODUCTS = 16, 512
"""Terms that are written out for each tap, and for all taps that are worked on together. Where a tap has few, XLA adds
up one number at a time (measured: 4 terms take 12 times as long as 16). A program of 128 taps takes 5 s to compile."""

LEAST_PIECE = 64
"""Samples of a row that make a term of their own."""

Part = tuple[slice, slice]
"""Items of the batch, and outputs along the first axis of space."""


def sums_of_products(x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...]) -> jax.Array:
    """Of what each tap reads with the cotangent, over batch and space.

    Shapes:
        x (batch, groups · in, *space), g (batch, groups · out, *positions) → (groups · out, in, *taps).
    """
    batch, length = g.shape[0], g.shape[2]
    items = min(batch, UNROLLED)
    # Pieces of the first axis of space; a row is not cut into pieces that fill no registers.
    pieces = max(1, min(UNROLLED // items, length // (LEAST_PIECE if g.ndim == 3 else 1)))
    item, piece = batch // items, length // pieces
    many = [
        (slice(i * item, (i + 1) * item), slice(j * piece, (j + 1) * piece))
        for i, j in itertools.product(range(items), range(pieces))
    ]
    rests = [(slice(items * item, batch), slice(0, length)), (slice(0, items * item), slice(pieces * piece, length))]
    parts = [many, *([rest] for rest in rests if all(s.start < s.stop for s in rest))]
    places = list(itertools.product(*map(range, taps)))
    some = max(1, MOST_PRODUCTS // len(many))
    sums = [
        functools.reduce(operator.add, (_summed(x, g, geometry, places[first : first + some], part) for part in parts))
        for first in range(0, len(places), some)
    ]
    total = jnp.moveaxis(lax.concatenate(sums, 0), 0, -1)
    return total.reshape(g.shape[1], x.shape[1] // geometry.groups, *taps)


def _summed(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: Sequence[tuple[int, ...]], parts: list[Part]
) -> jax.Array:
    """The sum over parts of one size, part by part, and then over what each has.

    Shapes:
        → (taps, groups, out, in).
    """
    groups = geometry.groups
    channels, outs = x.shape[1] // groups, g.shape[1] // groups
    sums = []
    for tap in taps:
        products = []
        for part in parts:
            read, cotangent = _read(x, tap, geometry, g.shape[2:], part), g[part[0], :, part[1]]
            read = read.reshape(read.shape[0], groups, 1, channels, *read.shape[2:])
            cotangent = cotangent.reshape(cotangent.shape[0], groups, outs, 1, *cotangent.shape[2:])
            products.append(read * cotangent)
        sums.append(functools.reduce(operator.add, products))
    # All but the last axis first: those additions fill vector registers.
    total = jnp.stack(sums)
    return total.sum((1, *range(5, total.ndim - 1))).sum(-1)


def _read(x: jax.Array, tap: tuple[int, ...], geometry: Geometry, out: tuple[int, ...], part: Part) -> jax.Array:
    """What a tap reads for a part of the outputs; one slice, which XLA does not copy first."""
    items, rows = part
    firsts, counts = (rows.start, *(0 for _ in out[1:])), (rows.stop - rows.start, *out[1:])
    steps = tuple(zip(tap, firsts, counts, geometry.axes, strict=True))
    starts = tuple(t * axis.dilation + first * axis.stride for t, first, _, axis in steps)
    stops = tuple(a + (n - 1) * axis.stride + 1 for a, (_, _, n, axis) in zip(starts, steps, strict=True))
    strides = (1, 1, *(axis.stride for axis in geometry.axes))
    return lax.slice(x, (items.start, 0, *starts), (items.stop, x.shape[1], *stops), strides)
