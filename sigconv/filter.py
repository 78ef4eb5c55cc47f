"""`Filter`: a convolution layer as a value that is called, composed, added, transposed and differentiated."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, as_scalar, common
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.options import is_integer, per_axis
from sigconv._core.pytree import pytree
from sigconv._filter import composition
from sigconv._filter import layer as layers
from sigconv._filter.batch_norm import folded
from sigconv._filter.checks import check_per_channel
from sigconv._filter.filtering import Filtering
from sigconv._filter.layer import Layer
from sigconv._filter.polyphase import components, decimated_first
from sigconv._filter.response import response
from sigconv._filter.separate import Separated, separated
from sigconv._filter.trim import trimmed
from sigconv.signal import PerAxis


@pytree
@dataclasses.dataclass(frozen=True, init=False, eq=False)
class Filter(Filtering):
    """y[o, n] = b[o] + Σ_{c,t} w[o, c, t] x[c, n·stride + t·dilation − lo], as a pytree of weights and bias.

    `second @ first` is one Filter that does both; `+`, `-` and scalar `*` act on the outputs. See docs/composition.md.

    Args:
        weights: Taps; with `channels=False` those of one kernel for every channel.
        stride, dilation: Steps of outputs and of taps; per axis, or one for all.
        groups: Blocks of channels that do not mix.
        lo: Samples that 'same' pads in front: tap t reads sample n·stride + t·dilation − lo. (K−1)//2 if None.
        kind: 'correlation', or 'convolution': the taps are those of a convolution, flipped before they are applied.
        bias: Added to each channel of the output.
        channels: Whether weights and signals have channels.
    Shapes:
        weights (c_out, c_in/groups, *taps), bias (c_out,); with `channels=False` weights (*taps), bias ().
    Raises:
        ShapeError: An operand is empty, or its shape does not fit.
        OptionError: A step, `groups` or `kind` is none.
        DTypeError: An operand is not numeric.
    Example:
        >>> smooth, slope = (Filter(taps, channels=False) for taps in ([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0]))
        >>> (slope @ smooth).weights.tolist()
        [-1.0, -2.0, 0.0, 2.0, 1.0]
    """

    @front_door("compose")
    def __matmul__(self, first: "Filter") -> "Filter":
        """`first`, then this one, as one Filter; see `compose` for where that is exact."""
        return composed(self, first) if isinstance(first, Filter) else NotImplemented

    @front_door("Filter.__add__")
    def __add__(self, other: "Filter") -> "Filter":
        """Both on the same signal, outputs added."""
        if not isinstance(other, Filter):
            return NotImplemented
        _check_same_channels(self, other)
        period = tuple(int(np.lcm(a, b)) for a, b in zip(self.period, other.period, strict=False))
        return self._of(composition.added(self.layer, other.layer), other, period=period)

    def __neg__(self) -> "Filter":
        return self * -1

    def __sub__(self, other: "Filter") -> "Filter":
        return self + -other if isinstance(other, Filter) else NotImplemented

    def __mul__(self, factor: ArrayLike) -> "Filter":
        """The outputs times a number."""
        if isinstance(factor, Filter) or jnp.ndim(factor) != 0:
            return NotImplemented
        number = as_scalar(factor, self.weights.dtype) if jnp.issubdtype(self.weights.dtype, jnp.inexact) else factor
        return self._with(_times(self.weights, number), None if self.bias is None else _times(self.bias, number))

    __rmul__ = __mul__

    def __truediv__(self, divisor: ArrayLike) -> "Filter":
        return self * (1 / as_scalar(divisor, self.weights.dtype)) if jnp.ndim(divisor) == 0 else NotImplemented

    @front_door("Filter.adjoint")
    def adjoint(self) -> "Filter":
        """The conjugate transpose of the linear part: ⟨f(x), y⟩ = ⟨x, f.adjoint()(y)⟩ where nothing is cut off.

        Raises:
            OptionError: The filter strides; `operators.Convolution(filter, shape).adjoint()` does it.
        """
        return self._of(layers.adjoint(self.layer, conjugate=True))

    @front_door("Filter.transpose")
    def transpose(self) -> "Filter":
        """The transpose of the linear part, without conjugation; as `adjoint` otherwise."""
        return self._of(layers.adjoint(self.layer, conjugate=False))

    def conj(self) -> "Filter":
        """The complex conjugate of weights and bias."""
        return self._with(jnp.conj(self.weights), None if self.bias is None else jnp.conj(self.bias))

    @front_door("Filter.autocorrelation")
    def autocorrelation(self) -> "Filter":
        """AᴴA of the linear part: this filter, then its adjoint.

        Raises:
            OptionError: The filter strides: AᴴA is then no filter but repeats every `stride` samples.
        """
        if self.layer.is_strided():
            raise OptionError(
                f"`stride` must be 1 for AᴴA to be a filter; got {self.stride}: it changes from sample to sample with "
                "that period. Use `operators.normal(operators.Convolution(filter, shape))`; AAᴴ is a filter."
            )
        linear = self._with(self.weights, None)
        return linear.adjoint() @ linear

    @front_door("Filter.response")
    def response(self, frequencies: ArrayLike) -> jax.Array:
        """Frequency response H(f) = Σ_t w[t] exp(2πi f·(t·dilation − lo)): what the filter makes of exp(2πi f·n).

        Args:
            frequencies: In cycles/sample.
        Shapes:
            frequencies (...) along one axis, (..., rank) along more → (..., c_out, c_in); without channels (...).
        """
        values = response(self.layer, as_operand("frequencies", frequencies))
        return values if self.channels else values[..., 0, 0]

    @front_door("Filter.fold_batch_norm")
    def fold_batch_norm(
        self,
        mean: ArrayLike,
        variance: ArrayLike,
        *,
        scale: ArrayLike | None = None,
        shift: ArrayLike | None = None,
        epsilon: float = 1e-5,
    ) -> "Filter":
        """This filter, then (y − mean) / √(variance + ε) · scale + shift per channel, as one Filter.

        Shapes:
            mean, variance, scale, shift (c_out,); without channels ().
        """
        shape = self.weights.shape[:1] if self.channels else ()
        given = {"mean": mean, "variance": variance, "scale": scale, "shift": shift}
        arrays = {name: as_operand(name, value) for name, value in given.items() if value is not None}
        for name, array in arrays.items():
            check_per_channel(name, array.shape, shape)
        rows = {name: array.reshape(-1) for name, array in arrays.items()}
        return self._of(folded(self.layer, rows, epsilon))

    @front_door("Filter.trim")
    def trim(self, tolerance: float = 0.0) -> "Filter":
        """Without the outermost taps that are nowhere larger than `tolerance`; outside of `jit` only.

        Raises:
            OptionError: The weights are traced: how many taps are left depends on their values.
        """
        return self._of(trimmed(self.layer, tolerance))

    @front_door("Filter.separate")
    def separate(self, rank: int = 1) -> Separated:
        """The nearest sum of `rank` separable kernels, and the error that it makes; see `Separated`.

        Raises:
            OptionError: The filter has channels, or fewer than two axes.
        """
        if self.channels:
            raise OptionError("`channels` must be False; got a filter with channels. Separate each kernel on its own.")
        if not is_integer(rank) or rank < 1:
            raise OptionError(f"`rank` must be a positive integer; got {rank!r}.")
        return separated(self.layer.weights[0, 0], rank)

    @front_door("Filter.polyphase")
    def polyphase(self, count: PerAxis) -> dict[tuple[int, ...], "Filter"]:
        """The filters of every phase: y = Σ_r f_r(x_r), where x_r are the samples n·count + r of the signal.

        Only for filters of stride 1 or `count`: with stride 1 the sum gives the outputs n·count.
        """
        parts = components(self.layer, per_axis("count", count, self.rank))
        return {phase: self._of(layer) for phase, layer in parts.items()}

    @front_door("Filter.decimate_first")
    def decimate_first(self) -> tuple[tuple[int, ...], "Filter"]:
        """The stride, and the filter of stride 1 that does the same to the samples n·stride (first noble identity).

        Raises:
            OptionError: Dilation or lo is no multiple of the stride; `polyphase` takes any.
        """
        stride, layer = decimated_first(self.layer)
        return stride, self._of(layer, period=(1,) * self.rank)

    def _with(self, weights: jax.Array, bias: jax.Array | None) -> "Filter":
        return dataclasses.replace(self, weights=weights, bias=bias)


def _times(array: jax.Array, factor: ArrayLike) -> jax.Array:
    """With a Python number in the array's dtype, and promoted as arrays are otherwise."""
    if not isinstance(factor, jax.Array | np.ndarray | np.generic):
        return array * factor
    number = jnp.asarray(factor)
    dtype = common(array, number)
    return array.astype(dtype) * number.astype(dtype)


def composed(second: Filter, first: Filter) -> Filter:
    """One Filter for both."""
    one, two = chained(first, second)
    periods = zip(first.period, first.stride, second.period, strict=True)
    period = tuple(int(np.lcm(own, step * next_one)) for own, step, next_one in periods)
    return second._of(composition.composed(two, one), first, period=period)


def chained(first: Filter, second: Filter) -> tuple[Layer, Layer]:
    """Both with channels; one that has none is applied to each channel of the other."""
    one, two = first.layer, second.layer
    if first.channels and not second.channels:
        two = layers.lifted(two, one.outs)
    if second.channels and not first.channels:
        one = layers.lifted(one, two.ins)
    layers.check_chain(two, one)
    return one, two


def _check_same_channels(one: Filter, two: Filter) -> None:
    if one.channels != two.channels:
        raise ShapeError("`other` must have channels where this filter has, and none where it has none.")
