"""`Geometry`: everything about a correlation except its arrays.

Per axis, with L samples, k taps, input dilation e, L̃ = (L−1)·e + 1 and K = (k−1)·dilation + 1:

    y[n] = Σ_t w[t] · x̃[n·stride + t·dilation − lo]        n = 0 … (L̃ + lo + hi − K) // stride
"""

import dataclasses
import math

from sigconv._core.boundary import ZERO, Constant, Reads, Rule
from sigconv._core.errors import OptionError, ShapeError


@dataclasses.dataclass(frozen=True)
class Axis:
    """One spatial axis: pads (negative crops), steps, and what is read beyond the ends."""

    lo: int = 0
    hi: int = 0
    stride: int = 1
    dilation: int = 1
    input_dilation: int = 1
    low: Reads = ZERO
    high: Reads = ZERO

    def __post_init__(self) -> None:
        if self.input_dilation > 1 and not self.is_zero:
            raise OptionError(
                f"`boundary` must be 'zero' where `input_dilation` is above 1; got {self.input_dilation}. "
                "Extend the signal first, or insert the zeros yourself."
            )

    @property
    def is_zero(self) -> bool:
        """Whether nothing but zeros is read beyond the ends (pads that only crop read nothing there)."""
        return _reads_zero(self.low, self.lo) and _reads_zero(self.high, self.hi)

    def extent(self, taps: int) -> int:
        """K, the dilated length of the kernel."""
        return (taps - 1) * self.dilation + 1

    def inserted(self, length: int) -> int:
        """L̃, the length after input dilation."""
        return (length - 1) * self.input_dilation + 1

    def out_length(self, length: int, taps: int) -> int:
        """Number of outputs; not positive when there are none."""
        return (self.inserted(length) + self.lo + self.hi - self.extent(taps)) // self.stride + 1

    def is_circular(self, taps: int) -> bool:
        """Whether, before striding, every lag of one period comes out once: a circular correlation."""
        periodic = self.low is Rule.PERIODIC and self.high is Rule.PERIODIC
        return periodic and self.input_dilation == 1 and self.lo + self.hi == self.extent(taps) - 1


def _reads_zero(reads: Reads, pad: int) -> bool:
    return pad <= 0 or (isinstance(reads, Constant) and reads.is_zero)


@dataclasses.dataclass(frozen=True)
class Geometry:
    """A correlation without its arrays: hashable, a static argument of `jit`, the key of every choice."""

    axes: tuple[Axis, ...]
    groups: int = 1

    @property
    def rank(self) -> int:
        return len(self.axes)

    @property
    def is_zero(self) -> bool:
        """Whether only zeros are read beyond the ends, on every axis."""
        return all(axis.is_zero for axis in self.axes)

    def extent(self, taps: tuple[int, ...]) -> tuple[int, ...]:
        """K per axis."""
        return tuple(axis.extent(k) for axis, k in zip(self.axes, taps, strict=True))

    def out_shape(self, space: tuple[int, ...], taps: tuple[int, ...]) -> tuple[int, ...]:
        """Spatial shape of the output."""
        lengths = tuple(axis.out_length(n, k) for axis, n, k in zip(self.axes, space, taps, strict=True))
        if min(lengths, default=1) < 1:
            raise ShapeError(
                f"`kernel` must fit the padded signal; got extent {self.extent(taps)} over {space} samples with "
                f"padding {tuple((axis.lo, axis.hi) for axis in self.axes)}. Pad more, or ask for 'full'."
            )
        return lengths

    def halo(self, taps: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
        """Samples (before, after) that a block cut at multiples of the stride needs from its neighbours."""
        return tuple(
            (max(axis.lo, 0), max(axis.extent(k) - axis.stride - axis.lo, 0))
            for axis, k in zip(self.axes, taps, strict=True)
        )

    def adjoint(self, space: tuple[int, ...], taps: tuple[int, ...]) -> "Geometry":
        """The transpose for signals of this shape; its weights are `layout.adjoint_weights`, conjugated if complex."""
        if not self.is_zero:
            raise OptionError(
                "`boundary` must be 'zero' for the adjoint to be a Geometry; got another. "
                "Use the adjoint of the geometry after `extend`, then `fold`."
            )
        self.out_shape(space, taps)
        axes = []
        for axis, length, k in zip(self.axes, space, taps, strict=True):
            reach = axis.extent(k) - 1
            unread = (axis.inserted(length) + axis.lo + axis.hi - reach - 1) % axis.stride
            axes.append(
                Axis(
                    lo=reach - axis.lo,
                    hi=reach - axis.hi + unread,
                    stride=axis.input_dilation,
                    dilation=axis.dilation,
                    input_dilation=axis.stride,
                )
            )
        return Geometry(tuple(axes), self.groups)

    def compose(
        self, first: "Geometry", space: tuple[int, ...], taps: tuple[int, ...], *, pad_first: bool = False
    ) -> "Geometry":
        """The single geometry of `first` followed by this one.

        Its kernel is Σ over s₁·d₂·l + d₁·k = m of w₂[l] @ w₁[k], on the grid of multiples of the dilation it is given.
        Exact where it is returned, except that with `pad_first=True` the composite pads the signal once, in front of
        both, where the two steps would crop to the first output and pad that with zeros.

        Args:
            first: The geometry applied first, to a signal of shape `space` with a kernel of `taps`.
            space: Spatial shape of the signal.
            taps: Spatial shape of the kernel of `first`.
            pad_first: Accept the pad-first form of zero-padded compositions.
        Raises:
            OptionError: No single geometry does it: the border differs, the first strides and the second inserts
                zeros, a stride does not divide the period, or a boundary is neither zero nor periodic.
        """
        middle = first.out_shape(space, taps)
        axes = tuple(
            _compose_axis(one, two, length, k, between, pad_first)
            for one, two, length, k, between in zip(first.axes, self.axes, space, taps, middle, strict=True)
        )
        return Geometry(axes, math.gcd(first.groups, self.groups))


def _compose_axis(first: Axis, second: Axis, length: int, taps: int, middle: int, pad_first: bool) -> Axis:
    step, insert = first.stride, second.input_dilation
    if step > 1 and insert > 1:
        raise OptionError(
            f"`first` must not stride where the second inserts zeros; got stride {step} and input dilation {insert}. "
            "The result is periodically time-varying: apply the two in turn."
        )
    if first.is_zero and second.is_zero:
        # Zeros beyond the first's outputs are what it would have given there only if it reads no sample there.
        low = second.lo <= 0 or first.lo + step >= first.extent(taps)
        high = second.hi <= 0 or middle * step - first.lo >= first.inserted(length)
        if not (pad_first or (low and high)):
            raise OptionError(
                "`second` must not pad with zeros where the first has cropped its output; got padding "
                f"{(second.lo, second.hi)}. Pass pad_first=True to pad once, in front of both: the border then differs."
            )
        rule: Reads = ZERO
    elif first.is_circular(taps) and second.low is second.high is Rule.PERIODIC and insert == 1:
        if length % step:
            raise OptionError(f"`first` must have a stride that divides the period; got {step} for {length} samples.")
        rule = Rule.PERIODIC
    else:
        raise OptionError(
            "`boundary` must be 'zero' in both, or 'periodic' in both with the first circular; got others."
        )
    return Axis(
        lo=first.lo * insert + step * second.lo,
        hi=first.hi * insert + step * second.hi,
        stride=step * second.stride,
        dilation=math.gcd(first.dilation * insert, step * second.dilation),
        input_dilation=first.input_dilation * insert,
        low=rule,
        high=rule,
    )
