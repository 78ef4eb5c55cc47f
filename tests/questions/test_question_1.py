"""Question 1: is a network's convolution a cross-correlation? MATLAB's `xcorr2` against PyTorch's `conv2d`."""

import numpy as np
import pytest
from tolerance import assert_correlation

import sigconv
from sigconv import compat, convert_kernel

MAGIC5 = [[17, 24, 1, 8, 15], [23, 5, 7, 14, 16], [4, 6, 13, 20, 22], [10, 12, 19, 21, 3], [11, 18, 25, 2, 9]]
MAGIC3 = [[8, 1, 6], [3, 5, 7], [4, 9, 2]]
MAP = [
    [34, 201, 286, 121, 106, 167, 60],
    [165, 470, 329, 244, 334, 299, 109],
    [271, 359, 405, 570, 585, 479, 256],
    [186, 229, 550, 615, 730, 409, 206],
    [116, 309, 595, 760, 575, 349, 221],
    [137, 263, 504, 434, 339, 222, 51],
    [66, 119, 256, 181, 256, 25, 72],
]
INPUTS = [
    [
        [-2.0126, -1.2142, -0.5943, 0.9880, 1.3990],
        [1.2635, 1.6013, -0.4639, 0.1469, 1.7033],
        [1.0538, 0.8419, 2.0627, 1.7289, 0.0493],
        [-0.7360, -1.0318, -2.6838, 0.1069, -1.1440],
        [-0.2589, 2.0517, 0.2611, -1.7295, 0.0654],
    ],
    [
        [-1.8845, -1.9481, 0.3805, -0.6467, 0.6878],
        [-0.3418, -1.3715, 0.4947, 0.4899, 0.2835],
        [-0.8665, 0.6921, 0.1421, 0.1243, -0.9729],
        [0.2235, -0.3882, -0.4885, 1.1147, -0.2176],
        [-0.8032, -0.1928, -0.6535, -0.0107, 0.6291],
    ],
    [
        [1.0086, 1.0685, -0.2147, -0.0510, 0.2829],
        [0.1978, -1.4479, 0.8483, -0.7487, -0.5068],
        [1.0150, 0.2064, -0.1610, 1.1604, -0.0933],
        [-0.4072, 0.2518, 0.2360, 0.0037, 0.0191],
        [1.3504, -0.1713, -1.0858, 1.7440, -1.0150],
    ],
    [
        [-1.1781, 0.9697, -0.0453, -0.2083, -0.9241],
        [-0.3955, 0.0400, -0.4108, -0.8875, -0.3455],
        [-0.6430, 0.3412, 0.6656, 0.6985, 0.2691],
        [1.3433, -1.4387, -1.2028, -0.2997, 0.6933],
        [-0.4480, -0.7450, 0.9386, -1.3733, 1.1912],
    ],
]
FILTERS = [
    [[-1.1877, 0.2613, 1.7033], [0.5515, -0.5155, -0.8936], [-1.1671, -1.3611, -0.0778]],
    [[-1.0069, 1.0255, 0.9102], [-0.4946, 0.8556, 1.4657], [0.1137, -0.2616, 0.5006]],
    [[1.4465, 1.2084, 2.2803], [0.2097, 0.0633, 0.7705], [-0.7784, -0.9365, -0.9489]],
    [[0.7263, 1.7227, 1.2436], [-0.9810, 0.2232, 2.0970], [0.4908, 0.0761, -1.2843]],
]
MATLAB = [
    [-0.2308, -0.9419, 2.5054, 1.6621, 0.8919, -3.7085, -2.2283],
    [-2.6062, -1.0219, -1.0561, -1.2497, -2.6155, -1.1754, -0.3335],
    [-7.2686, -11.5207, -0.2484, 0.6508, -6.4911, -3.3877, -1.5477],
    [-2.1475, 0.4589, 3.3011, 0.6829, 0.4209, -1.7198, -1.4318],
    [4.9216, 0.9663, -0.4121, 8.2640, 4.4465, 0.5085, 1.1521],
    [-1.1531, -5.8454, -8.2619, 0.1415, 5.1501, 0.7042, 0.4525],
    [1.3501, 1.9708, 0.1334, -4.0152, -1.4114, 5.0780, -1.3141],
]
PRINTED = 5e-5
"""Half a unit of the last digit that MATLAB printed, which had computed from the inputs above."""
ONES, DOUBLED = -0.3817, -0.3176
"""What `Conv1d(3, 1, 1)` printed for an input of ones, and for one of twos."""


