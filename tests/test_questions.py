"""The questions the project started from, with the numbers that must come out, under the names they were asked in."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

import sigconv
from sigconv.compat import scipy as signal
from sigconv.compat import torch as functional

MAGIC5 = [[17, 24, 1, 8, 15], [23, 5, 7, 14, 16], [4, 6, 13, 20, 22], [10, 12, 19, 21, 3], [11, 18, 25, 2, 9]]
MAGIC3 = [[8, 1, 6], [3, 5, 7], [4, 9, 2]]
XCORR2 = [
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
PRINTED = 6e-5
"""How far MATLAB's printed result may be from that of inputs printed to 4 decimals (design notes, question 1)."""


def xcorr2(a, b):
    return signal.correlate2d(a, b)


# 1. Is a network's convolution a cross-correlation?


@pytest.mark.parametrize("dtype", ["int32", "float32"])
@pytest.mark.parametrize(
    "xcorr2",
    [xcorr2, signal.correlate, lambda a, b: sigconv.correlate(a, b), lambda a, b: network(a[None], b[None])],
    ids=["scipy.correlate2d", "scipy.correlate", "sigconv.correlate", "torch.conv2d"],
)
def test_xcorr2_of_magic_squares_is_the_printed_map_exactly(xcorr2, dtype):
    actual = xcorr2(jnp.array(MAGIC5, dtype), jnp.array(MAGIC3, dtype))
    assert actual.dtype == dtype
    assert actual.tolist() == XCORR2


def network(inputs, filters):
    return functional.conv2d(inputs[None], filters[None], padding=2)[0, 0]


def test_conv2d_is_the_sum_of_xcorr2_over_channels(x64):
    inputs, filters = jnp.array(INPUTS), jnp.array(FILTERS)
    summed = sum(xcorr2(x, w) for x, w in zip(inputs, filters, strict=True))
    of_network = network(inputs, filters)
    bound = 8 * 2.0**-52 * float(jnp.abs(inputs).max() * jnp.abs(filters).sum())
    assert np.abs(np.asarray(of_network - summed)).max() <= bound
    assert np.abs(np.asarray(of_network) - MATLAB).max() < PRINTED
    assert np.abs(np.asarray(summed) - MATLAB).max() < PRINTED


def test_no_true_convolution_gives_that_sum(x64):
    inputs, filters = jnp.array(INPUTS), jnp.array(FILTERS)
    convolved = sum(signal.convolve2d(x, w) for x, w in zip(inputs, filters, strict=True))
    assert np.abs(np.asarray(convolved) - MATLAB).max() > 1


def test_conv1d_layer_is_affine(x64):
    """Conv1d(3, 1, 1): −0.3817 on ones, −0.3176 where the second group is doubled, so Σw = 0.0641, bias −0.4458."""
    # Weights with that sum; the printed outputs tell no more of them.
    weight, bias = jnp.array([[[0.5], [-0.25], [0.0641 - 0.25]]]), jnp.array([-0.4458])
    ones = jnp.ones((1, 3, 4))
    doubled = ones.at[:, :, 2:].set(2)
    y = np.asarray(functional.conv1d(doubled, weight, bias))[0, 0]
    np.testing.assert_array_equal(np.round(y, 4), [-0.3817, -0.3817, -0.3176, -0.3176])
    linear = np.asarray(functional.conv1d(doubled, weight))[0, 0]
    np.testing.assert_array_equal(np.round(linear, 4), [0.0641, 0.0641, 0.1282, 0.1282])
    affine_part = np.asarray(functional.conv1d(jnp.zeros((1, 3, 4)), weight, bias))
    np.testing.assert_array_equal(affine_part, np.full((1, 1, 4), -0.4458))


# 3. Why is conv2d(conv2d(x, a), b) not conv2d(x, conv2d(a, b))?


@pytest.fixture
def layers(x64):
    rng = np.random.default_rng(0)
    return tuple(jnp.asarray(rng.standard_normal(shape)) for shape in ((1, 4, 7, 7), (7, 4, 3, 3), (3, 7, 3, 3)))


def compose(a, b):
    """The weights of b after a."""
    return functional.conv2d(a.transpose(1, 0, 2, 3), b, padding=2).transpose(1, 0, 2, 3)


def test_composition_of_correlations_convolves_their_kernels(layers):
    x, a, b = layers
    twice = functional.conv2d(functional.conv2d(x, a, padding=2), b, padding=2)
    once = functional.conv2d(x, compose(a, jnp.flip(b, (2, 3))), padding=4)
    assert twice.shape == once.shape == (1, 3, 11, 11)
    # The rule with the composed norms.
    scale = jnp.abs(x).max() * jnp.abs(a).sum((1, 2, 3)).max() * jnp.abs(b).sum((1, 2, 3)).max()
    assert np.abs(np.asarray(twice - once)).max() <= 8 * 2.0**-52 * float(scale)
    assert np.abs(np.asarray(twice - once)).max() < 1e-12


