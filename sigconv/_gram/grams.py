"""`gram` and `cross_gram`: products of features summed over space, by the name of their normalisation."""

import functools
import math
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.errors import ShapeError, front_door
from sigconv._gram.products import gram_at
from sigconv._gram.request import Request, checked_features, checked_mask, resolve_request

Normalization = Literal["none", "spatial", "all"]
Boundary = Literal["zero", "periodic"]
Lags = list[int] | list[tuple[int, ...]] | tuple[int, ...] | tuple[tuple[int, ...], ...] | range | np.ndarray


@front_door("gram")
def gram(
    features: ArrayLike,
    *,
    normalize: Normalization = "spatial",
    centered: bool = False,
    lags: Lags | None = None,
    mask: ArrayLike | None = None,
    chunk: int | None = None,
    precision: str | lax.Precision | None = None,
    channel_axis: int = -3,
    boundary: Boundary = "zero",
) -> jax.Array:
    """The Gram matrix of features: G[i, j] = Σ_x F[i, x] conj(F[j, x]) / M, of M samples.

    Args:
        features: Real or complex. Sums and results of float16 and bfloat16 are float32.
        normalize: 'none' sums, 'spatial' divides by M, 'all' by C·M; see docs/gram.md.
        centered: Take each channel's mean off first: a covariance.
        lags: Shifts δ, as integers or one tuple each; of each the matrix Σ_x F[i, x] conj(F[j, x + δ]), and M is the
            number of pairs.
        mask: Weights of samples, not negative; M is their sum. A pair's weight is the geometric mean. Where a bool mask
            is False, anything may stand.
        chunk: Samples that are taken at once; memory beside the features is O(C² + C·chunk), also backwards.
        precision: Of matrix products on accelerators; 'highest' if None.
        channel_axis: Where C is, from the end; all axes behind it are space. -2 for one axis of space, -3 for images.
        boundary: What lags read beyond the ends: 'zero', or 'periodic'.
    Shapes:
        features (..., C, *space), mask (*space) or (..., *space) → (..., C, C), or (..., lags, C, C).
    Raises:
        ShapeError: Features are empty or have no axis of space, or the mask has another shape.
        OptionError: An option is none of those above.
        DTypeError: An array is not numeric.
    Reference:
        Gatys, Ecker & Bethge, "Texture synthesis using convolutional neural networks", 2015.
    Example:
        >>> gram(jnp.array([[1.0, 2.0], [3.0, 4.0]]), channel_axis=-2, normalize="none").tolist()
        [[5.0, 11.0], [11.0, 25.0]]
    """
    x = checked_features("features", features, channel_axis)
    front, space = x.shape[:channel_axis], x.shape[channel_axis + 1 :]
    weights = checked_mask(mask, front, space)
    request = resolve_request(
        x,
        x,
        normalize=normalize,
        centered=centered,
        lags=lags,
        mask=weights,
        chunk=chunk,
        precision=precision,
        channel_axis=channel_axis,
        boundary=boundary,
    )
    return _compiled(x, None, weights, front, request)


@front_door("cross_gram")
def cross_gram(
    x: ArrayLike,
    y: ArrayLike,
    *,
    normalize: Normalization = "spatial",
    centered: bool = False,
    lags: Lags | None = None,
    mask: ArrayLike | None = None,
    chunk: int | None = None,
    precision: str | lax.Precision | None = None,
    channel_axis: int = -3,
    boundary: Boundary = "zero",
) -> jax.Array:
    """The products of two sets of features: G[i, j] = Σ_m X[i, m] conj(Y[j, m]) / M, of M samples.

    The options are those of `gram`, with 'all' dividing by √(C·D)·M.

    Args:
        x, y: Features over the same space; the axes in front of the channels broadcast.
        normalize, centered, lags, mask, chunk, precision, channel_axis, boundary: As in `gram`.
    Shapes:
        x (..., C, *space), y (..., D, *space) → (..., C, D), or (..., lags, C, D).
    Raises:
        ShapeError: Also where the two have other spaces, or axes in front that do not broadcast.
        OptionError, DTypeError: As `gram`.
    Example:
        >>> x, y = jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[1.0, 1.0]])
        >>> cross_gram(x, y, channel_axis=-2, normalize="none").tolist()
        [[3.0], [7.0]]
    """
    one, other = (checked_features(name, a, channel_axis) for name, a in (("x", x), ("y", y)))
    space = one.shape[channel_axis + 1 :]
    if other.shape[channel_axis + 1 :] != space:
        raise ShapeError(
            f"`y` must have the space of `x`, {space}; got {other.shape[channel_axis + 1 :]}. Crop or resize one."
        )
    try:
        front = np.broadcast_shapes(one.shape[:channel_axis], other.shape[:channel_axis])
    except ValueError:
        raise ShapeError(
            f"`y` must broadcast with `x` along the axes in front of the channels; got {other.shape} against "
            f"{one.shape}."
        ) from None
    weights = checked_mask(mask, front, space)
    request = resolve_request(
        one,
        other,
        normalize=normalize,
        centered=centered,
        lags=lags,
        mask=weights,
        chunk=chunk,
        precision=precision,
        channel_axis=channel_axis,
        boundary=boundary,
    )
    return _compiled(one, other, weights, front, request)


@functools.partial(jax.jit, static_argnames=("front", "request"))
def _compiled(
    x: jax.Array, y: jax.Array | None, mask: jax.Array | None, front: tuple[int, ...], request: Request
) -> jax.Array:
    rank, batch = len(request.space), math.prod(front)
    # Without lags, samples are in no order.
    space = request.space if request.lags is not None else (math.prod(request.space),)

    def canonical(a: jax.Array) -> jax.Array:
        shape = (*front, *a.shape[-rank - 1 :])
        wide = jnp.broadcast_to(a.reshape(*(1,) * (len(shape) - a.ndim), *a.shape), shape)
        return wide.reshape(batch, shape[-rank - 1], *space)

    x, y = canonical(x), None if y is None else canonical(y)
    mask = None if mask is None else mask.reshape(-1, *space)
    if request.lags is None:
        found = gram_at(x, y, mask, (0,), request)
        return found.reshape(*front, *found.shape[1:])
    found = jnp.stack([gram_at(x, y, mask, lag, request) for lag in request.lags], 1)
    return found.reshape(*front, *found.shape[1:])
