"""`transform_bank`: a template turned and scaled, with the masks of what is known of each."""

import dataclasses
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import core
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, floating, is_complex
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door, lookup
from sigconv._core.layout import check_not_empty
from sigconv._core.options import lengths_per_axis
from sigconv._core.pytree import pytree


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Bank:
    """Templates for `match_bank`, one for every scale and angle.

    Attributes:
        templates: (count, H, W), or with channels where the template has them.
        masks: (count, H, W): which samples of each come from the template; weights if the template's mask is.
        angles, scales: Of each, (count,).
    """

    templates: jax.Array
    masks: jax.Array
    angles: jax.Array
    scales: jax.Array


def _linear(t: jax.Array) -> list[jax.Array]:
    return [1 - t, t]


def _cubic(t: jax.Array) -> list[jax.Array]:
    """Keys' kernel with a = −1/2, which reproduces parabolas."""
    return [
        ((-0.5 * t + 1) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1,
        ((-1.5 * t + 2) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ]


INTERPOLATIONS: Mapping[str, Callable[[jax.Array], list[jax.Array]]] = {"linear": _linear, "cubic": _cubic}
"""Weights of the samples around a place, from how far it lies behind the one before it."""

_TOUCH = 1e-3
"""Places so little outside the template count as inside: rounding puts them there."""


@front_door("transform_bank")
def transform_bank(
    template: ArrayLike,
    *,
    angles: ArrayLike | Sequence[float] = (0.0,),
    scales: ArrayLike | Sequence[float] = (1.0,),
    mask: ArrayLike | None = None,
    interpolation: Literal["linear", "cubic"] = "cubic",
    channel_axis: int | None = None,
    shape: tuple[int, int] | None = None,
) -> Bank:
    """Turn and scale a template about its middle c: t'[p] = t(c + R(−angle) (p − c') / scale).

    Derivatives pass to the template, and to angles and scales. Nothing is smoothed before it is made smaller.

    Args:
        template: A picture.
        angles: In radians, anticlockwise with rows counted downwards.
        scales: Above 1 is larger. Every scale is taken with every angle, angles running faster.
        mask: Which samples of the template count: bools, or weights.
        interpolation: 'cubic' (Keys) or 'linear'.
        channel_axis: Axis of channels, counted from the end.
        shape: Of the results; if None, the least that holds all of them, for which angles and scales must be concrete.
    Shapes:
        template (h, w), with or without channels → templates (count, H, W), likewise, and masks (count, H, W).
    Raises:
        ShapeError: The template is not a picture, or the mask has another shape.
        OptionError: Unknown `interpolation`, or a `shape` is needed.
    Reference:
        Keys, "Cubic convolution interpolation for digital image processing", 1981.
    Example:
        >>> bank = transform_bank(jnp.array([[1.0, 2.0], [3.0, 4.0]]), angles=(0.0, jnp.pi / 2))
        >>> bank.templates[1].round(2).tolist()
        [[2.0, 4.0], [1.0, 3.0]]
    """
    t, weights = as_operand("template", template), lookup("interpolation", interpolation, INTERPOLATIONS)
    check_not_empty("template", t.shape)
    if is_complex(t.dtype):
        raise DTypeError(f"`template` must be real; got {t.dtype}.")
    if t.ndim != 2 + (channel_axis is not None):
        raise ShapeError(f"`template` must be a picture (h, w); got shape {t.shape}. Name its `channel_axis`, if any.")
    if channel_axis is not None and channel_axis not in range(-3, 0):
        raise OptionError(f"`channel_axis` must be None, -3, -2 or -1; got {channel_axis!r}.")
    plane = t[None] if channel_axis is None else jnp.moveaxis(t, channel_axis, 0)
    plane = plane.astype(floating(t))
    size = plane.shape[1:]
    known = jnp.ones(size, bool) if mask is None else jnp.asarray(mask)
    if known.shape != size:
        raise ShapeError(f"`mask` must have the template's shape, {size}; got {known.shape}.")
    turns, factors = (jnp.ravel(jnp.asarray(a, plane.dtype)) for a in (angles, scales))
    held = _held(size, angles, scales) if shape is None else lengths_per_axis("shape", shape, 2)
    turn, factor = jnp.tile(turns, factors.size), jnp.repeat(factors, turns.size)

    def transformed(angle: jax.Array, scale: jax.Array) -> tuple[jax.Array, jax.Array]:
        down, right = (
            (jnp.arange(n, dtype=plane.dtype) - (n - 1) / 2).reshape(s) / scale
            for n, s in zip(held, ((-1, 1), (1, -1)), strict=True)
        )
        cosine, sine = jnp.cos(angle), jnp.sin(angle)
        rows = sine * right + cosine * down + (size[0] - 1) / 2
        columns = cosine * right - sine * down + (size[1] - 1) / 2
        return _at(plane, rows, columns, weights), _known(known, rows, columns)

    templates, masks = jax.vmap(transformed)(turn, factor)
    templates = templates[:, 0] if channel_axis is None else jnp.moveaxis(templates, 1, channel_axis)
    return Bank(templates, masks, turn, factor)


def _held(size: tuple[int, ...], angles: Any, scales: Any) -> tuple[int, int]:
    """The least shape that holds every transformed template."""
    if isinstance(angles, core.Tracer) or isinstance(scales, core.Tracer):
        raise OptionError("`shape` must be given where angles or scales are traced; got None.")
    rows, columns = 1, 1
    for angle, scale in itertools.product(np.ravel(np.asarray(angles, float)), np.ravel(np.asarray(scales, float))):
        c, s = abs(math.cos(angle)), abs(math.sin(angle))
        down, right = (scale * (n - 1) for n in size)
        rows = max(rows, math.floor(c * down + s * right + _TOUCH) + 1)
        columns = max(columns, math.floor(c * right + s * down + _TOUCH) + 1)
    return rows, columns


def _at(
    plane: jax.Array, rows: jax.Array, columns: jax.Array, weights: Callable[[jax.Array], list[jax.Array]]
) -> jax.Array:
    """The picture (channel, h, w) between its samples, whose last ones go on beyond its ends."""
    starts = [jnp.floor(p) for p in (rows, columns)]
    down, right = (weights(p - s) for p, s in zip((rows, columns), starts, strict=True))
    before = len(down) // 2 - 1
    total = jnp.zeros((plane.shape[0], *rows.shape), plane.dtype)
    for (i, a), (j, b) in itertools.product(enumerate(down), enumerate(right)):
        r, c = (
            jnp.clip(s.astype(jnp.int32) + k - before, 0, n - 1)
            for s, k, n in zip(starts, (i, j), plane.shape[1:], strict=True)
        )
        total = total + (a * b)[None] * plane[:, r, c]
    return total


def _known(mask: jax.Array, rows: jax.Array, columns: jax.Array) -> jax.Array:
    """The mask there: a bool one holds where every sample around holds."""
    inside = (rows >= -_TOUCH) & (rows <= mask.shape[0] - 1 + _TOUCH)
    inside = inside & (columns >= -_TOUCH) & (columns <= mask.shape[1] - 1 + _TOUCH)
    share = _at(mask.astype(rows.dtype)[None], rows, columns, _linear)[0]
    return inside & (share >= 1 - 2 * _TOUCH) if mask.dtype == bool else jnp.where(inside, share, 0)
