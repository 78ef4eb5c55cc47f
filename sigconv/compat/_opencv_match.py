"""OpenCV's `matchTemplate`."""

# ruff: noqa: N802 - OpenCV's own name.

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door
from sigconv._core.layout import check_not_empty
from sigconv._core.options import is_integer
from sigconv.compat._through import as_array
from sigconv.matching.scores import ScoreName
from sigconv.matching.scores import match_template as _match_template

TM_SQDIFF, TM_SQDIFF_NORMED, TM_CCORR, TM_CCORR_NORMED, TM_CCOEFF, TM_CCOEFF_NORMED = range(6)

SCORES: tuple[ScoreName, ...] = ("ssd", "ssd_normed", "ccorr", "ncc", "ccoeff", "zncc")
"""By OpenCV's number."""

DEPTHS = ("uint8", "float32")


@front_door("compat.opencv.matchTemplate")
def matchTemplate(
    image: ArrayLike, templ: ArrayLike, method: int, result: None = None, mask: ArrayLike | None = None
) -> jax.Array:
    """`cv2.matchTemplate`: the scores of a template at every place of an image, in float32.

    As OpenCV's, TM_SQDIFF_NORMED is at most 1, and TM_CCOEFF_NORMED is 1 everywhere for a template that is constant and
    has no mask. Windows without variation score 0, 1 in TM_SQDIFF_NORMED, also under a mask, where OpenCV divides by 0.

    Args:
        image, templ: Of one dtype, uint8 or float32.
        method: One of the `TM_` constants.
        result: None. An array to write into is refused: JAX's are immutable.
        mask: uint8 (what is not 0 counts) or float32 (weights), shaped as `templ`, with or without its channels.
    Shapes:
        image (H, W) or (H, W, channels), templ (h, w) or (h, w, channels) → (H − h + 1, W − w + 1).
    Raises:
        ShapeError: Axes or channels differ, or neither array fits within the other.
        OptionError: Unknown `method`, or a `result`.
        DTypeError: Another dtype.
    """
    x, w = as_array("image", image), as_array("templ", templ)
    if result is not None:
        raise OptionError(
            f"`result` must be None; got {type(result).__name__}. JAX arrays cannot be written into: use the value "
            "that is returned."
        )
    if not is_integer(method) or not 0 <= method < len(SCORES):
        raise OptionError(f"`method` must be one of the TM_ constants, 0 to {len(SCORES) - 1}; got {method!r}.")
    if x.dtype.name not in DEPTHS or w.dtype != x.dtype:
        raise DTypeError(f"`image` and `templ` must both be uint8 or both float32; got {x.dtype} and {w.dtype}. Cast.")
    for argument, array in (("image", x), ("templ", w)):
        if array.ndim not in (2, 3):
            raise ShapeError(f"`{argument}` must be (h, w) or (h, w, channels); got shape {array.shape}.")
        check_not_empty(argument, array.shape)
    x, w = (a[..., None] if a.ndim == 2 else a for a in (x, w))
    if mask is None and x.shape[0] <= w.shape[0] and x.shape[1] <= w.shape[1]:
        x, w = w, x  # As OpenCV does.
    weights = None if mask is None else as_array("mask", mask)
    if weights is not None and weights.dtype.name not in DEPTHS:
        raise DTypeError(f"`mask` must be uint8 or float32; got {weights.dtype}. Cast it.")
    if weights is not None and weights.dtype == np.uint8:
        weights = weights != 0
    score = SCORES[method]
    y = _match_template(x, w, score=score, mask=weights, channel_axis=-1)
    if mask is not None:
        return y
    if score == "ssd_normed":
        return jnp.minimum(y, 1)
    if score == "zncc":
        is_constant = jnp.all(w == w[:1, :1])
        return jnp.where(is_constant, jnp.ones_like(y), y)
    return y
