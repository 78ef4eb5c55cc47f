"""`match_bank`: the best of many templates at every place of an image."""

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.options import is_integer
from sigconv._core.pytree import pytree
from sigconv._engine.method import Method
from sigconv.matching.formulas import SCORES
from sigconv.matching.request import Request, request
from sigconv.matching.scores import Forms, ScoreName, canonical_maps, checked_masks
from sigconv.signal import Boundary, Padding

_MOST = 2**21
"""Scores at once, by default: about what a processor's cache holds."""

_TEMPLATES = 16
"""Templates at once, by default, however small their maps are."""


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class BestMatch:
    """The best template at every place.

    Attributes:
        score: Its score.
        index: Its number in the bank; the first of equals.
    """

    score: jax.Array
    index: jax.Array


@front_door("match_bank")
def match_bank(
    image: ArrayLike,
    templates: ArrayLike,
    *,
    score: ScoreName = "zncc",
    mask: ArrayLike | None = None,
    image_mask: ArrayLike | None = None,
    padding: Padding = "valid",
    boundary: Boundary = "zero",
    channel_axis: int | None = None,
    overlap: float = 0.3,
    method: str | Method = "auto",
    chunk: int | None = None,
) -> BestMatch:
    """Score every template of a bank, as `match_template`, and keep the best at each place: max_i score[i, n].

    The templates of a chunk share one transform of the image, and without masks its sums over windows.

    Args:
        image, score, image_mask, padding, boundary, channel_axis, overlap, method: As in `match_template`.
        templates: Templates of one size, along the first axis.
        mask: One for all templates, or one for each.
        chunk: Templates at a time: memory is for that many maps. As many as make 2²¹ scores, 16 at most, if None.
    Shapes:
        image (..., *space), templates (count, *taps) → score and index (..., *out).
    Raises:
        ShapeError, OptionError, DTypeError: As `match_template`; or `chunk` is not a positive integer.
    Example:
        >>> best = match_bank(jnp.array([0.0, 1.0, 3.0, 3.0]), jnp.array([[2.0, 1.0], [1.0, 2.0]]))
        >>> best.index.tolist(), best.score.round(3).tolist()
        ([1, 1, 0], [1.0, 1.0, 0.0])
    """
    x, w = as_operand("image", image), as_operand("templates", templates)
    if w.ndim < 2:
        raise ShapeError(
            f"`templates` must be a bank (count, *taps); got shape {w.shape}. Use `match_template` for one."
        )
    asked = request(x, w, score, padding, boundary, channel_axis, overlap, None, method, bank=True)
    masks, forms = checked_masks(mask, image_mask, x, w, asked)
    if chunk is not None and (not is_integer(chunk) or chunk < 1):
        raise OptionError(f"`chunk` must be a positive integer or None; got {chunk!r}.")
    out = [
        n + axis.lo + axis.hi - w.shape[a] + 1
        for n, a, axis in zip((x.shape[a] for a in asked.space), asked.space, asked.geometry.axes, strict=True)
    ]
    rows = x.size // math.prod(x.shape[a] for a in asked.space)
    chunk = max(1, min(_TEMPLATES, _MOST // (rows * math.prod(out)))) if chunk is None else int(chunk)
    return _best(x, w, *masks, asked, forms, min(chunk, w.shape[0]))


@functools.partial(jax.jit, static_argnames=("asked", "forms", "chunk"))
def _best(
    x: jax.Array,
    w: jax.Array,
    mask: jax.Array | None,
    image_mask: jax.Array | None,
    asked: Request,
    forms: Forms,
    chunk: int,
) -> BestMatch:
    is_distance, count = SCORES[asked.score].is_distance, w.shape[0]
    each = mask is not None and forms[0] is not None and mask.ndim - forms[0].has_channels > len(asked.space)

    def best_of(w: jax.Array, mask: jax.Array | None) -> tuple[jax.Array, jax.Array]:
        maps = canonical_maps(x, w, mask, image_mask, asked, forms)
        # One template after the other, which XLA fuses; its arg-max takes ten times as long.
        best, index = maps[:, 0], jnp.zeros((maps.shape[0], *maps.shape[2:]), jnp.int32)
        for i in range(1, maps.shape[1]):
            best, index = _better((best, index), (maps[:, i], jnp.asarray(i, jnp.int32)), is_distance)
        return best, index

    def chunks(a: jax.Array) -> jax.Array:
        """(chunks, chunk, …), with the first template again at the end."""
        whole = -(-count // chunk) * chunk
        filled = lax.concatenate([a, *[a[:1]] * (whole - count)], 0)
        return filled.reshape(-1, chunk, *a.shape[1:])

    parts = chunks(w), chunks(mask) if each and mask is not None else None
    best, index = best_of(parts[0][0], mask if parts[1] is None else parts[1][0])

    @jax.checkpoint
    def better(kept: tuple[jax.Array, jax.Array], part: tuple) -> tuple[tuple[jax.Array, jax.Array], None]:
        number, w, own = part
        best, index = best_of(w, mask if own is None else own)
        index = number * chunk + index
        # Rounding may differ from one chunk to the next, so that the first template again can be better than itself.
        index = jnp.where(index < count, index, 0)
        return _better(kept, (best, index), is_distance), None

    if parts[0].shape[0] > 1:
        numbers = jnp.arange(1, parts[0].shape[0], dtype=jnp.int32)
        rest = (numbers, parts[0][1:], None if parts[1] is None else parts[1][1:])
        (best, index), _ = lax.scan(better, (best, index), rest)
    front = x.shape[: x.ndim - len(asked.space) - (asked.channel_axis is not None)]
    shape = (*front, *best.shape[1:])
    return BestMatch(best.reshape(shape).astype(asked.result), index.reshape(shape))


def _better(
    kept: tuple[jax.Array, jax.Array], other: tuple[jax.Array, jax.Array], is_distance: bool
) -> tuple[jax.Array, jax.Array]:
    """Of two scores and their templates the better one; the first of equals, and NaN before any number."""
    loses = kept[0] <= other[0] if is_distance else other[0] <= kept[0]
    stays = loses | jnp.isnan(kept[0])
    return jnp.where(stays, kept[0], other[0]), jnp.where(stays, kept[1], other[1])
