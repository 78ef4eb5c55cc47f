"""How `tf.nn`'s functions are called: what each takes, and its arguments read into numbers per spatial axis."""

import dataclasses

import jax
from jax.typing import ArrayLike

from sigconv._core.conventions import CONVENTIONS, Convention
from sigconv._core.dtypes import as_operand
from sigconv._core.errors import DTypeError, OptionError, ShapeError, lookup
from sigconv._core.layout import check_not_empty
from sigconv._core.options import MOST, is_integer

FLOATS = ("float16", "bfloat16", "float32", "float64")
FORMATS = {
    1: {"NWC": False, "NCW": True},
    2: {"NHWC": False, "NCHW": True},
    3: {"NDHWC": False, "NCDHW": True},
}
"""Of each rank: whether the channels come before the space."""


@dataclasses.dataclass(frozen=True)
class Signature:
    """What one of these functions takes.

    Attributes:
        name: Of the function, in `tf.nn`.
        input, filters, strides, dilations: Its names for these arguments.
        stride_lengths, dilation_lengths: How long its lists of steps may be; 0 stands for a number in place of a list.
        integers, groups, batches: Whether it takes int32, grouped filters, and any number of batch axes.
    """

    name: str
    input: str = "input"
    filters: str = "filters"
    strides: str = "strides"
    dilations: str = "dilations"
    stride_lengths: tuple[int, ...] = (0, 1, 2, 4)
    dilation_lengths: tuple[int, ...] = (0, 1, 2, 4)
    integers: bool = True
    groups: bool = True
    batches: bool = True

    @property
    def row(self) -> Convention:
        return CONVENTIONS[f"tensorflow.nn.{self.name}"]

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        assert self.row.rank is not None, "every function of tf.nn has a rank"
        return self.row.rank


_LINE, _SPACE = (0, 1, 3), (0, 1, 3, 5)
CONV1D = Signature("conv1d", strides="stride", stride_lengths=_LINE, dilation_lengths=_LINE)
CONV2D = Signature("conv2d")
CONV3D = Signature("conv3d", stride_lengths=(5,), dilation_lengths=(5,), integers=False, groups=False)
DEPTHWISE = Signature(
    "depthwise_conv2d", filters="filter", stride_lengths=(4,), dilation_lengths=(2,), integers=False, batches=False
)
ATROUS = Signature("atrous_conv2d", input="value", dilations="rate", dilation_lengths=(0, 1, 2))
TRANSPOSE1D = Signature("conv1d_transpose", stride_lengths=_LINE, dilation_lengths=_LINE, batches=False)
TRANSPOSE2D = Signature("conv2d_transpose", batches=False)
TRANSPOSE3D = Signature(
    "conv3d_transpose", stride_lengths=_SPACE, dilation_lengths=_SPACE, integers=False, groups=False, batches=False
)


@dataclasses.dataclass(frozen=True)
class Reading:
    """A call, read.

    Attributes:
        x, w: The operands as given.
        channels_first: Whether the signal has its channels before its space.
        channels, space: Of the signal.
        taps: Lengths of the filters' spatial axes.
        modes: A word of TensorFlow's, or (lo, hi), for each spatial axis; as are `strides` and `dilations`.
    """

    x: jax.Array
    w: jax.Array
    channels_first: bool
    channels: int
    space: tuple[int, ...]
    taps: tuple[int, ...]
    modes: tuple[str | tuple[int, int], ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]

    @property
    def axes(self) -> list[tuple[int, int, str | tuple[int, int], int, int]]:
        """(samples, taps, mode, stride, dilation) for each spatial axis."""
        return list(zip(self.space, self.taps, self.modes, self.strides, self.dilations, strict=True))


def read(
    signature: Signature,
    input: ArrayLike,
    filters: ArrayLike,
    strides: object,
    padding: object,
    data_format: object,
    dilations: object,
) -> Reading:
    """All that can be said without knowing whether the function is transposed."""
    rank, least = signature.rank, signature.rank + 2
    x, w = as_operand(signature.input, input), as_operand(signature.filters, filters)
    if w.ndim != least:
        raise ShapeError(f"`{signature.filters}` must have {least} axes; got shape {w.shape}.")
    if x.ndim < least or (x.ndim > least and not signature.batches):
        more = " or more" if signature.batches else ""
        raise ShapeError(f"`{signature.input}` must have {least} axes{more}; got shape {x.shape}.")
    check_not_empty(signature.input, x.shape)
    check_not_empty(signature.filters, w.shape)
    _check_dtypes(signature, x, w)
    first = data_format is not None and lookup("data_format", data_format, FORMATS[rank])
    gaps = (1,) * rank
    if dilations is not None:
        gaps = _steps(signature.dilations, dilations, rank, signature.dilation_lengths, first)
    return Reading(
        x=x,
        w=w,
        channels_first=first,
        channels=x.shape[-rank - 1] if first else x.shape[-1],
        space=x.shape[-rank:] if first else x.shape[-rank - 1 : -1],
        taps=w.shape[:rank],
        modes=_modes(signature, padding, first),
        strides=_steps(signature.strides, strides, rank, signature.stride_lengths, first),
        dilations=gaps,
    )


