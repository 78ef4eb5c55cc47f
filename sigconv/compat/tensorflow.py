"""`tf.nn`'s convolutions, which are correlations, and their transposes, on JAX arrays.

As in TensorFlow, both operands have one dtype, which is the result's, and steps and explicit padding are listed in the
order of `data_format`. Missing are empty inputs and results, and the argument `name`, which labels a node of a graph.
"""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv._core.conventions import CONVENTIONS
from sigconv._core.conventions.tensorflow import transposed_length
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.layout import adjoint_weights
from sigconv.compat import _tensorflow as tf
from sigconv.signal import correlate_channels

Steps = int | tuple[int, ...] | list[int]
Pads = str | list[list[int]] | tuple[tuple[int, int], ...]


@front_door("compat.tensorflow.conv1d")
def conv1d(
    input: ArrayLike,
    filters: ArrayLike,
    stride: Steps,
    padding: str,
    data_format: str | None = "NWC",
    dilations: Steps | None = None,
) -> jax.Array:
    """`tf.nn.conv1d`; see `conv2d`. It takes no explicit padding.

    Shapes:
        input (..., L, c_in), filters (k, c_in/groups, c_out) → (..., out, c_out); or channels before L.
    """
    return _conv(tf.CONV1D, input, filters, stride, padding, data_format, dilations)


@front_door("compat.tensorflow.conv2d")
def conv2d(
    input: ArrayLike,
    filters: ArrayLike,
    strides: Steps,
    padding: Pads,
    data_format: str | None = "NHWC",
    dilations: Steps | None = None,
) -> jax.Array:
    """`tf.nn.conv2d`: y[n, o] = Σ_{t,c} filters[t, c, o] input[n·stride + t·dilation − lo, c], a correlation.

    There is no `flipkernel` argument in tf.nn: for a true convolution, as Theano's, flip the spatial axes of the
    filters and only these, `jnp.flip(filters, (0, 1))`.

    Args:
        input, filters: Of one dtype: float16, bfloat16, float32, float64 or int32. More channels in the input than in
            the filters mean groups.
        strides, dilations: A number, or a list of 1, 2 or 4, with ones for batch and channels.
        padding: 'SAME' (⌈L/stride⌉ outputs; the odd zero goes behind), 'VALID', or [before, after] for each of 4 axes.
        data_format: 'NHWC' or 'NCHW': order of the axes of input, result, steps and padding. Filters keep theirs.
    Shapes:
        input (..., H, W, c_in), filters (k, l, c_in/groups, c_out) → (..., *out, c_out); or channels before H.
    Raises:
        ShapeError: The shapes do not fit, are empty, or leave no output.
        OptionError: An option is none of those above.
        DTypeError: The dtypes differ, or are not among those above.
    Reference:
        Goodfellow, Bengio & Courville, Deep Learning, section 9.1.
    """
    return _conv(tf.CONV2D, input, filters, strides, padding, data_format, dilations)


@front_door("compat.tensorflow.conv3d")
def conv3d(
    input: ArrayLike,
    filters: ArrayLike,
    strides: tuple[int, ...] | list[int],
    padding: str,
    data_format: str | None = "NDHWC",
    dilations: tuple[int, ...] | list[int] | None = None,
) -> jax.Array:
    """`tf.nn.conv3d`; see `conv2d`. Steps are lists of 5; it takes no explicit padding, groups or integers.

    Shapes:
        input (..., D, H, W, c_in), filters (j, k, l, c_in, c_out) → (..., *out, c_out); or channels before D.
    """
    return _conv(tf.CONV3D, input, filters, strides, padding, data_format, dilations)


