"""Identities of correlation and convolution, on signals that hypothesis draws; whole numbers, so exactly."""

import numpy as np
import pytest

pytest.importorskip("hypothesis")
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv

STEADY = settings(max_examples=40, deadline=None, derandomize=True)


def vectors(most):
    return st.lists(st.integers(-9, 9), min_size=1, max_size=most).map(lambda v: np.asarray(v, "int32"))


@STEADY
@given(vectors(7), vectors(5))
def test_convolve_commutes(x, w):
    np.testing.assert_array_equal(sigconv.convolve(x, w), sigconv.convolve(w, x))


@STEADY
@given(vectors(5), vectors(3), vectors(3))
def test_convolve_associates(x, v, w):
    np.testing.assert_array_equal(
        sigconv.convolve(sigconv.convolve(x, v), w), sigconv.convolve(x, sigconv.convolve(v, w))
    )


@STEADY
@given(vectors(7), vectors(5))
def test_correlate_is_convolve_with_the_flipped_kernel(x, w):
    np.testing.assert_array_equal(sigconv.correlate(x, w), sigconv.convolve(x, w[::-1]))


@STEADY
@given(vectors(7), vectors(5))
def test_correlate_reverses_when_the_operands_are_exchanged(x, w):
    np.testing.assert_array_equal(sigconv.correlate(x, w), sigconv.correlate(w, x)[::-1])


@STEADY
@given(vectors(7), st.integers(-20, 20))
def test_periodic_correlation_commutes_with_rotation(x, shift):
    w = np.asarray([3, -1, 2], "int32")
    y = sigconv.correlate(x, w, mode=[(1, 1)], boundary="periodic")
    z = sigconv.correlate(np.roll(x, shift), w, mode=[(1, 1)], boundary="periodic")
    np.testing.assert_array_equal(np.roll(y, shift), z)


@STEADY
@given(vectors(7), vectors(4))
def test_full_sums_to_the_product_of_sums(x, w):
    assert int(sigconv.convolve(x, w).sum()) == int(x.sum()) * int(w.sum())
