"""`torch.nn.functional`'s convolutions, which are correlations, and their transposes, on JAX arrays."""

import jax
from jax.typing import ArrayLike

from sigconv._core.conventions import CONVENTIONS
from sigconv._core.dtypes import as_operand
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door, lookup
from sigconv._core.layout import adjoint_weights, check_not_empty
from sigconv._core.options import is_integer, per_axis
from sigconv.signal import correlate_channels

Steps = int | tuple[int, ...]


@front_door("compat.torch.conv1d")
def conv1d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Steps = 1,
    padding: str | Steps = 0,
    dilation: Steps = 1,
    groups: int = 1,
) -> jax.Array:
    """`torch.nn.functional.conv1d`: a correlation; nothing is flipped or conjugated.

    Args:
        input, weight, bias, stride, dilation, groups: As PyTorch's.
        padding: Zeros on both sides, 'valid', or 'same' (stride 1 only).
    Shapes:
        input (batch, c_in, L) or (c_in, L), weight (c_out, c_in/groups, k), bias (c_out,) → (batch, c_out, out).
    Raises:
        ShapeError: The shapes do not fit, or the kernel is longer than the padded input.
        OptionError: A step is not positive, the padding negative or unknown, or groups do not divide the channels.
        DTypeError: The operands have different dtypes.
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


@front_door("compat.torch.conv2d")
def conv2d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Steps = 1,
    padding: str | Steps = 0,
    dilation: Steps = 1,
    groups: int = 1,
) -> jax.Array:
    """`torch.nn.functional.conv2d`; see `conv1d`.

    Shapes:
        input (batch, c_in, H, W) or (c_in, H, W), weight (c_out, c_in/groups, k, l) → (batch, c_out, *out).
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


@front_door("compat.torch.conv3d")
def conv3d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Steps = 1,
    padding: str | Steps = 0,
    dilation: Steps = 1,
    groups: int = 1,
) -> jax.Array:
    """`torch.nn.functional.conv3d`; see `conv1d`.

    Shapes:
        input (batch, c_in, D, H, W) or (c_in, D, H, W), weight (c_out, c_in/groups, j, k, l) → (batch, c_out, *out).
    """
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


@front_door("compat.torch.conv_transpose1d")
def conv_transpose1d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Steps = 1,
    padding: Steps = 0,
    output_padding: Steps = 0,
    groups: int = 1,
    dilation: Steps = 1,
) -> jax.Array:
    """`torch.nn.functional.conv_transpose1d`: the transpose of `conv1d` with these weights.

    Args:
        input, weight, bias, stride, groups, dilation: As PyTorch's.
        padding: Samples cut from both ends of the result.
        output_padding: Samples added at its end; fewer than the stride or the dilation.
    Shapes:
        input (batch, c_in, L) or (c_in, L), weight (c_in, c_out/groups, k), bias (c_out,) → (batch, c_out, out),
        out = (L − 1)·stride − 2·padding + dilation·(k − 1) + output_padding + 1.
    Raises:
        ShapeError: The shapes do not fit, or nothing is left.
        OptionError: A step is not positive, a padding negative, output_padding too large, or groups do not divide.
        DTypeError: The operands have different dtypes.
    """
    return _conv_transpose(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


@front_door("compat.torch.conv_transpose2d")
def conv_transpose2d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Steps = 1,
    padding: Steps = 0,
    output_padding: Steps = 0,
    groups: int = 1,
    dilation: Steps = 1,
) -> jax.Array:
    """`torch.nn.functional.conv_transpose2d`; see `conv_transpose1d`.

    Shapes:
        input (batch, c_in, H, W) or (c_in, H, W), weight (c_in, c_out/groups, k, l) → (batch, c_out, *out).
    """
    return _conv_transpose(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


@front_door("compat.torch.conv_transpose3d")
def conv_transpose3d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Steps = 1,
    padding: Steps = 0,
    output_padding: Steps = 0,
    groups: int = 1,
    dilation: Steps = 1,
) -> jax.Array:
    """`torch.nn.functional.conv_transpose3d`; see `conv_transpose1d`.

    Shapes:
        input (batch, c_in, D, H, W) or (c_in, D, H, W), weight (c_in, c_out/groups, j, k, l) → (batch, c_out, *out).
    """
    return _conv_transpose(3, input, weight, bias, stride, padding, output_padding, groups, dilation)