@front_door("compat.tensorflow.depthwise_conv2d")
def depthwise_conv2d(
    input: ArrayLike,
    filter: ArrayLike,
    strides: tuple[int, ...] | list[int],
    padding: Pads,
    data_format: str | None = None,
    dilations: tuple[int, ...] | list[int] | None = None,
) -> jax.Array:
    """`tf.nn.depthwise_conv2d`: every input channel c has outputs c·multiplier … of its own; see `conv2d`.

    Args:
        input, filter, padding, data_format: As in `conv2d`, but with no integers; None is 'NHWC'.
        strides: A list of 4, with ones for batch and channels.
        dilations: A list of 2. Above 1 they need strides of 1: with both, TensorFlow computes something else.
    Shapes:
        input (batch, H, W, c_in), filter (k, l, c_in, multiplier) → (batch, *out, c_in·multiplier).
    Raises:
        ShapeError, OptionError, DTypeError: As in `conv2d`, or strides and dilations are both above 1.
    """
    return _conv(tf.DEPTHWISE, input, filter, strides, padding, data_format, dilations)


@front_door("compat.tensorflow.atrous_conv2d")
def atrous_conv2d(value: ArrayLike, filters: ArrayLike, rate: Steps, padding: str) -> jax.Array:
    """`tf.nn.atrous_conv2d`: `conv2d` of stride 1 with dilations `rate`, a number or two; 'SAME' or 'VALID'.

    Shapes:
        value (..., H, W, c_in), filters (k, l, c_in/groups, c_out) → (..., *out, c_out).
    """
    if rate is None:
        raise OptionError("`rate` must be a positive integer, or a list of 1 or 2; got None.")
    return _conv(tf.ATROUS, value, filters, 1, padding, None, rate)


@front_door("compat.tensorflow.conv1d_transpose")
def conv1d_transpose(
    input: ArrayLike,
    filters: ArrayLike,
    output_shape: tuple[int, ...] | list[int],
    strides: Steps,
    padding: str = "SAME",
    data_format: str | None = "NWC",
    dilations: Steps | None = None,
) -> jax.Array:
    """`tf.nn.conv1d_transpose`; see `conv2d_transpose`. It takes no explicit padding.

    Shapes:
        input (batch, L, c_in), filters (k, c_out/groups, c_in) → (batch, out, c_out); or channels before L.
    """
    return _conv_transpose(tf.TRANSPOSE1D, input, filters, output_shape, strides, padding, data_format, dilations)


@front_door("compat.tensorflow.conv2d_transpose")
def conv2d_transpose(
    input: ArrayLike,
    filters: ArrayLike,
    output_shape: tuple[int, ...] | list[int],
    strides: Steps,
    padding: Pads = "SAME",
    data_format: str | None = "NHWC",
    dilations: Steps | None = None,
) -> jax.Array:
    """`tf.nn.conv2d_transpose`: the transpose of `conv2d` with these filters, from arrays of `output_shape`.

    Args:
        input, filters, strides, padding, data_format, dilations: As in `conv2d`.
        output_shape: The result's shape, or its spatial lengths alone; lengths that `conv2d` takes to the input's:
            L·stride for 'SAME', (L − 1)·stride + extent for 'VALID', or up to stride − 1 away.
    Shapes:
        input (batch, H, W, c_in), filters (k, l, c_out/groups, c_in) → (batch, *out, c_out).
    Raises:
        ShapeError: As in `conv2d`, or `output_shape` does not fit.
        OptionError, DTypeError: As in `conv2d`.
    """
    return _conv_transpose(tf.TRANSPOSE2D, input, filters, output_shape, strides, padding, data_format, dilations)


@front_door("compat.tensorflow.conv3d_transpose")
def conv3d_transpose(
    input: ArrayLike,
    filters: ArrayLike,
    output_shape: tuple[int, ...] | list[int],
    strides: Steps,
    padding: str = "SAME",
    data_format: str | None = "NDHWC",
    dilations: Steps | None = None,
) -> jax.Array:
    """`tf.nn.conv3d_transpose`; see `conv2d_transpose`. It takes no explicit padding, groups or integers.

    Shapes:
        input (batch, D, H, W, c_in), filters (j, k, l, c_out, c_in) → (batch, *out, c_out).
    """
    return _conv_transpose(tf.TRANSPOSE3D, input, filters, output_shape, strides, padding, data_format, dilations)