def converted(function, target, **options):
    """`xcorr2` by way of a function that flips."""
    return lambda a, b: function(a, convert_kernel(b, source="matlab.xcorr2", target=target), **options)


XCORR2 = {
    "matlab.xcorr2": compat.matlab.xcorr2,
    "matlab.filter2": lambda a, b: compat.matlab.filter2(b, a, "full"),
    "torch7.xcorr2": lambda a, b: compat.torch7.xcorr2(a, b, "F"),
    "scipy.correlate2d": compat.scipy.correlate2d,
    "scipy.correlate": compat.scipy.correlate,
    "sigconv.correlate": sigconv.correlate,
    "torch.conv2d": lambda a, b: compat.torch.conv2d(a[None, None], b[None, None], padding=2)[0, 0],
    "matlab.conv2-of-converted": converted(compat.matlab.conv2, "matlab.conv2"),
    "scipy.convolve2d-of-converted": converted(compat.scipy.convolve2d, "scipy.signal.convolve2d"),
    "torch7.conv2-of-converted": converted(compat.torch7.conv2, "torch7.conv2", mode="F"),
    "sigconv.convolve-of-converted": converted(sigconv.convolve, "sigconv.convolve"),
}


@pytest.mark.parametrize("dtype", ["int32", "float32"])
@pytest.mark.parametrize("name", XCORR2)
def test_xcorr2_of_magic_squares_is_the_printed_map_exactly(name, dtype):
    y = XCORR2[name](np.array(MAGIC5, dtype), np.array(MAGIC3, dtype))
    assert y.dtype == ("float32" if name.startswith("matlab") else dtype)  # To MATLAB whole numbers are double.
    assert y.tolist() == MAP


def test_one_item_of_the_map_is_the_sum_of_a_patch():
    patch, kernel = np.array(MAGIC5)[1:4, 2:5], np.array(MAGIC3)
    assert (patch * kernel).sum() == MAP[3][4]
    assert (patch * kernel[::-1, ::-1]).sum() == float(compat.matlab.conv2(MAGIC5, MAGIC3)[3, 4]) != MAP[3][4]


def summed(function):
    return sum(np.asarray(function(np.array(x), np.array(w))) for x, w in zip(INPUTS, FILTERS, strict=True))


@pytest.mark.parametrize("xcorr2", [compat.matlab.xcorr2, compat.scipy.correlate2d], ids=["matlab", "scipy"])
def test_conv2d_is_the_sum_of_xcorr2_over_channels(xcorr2, x64):
    y, inputs, filters = summed(xcorr2), np.array(INPUTS), np.array(FILTERS)
    of_network = np.asarray(compat.torch.conv2d(inputs[None], filters[None], padding=2))
    assert_correlation(of_network, y[None, None], inputs[None], filters[None])
    for result in (of_network[0, 0], y):
        assert np.abs(result - MATLAB).max() <= PRINTED


def test_a_true_convolution_gives_another_sum(x64):
    difference = np.abs(summed(compat.matlab.conv2) - MATLAB)
    assert difference.max() > 1
    # After flipping it gives that one.
    y = summed(converted(compat.matlab.conv2, "matlab.conv2"))
    assert np.abs(y - MATLAB).max() <= PRINTED


WEIGHTS = {"equal": (1, 1, 1), "one channel": (0, 3, 0), "both signs": (6, -4, 1)}
"""Thirds of the sum of the weights: the prints tell no more of them."""


@pytest.mark.parametrize("thirds", WEIGHTS.values(), ids=WEIGHTS)
def test_a_layer_is_affine(thirds, x64):
    """Of twos it does not print twice what it printed of ones; less its bias it does."""
    total, bias = DOUBLED - ONES, ONES - (DOUBLED - ONES)
    assert [round(total, 4), round(bias, 4)] == [0.0641, -0.4458]
    weight = np.array([[[third * total / 3] for third in thirds]])
    x = np.ones((2, 3, 4)) * [[[1]], [[2]]]  # The second group of channels is doubled.
    y = np.asarray(compat.torch.conv1d(x, weight, np.array([bias])))
    np.testing.assert_array_equal(np.round(y, 4), [[[ONES] * 4], [[DOUBLED] * 4]])
    linear = np.asarray(compat.torch.conv1d(x, weight))
    np.testing.assert_array_equal(np.round(linear, 4), [[[0.0641] * 4], [[0.1282] * 4]])
    assert compat.torch.conv1d(0 * x, weight, np.array([bias])).tolist() == [[[bias] * 4]] * 2
