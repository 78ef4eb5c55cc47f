"""Lua Torch7's `conv2`, `xcorr2`, `conv3`, `xcorr3`, and the forward pass of its `nn.SpatialConvolution`."""

# ruff: noqa: N803 - Torch7's own names.

import jax
from jax.typing import ArrayLike

from sigconv._core.conventions import CONVENTIONS
from sigconv._core.dtypes import as_operand
from sigconv._core.errors import DTypeError, ShapeError, front_door, lookup
from sigconv._core.layout import check_not_empty
from sigconv._core.options import per_axis
from sigconv.signal import convolve as _convolve
from sigconv.signal import convolve_channels as _convolve_channels
from sigconv.signal import correlate as _correlate
from sigconv.signal import correlate_channels as _correlate_channels

FLOATS = ("float32", "float64")
TYPES = ("int16", "int32", "int64", "int8", "uint8", *FLOATS)
"""The types of Torch7's tensors, from ShortTensor to DoubleTensor."""


@front_door("compat.torch7.conv2")
def conv2(x: ArrayLike, k: ArrayLike, mode: str = "V") -> jax.Array:
    """`torch.conv2`: a true convolution, which flips k: y[n] = Σ_t k[t] x[n − t], from n = K − 1 on in 'V'.

    Args:
        x, k: Of one dtype; integers stay integers and wrap around.
        mode: 'V' (valid) or 'F' (full). The operands never change places.
    Shapes:
        x (m, n), k (ki, kj) → (m', n'); m' = m − ki + 1 in 'V', m + ki − 1 in 'F'.
        x (p, m, n), k (p, ki, kj) → (p, m', n'): each plane under its own kernel.
        x (p, m, n), k (q, p, ki, kj) → (q, m', n'): summed over the p planes.
    Raises:
        ShapeError: Other numbers of axes or planes, empty operands, or in 'V' a kernel longer than x on some axis.
        OptionError: Unknown `mode`.
        DTypeError: The dtypes differ, or Torch7 has no such tensors.
    """
    return _filter("torch7.conv2", x, k, mode)


@front_door("compat.torch7.xcorr2")
def xcorr2(x: ArrayLike, k: ArrayLike, mode: str = "V") -> jax.Array:
    """`torch.xcorr2`: a cross-correlation: y[n] = Σ_t k[t] x[n + t], from n = 0 on in 'V' and n = 1 − K in 'F'.

    Arguments, shapes and errors are those of `conv2`.
    """
    return _filter("torch7.xcorr2", x, k, mode)


@front_door("compat.torch7.conv3")
def conv3(x: ArrayLike, k: ArrayLike, mode: str = "V") -> jax.Array:
    """`torch.conv3`: `conv2` of volumes.

    Arguments and errors are those of `conv2`.

    Shapes:
        x (l, m, n), k (kh, ki, kj); x (p, l, m, n), k (p, kh, ki, kj); or x (p, l, m, n), k (q, p, kh, ki, kj).
    """
    return _filter("torch7.conv3", x, k, mode)


@front_door("compat.torch7.xcorr3")
def xcorr3(x: ArrayLike, k: ArrayLike, mode: str = "V") -> jax.Array:
    """`torch.xcorr3`: `xcorr2` of volumes.

    Arguments, shapes and errors are those of `conv3`.
    """
    return _filter("torch7.xcorr3", x, k, mode)


