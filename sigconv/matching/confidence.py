"""How far a peak stands out: against what is around it, and against the next peak."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, computed_in, floating
from sigconv._core.errors import front_door
from sigconv._core.options import per_axis
from sigconv.matching.peaks import checked_map, find_peaks, in_front


@front_door("peak_to_sidelobe_ratio")
def peak_to_sidelobe_ratio(
    scores: ArrayLike, *, exclude: int | tuple[int, ...] = 5, axes: int | tuple[int, ...] | None = None
) -> jax.Array:
    """Of the highest score: (peak − mean) / standard deviation, of the scores more than `exclude` samples away from it.

    0 where these are all alike, or there are none.

    Args:
        scores: A real map; axes that are not in `axes` are a batch. For distances, give them negated.
        exclude: What is no further from the peak, along every axis, is part of it; per axis, or one for all.
        axes: Axes of the map; all if None.
    Shapes:
        scores (..., *space) → (...).
    Raises:
        ShapeError: The map is empty or has no axis.
        OptionError: `exclude` is no integer of at least 0, or `axes` are no axes of the map.
        DTypeError: The map is not real.
    Reference:
        Bolme et al., "Visual object tracking using adaptive correlation filters", CVPR 2010.
    Example:
        >>> round(float(peak_to_sidelobe_ratio(jnp.array([0.0, 2.0, 0.0, 0.0, 6.0, 0.0]), exclude=1)), 3)
        5.657
    """
    x = as_operand("scores", scores)
    space = checked_map(x, axes)
    return _ratio(x, space, per_axis("exclude", exclude, len(space), least=0))


@front_door("second_peak_ratio")
def second_peak_ratio(
    scores: ArrayLike,
    *,
    min_distance: int | tuple[int, ...] = 1,
    axes: int | tuple[int, ...] | None = None,
) -> jax.Array:
    """The second highest peak over the highest: near 1 where the match is ambiguous, 0 where there is no second.

    Args:
        scores: A real map of scores that are positive at peaks, such as 'zncc'.
        min_distance, axes: As in `find_peaks`.
    Shapes:
        scores (..., *space) → (...).
    Raises:
        ShapeError, OptionError, DTypeError: As in `find_peaks`.
    Example:
        >>> float(second_peak_ratio(jnp.array([0.0, 2.0, 0.0, 0.0, 4.0, 0.0])))
        0.5
    """
    peaks = find_peaks(scores, 2, min_distance=min_distance, axes=axes)
    dtype = floating(peaks.values)
    first, second = (peaks.values[..., i].astype(dtype) for i in (0, 1))
    is_usable = peaks.is_valid[..., 1] & (first != 0)
    return jnp.where(is_usable, jnp.where(is_usable, second, 0) / jnp.where(is_usable, first, 1), 0)


@functools.partial(jax.jit, static_argnames=("space", "exclude"))
def _ratio(x: jax.Array, space: tuple[int, ...], exclude: tuple[int, ...]) -> jax.Array:
    dtype = computed_in(floating(x))
    x, front = in_front(x.astype(dtype), space)

    def of_one(x: jax.Array) -> jax.Array:
        at = jnp.unravel_index(jnp.argmax(jnp.where(jnp.isnan(x), -jnp.inf, x)), x.shape)
        is_peak = jnp.ones(x.shape, bool)
        for axis, (place, reach) in enumerate(zip(at, exclude, strict=True)):
            near = jnp.abs(lax.broadcasted_iota(np.int32, x.shape, axis) - place.astype(np.int32)) <= reach
            is_peak &= near
        is_rest = ~is_peak & jnp.isfinite(x)
        share = 1 / jnp.maximum(jnp.sum(is_rest), 1).astype(x.dtype)
        rest = jnp.where(is_rest, x, 0)
        mean = jnp.sum(rest) * share
        variance = jnp.sum(jnp.where(is_rest, rest - mean, 0) ** 2) * share
        noise = (8 * float(jnp.finfo(x.dtype).eps)) ** 2
        is_flat = variance <= noise * lax.stop_gradient(jnp.max(jnp.abs(rest))) ** 2
        return jnp.where(is_flat, 0, (x[at] - mean) * lax.rsqrt(jnp.where(is_flat, 1, variance)))

    return jax.vmap(of_one)(x).reshape(front)
