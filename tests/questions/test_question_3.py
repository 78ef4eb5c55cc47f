"""Question 3: why is `conv2d(conv2d(x, a), b)` not `conv2d(x, conv2d(a, b))` in PyTorch?"""

import itertools

import numpy as np
import pytest
import scipy.linalg

import sigconv
from sigconv import compat, convert_kernel

SHAPES = ((1, 4, 7, 7), (7, 4, 3, 3), (3, 7, 3, 3))


def conv2d(x, w, padding):
    return np.asarray(compat.torch.conv2d(x, w, padding=padding))


@pytest.fixture
def layers():
    """The image and the two layers, in whole numbers, whose sums are exact."""
    return tuple(np.random.default_rng(0).integers(-9, 10, shape, "int32") for shape in SHAPES)


def twice(x, a, b):
    return conv2d(conv2d(x, a, padding=2), b, padding=2)


def once(x, kernel):
    return conv2d(x, kernel, padding=4)


def convolved(a, b):
    """One layer for the two: the kernels convolved, and summed over the channels between them."""
    flipped = convert_kernel(b, source="sigconv.convolve_channels", target="torch.conv2d")
    return conv2d(a.transpose(1, 0, 2, 3), flipped, padding=2).transpose(1, 0, 2, 3)


def correlated(a, b):
    """What was asked: the same without the flip."""
    return conv2d(a.transpose(1, 0, 2, 3), b, padding=2).transpose(1, 0, 2, 3)


def test_two_layers_are_the_one_of_their_convolved_kernels(layers):
    x, a, b = layers
    kernel = convolved(a, b)
    assert kernel.shape == (3, 4, 5, 5)
    assert twice(x, a, b).shape == once(x, kernel).shape == (1, 3, 11, 11)
    assert np.abs(twice(x, a, b) - once(x, kernel)).max() == 0


def test_composite_is_that_of_convolve2d_and_of_flipping_by_hand(layers):
    _, a, b = layers
    assert convolved(a, b).tolist() == correlated(a, np.flip(b, (2, 3))).tolist()
    planes = [
        [sum(compat.scipy.convolve2d(a[m, c], b[o, m]) for m in range(7)).tolist() for c in range(4)] for o in range(3)
    ]
    assert convolved(a, b).tolist() == planes
    swapped = sigconv.convolve_channels(a.transpose(1, 0, 2, 3), b, padding="full")
    assert swapped.transpose(1, 0, 2, 3).tolist() == planes


def test_in_float64_they_differ_by_rounding(x64):
    rng = np.random.default_rng(1)
    x, a, b = (rng.standard_normal(shape) for shape in SHAPES)
    y = twice(x, a, b)
    # The rule with the composed norms.
    scale = np.abs(x).max() * np.abs(a).sum((1, 2, 3)).max() * np.abs(b).sum((1, 2, 3)).max()
    assert np.abs(y - once(x, convolved(a, b))).max() <= 8 * 2.0**-52 * scale
    # The asker's difference, 164.8, was as large as the results.
    assert np.abs(y - once(x, correlated(a, b))).max() > 0.5 * np.abs(y).max()


def test_the_wrong_composition_differs(layers):
    x, a, b = layers
    y, wrong = twice(x, a, b), once(x, correlated(a, b))
    assert wrong.shape == y.shape
    assert np.mean(y != wrong) > 0.9
    # Unless the second kernel is the same after half a turn: the flip is all that was missing.
    symmetric = b + np.flip(b, (2, 3))
    assert once(x, correlated(a, symmetric)).tolist() == twice(x, a, symmetric).tolist()


def test_the_batch_is_not_the_cause(layers):
    """The accepted explanation. Every image of a batch agrees with the flip, and none without it."""
    x, a, b = layers
    batch = np.concatenate([x, 2 * x, -x])
    for kernel, agrees in ((convolved(a, b), True), (correlated(a, b), False)):
        same = (twice(batch, a, b) == once(batch, kernel)).all((1, 2, 3))
        assert same.tolist() == [agrees] * 3