def _conv(
    rank: int,
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None,
    stride: object,
    padding: object,
    dilation: object,
    groups: int,
) -> jax.Array:
    x, w = _operands(rank, input, weight)
    row = CONVENTIONS[f"torch.nn.functional.conv{rank}d"]
    steps, gaps = _per_axis("stride", stride, rank), _per_axis("dilation", dilation, rank)
    if isinstance(padding, str) and padding == "same" and max(steps) > 1:
        raise OptionError(
            f"`padding` must not be 'same' where the stride is above 1; got stride {steps}. Give numbers."
        )
    words = (padding,) * rank if isinstance(padding, str) else _per_axis("padding", padding, rank, least=0)
    for word in words:
        if isinstance(word, str):
            lookup("padding", word, row.modes)
    pads = [
        row.padding(n, k, mode=word, stride=s, dilation=d)
        for n, k, word, s, d in zip(x.shape[-rank:], w.shape[2:], words, steps, gaps, strict=True)
    ]
    _check_groups(groups, x.shape[-rank - 1], w.shape[0])
    _check_channels(x.shape[-rank - 1], w.shape[1] * groups)
    _check_fits(padding, x.shape[-rank:], w.shape[2:], pads, gaps, (1,) * rank)
    y = correlate_channels(x, w, padding=pads, stride=steps, dilation=gaps, groups=groups)
    return _add_bias(y, bias, w.shape[0], rank)


def _conv_transpose(
    rank: int,
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None,
    stride: object,
    padding: object,
    output_padding: object,
    groups: int,
    dilation: object,
) -> jax.Array:
    x, w = _operands(rank, input, weight)
    row = CONVENTIONS[f"torch.nn.functional.conv_transpose{rank}d"]
    steps, gaps = _per_axis("stride", stride, rank), _per_axis("dilation", dilation, rank)
    cuts = _per_axis("padding", padding, rank, least=0)
    extras = _per_axis("output_padding", output_padding, rank, least=0)
    if any(extra >= max(s, d) for extra, s, d in zip(extras, steps, gaps, strict=True)):
        raise OptionError(f"`output_padding` must be smaller than the stride or the dilation; got {extras}.")
    _check_groups(groups, x.shape[-rank - 1], w.shape[0])
    _check_channels(x.shape[-rank - 1], w.shape[0])
    pads = [
        row.padding(n, k, mode=cut, stride=s, dilation=d, output_padding=extra)
        for n, k, cut, s, d, extra in zip(x.shape[-rank:], w.shape[2:], cuts, steps, gaps, extras, strict=True)
    ]
    _check_fits(padding, x.shape[-rank:], w.shape[2:], pads, gaps, steps)
    flipped = adjoint_weights(w, groups)
    y = correlate_channels(x, flipped, padding=pads, dilation=gaps, input_dilation=steps, groups=groups)
    return _add_bias(y, bias, flipped.shape[0], rank)


def _operands(rank: int, input: ArrayLike, weight: ArrayLike) -> tuple[jax.Array, jax.Array]:
    x, w = as_operand("input", input), as_operand("weight", weight)
    if w.ndim != rank + 2:
        raise ShapeError(f"`weight` must have {rank + 2} axes; got shape {w.shape}.")
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeError(f"`input` must have {rank + 2} axes, or {rank + 1} without a batch; got shape {x.shape}.")
    check_not_empty("input", x.shape)
    check_not_empty("weight", w.shape)
    if x.dtype != w.dtype:
        raise DTypeError(
            f"`input` and `weight` must have one dtype, as in PyTorch; got {x.dtype} and {w.dtype}. Cast one."
        )
    return x, w


def _check_groups(groups: object, *channels: int) -> None:
    if not is_integer(groups) or groups < 1 or any(count % groups for count in channels):
        raise OptionError(
            "`groups` must be a positive integer that divides the input's channels and the weight's first axis; got "
            f"{groups!r} for {channels[0]} and {channels[1]}."
        )


def _check_channels(given: int, wanted: int) -> None:
    if given != wanted:
        raise ShapeError(f"`weight` must be for the input's {given} channels; got one for {wanted}.")


def _check_fits(
    padding: object,
    space: tuple[int, ...],
    taps: tuple[int, ...],
    pads: list[tuple[int, int]],
    gaps: tuple[int, ...],
    inserts: tuple[int, ...],
) -> None:
    steps = zip(space, taps, pads, gaps, inserts, strict=True)
    spare = [(n - 1) * e + lo + hi - (k - 1) * d for n, k, (lo, hi), d, e in steps]
    if min(spare) < 0:
        raise ShapeError(
            f"`padding` must leave at least one output; got {padding!r} for an input of {space} samples, a weight of "
            f"{taps} taps and dilation {gaps}."
        )


def _per_axis(argument: str, value: object, rank: int, least: int = 1) -> tuple[int, ...]:
    single = value[0] if isinstance(value, tuple | list) and len(value) == 1 else value
    return per_axis(argument, single, rank, least)


def _add_bias(y: jax.Array, bias: ArrayLike | None, channels: int, rank: int) -> jax.Array:
    if bias is None:
        return y
    b = as_operand("bias", bias)
    if b.shape != (channels,):
        raise ShapeError(f"`bias` must have one entry for each of the {channels} output channels; got shape {b.shape}.")
    if b.dtype != y.dtype:
        raise DTypeError(f"`bias` must have the input's dtype, as in PyTorch; got {b.dtype} for {y.dtype}. Cast it.")
    return y + b.reshape(*(1,) * (y.ndim - rank - 1), channels, *(1,) * rank)