@front_door("compat.torch7.spatial_convolution")
def spatial_convolution(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    dW: int = 1,
    dH: int = 1,
    padW: int = 0,
    padH: int | None = None,
) -> jax.Array:
    """`nn.SpatialConvolution`'s forward pass: a correlation, though it is named a convolution.

    Args:
        input, weight, bias: Of one dtype, float32 or float64; no bias is the module's `noBias()`.
        dW, dH: Steps along width and height.
        padW, padH: Zeros on both sides of width and height. None is `padW`, as the module has it; its manual says 0.
    Shapes:
        input (p, H, W) or (batch, p, H, W), weight (q, p, kH, kW), bias (q,) → (…, q, H', W'),
        H' = ⌊(H + 2 padH − kH) / dH⌋ + 1.
    Raises:
        ShapeError: Other numbers of axes or planes, empty operands, or a kernel longer than the padded input.
        OptionError: A step is not positive, or a padding negative.
        DTypeError: The dtypes differ, or are not of floats.
    """
    x, w = _operands("input", input, "weight", weight, FLOATS)
    if x.ndim not in (3, 4):
        raise ShapeError(f"`input` must be (planes, H, W), or (batch, planes, H, W); got shape {x.shape}.")
    if w.ndim != 4:
        raise ShapeError(f"`weight` must be (out, planes, kH, kW); got shape {w.shape}.")
    _check_planes("weight", x.shape[-3], w.shape[1])
    (right,) = per_axis("padW", padW, 1, least=0)
    (below,) = (right,) if padH is None else per_axis("padH", padH, 1, least=0)
    stride = tuple(per_axis(name, step, 1)[0] for name, step in (("dH", dH), ("dW", dW)))
    counts = (below, right)
    row = CONVENTIONS["torch7.nn.SpatialConvolution"]
    lengths = list(zip(x.shape[-2:], w.shape[2:], counts, stride, strict=True))
    pads = [row.padding(n, k, mode=count, stride=step) for n, k, count, step in lengths]
    if any(n + sum(pad) < k for (n, k, _, _), pad in zip(lengths, pads, strict=True)):
        raise ShapeError(
            f"`weight` must not be longer than the padded input; got {w.shape[2:]} taps for {x.shape[-2:]} samples and "
            f"{counts} zeros on each side. Pad more."
        )
    y = _correlate_channels(x, w, padding=pads, stride=stride)
    if bias is None:
        return y
    b = as_operand("bias", bias)
    if b.shape != (w.shape[0],):
        raise ShapeError(f"`bias` must have one entry for each of the {w.shape[0]} planes; got shape {b.shape}.")
    if b.dtype != y.dtype:
        raise DTypeError(f"`bias` must have the input's dtype, as in Torch7; got {b.dtype} for {y.dtype}. Cast it.")
    return y + b.reshape(*(1,) * (y.ndim - 3), -1, 1, 1)


def _filter(name: str, x: ArrayLike, k: ArrayLike, mode: str) -> jax.Array:
    signal, kernel = _operands("x", x, "k", k, TYPES)
    rank = 2 if name.endswith("2") else 3
    forms = ((rank, rank), (rank + 1, rank + 1), (rank + 1, rank + 2))
    if (signal.ndim, kernel.ndim) not in forms:
        raise ShapeError(
            f"`x` and `k` must have one of {forms} axes; got {(signal.ndim, kernel.ndim)}, of shapes {signal.shape} "
            f"and {kernel.shape}."
        )
    summed = kernel.ndim > signal.ndim
    if signal.ndim > rank:
        _check_planes("k", signal.shape[0], kernel.shape[1 if summed else 0])
    row = CONVENTIONS[f"{name}(planes)" if summed else name]
    lookup("mode", mode, row.modes)
    lengths = list(zip(signal.shape[-rank:], kernel.shape[-rank:], strict=True))
    if mode == "V" and any(n < taps for n, taps in lengths):
        raise ShapeError(
            f"`k` must not be longer than x where the mode is 'V'; got {kernel.shape[-rank:]} taps for "
            f"{signal.shape[-rank:]} samples. Use 'F', or exchange the two."
        )
    pads = [row.padding(n, taps, mode=mode) for n, taps in lengths]
    if summed:
        return (_convolve_channels if row.flips else _correlate_channels)(signal, kernel, padding=pads)
    axes = tuple(range(signal.ndim - rank, signal.ndim))
    return (_convolve if row.flips else _correlate)(signal, kernel, mode=pads, axes=axes)


def _operands(
    first: str, x: ArrayLike, second: str, w: ArrayLike, types: tuple[str, ...]
) -> tuple[jax.Array, jax.Array]:
    arrays = as_operand(first, x), as_operand(second, w)
    for argument, array in zip((first, second), arrays, strict=True):
        if array.dtype.name not in types:
            raise DTypeError(
                f"`{argument}` must have one of the dtypes {list(types)}, as in Torch7; got {array.dtype}. Cast it."
            )
        check_not_empty(argument, array.shape)
    if arrays[0].dtype != arrays[1].dtype:
        raise DTypeError(
            f"`{first}` and `{second}` must have one dtype, as in Torch7; got {arrays[0].dtype} and {arrays[1].dtype}. "
            "Cast one."
        )
    return arrays


def _check_planes(argument: str, given: int, wanted: int) -> None:
    if given != wanted:
        raise ShapeError(f"`{argument}` must be for the {given} planes of the input; got {wanted}.")