# The operator argument: M(·), the circulant operator of a kernel, and V, its inverse, which takes the first column.


def circulant(kernel, around):
    """M: every column is the kernel, moved around to another sample."""
    padded = np.pad(kernel, [(0, n - k) for n, k in zip(around, kernel.shape, strict=True)])
    places = itertools.product(*map(range, around))
    return np.stack([np.roll(padded, place, range(kernel.ndim)).ravel() for place in places], 1)


def kernel_of(operator, around):
    """V."""
    return operator[:, 0].reshape(around)


KERNELS = {"1-d": ((4,), (3,), (6,)), "2-d": ((2, 3), (3, 2), (4, 4))}
"""Shapes of two kernels, and of a circle that holds their convolution."""


@pytest.fixture(params=KERNELS)
def operators(request):
    *shapes, around = KERNELS[request.param]
    a, b = (np.random.default_rng(seed).integers(-9, 10, shape) for seed, shape in enumerate(shapes))
    return a, b, around, circulant(a, around), circulant(b, around)


def test_operator_of_a_vector_is_scipys_circulant():
    kernel = np.array([3, -1, 4])
    np.testing.assert_array_equal(circulant(kernel, (5,)), scipy.linalg.circulant([3, -1, 4, 0, 0]))
    np.testing.assert_array_equal(kernel_of(circulant(kernel, (5,)), (5,)), [3, -1, 4, 0, 0])


def test_convolution_is_the_product_of_the_operators(operators):
    a, b, around, of_a, of_b = operators
    product = kernel_of(of_a @ of_b, around)
    np.testing.assert_array_equal(compat.scipy.convolve(a, b), product)
    np.testing.assert_array_equal(sigconv.convolve(a, b), product)
    # The product is the operator of that kernel, as a whole.
    np.testing.assert_array_equal(circulant(product, around), of_a @ of_b)


def test_correlation_is_the_product_with_a_transpose(operators):
    a, b, around, of_a, of_b = operators
    lags = np.roll(sigconv.correlate(a, b), [1 - k for k in b.shape], range(b.ndim))
    np.testing.assert_array_equal(lags, kernel_of(of_a @ of_b.T, around))


def test_associativity_is_that_of_matrix_products(operators):
    a, b, around, of_a, of_b = operators
    x = np.random.default_rng(2).integers(-9, 10, around)
    of_x = circulant(x, around)
    left, right = (of_x @ of_a) @ of_b, of_x @ (of_a @ of_b)
    np.testing.assert_array_equal(left, right)
    around_once = sigconv.convolve(x, sigconv.convolve(a, b), **periodic(sigconv.convolve(a, b)))
    around_twice = sigconv.convolve(sigconv.convolve(x, a, **periodic(a)), b, **periodic(b))
    np.testing.assert_array_equal(around_once, kernel_of(left, around))
    np.testing.assert_array_equal(around_twice, kernel_of(right, around))


def periodic(kernel):
    """Tap 0 on every sample, read around."""
    return {"mode": [(k - 1, 0) for k in kernel.shape], "boundary": "periodic"}


def test_correlation_is_not_associative_and_convolution_is():
    """Two correlations are one with the convolved kernels: x M(a)ᵀ M(b)ᵀ is x (M(b) M(a))ᵀ."""
    x, a, b = [1, 2], [1, 3], [2, 5]
    correlate, convolve = sigconv.correlate, sigconv.convolve
    assert convolve(convolve(x, a), b).tolist() == convolve(x, convolve(a, b)).tolist() == [2, 15, 37, 30]
    assert correlate(correlate(x, a), b).tolist() == correlate(x, convolve(a, b)).tolist() == [15, 41, 24, 4]
    assert correlate(x, correlate(a, b)).tolist() == [6, 29, 39, 10]
