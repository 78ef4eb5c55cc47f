"""Gabor filters and the steerable pair."""

import numpy as np
import pytest
from design.designs import assert_close

from sigconv import convolve, correlate, design


def gabor(f, theta, s1, s2, phase, ry, rx):
    g = np.empty((2 * ry + 1, 2 * rx + 1), complex)
    for y in range(-ry, ry + 1):
        for x in range(-rx, rx + 1):
            u, v = x * np.cos(theta) + y * np.sin(theta), y * np.cos(theta) - x * np.sin(theta)
            bell = np.exp(-0.5 * (u**2 / s1**2 + v**2 / s2**2)) / (2 * np.pi * s1 * s2)
            g[y + ry, x + rx] = bell * np.exp(1j * (2 * np.pi * f * u + phase))
    return g


def test_gabor_is_a_wave_under_a_gaussian(x64):
    reference = gabor(0.2, 0.7, 1.5, 2.0, 0.3, 3, 4)
    assert_close(design.gabor(0.2, 0.7, sigma=(1.5, 2.0), phase=0.3, radius=(3, 4)), reference)
    centred = np.asarray(design.gabor(0.2, 0.7, sigma=(1.5, 2.0), phase=0.3, radius=(3, 4), zero_mean=True))
    assert abs(centred.sum()) < 1e-15
    bell = np.abs(reference)
    assert_close(centred, reference - bell * reference.sum() / bell.sum())


def test_bandwidth_gives_sigma_and_the_radius(x64):
    """Half the height at the frequencies that are the bandwidth apart, in octaves."""
    f, octaves = 0.2, 1.5
    g = design.gabor(f, bandwidth=octaves)
    along = np.asarray(g).sum(0)
    low = 2 * f / (1 + 2**octaves)
    heights = np.abs([design.frequency_response(along, at) for at in (f, low, low * 2**octaves)])
    # A radius of three deviations cuts 0.3 % off.
    np.testing.assert_allclose(heights[1:] / heights[0], 0.5, atol=0.005)
    assert g.shape[1] == 2 * np.ceil(3 * np.sqrt(np.log(2) / 2) / np.pi * (2**octaves + 1) / (2**octaves - 1) / f) + 1


def test_bank_holds_every_frequency_at_every_angle(x64):
    bank = design.gabor_bank((0.2, 0.3), 3, radius=2, zero_mean=False)
    assert bank.shape == (2, 3, 5, 5)
    for i, f in enumerate((0.2, 0.3)):
        for j in range(3):
            assert_close(bank[i, j], np.asarray(design.gabor(f, j * np.pi / 3, radius=2)))
    assert np.abs(np.asarray(design.gabor_bank((0.2, 0.3), 3, radius=2)).sum((-1, -2))).max() < 1e-14
    assert_close(design.gabor_bank((0.2, 0.3), np.int64(3), radius=2, zero_mean=False), np.asarray(bank))
    one = design.gabor_bank((0.3,), (0.5,), sigma=1.0, radius=2)
    assert_close(one[0, 0], np.asarray(design.gabor(0.3, 0.5, sigma=1.0, radius=2, zero_mean=True)))


def test_convolving_with_phase_0_is_correlating():
    image = np.random.default_rng(0).standard_normal((9, 8)).astype("f4")
    g = design.gabor(0.2, 0.7, radius=2)
    assert_close(convolve(image, g, mode="valid"), np.asarray(correlate(image, g, mode="valid")), "float32", scale=4)


def test_pair_is_that_of_freeman_and_adelson(x64):
    """Tables IV and VI, at spacing 0.67."""
    x = 0.67 * np.arange(-4, 5)
    sigma = 1 / 0.67 / np.sqrt(2)
    x, y = np.meshgrid(x, x)
    bell = np.exp(-(x**2) - y**2)
    g2 = [0.9213 * (2 * x**2 - 1) * bell, 1.843 * x * y * bell, 0.9213 * (2 * y**2 - 1) * bell]
    h2 = [f * 0.978 * bell for f in (-2.254 * x + x**3, (-0.7515 + x**2) * y, (-0.7515 + y**2) * x, -2.254 * y + y**3)]
    c, s = np.cos(0.4), np.sin(0.4)
    even, odd = design.steerable_pair(0.4, sigma=sigma, radius=4)
    # The paper's constants have four digits.
    np.testing.assert_allclose(even, c**2 * g2[0] + 2 * c * s * g2[1] + s**2 * g2[2], atol=2e-4)
    turned = c**3 * h2[0] + 3 * c**2 * s * h2[1] + 3 * c * s**2 * h2[2] + s**3 * h2[3]
    np.testing.assert_allclose(odd, turned, atol=2e-4)


@pytest.mark.parametrize(("which", "order"), [(0, 2), (1, 3)])
def test_filters_at_a_few_angles_sum_to_that_at_any(which, order, x64):
    basis = np.stack([design.steerable_pair(j * np.pi / (order + 1), radius=3)[which] for j in range(order + 1)])
    for angle in (0.3, 2.0, -4.0):
        steered = np.tensordot(design.steering_weights(angle, order), basis, 1)
        assert_close(steered, np.asarray(design.steerable_pair(angle, radius=3)[which]), terms=1024)
