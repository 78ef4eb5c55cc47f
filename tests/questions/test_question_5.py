"""Question 5: how to do a true convolution in PyTorch, as `flipkernel` does elsewhere?"""

import numpy as np
import pytest

import sigconv
from sigconv import compat, convert_kernel

SQUARE = np.pad(np.ones((3, 3), "float32"), ((1, 1), (2, 2)))
EDGE = np.array([[-1, 1]], "float32")
NO_EDGE = [0] * 6
CORRELATED = [NO_EDGE, *[[0, 1, 0, 0, -1, 0]] * 3, NO_EDGE]
CONVOLVED = [NO_EDGE, *[[0, -1, 0, 0, 1, 0]] * 3, NO_EDGE]


def torch_conv2d(x, w):
    return compat.torch.conv2d(x[None, None], w[None, None])[0, 0]


def tensorflow_conv2d(x, w):
    return compat.tensorflow.conv2d(x[None, ..., None], w[..., None, None], 1, "VALID")[0, ..., 0]


def test_the_image_is_a_square_of_ones():
    assert SQUARE.shape == (5, 7)
    assert SQUARE[2].tolist() == [0, 0, 1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    "function",
    [
        torch_conv2d,
        tensorflow_conv2d,
        lambda x, w: compat.scipy.correlate2d(x, w, mode="valid"),
        lambda x, w: compat.matlab.filter2(w, x, "valid"),
        lambda x, w: compat.torch7.xcorr2(x, w),
        lambda x, w: sigconv.correlate(x, w, mode="valid"),
    ],
    ids=["torch.conv2d", "tf.nn.conv2d", "scipy.correlate2d", "matlab.filter2", "torch7.xcorr2", "sigconv.correlate"],
)
def test_correlation_of_the_square(function):
    assert function(SQUARE, EDGE).tolist() == CORRELATED


@pytest.mark.parametrize(
    "function",
    [
        lambda x, w: torch_conv2d(x, np.flip(w, (0, 1))),
        lambda x, w: tensorflow_conv2d(x, np.flip(w, (0, 1))),
        lambda x, w: compat.scipy.convolve2d(x, w, mode="valid"),
        lambda x, w: compat.matlab.conv2(x, w, "valid"),
        lambda x, w: compat.torch7.conv2(x, w),
        lambda x, w: sigconv.convolve(x, w, mode="valid"),
        lambda x, w: sigconv.convolve_channels(x[None], w[None, None])[0],
    ],
    ids=[
        "torch.conv2d-of-flipped",
        "tf.nn.conv2d-of-flipped",
        "scipy.convolve2d",
        "matlab.conv2",
        "torch7.conv2",
        "sigconv.convolve",
        "sigconv.convolve_channels",
    ],
)
def test_true_convolution_of_the_square(function):
    assert function(SQUARE, EDGE).tolist() == CONVOLVED


@pytest.mark.parametrize(
    ("target", "function"),
    [
        ("torch.conv2d", lambda x, w: compat.torch.conv2d(x[None], w)[0, 0]),
        ("tf.nn.conv2d", lambda x, w: compat.tensorflow.conv2d(x[..., None], w, 1, "VALID")[0, ..., 0]),
        ("sigconv.correlate_channels", lambda x, w: sigconv.correlate_channels(x, w)[0]),
        ("sigconv.convolve_channels", lambda x, w: sigconv.convolve_channels(x, w)[0]),
    ],
)
def test_a_converted_kernel_makes_a_layer_convolve(target, function):
    w = convert_kernel(EDGE, source="scipy.signal.convolve2d", target=target)
    assert function(SQUARE[None], w).tolist() == CONVOLVED


# With more than one channel: the taps are flipped, and only the taps.


def whole(*shape):
    return np.random.default_rng(2).integers(-9, 10, shape, "int32")


def sum_of_planes(x, w):
    """The true convolution from SciPy's names alone: every output sums its channels' planes."""
    planes = [
        sum(
            np.asarray(compat.scipy.convolve2d(plane, taps, mode="valid"))
            for plane, taps in zip(x[0], kernel, strict=True)
        )
        for kernel in w
    ]
    return np.stack(planes)[None]


X, W = whole(1, 2, 5, 6), whole(3, 2, 2, 3)


def test_flipping_the_spatial_axes_is_a_true_convolution():
    true = sum_of_planes(X, W).tolist()
    assert compat.torch.conv2d(X, np.flip(W, (2, 3))).tolist() == true
    assert sigconv.convolve_channels(X, W).tolist() == true
    converted = convert_kernel(W, source="sigconv.convolve_channels", target="torch.conv2d")
    assert converted.tolist() == np.flip(W, (2, 3)).tolist()


def test_tensorflows_kernels_are_converted_both_ways():
    x, w = X.transpose(0, 2, 3, 1), W.transpose(2, 3, 1, 0)
    as_is = convert_kernel(w, source="tf.nn.conv2d", target="sigconv.convolve_channels")
    y = np.asarray(compat.tensorflow.conv2d(x, w, 1, "VALID"))
    assert sigconv.convolve_channels(X, as_is).tolist() == y.transpose(0, 3, 1, 2).tolist()
    flipped = convert_kernel(W, source="sigconv.convolve_channels", target="tf.nn.conv2d")
    true = np.asarray(compat.tensorflow.conv2d(x, flipped, 1, "VALID"))
    assert true.transpose(0, 3, 1, 2).tolist() == sum_of_planes(X, W).tolist()


def flip_tensor(w):
    """The accepted answer's: all four axes."""
    return np.flip(w, (0, 1, 2, 3))


def test_flipping_all_four_axes_takes_other_channels():
    """A pixel of two channels under a single tap, where there is nothing to flip."""
    x, w = np.array([[[[1]], [[10]]]]), np.array([[[[1]], [[2]]]])
    assert compat.torch.conv2d(x, w).tolist() == sum_of_planes(x, w).tolist() == [[[[21]]]]
    assert compat.torch.conv2d(x, flip_tensor(w)).tolist() == [[[[12]]]]


def test_flipping_all_four_axes_reads_and_writes_the_channels_backwards():
    true, wrong = sum_of_planes(X, W), np.asarray(compat.torch.conv2d(X, flip_tensor(W)))
    assert wrong.shape == true.shape
    assert np.all(np.any(wrong != true, (2, 3)))
    backwards = np.asarray(compat.torch.conv2d(X[:, ::-1], np.flip(W, (2, 3))))[:, ::-1]
    assert wrong.tolist() == backwards.tolist()


def test_with_one_channel_flipping_all_four_axes_is_right():
    """Which is why the answer looked right."""
    x, w = X[:, :1], W[:1, :1]
    assert compat.torch.conv2d(x, flip_tensor(w)).tolist() == sum_of_planes(x, w).tolist()
