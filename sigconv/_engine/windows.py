"""Overlapping parts of an array along one axis, whose cotangents are laid back into it in one pass.

As slices, every one of them would be padded to the whole array by reverse mode, and the arrays added up. Parts share
samples with their neighbours only, so those with an even index lie side by side, and so do the others: two arrays to
add, however many parts there are.
"""

import functools
import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend import core
from jax.interpreters import ad, batching, mlir

Span = tuple[int, int]
"""Start and stop; beyond the array lie zeros."""


def windows(x: jax.Array, axis: int, spans: Sequence[Span]) -> list[jax.Array]:
    """The parts of `x` along an axis in these spans, of which each begins after the last but one has ended."""
    return _windows.bind(x, axis=axis, spans=tuple(spans))


_windows = core.Primitive("sigconv_windows")
_windows.multiple_results = True


@functools.partial(jax.jit, static_argnames=("axis", "spans"))
def _cut(x: jax.Array, *, axis: int, spans: tuple[Span, ...]) -> list[jax.Array]:
    return [_cut_one(x, axis, *span) for span in spans]


def _cut_one(x: jax.Array, axis: int, start: int, stop: int) -> jax.Array:
    length = x.shape[axis]
    low, high = min(max(start, 0), length), min(max(stop, 0), length)
    pads = [(0, 0, 0)] * x.ndim
    before = min(max(-start, 0), stop - start)
    pads[axis] = (before, stop - start - before - (high - low), 0)
    return lax.pad(lax.slice_in_dim(x, low, high, axis=axis), jnp.zeros((), x.dtype), pads)


def _laid_back(parts: Sequence[Any], axis: int, spans: tuple[Span, ...], length: int) -> jax.Array:
    """The sum of the parts, each in its place: what `windows` is the transpose of."""
    halves = [list(itertools.islice(zip(parts, spans, strict=True), first, None, 2)) for first in (0, 1)]
    sums = [_side_by_side(half, axis, length) for half in halves if half]
    return sum(sums[1:], sums[0])


def _side_by_side(parts: list[tuple[jax.Array, Span]], axis: int, length: int) -> jax.Array:
    """Parts that do not overlap, with zeros between them; what lies beyond the array is dropped."""
    pieces, end = [], 0
    for part, (start, stop) in parts:
        low, high = min(max(start, end), length), min(max(stop, end), length)
        if high > low:
            pieces += [_zeros(part, axis, low - end), lax.slice_in_dim(part, low - start, high - start, axis=axis)]
            end = high
    pieces.append(_zeros(parts[0][0], axis, length - end))
    return lax.concatenate([piece for piece in pieces if piece.shape[axis]], axis)


def _zeros(like: jax.Array, axis: int, length: int) -> jax.Array:
    return jnp.zeros_like(like, shape=(*like.shape[:axis], length, *like.shape[axis + 1 :]))


def _avals(x: Any, *, axis: int, spans: tuple[Span, ...]) -> Any:
    return _cut.trace(x, axis=axis, spans=spans).jaxpr.out_avals


def _transposed(cotangents: Sequence[Any], x: Any, *, axis: int, spans: tuple[Span, ...]) -> list[jax.Array]:
    cotangents = [ad.instantiate_zeros(cotangent) for cotangent in cotangents]
    return [_laid_back(cotangents, axis, spans, x.aval.shape[axis])]


def _batched(arguments: Any, axes: Any, *, axis: int, spans: tuple[Span, ...]) -> tuple[list[jax.Array], list[int]]:
    (x,), (mapped,) = arguments, axes
    results = _windows.bind(jnp.moveaxis(x, mapped, 0), axis=axis + 1, spans=spans)
    return results, [0] * len(results)


_windows.def_impl(_cut)
_windows.def_abstract_eval(_avals)
ad.deflinear2(_windows, _transposed)
batching.primitive_batchers[_windows] = _batched
mlir.register_lowering(_windows, mlir.lower_fun(_cut, multiple_results=True))
