"""`match_template`: how well a template agrees with every window of an image."""

import functools
from typing import Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand
from sigconv._core.errors import OptionError, front_door
from sigconv._engine.method import Method
from sigconv.matching.maps import score_maps
from sigconv.matching.request import Form, Request, checked_mask, request
from sigconv.signal import Boundary, Padding

ScoreName = Literal["ssd", "ssd_normed", "ccorr", "ncc", "ccoeff", "zncc", "sad", "phase"]


@front_door("match_template")
def match_template(
    image: ArrayLike,
    template: ArrayLike,
    *,
    score: ScoreName = "zncc",
    mask: ArrayLike | None = None,
    image_mask: ArrayLike | None = None,
    padding: Padding = "valid",
    boundary: Boundary = "zero",
    channel_axis: int | None = None,
    overlap: float = 0.3,
    tile: int | tuple[int, ...] | None = None,
    method: str | Method = "auto",
) -> jax.Array:
    """Score a template w at every place of an image: zncc[n] = Σ_t x'w' / √(Σ x'² Σ w'²), x = image[n + t], x' = x − x̄.

    Args:
        image, template: Real samples; the image may have axes in front, a batch.
        score: 'ssd' Σ(x − w)², 'sad' Σ|x − w|, 'ccorr' Σxw, 'ccoeff' Σx'w'; 'ssd_normed' and 'ncc' are the first and
            third over √(Σx² Σw²), 'zncc' the fourth over √(Σx'² Σw'²); 'phase' takes the phases of spectra alone.
            A flat window or template scores 0 (1 in 'ssd_normed'), and derivatives there are 0.
        mask: Weights M of the template's samples: means by M, sums by M². Bools select.
        image_mask: Weights of the image's samples; what has none may be NaN.
        padding, boundary: As in `correlate`; 'same' puts the template's sample K // 2 on n.
        channel_axis: Axis of both, counted from the end, to sum over; every channel has its own mean.
        overlap: Least part of the template that must lie on the `image_mask`; less scores 0, in ssd and sad inf.
        tile: Scores of a tile, per axis or for all: large images are then worked on part by part, in bounded memory.
        method: As in `correlate`. 'direct' and 'shift_add' keep a NaN to the windows that hold it.
    Shapes:
        image (..., *space), template (*taps) → (..., *out), out = L + lo + hi − K + 1.
    Raises:
        ShapeError: An array is empty, shapes do not fit, or the template is larger than the image.
        OptionError: An option is none of those above, or a mask is zero everywhere.
        DTypeError: An array is not real.
    Reference:
        Lewis, "Fast normalized cross-correlation", 1995; Padfield, IEEE Trans. Image Processing 21 (5), 2012.
    Example:
        >>> y = match_template(jnp.array([0.0, 1.0, 3.0, 2.0]), jnp.array([10.0, 30.0, 20.0]))
        >>> [round(score, 3) for score in y.tolist()]
        [0.327, 1.0]
    """
    x, w = as_operand("image", image), as_operand("template", template)
    asked = request(x, w, score, padding, boundary, channel_axis, overlap, tile, method)
    masks, forms = checked_masks(mask, image_mask, x, w, asked)
    return _match(x, w, *masks, asked, forms)


Masks = tuple[jax.Array | None, jax.Array | None]
Forms = tuple[Form | None, Form | None]


def checked_masks(
    mask: ArrayLike | None, image_mask: ArrayLike | None, x: jax.Array, w: jax.Array, asked: Request
) -> tuple[Masks, Forms]:
    """Both masks and their forms."""
    if asked.score == "phase" and not (mask is None and image_mask is None):
        raise OptionError("`mask` and `image_mask` must be None for the score 'phase'; got a mask. Use 'zncc'.")
    pairs = [
        (None, None) if value is None else checked_mask(argument, value, array.shape, asked)
        for argument, value, array in (("mask", mask, w), ("image_mask", image_mask, x))
    ]
    return (pairs[0][0], pairs[1][0]), (pairs[0][1], pairs[1][1])


def canonical_maps(
    x: jax.Array, w: jax.Array, mask: jax.Array | None, image_mask: jax.Array | None, asked: Request, forms: Forms
) -> jax.Array:
    """(batch, template, *out), from arrays as the caller gave them."""
    bank, image = asked.canonical(w), asked.canonical(x)
    weights = [
        None if m is None or form is None else asked.weights(m, form)
        for m, form in zip((mask, image_mask), forms, strict=True)
    ]
    if weights[0] is not None:
        weights[0] = jnp.broadcast_to(weights[0], (weights[0].shape[0], *bank.shape[1:]))
    return score_maps(image, bank, weights[0], weights[1], asked, is_binary=forms[0] is not None and forms[0].is_binary)


@functools.partial(jax.jit, static_argnames=("asked", "forms"))
def _match(
    x: jax.Array, w: jax.Array, mask: jax.Array | None, image_mask: jax.Array | None, asked: Request, forms: Forms
) -> jax.Array:
    y = canonical_maps(x, w, mask, image_mask, asked, forms)
    front = x.shape[: x.ndim - len(asked.space) - (asked.channel_axis is not None)]
    return y.reshape(*front, *y.shape[2:]).astype(asked.result)