def test_composition_without_the_flip_is_far_off(layers):
    x, a, b = layers
    twice = functional.conv2d(functional.conv2d(x, a, padding=2), b, padding=2)
    once = functional.conv2d(x, compose(a, b), padding=4)
    assert np.abs(np.asarray(twice - once)).max() > 0.5 * np.abs(np.asarray(twice)).max()


@pytest.mark.parametrize("batch", [1, 5])
def test_the_batch_is_not_the_cause(layers, batch):
    """The accepted explanation: with the flip every item of a batch agrees, without it none does."""
    x, a, b = layers
    x = jnp.concatenate([x * (item + 1) for item in range(batch)])
    twice = functional.conv2d(functional.conv2d(x, a, padding=2), b, padding=2)
    for kernel, agrees in ((jnp.flip(b, (2, 3)), True), (b, False)):
        error = jnp.abs(twice - functional.conv2d(x, compose(a, kernel), padding=4)).max((1, 2, 3))
        assert np.all((np.asarray(error) < 1e-11) == agrees)


def test_convolution_is_the_product_of_circulants(x64):
    """Convolve(a, b) = V(M(a) M(b)), V the first column, on a circle that holds the result."""
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal(4), rng.standard_normal(3)
    around = len(a) + len(b) - 1

    def circulant(kernel):
        return scipy.linalg.circulant(np.pad(kernel, (0, around - len(kernel))))

    column = (circulant(a) @ circulant(b))[:, 0]
    bound = 8 * 2.0**-52 * np.abs(a).max() * np.abs(b).sum()
    for convolve in (signal.convolve, sigconv.convolve):
        assert np.abs(np.asarray(convolve(a, b)) - column).max() <= bound
    # A correlation is the product with the transpose instead: M(b)ᵀ.
    lags = (circulant(a) @ circulant(b).T)[:, 0]
    correlation = np.roll(np.asarray(sigconv.correlate(a, b)), 1 - len(b))
    assert np.abs(correlation - lags).max() <= bound


# 5. How to do a true convolution, as flipkernel does?

SQUARE = np.pad(np.ones((3, 3), "float32"), ((1, 1), (2, 2)))
EDGE = np.array([[-1.0, 1.0]], "float32")


def rows_of(row):
    return [[0.0] * 6, row, row, row, [0.0] * 6]


def test_conv2d_correlates_the_square():
    y = functional.conv2d(SQUARE[None, None], EDGE[None, None])[0, 0]
    assert y.tolist() == rows_of([0.0, 1.0, 0.0, 0.0, -1.0, 0.0])
    assert signal.correlate2d(SQUARE, EDGE, mode="valid").tolist() == y.tolist()
    assert sigconv.correlate(SQUARE, EDGE, mode="valid").tolist() == y.tolist()


def test_true_convolution_of_the_square():
    wanted = rows_of([0.0, -1.0, 0.0, 0.0, 1.0, 0.0])
    flipped = functional.conv2d(SQUARE[None, None], jnp.flip(EDGE[None, None], (2, 3)))[0, 0]
    assert flipped.tolist() == wanted
    assert signal.convolve2d(SQUARE, EDGE, mode="valid").tolist() == wanted
    assert sigconv.convolve(SQUARE, EDGE, mode="valid").tolist() == wanted
    assert sigconv.convolve_channels(SQUARE[None], EDGE[None, None])[0].tolist() == wanted


def test_flipping_all_four_axes_is_wrong_beyond_one_channel():
    rng = np.random.default_rng(2)
    x, w = (jnp.asarray(rng.integers(-9, 10, shape), "float32") for shape in ((1, 2, 5, 6), (3, 2, 2, 3)))
    true = sum_of_planes(x, w)
    spatial = functional.conv2d(x, jnp.flip(w, (2, 3)))
    everything = functional.conv2d(x, jnp.flip(w, (0, 1, 2, 3)))
    assert spatial.tolist() == true.tolist()
    assert everything.shape == true.shape
    assert np.abs(np.asarray(everything - true)).max() > 1
    # With one channel in and out the two are the same, which is why the answer looked right.
    one = functional.conv2d(x[:, :1], jnp.flip(w[:1, :1], (0, 1, 2, 3)))
    assert one.tolist() == sum_of_planes(x[:, :1], w[:1, :1]).tolist()


def sum_of_planes(x, w):
    """The true convolution from SciPy's names alone: every output sums its channels' planes."""
    planes = [
        sum(signal.convolve2d(plane, taps, mode="valid") for plane, taps in zip(x[0], kernel, strict=True))
        for kernel in w
    ]
    return jnp.stack(planes)[None]
