"""`total_variation`: how much neighbouring samples differ."""

from collections.abc import Callable, Mapping
from typing import Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv._core.dtypes import floating, is_complex
from sigconv._core.errors import DTypeError, front_door, lookup
from sigconv._gram.grams import Boundary
from sigconv._gram.request import BOUNDARIES, checked_features

NORMS: Mapping[str, Callable[[jax.Array], jax.Array]] = {"squares": jnp.square, "absolute": jnp.abs}


@front_door("total_variation")
def total_variation(
    image: ArrayLike,
    *,
    norm: Literal["squares", "absolute"] = "squares",
    boundary: Boundary = "zero",
    channel_axis: int = -3,
) -> jax.Array:
    """How much neighbours differ: the sum over the axes of the mean of (x[n + 1] − x[n])², or of its size.

    Args:
        image: Real samples.
        norm: 'squares', or 'absolute', which leaves edges and flattens what is between them.
        boundary: 'zero' compares nothing across the ends, 'periodic' the last sample with the first.
        channel_axis: Where the channels are, from the end; differences are taken along all axes behind it.
    Shapes:
        image (..., C, *space) → ().
    Raises:
        ShapeError: The image is empty, or has too few axes.
        OptionError: An option is none of those above.
        DTypeError: The image is complex or not numeric.
    Reference:
        Rudin, Osher & Fatemi, "Nonlinear total variation based noise removal algorithms", 1992.
    Example:
        >>> float(total_variation(jnp.array([[[0.0, 2.0], [0.0, 2.0]]])))
        4.0
    """
    x = checked_features("image", image, channel_axis)
    if is_complex(x.dtype):
        raise DTypeError(f"`image` must be real; got {x.dtype}. Take its real and imaginary part as channels.")
    size, is_periodic = lookup("norm", norm, NORMS), lookup("boundary", boundary, BOUNDARIES)
    x = x.astype(floating(x.dtype))
    total = jnp.zeros((), x.dtype)
    for axis in range(x.ndim + channel_axis + 1, x.ndim):
        step = jnp.roll(x, -1, axis) - x if is_periodic else jnp.diff(x, axis=axis)
        if step.size:
            total = total + jnp.mean(size(step))
    return total
