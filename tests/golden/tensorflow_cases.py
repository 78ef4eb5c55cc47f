"""The calls of tf.nn whose results are kept in tensorflow.json: what the recorder runs and the tests repeat."""

import itertools

import numpy as np

WORDS = ("SAME", "VALID")
STEPS = (1, 2, 3)
KERNELS = range(1, 9)


def arrays(shapes):
    """Small whole numbers of both signs without a pattern that a flip or a shift would keep."""
    return [(np.arange(np.prod(shape)).reshape(shape) * (7 + i) + i) % 11 - 4.0 for i, shape in enumerate(shapes)]


def question():
    """Images and kernel of the question whether conv2d is a convolution."""
    random = np.random.RandomState(789456)
    return random.normal(size=(2, 5, 5, 2)), random.normal(size=(3, 3, 2, 1))


def fits(n, k, stride, dilation, lo=0, hi=0):
    return n + lo + hi > (k - 1) * dilation


def lines():
    """Every kernel length, signals shorter and longer, every step and word on one axis."""
    for n, k, stride, dilation, padding in itertools.product((3, 7, 8), KERNELS, STEPS, STEPS, WORDS):
        if padding == "SAME" or fits(n, k, stride, dilation):
            yield "conv1d", ((1, n, 2), (k, 2, 2)), dict(stride=stride, padding=padding, dilations=dilation)
    for n, k, stride, dilation, (lo, hi) in itertools.product((3, 8), KERNELS, STEPS, (1, 2), ((0, 1), (3, 2))):
        if fits(n, k, stride, dilation, lo, hi):
            padding = [[0, 0], [0, 0], [lo, hi], [0, 0]]
            options = dict(strides=[1, stride], padding=padding, dilations=[1, dilation])
            yield "conv2d", ((1, 1, n, 2), (1, k, 2, 2)), options


def transposed_lines():
    """Every length that the transpose can give, on one axis."""
    for k, stride, dilation, padding in itertools.product(KERNELS, STEPS, (1, 2), WORDS):
        extent = (k - 1) * dilation + 1
        least = 2 * stride + (1 if padding == "SAME" else extent)
        for length in range(least, least + stride):
            options = dict(output_shape=[1, length, 2], strides=stride, padding=padding, dilations=dilation)
            yield "conv1d_transpose", ((1, 3, 3), (k, 2, 3)), options
    for k, stride, (lo, hi) in itertools.product((3, 4, 5), STEPS, ((0, 1), (2, 1))):
        least = max(2 * stride + k - lo - hi, 1)
        for length in range(least, 3 * stride + k - lo - hi):
            padding = [[0, 0], [0, 0], [lo, hi], [0, 0]]
            options = dict(output_shape=[1, 1, length, 2], strides=[1, stride], padding=padding)
            yield "conv2d_transpose", ((1, 1, 3, 3), (1, k, 2, 3)), options


def channels_first(case):
    """The same call with the channels before the space."""
    name, (signal, filters), options = case
    rank = len(filters) - 2
    moved = (*signal[: -rank - 1], signal[-1], *signal[-rank - 1 : -1])
    options = {**options, "data_format": "NC" + "DHW"[-rank:]}
    for argument in ("stride", "strides", "dilations", "padding", "output_shape"):
        value = options.get(argument)
        if isinstance(value, list) and len(value) == rank + 2:
            options[argument] = [value[0], value[-1], *value[1:-1]]
    return name, (moved, filters), options


