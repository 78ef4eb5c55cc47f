"""Gaussians, boxes, Savitzky–Golay, differences: what they do to polynomials and ramps, which defines them."""

import numpy as np
import pytest
from design.designs import assert_close
from jax import numpy as jnp
from numpy.polynomial import polynomial

from sigconv import convolve, correlate, correlate_channels, design


def gaussian(sigma, nth, radius):
    """The derivative of exp(−x²/2σ²) by Hermite's polynomials, scaled so that the Gaussian itself sums to 1."""
    x = np.arange(-radius, radius + 1)
    bell = np.exp(-0.5 * (x / sigma) ** 2)
    hermite = np.polynomial.hermite_e.hermeval(x / sigma, np.eye(nth + 1)[nth])
    return bell / bell.sum() * hermite * (-1 / sigma) ** nth


@pytest.mark.parametrize(("sigma", "nth", "radius"), [(1.0, 0, 4), (1.5, 1, 6), (2.0, 2, 3), (0.7, 3, 3), (1.0, 0, 0)])
def test_gaussian_is_sampled(sigma, nth, radius, x64):
    assert_close(design.gaussian(sigma, derivative=nth, radius=radius), gaussian(sigma, nth, radius))


def test_radius_covers_truncate_deviations():
    assert design.gaussian(1.3).shape == (2 * 5 + 1,)
    assert design.gaussian(1.3, truncate=3.0).shape == (2 * 4 + 1,)
    assert design.laplacian_of_gaussian((1.0, 2.0)).shape == (17, 17)
    assert design.steerable_pair(0.0, sigma=0.5).shape == (2, 5, 5)


def test_first_derivative_is_the_slope_under_convolve_and_its_negative_under_correlate():
    ramp = np.arange(30, dtype="f4")
    for taps in (
        design.gaussian(1.0, derivative=1, radius=5),
        design.derivative(),
        design.savitzky_golay(5, 2, derivative=1),
    ):
        assert_close(convolve(ramp, taps, mode="valid"), np.ones(31 - taps.size), "float32", scale=30)
        assert_close(correlate(ramp, taps, mode="valid"), -np.ones(31 - taps.size), "float32", scale=30)
        networks = correlate_channels(ramp[None], taps[None, None])[0]
        assert_close(networks, -np.ones(31 - taps.size), "float32", scale=30)


def test_box_is_a_mean():
    assert design.box(4).tolist() == [0.25] * 4
    assert design.box(1, dtype="float16").dtype == jnp.float16


@pytest.mark.parametrize(
    ("length", "order", "nth", "position"),
    [(5, 2, 0, None), (6, 3, 1, None), (9, 4, 2, 2.3), (1, 0, 0, None), (4, 3, 0, 0.0), (5, 2, 3, None)],
)
def test_savitzky_golay_reads_the_fitted_polynomial(length, order, nth, position, x64):
    x = np.random.default_rng(0).standard_normal(length)
    t = 0.5 * (np.arange(length) - (length - 1) / 2)
    fit = polynomial.polyfit(t, x, order)
    at = 0.0 if position is None else 0.5 * (position - (length - 1) / 2)
    reference = polynomial.polyval(at, polynomial.polyder(fit, nth))
    taps = design.savitzky_golay(length, order, derivative=nth, spacing=0.5, position=position)
    # The fit amplifies: the k-th power of a window of extent 1 by 2^k, for each derivative by 1/extent.
    scale = 2.0**order * np.abs(taps).sum() * np.abs(x).max() + 1
    assert_close(convolve(x, taps, mode="valid")[0], reference, scale=scale)


@pytest.mark.parametrize("kind", ["central", "sobel", "prewitt", "scharr"])
@pytest.mark.parametrize(("rank", "axis"), [(1, 0), (2, 0), (2, -1), (3, 1)])
def test_derivative_of_a_ramp_is_its_slope_and_of_others_nothing(kind, rank, axis):
    taps = design.derivative(kind, rank=rank, axis=axis)
    assert taps.shape == (3,) * rank
    for along, ramp in enumerate(np.indices((4,) * rank).astype("f4")):
        slope = convolve(ramp, taps, mode="valid")
        assert_close(slope, np.full((2,) * rank, float(along == axis % rank)), "float32", scale=4)


def test_integers_of_derivatives_are_ndimages():
    assert design.derivative("sobel", rank=2, axis=0, normalize=False).tolist() == [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]
    assert design.derivative("scharr", rank=2, normalize=False)[:, 0].tolist() == [3, 10, 3]
    assert design.derivative("central", rank=2, normalize=False).tolist() == [[0, 0, 0], [1, 0, -1], [0, 0, 0]]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_laplacian_of_a_square_is_two_for_each_axis(rank):
    place = np.indices((4,) * rank).astype("f4")
    y = convolve((place**2).sum(0), design.laplacian(rank), mode="valid")
    assert y.tolist() == np.full((2,) * rank, 2.0 * rank).tolist()


def test_laplacian_of_gaussian_is_the_sum_of_second_derivatives(x64):
    a, b = [[gaussian(s, n, 4) for n in (0, 2)] for s in (1.0, 1.5)]
    reference = np.outer(a[1], b[0]) + np.outer(a[0], b[1])
    assert_close(design.laplacian_of_gaussian((1.0, 1.5), radius=4), reference)
