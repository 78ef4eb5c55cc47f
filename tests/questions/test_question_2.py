"""Question 2: is TensorFlow's `conv2d` a convolution, and does it matter?"""

import json
import pathlib

import numpy as np
import pytest
from golden.tensorflow_cases import question
from tolerance import assert_correlation

from sigconv import compat, convert_kernel

RECORDED = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "tensorflow.json").read_text())["question"]
IMAGES, KERNEL = question()
PRINTED = [
    [-0.442793, 0.442483, -3.219521, -5.005135, -2.344086],
    [-4.307648, 0.414826, -2.759388, -0.601317, -1.77471],
    [-0.16515, 0.935521, 1.777998, 2.983365, 3.017579],
    [3.570957, 1.630621, -1.146082, -0.505869, -5.032563],
    [-1.050372, 1.012257, 0.957023, 0.078234, 1.036247],
]
HALF_A_DIGIT = 0.5e-6
"""Of numbers with six decimals."""


def network(dtype):
    return np.asarray(compat.tensorflow.conv2d(IMAGES.astype(dtype), KERNEL.astype(dtype), 1, "SAME"))


def planes(function, kernel):
    """A function of images and kernels without channels, summed over the channels."""
    summed = [
        sum(np.asarray(function(image[..., c], kernel[..., c, 0], mode="same")) for c in range(2)) for image in IMAGES
    ]
    return np.asarray(summed)[..., None]


def flipped(kernel, target="scipy.signal.convolve2d"):
    """Each plane of a kernel of TensorFlow's as a function that flips takes it."""
    return np.stack(
        [convert_kernel(kernel[:, :, c : c + 1], source="tf.nn.conv2d", target=target) for c in range(2)], -1
    )[..., None]


def assert_same(y, reference):
    """By the rule, on images that have their channels last."""
    canonical = IMAGES.transpose(0, 3, 1, 2), KERNEL.transpose(3, 2, 0, 1)
    assert_correlation(np.moveaxis(y, -1, 1), np.moveaxis(reference, -1, 1), *canonical)


def test_images_and_kernel_are_those_of_the_question():
    np.testing.assert_array_equal(np.round(IMAGES[0, 0, 0], 6), [-1.007125, -0.074804])
    np.testing.assert_array_equal(np.round(KERNEL[0, 0, :, 0], 6), [-0.439213, 0.652006])
    assert [round(IMAGES.sum(), 6), round(KERNEL.sum(), 6)] == [18.3376, -2.989276]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_results_are_those_of_tensorflow(dtype, x64):
    """Held against the recording in float64, as TensorFlow's own in this dtype is."""
    recorded = np.asarray(RECORDED["float64"])
    assert np.abs(recorded[0, ..., 0] - PRINTED).max() <= HALF_A_DIGIT
    assert_same(network(dtype), recorded)
    assert_same(np.asarray(RECORDED[dtype], dtype), recorded)


def test_every_interior_output_is_the_sum_of_a_patch():
    """To the rounding of float32, as asked."""
    patches = np.lib.stride_tricks.sliding_window_view(IMAGES, (3, 3), (1, 2))
    sums = np.einsum("bijcuv,uvco->bijo", patches, KERNEL)
    y = network("float32")
    assert y.dtype == "float32"
    assert_same(y[:, 1:-1, 1:-1], sums)


def test_it_is_correlate2d_summed_over_channels(x64):
    assert_same(network("float64"), planes(compat.scipy.correlate2d, KERNEL))


def test_it_is_convolve2d_only_after_flipping_the_kernel(x64):
    y = network("float64")
    np.testing.assert_array_equal(flipped(KERNEL), KERNEL[::-1, ::-1])
    assert_same(y, planes(compat.scipy.convolve2d, flipped(KERNEL)))
    difference = np.abs(y - planes(compat.scipy.convolve2d, KERNEL))
    # The number that was asked about is of the first image; the other is of both. Each has seven decimals.
    assert abs(difference[0].mean() - 2.9128388) <= 0.5e-7
    assert abs(difference.mean() - 2.3681317) <= 0.5e-7


# When it matters: filters that were designed, and templates.

CORNER = np.array([[3, 1, 1], [3, 0, 0], [3, 0, 0]])
BUMP = np.outer([1, 2, 1], [1, 4, 5, 4, 3])
"""Nearly the same after half a turn."""


def scene(*placed):
    """Darkness with arrays at given places."""
    image = np.zeros((7, 14), "float32")
    for array, row, column in placed:
        image[row : row + array.shape[0], column : column + array.shape[1]] = array
    return image


def found(image, template):
    """Where tf.nn.conv2d is largest, and how large that is."""
    y = np.asarray(compat.tensorflow.conv2d(image[None, ..., None], template[..., None, None], 1, "VALID"))[0, ..., 0]
    assert (y == y.max()).sum() == 1
    return np.unravel_index(y.argmax(), y.shape), y.max()


def half_turned(template):
    """What a function that flips needs, given to one that does not."""
    return np.asarray(convert_kernel(template, source="scipy.signal.correlate2d", target="scipy.signal.convolve2d"))


def test_a_flipped_template_finds_its_half_turn():
    template = CORNER.astype("float32")
    image = scene((template, 1, 2), (template[::-1, ::-1], 3, 9))
    assert found(image, template) == ((1, 2), 29)
    assert found(image, half_turned(template)) == ((3, 9), 29)


def test_a_flipped_template_that_is_nearly_symmetric_is_beside_it_and_nothing_tells():
    """One sample off, at 96 % of the best score."""
    template = BUMP.astype("float32")
    image = scene((template, 2, 4))
    assert found(image, template) == ((2, 4), 402)
    assert found(image, half_turned(template)) == ((2, 5), 384)


def test_a_designed_filter_turns_its_sign():
    """A derivative, x[n + 1] − x[n − 1] as a correlation, and its opposite as a convolution."""
    ramp = np.tile(np.arange(6, dtype="float32"), (3, 1))
    derivative = np.array([[-1, 0, 1]], "float32")
    y = compat.tensorflow.conv2d(ramp[None, ..., None], derivative[..., None, None], 1, "VALID")
    assert y.ravel().tolist() == [2] * 12
    assert compat.scipy.convolve2d(ramp, derivative, mode="valid").ravel().tolist() == [-2] * 12
