"""Calls that TensorFlow refuses, for the recorder, and what sigconv says about them, for the tests."""

import numpy as np

X, W = np.ones((1, 5, 5, 4), "float32"), np.ones((3, 3, 2, 6), "float32")
LINE, TAPS = X[:, 0], W[0]
BLOCK, CUBE = np.ones((1, 5, 5, 5, 4), "float32"), np.ones((3, 3, 3, 4, 6), "float32")
DEEP = np.ones((3, 3, 4, 2), "float32")
BACK = np.ones((3, 3, 2, 4), "float32")
SAME = dict(strides=1, padding="SAME")
ONES = dict(strides=[1] * 5, padding="SAME")
FOUR = dict(strides=[1] * 4, padding="SAME")

STEP = "must be a positive integer, or a list of 1 or 2 or 4 positive integers, with ones for batch and channels; got"
PAD = r"`padding` must be one of \['SAME', 'VALID'\]"
PAIRS = rf"{PAD}, or \[before, after\] for each of 4 axes, not negative, with \[0, 0\] for batch and channels; got"
FITS = r"`padding` must leave at least one output; got"


def pads(*rows):
    return dict(strides=1, padding=[list(row) for row in rows])


def shaped(*output_shape, **options):
    return dict(output_shape=list(output_shape), strides=1, **options)


