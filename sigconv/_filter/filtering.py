"""`Filtering`: weights with their steps and their origin, called on signals; what `Filter` is, without its algebra."""

import dataclasses
from typing import Any, Literal, Self

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.boundary import Rule, resolve_boundary
from sigconv._core.dtypes import as_operand
from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv._core.options import per_axis
from sigconv._core.pytree import STATIC
from sigconv._engine.method import Method
from sigconv._filter.border import along_channels
from sigconv._filter.checks import check_per_channel, check_weights
from sigconv._filter.layer import Layer
from sigconv.signal import Boundary, Padding, PerAxis, correlate_channels

Kind = Literal["correlation", "convolution"]
_FLIPS = {"correlation": False, "convolution": True}


@dataclasses.dataclass(frozen=True, init=False, eq=False)
class Filtering:
    """The fields of a `Filter`, which see, and the call."""

    weights: jax.Array
    bias: jax.Array | None
    stride: tuple[int, ...] = dataclasses.field(metadata=STATIC)
    dilation: tuple[int, ...] = dataclasses.field(metadata=STATIC)
    lo: tuple[int, ...] = dataclasses.field(metadata=STATIC)
    groups: int = dataclasses.field(metadata=STATIC)
    kind: Kind = dataclasses.field(metadata=STATIC)
    channels: bool = dataclasses.field(metadata=STATIC)
    period: tuple[int, ...] = dataclasses.field(metadata=STATIC)
    """What the length of a periodic signal must be a multiple of: 1, unless strided filters were composed."""

    @front_door("Filter")
    def __init__(
        self,
        weights: ArrayLike,
        *,
        stride: PerAxis = 1,
        dilation: PerAxis = 1,
        groups: int = 1,
        lo: PerAxis | None = None,
        kind: Kind = "correlation",
        bias: ArrayLike | None = None,
        channels: bool = True,
        period: PerAxis = 1,
    ) -> None:
        w = as_operand("weights", weights)
        rank = w.ndim - (2 if channels else 0)
        check_weights(w.shape, rank, channels, groups)
        steps, spread = per_axis("stride", stride, rank), per_axis("dilation", dilation, rank)
        lookup("kind", kind, _FLIPS)
        reach = [(k - 1) * d for k, d in zip(w.shape[w.ndim - rank :], spread, strict=True)]
        front = tuple(k // 2 for k in reach) if lo is None else per_axis("lo", lo, rank, least=-(2**31) + 1)
        b = None if bias is None else as_operand("bias", bias)
        if b is not None:
            check_per_channel("bias", b.shape, (w.shape[0],) if channels else ())
        values = (w, b, steps, spread, front, int(groups), kind, bool(channels), per_axis("period", period, rank))
        for field, value in zip(dataclasses.fields(self), values, strict=True):
            object.__setattr__(self, field.name, value)

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return self.weights.ndim - (2 if self.channels else 0)

    @property
    def taps(self) -> tuple[int, ...]:
        """Number of taps per axis."""
        return self.weights.shape[self.weights.ndim - self.rank :]

    @property
    def extent(self) -> tuple[int, ...]:
        """K = (k−1)·dilation + 1 per axis."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.taps, self.dilation, strict=True))

    @property
    def layer(self) -> Layer:
        """The same in the correlation sense, with channels."""
        w = lax.rev(self.weights, self._spatial) if _FLIPS[self.kind] else self.weights
        bias = self.bias
        if not self.channels:
            w, bias = w.reshape(1, 1, *w.shape), None if bias is None else bias.reshape(1)
        return Layer(w, bias, self.stride, self.dilation, self.lo, self.groups)

    @property
    def _spatial(self) -> tuple[int, ...]:
        return tuple(range(self.weights.ndim - self.rank, self.weights.ndim))

    @front_door("Filter")
    def __call__(
        self,
        signal: ArrayLike,
        *,
        boundary: Boundary = "zero",
        padding: Padding = "same",
        method: str | Method = "auto",
        precision: str | lax.Precision | None = None,
    ) -> jax.Array:
        """Filter a signal.

        Args:
            signal: Real or complex samples; any number of batch axes.
            boundary, method, precision: As in `correlate`.
            padding: 'same' (lo in front, K − 1 − lo behind, also where the kernel is longer than the signal), 'valid',
                'full', or one (lo, hi) per axis.
        Shapes:
            signal (..., c_in, *space) → (..., c_out, *out); without channels (..., *space) → (..., *out). 'same' gives
            ⌈L / stride⌉ outputs.
        """
        x, layer = as_operand("signal", signal), self.layer
        if not self.channels:
            if x.ndim < self.rank:
                raise ShapeError(f"`signal` must have at least {self.rank} axes, as the filter has; got {x.ndim}.")
            x = jnp.expand_dims(x, x.ndim - self.rank)
        self._check_period(x.shape[x.ndim - self.rank :], boundary)
        pads = tuple(zip(layer.lo, layer.hi, strict=True)) if padding == "same" else padding
        y = correlate_channels(
            x,
            layer.weights,
            padding=pads,
            boundary=boundary,
            stride=layer.stride,
            dilation=layer.dilation,
            groups=layer.groups,
            method=method,
            precision=precision,
        )
        if layer.bias is not None:
            bias = along_channels(layer.bias, self.rank, y)
            y = y.astype(bias.dtype) + bias
        return y if self.channels else jnp.squeeze(y, y.ndim - self.rank - 1)

    def _check_period(self, space: tuple[int, ...], boundary: Boundary) -> None:
        if max(self.period) == 1:
            return
        for length, period, reads in zip(space, self.period, resolve_boundary(boundary, self.rank), strict=True):
            if Rule.PERIODIC in reads and length % period:
                raise OptionError(
                    f"`signal` must be a multiple of {period} samples long where it is periodic, as strided filters "
                    f"were composed; got {length}. Apply the filters in turn."
                )

    def _of(self, layer: Layer, *others: "Filtering", period: tuple[int, ...] | None = None) -> Self:
        """The layer as a filter of the kind that those it was made of, this one and others, share."""
        parents = (self, *others)
        kind: Kind = "convolution" if all(parent.kind == "convolution" for parent in parents) else "correlation"
        has_channels = any(parent.channels for parent in parents)
        w = lax.rev(layer.weights, tuple(range(2, layer.weights.ndim))) if _FLIPS[kind] else layer.weights
        bias = layer.bias
        if not has_channels:
            w, bias = w.reshape(w.shape[2:]), None if bias is None else bias.reshape(())
        options: dict[str, Any] = {"stride": layer.stride, "dilation": layer.dilation, "lo": layer.lo}
        options |= {"groups": layer.groups, "kind": kind, "bias": bias, "channels": has_channels}
        return type(self)(w, period=self.period if period is None else period, **options)
