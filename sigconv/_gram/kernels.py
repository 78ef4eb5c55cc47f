"""`kernel_gram`: how a layer's filters go with one another, for penalties on what keeps them from being orthogonal."""

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, computed_in
from sigconv._core.errors import ShapeError, front_door
from sigconv._core.layout import check_not_empty
from sigconv._core.options import per_axis
from sigconv._gram.grams import gram
from sigconv.signal import correlate_channels


@front_door("kernel_gram")
def kernel_gram(
    weights: ArrayLike, *, stride: int | tuple[int, ...] | None = None, precision: str | lax.Precision | None = None
) -> jax.Array:
    """The products of a layer's filters: G[i, j] = Σ_{c,t} W[i, c, t] conj(W[j, c, t]).

    With a stride also those of filters moved: G[δ, i, j] = Σ_{c,t} W[i, c, t] conj(W[j, c, t + δ]), at every multiple δ
    of the stride at which the two overlap. A layer of that stride has orthonormal rows if and only if this is the
    identity at δ = 0, in the middle, and 0 elsewhere.

    Args:
        weights: Taps of a layer.
        stride: Of the layer, per axis or one for all; None for the filters where they are.
        precision: Of matrix products on accelerators; 'highest' if None.
    Shapes:
        weights (c_out, c_in, *taps) → (c_out, c_out), or (*lags, c_out, c_out), 2·((K − 1) // stride) + 1 per axis.
    Raises:
        ShapeError: Weights are empty or have fewer than two axes, or a stride and no taps.
        OptionError: `stride` is no positive integer, or not one per axis.
        DTypeError: Weights are not numeric.
    Reference:
        Wang, Chen, Chakraborty & Yu, "Orthogonal convolutional neural networks", CVPR 2020.
    Example:
        >>> kernel_gram(jnp.array([[[1.0, 1.0]], [[1.0, -1.0]]])).tolist()
        [[2.0, 0.0], [0.0, 2.0]]
        >>> kernel_gram(jnp.array([[[1.0, 1.0]], [[1.0, -1.0]]]), stride=1).tolist()[0]
        [[1.0, 1.0], [-1.0, -1.0]]
    """
    w = as_operand("weights", weights)
    check_not_empty("weights", w.shape)
    if w.ndim < (2 if stride is None else 3):
        taps = "" if stride is None else " with at least one axis of taps for a stride"
        raise ShapeError(f"`weights` must be (c_out, c_in, *taps){taps}; got shape {w.shape}.")
    if stride is None:
        return gram(w.reshape(w.shape[0], -1), normalize="none", precision=precision, channel_axis=-2)
    taps = w.shape[2:]
    steps = per_axis("stride", stride, len(taps))
    pads = tuple(((k - 1) // s * s, (k - 1) // s * s) for k, s in zip(taps, steps, strict=True))
    w = w.astype(computed_in(w.dtype))
    moved = correlate_channels(w, jnp.conj(w), padding=pads, stride=steps, precision=precision)
    return jnp.conj(jnp.moveaxis(moved, (1, 0), (-2, -1)))