# Function, operands, options, kind of error, message.
TABLE = [
    ("conv2d", (X[0], W), SAME, "ShapeError", r"`input` must have 4 axes or more; got shape \(5, 5, 4\)"),
    ("conv2d", (X, W[0]), SAME, "ShapeError", r"`filters` must have 4 axes; got shape \(3, 2, 6\)"),
    ("conv2d", (X, W[:, :0]), SAME, "ShapeError", r"`filters` must not be empty; got shape \(3, 0, 2, 6\)"),
    ("conv2d", (X[..., :3], W), SAME, "ShapeError", "`filters` must have channels that divide the input's 3; got 2"),
    ("conv2d", (X, W[..., :5]), SAME, "ShapeError", "`filters` must have a multiple of 2 outputs, .* got 5"),
    (
        "conv2d",
        (X, W.astype("float64")),
        SAME,
        "DTypeError",
        "`input` and `filters` must have one dtype, .* got float32",
    ),
    ("conv2d", (X, W), {**SAME, "strides": 0}, "OptionError", f"`strides` {STEP} 0"),
    ("conv2d", (X, W), {**SAME, "strides": -1}, "OptionError", f"`strides` {STEP} -1"),
    ("conv2d", (X, W), {**SAME, "strides": [1, 2, 2]}, "OptionError", rf"`strides` {STEP} \[1, 2, 2\]"),
    ("conv2d", (X, W), {**SAME, "strides": [2, 1, 1, 1]}, "OptionError", rf"`strides` {STEP} \[2, 1, 1, 1\]"),
    ("conv2d", (X, W), {**SAME, "strides": [1, 1, 1, 2]}, "OptionError", rf"`strides` {STEP} \[1, 1, 1, 2\]"),
    ("conv2d", (X, W), {**SAME, "dilations": 0}, "OptionError", f"`dilations` {STEP} 0"),
    ("conv2d", (X, W), {**SAME, "dilations": [1, 1, 1, 2]}, "OptionError", rf"`dilations` {STEP} \[1, 1, 1, 2\]"),
    ("conv2d", (X, W), {**SAME, "padding": "same"}, "OptionError", f"{PAD}; got 'same'"),
    ("conv2d", (X, W), {**SAME, "padding": "EXPLICIT"}, "OptionError", f"{PAD}; got 'EXPLICIT'"),
    ("conv2d", (X, W), {**SAME, "padding": 1}, "OptionError", f"{PAIRS} 1"),
    ("conv2d", (X, W), pads((1, 2), (0, 1)), "OptionError", rf"{PAIRS} \[\[1, 2\], \[0, 1\]\]"),
    ("conv2d", (X, W), pads((0, 0), (-1, 2), (0, 1), (0, 0)), "OptionError", rf"{PAIRS} \[\[0, 0\], \[-1, 2\]"),
    ("conv2d", (X, W), pads((0, 0), (1, 2), (0, 1), (0, 1)), "OptionError", rf"{PAIRS} \[\[0, 0\], \[1, 2\]"),
    ("conv2d", (X, W), pads((0, 0), (1, 2, 3), (0, 1), (0, 0)), "OptionError", rf"{PAIRS} \[\[0, 0\], \[1, 2, 3\]"),
    (
        "conv2d",
        (X, W),
        dict(strides=1, padding="VALID", dilations=3),
        "ShapeError",
        rf"{FITS} 'VALID' for \(5, 5\) samples, \(3, 3\) taps and dilations \(3, 3\)",
    ),
    (
        "conv2d",
        (X, W),
        {**SAME, "data_format": "channels_last"},
        "OptionError",
        r"`data_format` must be one of \['NCHW', 'NHWC'\]; got 'channels_last'",
    ),
    (
        "conv1d",
        (LINE, TAPS),
        dict(stride=[1, 2], padding="SAME"),
        "OptionError",
        r"`stride` must be .* list of 1 or 3 ",
    ),
    (
        "conv1d",
        (LINE, TAPS),
        dict(stride=1, padding=[[0, 0], [1, 1], [0, 0]]),
        "OptionError",
        rf"{PAD}; got \[\[0, 0\], \[1, 1\]",
    ),
    ("conv3d", (BLOCK, CUBE), dict(strides=1, padding="SAME"), "OptionError", "`strides` must be a list of 5 .* got 1"),
    ("conv3d", (BLOCK, CUBE), dict(strides=[1, 1, 1], padding="SAME"), "OptionError", "`strides` must be a list of 5"),
    ("conv3d", (BLOCK, CUBE), {**ONES, "dilations": [2, 2, 2]}, "OptionError", "`dilations` must be a list of 5"),
    (
        "conv3d",
        (BLOCK, CUBE[..., :2, :]),
        ONES,
        "ShapeError",
        "`filters` must have as many channels as the input's 4; got 2",
    ),
    ("depthwise_conv2d", (X[None], DEEP), FOUR, "ShapeError", r"`input` must have 4 axes; got shape \(1, 1, 5, 5, 4\)"),
    ("depthwise_conv2d", (X, DEEP[:, :, :2]), FOUR, "ShapeError", "`filter` must be for the input's 4 .* one for 2"),
    ("depthwise_conv2d", (X, DEEP), SAME, "OptionError", "`strides` must be a list of 4 positive integers, .* got 1"),
    (
        "depthwise_conv2d",
        (X, DEEP),
        {**FOUR, "dilations": 2},
        "OptionError",
        "`dilations` must be a list of 2 .* got 2",
    ),
    (
        "atrous_conv2d",
        (X, W),
        dict(rate=0, padding="SAME"),
        "OptionError",
        "`rate` must be a positive integer, or a list",
    ),
    ("atrous_conv2d", (X, W), dict(rate=2, padding="same"), "OptionError", f"{PAD}; got 'same'"),
    ("atrous_conv2d", (X[0], W), dict(rate=2, padding="SAME"), "ShapeError", "`value` must have 4 axes or more; got"),
    (
        "conv2d_transpose",
        (X[None], BACK),
        shaped(1, 5, 5, 2),
        "ShapeError",
        r"`input` must have 4 axes; got shape \(1, 1, 5, 5, 4\)",
    ),
    (
        "conv2d_transpose",
        (X, BACK),
        shaped(1, 6, 5, 2),
        "ShapeError",
        r"`output_shape` must have spatial lengths that the correlation takes to the input's \(5, 5\); got \(6, 5\) under",
    ),
    (
        "conv2d_transpose",
        (X, BACK),
        shaped(1, 5, 5, 2, padding="VALID"),
        "ShapeError",
        "`output_shape` must have spatial",
    ),
    (
        "conv2d_transpose",
        (X, BACK),
        shaped(1, 5, 2),
        "ShapeError",
        r"`output_shape` must be the result's shape, 4 positive",
    ),
    ("conv2d_transpose", (X, BACK), shaped(1, -1, 5, 2), "ShapeError", r"`output_shape` must be the result's shape"),
    (
        "conv2d_transpose",
        (X, BACK),
        shaped(2, 5, 5, 2),
        "ShapeError",
        "`output_shape` must have the input's batch of 1; got 2",
    ),
    (
        "conv2d_transpose",
        (X, BACK),
        shaped(1, 5, 5, 3),
        "ShapeError",
        "`output_shape` must have a multiple of the 2 channels that the filters have; got 3",
    ),
    (
        "conv2d_transpose",
        (X, BACK[..., :3]),
        shaped(1, 5, 5, 2),
        "ShapeError",
        r"`filters` must be for the input's 4 channels, in 1 group\(s\); got 3",
    ),
    (
        "conv1d_transpose",
        (LINE, BACK[0]),
        shaped(1, 5, 2, padding=[[0, 0], [1, 1], [0, 0]]),
        "OptionError",
        rf"{PAD}; got \[\[0, 0\], \[1, 1\]",
    ),
    (
        "conv3d_transpose",
        (BLOCK, BACK[None]),
        shaped(1, 5, 5, 5, 4),
        "ShapeError",
        "`output_shape` must have the 2 channels that the filters have; got 4",
    ),
]
REFUSALS = [row[:3] for row in TABLE]
