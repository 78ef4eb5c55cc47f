"""`Layer`: y[o, n] = b[o] + Σ_{c,t} w[o, c, t] x[c, n·stride + t·dilation − lo], and its channels in blocks."""

import dataclasses

import jax
import jax.numpy as jnp

from sigconv._core.errors import OptionError, ShapeError
from sigconv._core.layout import adjoint_weights


@dataclasses.dataclass(frozen=True)
class Layer:
    """A filter in the correlation sense, with channels.

    Attributes:
        weights: (out, in/groups, *taps).
        bias: (out,), or None.
        stride, dilation, lo: Per axis.
        groups: Blocks of channels that do not mix.
    """

    weights: jax.Array
    bias: jax.Array | None
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    lo: tuple[int, ...]
    groups: int = 1

    @property
    def rank(self) -> int:
        return self.weights.ndim - 2

    @property
    def taps(self) -> tuple[int, ...]:
        return self.weights.shape[2:]

    @property
    def outs(self) -> int:
        return self.weights.shape[0]

    @property
    def ins(self) -> int:
        return self.weights.shape[1] * self.groups

    @property
    def reach(self) -> tuple[int, ...]:
        """K − 1 per axis: samples from the first tap to the last."""
        return tuple((k - 1) * d for k, d in zip(self.taps, self.dilation, strict=True))

    @property
    def offsets(self) -> tuple[tuple[int, int], ...]:
        """Per axis, where the first and the last tap of output 0 read."""
        return tuple((-lo, reach - lo) for lo, reach in zip(self.lo, self.reach, strict=True))

    @property
    def hi(self) -> tuple[int, ...]:
        """What 'same' pads at the end."""
        return tuple(reach - lo for lo, reach in zip(self.lo, self.reach, strict=True))

    def is_strided(self) -> bool:
        return any(step > 1 for step in self.stride)


def regrouped(weights: jax.Array, groups: int, fewer: int) -> jax.Array:
    """The same matrix in fewer, larger blocks, filled up with zeros.

    Shapes:
        weights (out, in/groups, *taps) → (out, in/fewer, *taps); `fewer` divides `groups`.
    """
    if groups == fewer:
        return weights
    merged = groups // fewer
    out, per_group, *taps = weights.shape
    blocks = weights.reshape(fewer, merged, out // groups, 1, per_group, *taps)
    is_own = jnp.eye(merged, dtype=bool).reshape(1, merged, 1, merged, 1, *(1 for _ in taps))
    shape = (fewer, merged, out // groups, merged, per_group, *taps)
    wide = jnp.where(jnp.broadcast_to(is_own, shape), jnp.broadcast_to(blocks, shape), jnp.zeros((), weights.dtype))
    return wide.reshape(out, merged * per_group, *taps)


def lifted(layer: Layer, channels: int) -> Layer:
    """A single-channel layer for every one of `channels`."""
    weights = jnp.broadcast_to(layer.weights, (channels, *layer.weights.shape[1:]))
    bias = None if layer.bias is None else jnp.broadcast_to(layer.bias, (channels,))
    return dataclasses.replace(layer, weights=weights, bias=bias, groups=channels)


def adjoint(layer: Layer, *, conjugate: bool) -> Layer:
    """Transposed, and conjugated if asked: taps flipped, channels exchanged, reads mirrored. The bias stays behind."""
    if layer.is_strided():
        raise OptionError(
            f"`stride` must be 1 for the adjoint to be a Filter; got {layer.stride}. It inserts zeros, and how many "
            "at the end depends on the signal: use `operators.Convolution(filter, shape).adjoint()`."
        )
    weights = adjoint_weights(layer.weights, layer.groups)
    return dataclasses.replace(layer, weights=jnp.conj(weights) if conjugate else weights, bias=None, lo=layer.hi)


def check_chain(second: Layer, first: Layer) -> None:
    """`ShapeError` unless the second takes what the first gives."""
    if first.rank != second.rank:
        raise ShapeError(
            f"`first` must have as many axes as `second`; got {first.rank} and {second.rank}. Add axes of one tap."
        )
    if first.outs != second.ins:
        raise ShapeError(
            f"`first` must give the channels that `second` takes; got {first.outs} for {second.ins}. "
            "Check the order: compose(second, first) applies `first` first."
        )
