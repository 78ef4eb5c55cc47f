"""From canonical arrays and a request to maps of scores: the way that masks, boundaries and tiles take."""

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.extend import extend
from sigconv._core.geometry import Axis, Geometry
from sigconv.matching import masked, moments
from sigconv.matching.differences import absolute_differences
from sigconv.matching.formulas import SCORES, apply, unseen
from sigconv.matching.levels import levelled
from sigconv.matching.masked import Weights
from sigconv.matching.phase import phase_score
from sigconv.matching.request import Request
from sigconv.matching.tiles import by_tiles, fitting

_MOST = 2**26
"""Numbers in the frames of a masked image above which tiles are taken in turn."""


def score_maps(
    x: jax.Array,
    templates: jax.Array,
    mask: jax.Array | None,
    image_mask: jax.Array | None,
    asked: Request,
    *,
    is_binary: bool,
) -> jax.Array:
    """The map of every template over every image.

    Shapes:
        x and image_mask (batch, channel, *space), templates and mask (template, channel, *taps) →
        (batch, template, *out).
    """
    wide, space, taps = extend(x, asked.geometry), x.shape[2:], templates.shape[2:]
    weights = None if image_mask is None else _extended(image_mask, x.shape, asked.geometry)
    out = tuple(n - k + 1 for n, k in zip(wide.shape[2:], taps, strict=True))

    def scored(x: jax.Array, samples: jax.Array | None) -> jax.Array:
        return _scored(x, templates, mask, samples, asked, is_binary)

    is_plain = mask is None and weights is None and SCORES[asked.score].formula is not None
    tile = asked.tile
    if tile is None and not is_plain and SCORES[asked.score].formula is not None:
        overlapping = 2 ** len(taps) * x.shape[0] * max(templates.shape[0], templates.shape[1])
        tile = fitting(out, overlapping, _MOST)
    if tile is not None:
        return by_tiles(scored, wide, weights, out, tile)
    y = scored(wide, weights)
    pads = asked.geometry.axes
    fits = all(n >= k for n, k in zip(space, taps, strict=True)) and all(min(p.lo, p.hi) >= 0 for p in pads)
    if is_plain and fits and asked.is_padded:
        # What is read beyond the border may be far from the samples: it must not be felt by windows within the image.
        y = lax.dynamic_update_slice(y, scored(x, None), (0, 0, *(axis.lo for axis in pads)))
    return y


def _scored(
    x: jax.Array,
    templates: jax.Array,
    mask: jax.Array | None,
    samples: jax.Array | None,
    asked: Request,
    is_binary: bool,
) -> jax.Array:
    score = SCORES[asked.score]
    if asked.score == "phase":
        image, bank = levelled(x, asked.dtype), levelled(templates, asked.dtype)
        return phase_score(image.values, bank.values)
    image, bank = levelled(x, asked.dtype), levelled(templates, asked.dtype)
    taps = jnp.ones((1, templates.shape[1], *templates.shape[2:]), asked.dtype) if mask is None else mask
    weights = Weights(taps, samples, is_binary or mask is None, asked.overlap)
    if asked.score == "sad":
        y, is_seen = absolute_differences(image, bank, weights)
        return y if is_seen is None else unseen(y, is_seen, score)
    if mask is not None or samples is not None:
        return apply(score, masked.moments(image, bank, weights, asked.method))
    if asked.score == "ccorr":
        return moments.raw_product(image, bank, asked.method)
    return apply(score, moments.moments(image, bank, asked.method))


def _extended(mask: jax.Array, shape: tuple[int, ...], geometry: Geometry) -> jax.Array:
    """The image's weights for every item and channel; none beyond the border."""
    zero = Geometry(tuple(Axis(axis.lo, axis.hi) for axis in geometry.axes))
    return extend(jnp.broadcast_to(mask, shape), zero)
