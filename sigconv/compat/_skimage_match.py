"""scikit-image's `match_template`."""

from collections.abc import Mapping

import jax
from jax.typing import ArrayLike

from sigconv._core.boundary import Constant
from sigconv._core.dtypes import as_operand
from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv.matching.scores import match_template as _match_template

PAD_MODES: Mapping[str, str] = {
    "constant": "zero",
    "edge": "edge",
    "reflect": "reflect",
    "symmetric": "symmetric",
    "wrap": "periodic",
}
"""sigconv's names for the modes of `numpy.pad` that are rules about samples."""


@front_door("compat.skimage.match_template")
def match_template(
    image: ArrayLike,
    template: ArrayLike,
    pad_input: bool = False,
    mode: str = "constant",
    constant_values: float = 0,
) -> jax.Array:
    """`skimage.feature.match_template`: the zero-mean normalised cross-correlation, 0 where a window is flat.

    Args:
        image, template: Real samples, 2-d or 3-d.
        pad_input: False: the result's first sample is the template at the image's first. True: the result has the
            image's shape and its maxima lie at the template's middle, K // 2.
        mode: With `pad_input`, what is read beyond the border: 'constant', 'edge', 'reflect', 'symmetric' or 'wrap'.
        constant_values: The constant.
    Shapes:
        image (*space), template (*taps) → (*out), out = L − K + 1, or L.
    Raises:
        ShapeError: The arrays are not 2-d or 3-d, or the template is larger than the image.
        OptionError: Unknown `mode`.
    """
    x, w = as_operand("image", image), as_operand("template", template)
    if x.ndim not in (2, 3) or w.ndim != x.ndim:
        raise ShapeError(f"`image` and `template` must both be 2-d or 3-d; got shapes {x.shape} and {w.shape}.")
    boundary = lookup("mode", mode, PAD_MODES)
    if not isinstance(pad_input, bool):
        raise OptionError(f"`pad_input` must be a bool; got {pad_input!r}.")
    return _match_template(
        x,
        w,
        padding="same" if pad_input else "valid",
        boundary=Constant(constant_values) if mode == "constant" else boundary,
    )