def result_shape(signature: Signature, call: Reading, output_shape: object) -> tuple[tuple[int, ...], int]:
    """The spatial lengths in the `output_shape` of a transposed function, and the number of groups."""
    rank, inner = signature.rank, call.w.shape[-2]
    entries = tuple(output_shape) if isinstance(output_shape, tuple | list) else ()
    if len(entries) not in (rank, rank + 2) or not all(is_integer(entry) and entry > 0 for entry in entries):
        raise ShapeError(
            f"`output_shape` must be the result's shape, {rank + 2} positive integers, or its {rank} spatial lengths; "
            f"got {output_shape!r}."
        )
    lengths, batch, channels = entries, call.x.shape[0], inner
    if len(entries) > rank:
        batch, channels, lengths = _outer_and_inner(entries, call.channels_first)
    if batch != call.x.shape[0]:
        raise ShapeError(f"`output_shape` must have the input's batch of {call.x.shape[0]}; got {batch}.")
    groups = channels // inner
    if channels % inner or (groups > 1 and not signature.groups):
        several = "a multiple of " if signature.groups else ""
        raise ShapeError(
            f"`output_shape` must have {several}the {inner} channels that the filters have; got {channels}."
        )
    if call.w.shape[-1] != call.channels or call.channels % groups:
        raise ShapeError(
            f"`filters` must be for the input's {call.channels} channels, in {groups} group(s); got {call.w.shape[-1]}."
        )
    return lengths, groups


def _check_dtypes(signature: Signature, x: jax.Array, w: jax.Array) -> None:
    known = (*FLOATS, "int32") if signature.integers else FLOATS
    if str(x.dtype) not in known:
        raise DTypeError(f"`{signature.input}` must be one of {list(known)}, as in TensorFlow; got {x.dtype}. Cast it.")
    if x.dtype != w.dtype:
        raise DTypeError(
            f"`{signature.input}` and `{signature.filters}` must have one dtype, as in TensorFlow; got {x.dtype} and "
            f"{w.dtype}. Cast one."
        )


def _outer_and_inner(entries: tuple, channels_first: bool) -> tuple:
    """Those for batch and channels, and the tuple of those for the spatial axes."""
    if channels_first:
        return entries[0], entries[1], entries[2:]
    return entries[0], entries[-1], entries[1:-1]


def _steps(argument: str, value: object, rank: int, lengths: tuple[int, ...], channels_first: bool) -> tuple[int, ...]:
    is_list = isinstance(value, tuple | list)
    entries = tuple(value) if is_list else (value,)
    whole = tuple(int(entry) for entry in entries if is_integer(entry) and entry >= 1)
    fits = 0 < len(whole) == len(entries) and (len(entries) if is_list else 0) in lengths and max(whole) < MOST
    if fits and len(whole) == rank + 2:
        batch, channels, whole = _outer_and_inner(whole, channels_first)
        fits = batch == channels == 1
    if not fits:
        number = "a positive integer, or " if 0 in lengths else ""
        listed = " or ".join(str(length) for length in lengths if length)
        ones = ", with ones for batch and channels" if rank + 2 in lengths else ""
        raise OptionError(f"`{argument}` must be {number}a list of {listed} positive integers{ones}; got {value!r}.")
    return whole * rank if len(whole) == 1 else whole


def _modes(signature: Signature, padding: object, channels_first: bool) -> tuple[str | tuple[int, int], ...]:
    rank, row = signature.rank, signature.row
    if isinstance(padding, str) or not row.pairs:
        lookup("padding", padding, row.modes)
        return (str(padding),) * rank
    entries = tuple(padding) if isinstance(padding, tuple | list) else ()
    pairs = tuple((int(entry[0]), int(entry[1])) for entry in entries if _is_pair(entry))
    if len(entries) == len(pairs) == rank + 2:
        batch, channels, inner = _outer_and_inner(pairs, channels_first)
        if batch == channels == (0, 0):
            return inner
    raise OptionError(
        f"`padding` must be one of {sorted(row.modes)}, or [before, after] for each of {rank + 2} axes, not negative, "
        f"with [0, 0] for batch and channels; got {padding!r}."
    )


def _is_pair(entry: object) -> bool:
    return isinstance(entry, tuple | list) and len(entry) == 2 and all(is_integer(pad) and pad >= 0 for pad in entry)
