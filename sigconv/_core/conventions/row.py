"""`Convention`: what one function does to its kernel and where its outputs sit, as numbers the engine understands."""

import dataclasses
from collections.abc import Callable, Mapping

from sigconv._core.boundary import ZERO, Reads
from sigconv._core.conventions.arguments import Arguments, named
from sigconv._core.conventions.pads import Count, Pads
from sigconv._core.conventions.reproduce import reproduction
from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv._core.geometry import Axis
from sigconv._core.options import is_integer


@dataclasses.dataclass(frozen=True, eq=False)
class Convention:
    """One function's convention.

    Attributes:
        name: The function, with its library.
        flips: Whether the kernel is reversed: a convolution, not a correlation.
        conjugates: Whether a complex kernel is conjugated.
        modes: The function's words for padding.
        default_mode: The mode, or number of samples, where nothing is said; None where the caller must say.
        default_boundary: Likewise, in the function's own words.
        boundaries: The function's boundary names, and the rule each stands for.
        signal_layout, kernel_layout: Order of the axes; `space` and `taps` stand for any number of them.
        rank: How many axes `taps` are; None: any number.
        count: What a number in place of a mode means; None: the function takes none.
        pairs, crops: Whether it takes (lo, hi) for each axis; whether these may be negative.
        origin_sign: How an `origin` argument moves lo; 0: there is no such argument.
        swaps: Modes in which a kernel longer than the signal changes places with it.
        unconjugated: Modes in which it forgets, after that, to conjugate what it has swapped back.
        fitting: Modes that the function refuses for a kernel longer than the signal.
        unstrided: Modes that it refuses where it strides.
        uninserted: Modes that it refuses where it inserts zeros in the signal.
        one_step: Whether it refuses a stride together with a dilation.
        steps: Which of 'stride', 'dilation', 'input_dilation' and 'output_padding' the function takes.
        transposed: Whether the function is the transpose of a strided correlation; its words are the correlation's.
        result_lengths: Of transposed functions: the length that each of `modes` gives, from (length, extent, stride).
        arguments: Puts all this in the function's own keyword arguments.
        note: What else there is to know, in a line.
    """

    name: str
    flips: bool
    conjugates: bool
    modes: Mapping[str, Pads]
    default_mode: str | int | None
    default_boundary: str = "zero"
    boundaries: Mapping[str, Reads] = dataclasses.field(default_factory=lambda: {"zero": ZERO})
    signal_layout: str = "space"
    kernel_layout: str = "taps"
    rank: int | None = None
    count: Count | None = None
    pairs: bool = False
    crops: bool = False
    origin_sign: int = 0
    swaps: tuple[str, ...] = ()
    unconjugated: tuple[str, ...] = ()
    fitting: tuple[str, ...] = ()
    unstrided: tuple[str, ...] = ()
    uninserted: tuple[str, ...] = ()
    one_step: bool = False
    steps: frozenset[str] = frozenset()
    transposed: bool = False
    result_lengths: Mapping[str, Callable[[int, int, int], int]] = dataclasses.field(default_factory=dict)
    arguments: Arguments = dataclasses.field(default_factory=named, repr=False)
    note: str = ""

    @front_door("Convention.origin")
    def origin(self, k: int, dilation: int = 1) -> int:
        """Index on the dilated kernel, as the caller holds it, of the tap that sits on sample n in the mode 'same'."""
        _check_length("k", k)
        self._check_steps(1, dilation, 1, 0, 0)
        extent = (k - 1) * dilation + 1
        word = next((word for word in self.modes if word.lower() == "same"), None)
        if word is None:
            raise OptionError(
                f"`modes` must have a 'same' for there to be an origin; got {sorted(self.modes)} for {self.name}. Ask "
                "for its padding."
            )
        lo, _ = self.modes[word](extent, extent, 1)
        return extent - 1 - lo if self.flips and not self.transposed else lo  # Transposed: lo is the correlation's.

    @front_door("Convention.padding")
    def padding(
        self,
        n: int,
        k: int,
        *,
        mode: str | int | tuple[int, int] | None = None,
        stride: int = 1,
        dilation: int = 1,
        origin: int = 0,
        output_padding: int = 0,
    ) -> tuple[int, int]:
        """The engine's (lo, hi) on one axis of `n` samples under `k` taps.

        Args:
            n: Length of the signal. It matters to TensorFlow's strided SAME, and where operands change places.
            k: Number of taps.
            mode: One of `modes`, or what else the function takes: a number, or (lo, hi); None is its default.
            stride: The function's; a transposed function's (lo, hi) is for an input dilation of `stride`.
            dilation: The function's.
            origin: How far from its middle the kernel's origin is moved: ndimage's, or OpenCV's anchor less K//2.
            output_padding: Samples that the result of a transposed function has beyond its least, or default, length.
        Raises:
            OptionError: The function has no such mode.
            ShapeError: A length is not positive.
        """
        _check_length("n", n)
        _check_length("k", k)
        self._check_steps(stride, dilation, 1, origin, output_padding)
        extent = (k - 1) * dilation + 1
        mode = self.default_mode if mode is None else mode
        if self.transposed:
            return self._transposed_padding(mode, n, extent, stride, dilation, output_padding)
        if isinstance(mode, str) and mode in self.swaps and extent > n:
            low, high = self._words(mode, n, extent, stride)
            surplus = extent - n
            return (surplus + low, surplus + high) if self.flips else (surplus + high, surplus + low)
        lo, hi = self._words(mode, extent, n, stride)
        return lo + self.origin_sign * origin, hi - self.origin_sign * origin

    def _transposed_padding(
        self, mode: object, n: int, extent: int, stride: int, dilation: int, output_padding: int
    ) -> tuple[int, int]:
        """(lo, hi) from what the correlation that this is the transpose of pads, or this cuts from its result."""
        least = (n - 1) * stride + extent
        if isinstance(mode, str) and mode in self.result_lengths:
            length = self.result_lengths[mode](n, extent, stride) + output_padding
            cut, last = self._words(mode, extent, length, stride)
            is_legal = (length + cut + last - extent) // stride + 1 == n
        else:
            cut, last = self._words(mode, extent, n, stride)
            length = least - cut - last + output_padding
            # PyTorch's rule; with TensorFlow the correlation must give n samples of it.
            is_legal = 0 <= output_padding < (stride if self.result_lengths else max(stride, dilation))
        if not is_legal:
            raise OptionError(
                f"`output_padding` must be such that {self.name} is the transpose of a function that makes {n} "
                f"samples of its result; got {output_padding} with stride {stride}."
            )
        lo = extent - 1 - cut
        return lo, length - least + extent - 1 - lo + (extent - 1)

    @front_door("Convention.axis")
    def axis(
        self,
        n: int,
        k: int,
        *,
        mode: str | int | tuple[int, int] | None = None,
        boundary: str | None = None,
        stride: int = 1,
        dilation: int = 1,
        input_dilation: int = 1,
        origin: int = 0,
        output_padding: int = 0,
    ) -> Axis:
        """The engine's axis for a call: `padding`, the steps, and what is read beyond the ends.

        Raises:
            OptionError: The function has no such mode, boundary or step.
        """
        said = self.default_mode if mode is None else mode
        self._check_steps(stride, dilation, input_dilation, origin, output_padding)
        self._check_mode(said, n, k, stride, dilation, input_dilation)
        lo, hi = self.padding(
            n, k, mode=mode, stride=stride, dilation=dilation, origin=origin, output_padding=output_padding
        )
        if origin and min(lo, hi) < 0:
            raise OptionError(f"`origin` must keep the centre within the kernel of {k} taps; got {origin}.")
        reads = lookup("boundary", self.default_boundary if boundary is None else boundary, self.boundaries)
        if k > n and isinstance(said, str) and said in self.swaps:
            reads = ZERO  # The operand that is read beyond its ends is now the other one, and 'valid' reads nothing.
        if self.transposed:
            return Axis(lo, hi, 1, dilation, stride, reads, reads)
        return Axis(lo, hi, stride, dilation, input_dilation, reads, reads)

    @front_door("Convention.reproduce")
    def reproduce(
        self,
        source: "Convention",
        n: int | tuple[int, ...],
        k: int | tuple[int, ...],
        *,
        mode: object = None,
        boundary: str | None = None,
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        input_dilation: int | tuple[int, ...] = 1,
        origin: int | tuple[int, ...] = 0,
        output_padding: int | tuple[int, ...] = 0,
    ) -> dict[str, object]:
        """The arguments with which this function gives what `source` gives, its kernel put through `convert_kernel`.

        Args:
            source: The row of the function to reproduce.
            n, k: Lengths of the signal and the kernel; per axis, or one for all.
            mode, boundary, stride, dilation, input_dilation, origin, output_padding: As `source` was called; None is
                its default.
        Returns:
            Keyword arguments of this function; those that stay at their defaults may be left out.
        Raises:
            OptionError: No arguments of this function do it, or `source` cannot be called so.
        Example:
            >>> from sigconv import convention
            >>> tensorflow, torch = convention("tensorflow.nn.conv2d"), convention("torch.nn.functional.conv2d")
            >>> torch.reproduce(tensorflow, n=7, k=3, mode="SAME", stride=2)
            {'padding': 1, 'stride': 2}
        """
        if not isinstance(source, Convention):
            raise OptionError(f"`source` must be a row, such as convention({str(source)!r}); got {source!r}.")
        steps: dict[str, object] = {
            "stride": stride,
            "dilation": dilation,
            "input_dilation": input_dilation,
            "origin": origin,
            "output_padding": output_padding,
        }
        return reproduction(self, source, n, k, mode, boundary, steps)

    def _check_steps(self, stride: int, dilation: int, input_dilation: int, origin: int, output_padding: int) -> None:
        """`OptionError` for a step that the function does not have."""
        for word, step in (("stride", stride), ("dilation", dilation), ("input_dilation", input_dilation)):
            if not is_integer(step) or step < 1:
                raise OptionError(f"`{word}` must be an integer of at least 1; got {step!r}.")
            if step != 1 and word not in self.steps:
                raise OptionError(f"`{word}` must be 1 for {self.name}, which has no such argument; got {step}.")
        has_extra = "output_padding" in self.steps
        for word, value, has in (("origin", origin, self.origin_sign), ("output_padding", output_padding, has_extra)):
            if not is_integer(value):
                raise OptionError(f"`{word}` must be an integer; got {value!r}.")
            if value and not has:
                raise OptionError(f"`{word}` must be 0 for {self.name}, which has no such argument; got {value}.")
        if self.one_step and stride != 1 and dilation != 1:
            raise OptionError(f"`stride` must be 1 for {self.name} with dilation; got {stride} and {dilation}.")

    def _check_mode(self, mode: object, n: int, k: int, stride: int, dilation: int, input_dilation: int) -> None:
        """`OptionError` for a mode that the function refuses here, or in which it does something else."""
        if not isinstance(mode, str):
            return
        if mode in self.unstrided and stride != 1:
            raise OptionError(f"`stride` must be 1 for {self.name} with {mode!r}; got {stride}.")
        if mode in self.uninserted and input_dilation != 1:
            raise OptionError(f"`input_dilation` must be 1 for {self.name} with {mode!r}; got {input_dilation}.")
        if mode in self.fitting and (k - 1) * dilation >= (n - 1) * input_dilation + 1:
            raise OptionError(
                f"`mode` must not be {mode!r} for {self.name} where the kernel is longer than the signal; got {k} taps "
                f"over {n} samples."
            )
        if mode in self.unconjugated and k > n:
            raise OptionError(
                f"`mode` must not be {mode!r} for {self.name} where the kernel is the longer, which gives the "
                f"conjugate of a correlation; got {k} taps over {n} samples. Swap the operands yourself."
            )

    def _words(self, mode: object, extent: int, length: int, stride: int) -> tuple[int, int]:
        is_pair = isinstance(mode, tuple | list) and len(mode) == 2 and all(map(is_integer, mode))
        if self.count is not None and is_integer(mode):
            pads, least = self.count(int(mode), extent, length), int(mode)
        elif self.pairs and is_pair:
            pads = (int(mode[0]), int(mode[1]))  # type: ignore[index]
            least = min(pads)
        else:
            return lookup("mode", mode, self.modes)(extent, length, stride)
        if least < 0 and not self.crops:
            raise OptionError(f"`mode` must not be negative for {self.name}; got {mode!r}. Crop the signal instead.")
        return pads


def _check_length(argument: str, value: object) -> None:
    if not is_integer(value) or value < 1:
        raise ShapeError(f"`{argument}` must be a positive number of samples; got {value!r}.")
