"""`find_peaks`: the highest places of a map of scores, a fixed number of them, between the samples if asked for."""

import dataclasses
import functools
import math
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, common, computed_in, floating, is_complex, is_exact
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door, lookup
from sigconv._core.layout import check_not_empty, resolve_axes
from sigconv._core.options import MOST, is_integer, per_axis
from sigconv._core.pytree import pytree
from sigconv.matching.subsample import REFINEMENTS
from sigconv.matching.suppression import local_maxima, lowest_of, strongest, within

Refinement = Literal["quadratic", "gaussian", "dft"]


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Peaks:
    """Peaks, the best first; made by `find_peaks`.

    Attributes:
        positions: In samples, in the order of `axes`; −1 where there is no peak. Integers unless they are refined.
        values: The scores there; −inf, or the lowest integer, where there is no peak (inf or the highest for 'lowest').
        is_valid: Whether there was a peak.
    Shapes:
        positions (..., count, rank), values (..., count), is_valid (..., count).
    """

    positions: jax.Array
    values: jax.Array
    is_valid: jax.Array


@front_door("find_peaks")
def find_peaks(
    scores: ArrayLike,
    count: int,
    *,
    threshold: ArrayLike | None = None,
    min_distance: int | tuple[int, ...] = 1,
    border: int | tuple[int, ...] = 0,
    lowest: bool = False,
    refine: Refinement | None = None,
    axes: int | tuple[int, ...] | None = None,
) -> Peaks:
    """Take the highest local maximum, then the highest that is far enough from those taken, and so on, `count` times.

    A local maximum is a sample that none of its neighbours, diagonal ones included, exceeds; so is every sample of a
    plateau that no higher one touches. Of equal ones the first in the order of `axes` is taken. NaN is never a peak,
    nor is the lowest value of an integer type.

    Args:
        scores: A real map; axes that are not in `axes` are a batch.
        count: How many places the result has; where there are fewer peaks the rest are not valid.
        threshold: Least score of a peak; greatest for `lowest`.
        min_distance: Two peaks are at least so many samples apart along one of the axes; per axis, or one for all.
        border: Peaks are at least so many samples from each end; likewise.
        lowest: Look for minima: for scores that are distances.
        refine: Between the samples, differentiably: 'quadratic' through the 3^d neighbours, 'gaussian' the same through
            their logarithms, 'dft' the maximum of the trigonometric polynomial through the whole map.
        axes: Axes of the map; all if None.
    Shapes:
        scores (..., *space) → `Peaks`: positions (..., count, rank), values and is_valid (..., count).
    Raises:
        ShapeError: The map is empty or has no axis, or `threshold` does not go with the batch.
        OptionError: `count`, `min_distance`, `border`, `refine` or `axes` is none of those above.
        DTypeError: The map is not real.
    Example:
        >>> peaks = find_peaks(jnp.array([0.0, 3.0, 1.0, 1.0, 2.0, 0.0]), 3)
        >>> peaks.positions[:, 0].tolist(), peaks.is_valid.tolist()
        ([1, 4, -1], [True, True, False])
    """
    x = as_operand("scores", scores)
    space = checked_map(x, axes)
    if not is_integer(count) or not 0 < count < MOST:
        raise OptionError(f"`count` must be a positive integer; got {count!r}. It is the length of the result.")
    if not isinstance(lowest, bool):
        raise OptionError(f"`lowest` must be True or False; got {lowest!r}.")
    distance = per_axis("min_distance", min_distance, len(space))
    edge = per_axis("border", border, len(space), least=0)
    lengths = tuple(x.shape[axis] for axis in space)
    if any(2 * width >= n for width, n in zip(edge, lengths, strict=True)):
        raise OptionError(f"`border` must leave something of the map; got {edge} of {lengths}.")
    if refine is not None:
        lookup("refine", refine, REFINEMENTS)
    limit = None if threshold is None else _limit(threshold, x, space)
    return _find(x, limit, _Request(space, int(count), distance, edge, lowest, refine))