def _conv(
    signature: tf.Signature,
    input: ArrayLike,
    filters: ArrayLike,
    strides: object,
    padding: object,
    data_format: object,
    dilations: object,
) -> jax.Array:
    call = tf.read(signature, input, filters, strides, padding, data_format, dilations)
    *taps, depth, width = call.w.shape
    if signature is tf.DEPTHWISE:
        if depth != call.channels:
            raise ShapeError(f"`filter` must be for the input's {call.channels} channels; got one for {depth}.")
        if max(call.strides) > 1 and max(call.dilations) > 1:
            raise OptionError(
                f"`dilations` must be 1 where the strides are above 1; got {call.dilations} and {call.strides}. "
                "Slice the result of stride 1."
            )
        depth, width = 1, depth * width
    groups = call.channels // depth
    if call.channels % depth or (groups > 1 and not signature.groups):
        several = "channels that divide" if signature.groups else "as many channels as"
        raise ShapeError(f"`filters` must have {several} the input's {call.channels}; got {depth}.")
    if width % groups:
        raise ShapeError(f"`filters` must have a multiple of {groups} outputs, one for each group; got {width}.")
    axes = [signature.row.axis(n, k, mode=mode, stride=s, dilation=d) for n, k, mode, s, d in call.axes]
    if any(axis.out_length(n, k) < 1 for axis, n, k in zip(axes, call.space, taps, strict=True)):
        raise ShapeError(
            f"`padding` must leave at least one output; got {padding!r} for {call.space} samples, {call.taps} taps and "
            f"dilations {call.dilations}."
        )
    weights = jnp.moveaxis(call.w.reshape(*taps, depth, width), (-1, -2), (0, 1))
    pads = [(axis.lo, axis.hi) for axis in axes]
    return _apply(call, weights, padding=pads, stride=call.strides, groups=groups)


def _conv_transpose(
    signature: tf.Signature,
    input: ArrayLike,
    filters: ArrayLike,
    output_shape: object,
    strides: object,
    padding: object,
    data_format: object,
    dilations: object,
) -> jax.Array:
    call = tf.read(signature, input, filters, strides, padding, data_format, dilations)
    lengths, groups = tf.result_shape(signature, call, output_shape)
    forward = CONVENTIONS[signature.row.name.removesuffix("_transpose")]
    pads = []
    for length, (n, k, mode, s, d) in zip(lengths, call.axes, strict=True):
        axis = forward.axis(length, k, mode=mode, stride=s, dilation=d)
        if axis.out_length(length, k) != n:
            raise ShapeError(
                f"`output_shape` must have spatial lengths that the correlation takes to the input's {call.space}; got "
                f"{lengths} under {call.taps} taps, strides {call.strides}, dilations {call.dilations} and {padding!r}."
            )
        extra = length - transposed_length(mode, n, axis.extent(k), s)
        pads.append(signature.row.padding(n, k, mode=mode, stride=s, dilation=d, output_padding=extra))
    weights = adjoint_weights(jnp.moveaxis(call.w, (-1, -2), (0, 1)), groups)
    return _apply(call, weights, padding=pads, input_dilation=call.strides, groups=groups)


def _apply(
    call: tf.Reading,
    weights: jax.Array,
    padding: list[tuple[int, int]],
    groups: int,
    stride: tuple[int, ...] | int = 1,
    input_dilation: tuple[int, ...] | int = 1,
) -> jax.Array:
    """With the channels where `correlate_channels` has them."""
    place = -len(call.space) - 1
    x = call.x if call.channels_first else jnp.moveaxis(call.x, -1, place)
    y = correlate_channels(
        x,
        weights,
        padding=padding,
        stride=stride,
        dilation=call.dilations,
        input_dilation=input_dilation,
        groups=groups,
    )
    return y if call.channels_first else jnp.moveaxis(y, place, -1)