PADS = [[0, 0], [2, 1], [0, 3], [0, 0]]
LAST = [
    ("conv1d", ((2, 6, 2), (3, 2, 3)), dict(stride=[2], padding="SAME")),
    ("conv1d", ((2, 6, 4), (4, 2, 6)), dict(stride=[1, 2, 1], padding="VALID")),
    ("conv2d", ((2, 6, 5, 2), (3, 2, 2, 3)), dict(strides=1, padding="SAME")),
    ("conv2d", ((2, 6, 5, 2), (2, 4, 2, 3)), dict(strides=[2], padding="VALID")),
    ("conv2d", ((1, 6, 5, 2), (4, 3, 2, 3)), dict(strides=[2, 3], padding="SAME", dilations=[1, 2])),
    ("conv2d", ((1, 7, 6, 2), (2, 3, 2, 3)), dict(strides=[1, 3, 2, 1], padding=PADS, dilations=[1, 3, 2, 1])),
    ("conv2d", ((1, 6, 5, 4), (3, 2, 2, 6)), dict(strides=2, padding="SAME")),
    ("conv2d", ((1, 6, 5, 6), (3, 2, 2, 3)), dict(strides=1, padding=PADS, dilations=[2])),
    ("conv2d", ((1, 5, 5, 3), (2, 2, 1, 6)), dict(strides=1, padding="VALID")),
    ("conv3d", ((1, 4, 5, 3, 2), (2, 3, 2, 2, 3)), dict(strides=[1] * 5, padding="SAME")),
    ("conv3d", ((2, 4, 5, 3, 2), (2, 1, 3, 2, 3)), dict(strides=[1, 2, 3, 1, 1], padding="VALID")),
    (
        "conv3d",
        ((1, 4, 5, 4, 1), (3, 2, 2, 1, 2)),
        dict(strides=[1, 1, 2, 3, 1], padding="SAME", dilations=[1, 1, 3, 2, 1]),
    ),
    ("conv1d_transpose", ((2, 3, 2), (3, 3, 2)), dict(output_shape=[2, 6, 3], strides=[1, 2, 1])),
    ("conv1d_transpose", ((1, 3, 4), (2, 1, 4)), dict(output_shape=[1, 5, 2], strides=2)),
    ("conv2d_transpose", ((2, 3, 2, 2), (3, 2, 3, 2)), dict(output_shape=[2, 6, 2, 3], strides=[2, 1])),
    (
        "conv2d_transpose",
        ((1, 3, 2, 4), (2, 3, 3, 4)),
        dict(output_shape=[1, 7, 7, 6], strides=[1, 2, 3, 1], padding="VALID"),
    ),
    (
        "conv2d_transpose",
        ((1, 3, 4, 2), (2, 3, 1, 2)),
        dict(output_shape=[1, 5, 11, 1], strides=[2, 3], dilations=[1, 2, 3, 1]),
    ),
    ("conv3d_transpose", ((1, 2, 3, 2, 2), (2, 3, 2, 1, 2)), dict(output_shape=[1, 4, 3, 5, 1], strides=[2, 1, 3])),
    (
        "conv3d_transpose",
        ((1, 2, 3, 2, 2), (2, 3, 2, 1, 2)),
        dict(output_shape=[1, 4, 9, 5, 1], strides=[1, 2, 3, 3, 1], padding="VALID"),
    ),
    *(
        ("depthwise_conv2d", ((2, 6, 5, 2), (3, 2, 2, multiplier)), dict(strides=[1, *strides, 1], padding=padding))
        for multiplier in STEPS
        for strides, padding in (((1, 1), "SAME"), ((2, 2), "VALID"), ((3, 3), "SAME"), ((1, 2), PADS))
    ),
    *(
        ("depthwise_conv2d", ((1, 7, 6, 3), (2, 3, 3, 2)), dict(strides=[1] * 4, padding=padding, dilations=dilations))
        for padding, dilations in (("SAME", [2, 1]), ("VALID", [3, 2]), (PADS, [1, 2]))
    ),
]
BOTH_FORMATS = [case for last in LAST for case in (last, channels_first(last))]
OTHERS = [
    ("conv1d", ((2, 3, 6, 2), (3, 2, 3)), dict(stride=2, padding="SAME")),
    ("conv2d", ((2, 1, 3, 6, 5, 2), (3, 2, 2, 3)), dict(strides=2, padding="SAME", data_format=None)),
    ("conv2d", ((2, 3, 2, 6, 5), (3, 2, 2, 3)), dict(strides=[1, 1, 2, 1], padding="VALID", data_format="NCHW")),
    ("conv3d", ((2, 3, 4, 5, 3, 2), (2, 3, 2, 2, 3)), dict(strides=[1] * 5, padding="VALID")),
    ("conv2d_transpose", ((1, 3, 2, 2), (3, 2, 3, 2)), dict(output_shape=[5, 4], strides=2)),
    (  # Not with channels first on a CPU.
        "conv2d_transpose",
        ((1, 3, 4, 2), (3, 5, 1, 2)),
        dict(output_shape=[1, 5, 12, 1], strides=[2, 3], padding=[[0, 0], [1, 1], [0, 3], [0, 0]]),
    ),
    *(
        ("atrous_conv2d", shapes, dict(rate=rate, padding=padding))
        for shapes in (((2, 9, 8, 2), (3, 2, 2, 3)), ((2, 1, 7, 5, 4), (3, 2, 2, 2)))
        for rate, padding in ((1, "SAME"), (2, "VALID"), (3, "SAME"), ([1, 2], "SAME"))
    ),
]
CASES = {
    "lines": list(lines()),
    "transposed lines": list(transposed_lines()),
    "formats": BOTH_FORMATS,
    "others": OTHERS,
}

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64")
PLAIN = {
    "conv1d": (((1, 4, 2), (3, 2, 2)), dict(stride=1, padding="SAME")),
    "conv2d": (((1, 4, 4, 2), (3, 3, 2, 2)), dict(strides=1, padding="SAME")),
    "conv3d": (((1, 4, 4, 4, 2), (3, 3, 3, 2, 2)), dict(strides=[1] * 5, padding="SAME")),
    "depthwise_conv2d": (((1, 4, 4, 2), (3, 3, 2, 2)), dict(strides=[1] * 4, padding="SAME")),
    "atrous_conv2d": (((1, 4, 4, 2), (3, 3, 2, 2)), dict(rate=2, padding="SAME")),
    "conv1d_transpose": (((1, 4, 2), (3, 2, 2)), dict(output_shape=[1, 4, 2], strides=1)),
    "conv2d_transpose": (((1, 4, 4, 2), (3, 3, 2, 2)), dict(output_shape=[1, 4, 4, 2], strides=1)),
    "conv3d_transpose": (((1, 4, 4, 4, 2), (3, 3, 3, 2, 2)), dict(output_shape=[1, 4, 4, 4, 2], strides=1)),
}
"""One plain call of each function, small enough for whole results in float16."""