def checked_map(x: jax.Array, axes: object, argument: str = "scores") -> tuple[int, ...]:
    """The axes of a real map, as non-negative numbers."""
    check_not_empty(argument, x.shape)
    if is_complex(x.dtype):
        raise DTypeError(f"`{argument}` must be real; got {x.dtype}. Take its absolute value or its real part.")
    if not x.ndim:
        raise ShapeError(f"`{argument}` must have at least one axis; got a scalar.")
    return resolve_axes(axes, x.ndim, x.ndim)  # type: ignore[arg-type]


def in_front(x: jax.Array, space: tuple[int, ...]) -> tuple[jax.Array, tuple[int, ...]]:
    """(batch, *space), and the axes of the batch as they were."""
    x = jnp.moveaxis(x, space, range(-len(space), 0))
    front = x.shape[: x.ndim - len(space)]
    return x.reshape(math.prod(front), *x.shape[len(front) :]), front


@dataclasses.dataclass(frozen=True)
class _Request:
    """All of a call besides its arrays."""

    space: tuple[int, ...]
    count: int
    distance: tuple[int, ...]
    border: tuple[int, ...]
    lowest: bool
    refine: str | None


def _limit(threshold: ArrayLike, x: jax.Array, space: tuple[int, ...]) -> jax.Array:
    limit = as_operand("threshold", threshold)
    batch = tuple(n for axis, n in enumerate(x.shape) if axis not in space)
    if limit.shape not in ((), batch) or is_complex(limit.dtype):
        raise ShapeError(
            f"`threshold` must be one real number, or one for each item of the batch {batch}; got {limit.dtype} of "
            f"shape {limit.shape}."
        )
    return limit


@functools.partial(jax.jit, static_argnames="asked")
def _find(x: jax.Array, limit: jax.Array | None, asked: _Request) -> Peaks:
    x, front = in_front(x, asked.space)
    if limit is not None:
        limit = jnp.broadcast_to(limit, front).reshape(-1)
    peaks = jax.vmap(lambda x, limit: _of_one(x, limit, asked))(x, limit)
    return jax.tree.map(lambda leaf: leaf.reshape(*front, *leaf.shape[1:]), peaks)


def _of_one(x: jax.Array, limit: jax.Array | None, asked: _Request) -> Peaks:
    heights = lax.stop_gradient(_upright(x, lowest=asked.lowest))
    nothing = lowest_of(heights.dtype)
    heights = jnp.where(jnp.isnan(heights), nothing, heights)
    is_candidate = local_maxima(heights) & within(x.shape, asked.border)
    if limit is not None:
        shared = common(x, limit)
        score, limit = x.astype(shared), limit.astype(shared)
        is_candidate &= score <= limit if asked.lowest else score >= limit
    at, found = strongest(jnp.where(is_candidate, heights, nothing), asked.count, asked.distance)
    places = jnp.maximum(at, 0)
    if asked.refine is None:
        values = x[tuple(places[:, axis] for axis in range(x.ndim))]
    else:
        result = floating(x) if is_exact(x.dtype) else np.dtype(x.dtype)
        sign = -1 if asked.lowest else 1
        offset, values = REFINEMENTS[asked.refine](sign * x.astype(computed_in(result)), places)
        at = jnp.where(found[:, None], at.astype(offset.dtype) + offset, -1)
        values = (sign * values).astype(result)
    return Peaks(at, jnp.where(found, values, _absent(values.dtype, lowest=asked.lowest)), found)


def _upright(x: jax.Array, *, lowest: bool) -> jax.Array:
    """The map, upside down for `lowest`; small integers in 32 bits, so that their lowest value is a height too."""
    if not is_exact(x.dtype):
        return -x if lowest else x
    x = x.astype(np.int32) if x.dtype.itemsize < 4 else x
    return ~x if lowest else x


def _absent(dtype: np.dtype, *, lowest: bool) -> jax.Array:
    """The value of what is no peak, worse than any."""
    if not lowest:
        return lowest_of(dtype)
    return jnp.asarray(jnp.iinfo(dtype).max if is_exact(dtype) else jnp.inf, dtype)
