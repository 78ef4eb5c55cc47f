"""`compat.scipy`'s recursive and polyphase filters: by their definitions, under `jit` and `grad`, and in words."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iir.definition import BIQUAD, SECTIONS, filtered, in_sections

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.compat import scipy

X = np.random.default_rng(0).standard_normal(60).astype("f4")
B, A = BIQUAD[0, :3].astype("f4"), BIQUAD[0, 3:].astype("f4")


def test_lfilter_and_its_state_are_the_definition():
    y, final = scipy.lfilter(B, A, X, zi=np.array([0.5, -0.25], "f4"))
    exact, state = filtered(B, A, X, [0.5, -0.25])
    np.testing.assert_allclose(y, exact, atol=1e-5)
    np.testing.assert_allclose(final, state, atol=1e-5)
    np.testing.assert_allclose(scipy.sosfilt(BIQUAD, X), in_sections(BIQUAD, X)[0], atol=1e-5)


def test_lfiltic_goes_on_where_the_past_ended():
    y, final = filtered(B, A, X)
    np.testing.assert_allclose(scipy.lfiltic(B, A, y[::-1], X[::-1]), final, atol=1e-5)


def test_filtering_both_ways_has_no_phase():
    """Whichever way round the signal is, where the states at the ends are found and not guessed."""
    y = scipy.filtfilt(B, A, X, method="gust")
    np.testing.assert_allclose(scipy.filtfilt(B, A, X[::-1], method="gust")[::-1], y, atol=1e-3)


def test_a_constant_has_no_transient_either_way():
    level = scipy.filtfilt(B, A, np.ones(60, "f4"))
    np.testing.assert_allclose(level, np.full(60, (B.sum() / A.sum()) ** 2), rtol=1e-5)


def test_filtering_both_ways_is_twice_the_filter_between_extensions():
    y = scipy.sosfiltfilt(BIQUAD, X, padtype="constant", padlen=5)
    z = np.asarray(scipy.sosfilt_zi(BIQUAD))
    wide = np.pad(X.astype("f8"), 5, "edge")
    there = in_sections(BIQUAD, wide, z * wide[0])[0]
    back = in_sections(BIQUAD, there[::-1], z * there[-1])[0][::-1]
    np.testing.assert_allclose(y, back[5:-5], atol=1e-4)


@pytest.mark.parametrize(("up", "down"), [(1, 1), (3, 2), (2, 5)])
def test_upfirdn_is_zeros_a_convolution_and_every_so_many(up, down):
    h = np.arange(1.0, 8.0, dtype="f4")
    spread = np.zeros((X.size - 1) * up + 1)
    spread[::up] = X
    np.testing.assert_allclose(scipy.upfirdn(h, X, up, down), np.convolve(spread, h)[::down], atol=1e-4)


def test_resampling_keeps_a_slow_sine():
    n = np.arange(200.0)
    y = scipy.resample_poly(np.sin(0.1 * n).astype("f4"), 3, 2)
    assert y.shape == (300,)
    np.testing.assert_allclose(y[60:240], np.sin(0.1 * np.arange(300) * 2 / 3)[60:240], atol=2e-3)
    level = scipy.resample_poly(np.full(30, 5, "f4"), 2, 3, padtype="mean")
    np.testing.assert_allclose(level, 5, rtol=1e-6)


def test_wiener_leaves_flat_places_and_large_offsets_alone():
    image = np.full((9, 9), 1000.0, "f4")
    assert np.all(np.isfinite(scipy.wiener(image, 3, 0.0)))
    noisy = np.tile(X, (4, 1)) + 1000
    inside = scipy.wiener(noisy, (1, 5), 0.5)[:, 2:-2]
    about = scipy.wiener(noisy - 1000, (1, 5), 0.5)[:, 2:-2]
    np.testing.assert_allclose(inside - 1000, about, atol=2e-3)


def test_all_of_it_runs_under_jit_and_grad():
    def total(b, x):
        y = scipy.filtfilt(b, A, x)
        return jnp.sum(scipy.resample_poly(y, 2, 3) ** 2) + jnp.sum(scipy.wiener(y, 3) ** 2)

    by_b, by_x = jax.jit(jax.grad(total, (0, 1)))(B, X)
    assert np.all(np.isfinite(by_b))
    assert np.all(np.isfinite(by_x))


BAD = [
    (lambda: scipy.lfilter([[1.0]], [1.0], X), ShapeError, r"^`compat.scipy.lfilter`: `b` must be a vector of coefficients; got shape \(1, 1\)"),
    (lambda: scipy.sosfilt(BIQUAD[None], X), ShapeError, r"`sos` must be \(S, 6\); got shape \(1, 1, 6\)"),
    (lambda: scipy.sosfilt(SECTIONS, X), OptionError, r"`sos` must have a₀ = 1 in every section; got \[1.0, 1.0, 2.0\]"),
    (lambda: scipy.lfiltic([1.0], [0.0, 1.0], [1.0]), OptionError, r"`a` must not have a₀ = 0"),
    (lambda: scipy.lfiltic([1.0], [1.0, 1.0], [[1.0]]), ShapeError, r"`y` must be 1-d; got shape \(1, 1\)"),
    (lambda: scipy.filtfilt(B, A, X[:9]), ShapeError, r"`x` must be longer than the padding, 9 samples at each end; got 9"),
    (lambda: scipy.filtfilt(B, A, X, padlen=-1), OptionError, r"`padlen` must be None or a number of samples; got -1"),
    (lambda: scipy.filtfilt(B, A, X, 1), OptionError, r"`axis` must be one of the signal's 1; got 1"),
    (lambda: scipy.filtfilt(B, A, X[:0]), ShapeError, r"`x` must not be empty"),
    (lambda: scipy.filtfilt(B, A, X, method="gust", irlen=0), OptionError, r"`irlen` must be None or a number of samples"),
    (lambda: scipy.upfirdn([], X), ShapeError, r"`h` must be a vector of taps; got shape \(0,\)"),
    (lambda: scipy.upfirdn([1.0], X, 0), OptionError, r"`up` must be an integer of at least 1; got 0"),
    (lambda: scipy.upfirdn([1.0], X, cval=1j), OptionError, r"`cval` must be one number, and real where the signal is; got 1j"),
    (lambda: scipy.upfirdn([1.0], X, cval="a"), DTypeError, r"`cval` must hold integers, floats or complex numbers"),
    (lambda: scipy.resample_poly(X, 2, 1, window="gauze"), OptionError, r"`window` must be one of"),
    (lambda: scipy.resample_poly(X, 2, 1, window=np.ones((2, 2))), ShapeError, r"`window` must be a vector of taps"),
    (lambda: scipy.resample_poly(X, 2, 1, padtype="edge", cval=1.0), OptionError, r"`cval` must be None unless `padtype` is 'constant'"),
    (lambda: scipy.wiener(X.astype("c8")), DTypeError, r"`im` must be real; got complex64"),
    (lambda: scipy.wiener(1.0), ShapeError, r"`im` must have samples; got shape \(\)"),
    (lambda: scipy.wiener(X, 0), OptionError, r"`mysize` must be an integer of at least 1"),
    (lambda: scipy.wiener(X, 3, X), OptionError, r"`noise` must be one number; got shape \(60,\)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
