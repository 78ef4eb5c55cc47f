"""Delays of signals, and correlation at the lags asked for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads
from matching.images import shifted
from tolerance import assert_correlation

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.matching import Band, correlate_lags, delay

DRAW = np.random.default_rng(0)


def burst(length=128, cutoff=0.3, seed=0):
    """Band-limited noise that dies out before the ends."""
    x = np.random.default_rng(seed).standard_normal(length) * np.hanning(length) ** 4
    spectrum = np.fft.fft(x) * (np.abs(np.fft.fftfreq(length)) <= cutoff)
    return np.fft.ifft(spectrum).real


@given(st.floats(-9, 9))
@settings(max_examples=20, deadline=None)
def test_the_delay_found_is_the_delay_applied(d):
    x = burst()
    for weighting in ("none", "phat", Band(0.2)):
        found = delay(shifted(x, (d,)).astype("f4"), x.astype("f4"), weighting=weighting)
        assert abs(float(found) - d) <= (2e-3 if weighting == "none" else 2e-2)


def test_positive_is_later_and_lengths_may_differ():
    x = burst(40)
    assert abs(float(delay(np.pad(x, (5, 9)), x)) - 5) < 1e-3
    assert abs(float(delay(x, np.pad(x, (5, 9)))) + 5) < 1e-3
    assert abs(float(delay(1j * np.pad(x, (5, 9)), x)) - 5) < 1e-3
    assert float(delay(np.ones(1), np.ones(1))) == 0


@pytest.mark.parametrize("snr_db", [20, 10, 3])
def test_errors_are_those_of_the_cramer_rao_bound(snr_db):
    """Against a known waveform in white noise: the variance of a delay is at least σ² / Σ s'²."""
    x, trials = burst(), 400
    slope = np.fft.ifft(2j * np.pi * np.fft.fftfreq(x.size) * np.fft.fft(x)).real
    sigma = np.sqrt((x**2).mean() / 10 ** (snr_db / 10))
    bound = sigma / np.linalg.norm(slope)
    draw = np.random.default_rng(snr_db)
    delays = draw.uniform(-5, 5, trials)
    signals = np.stack([shifted(x, (d,)) for d in delays]) + sigma * draw.standard_normal((trials, x.size))
    error = np.asarray(delay(signals.astype("f4"), x.astype("f4"), max_delay=10)) - delays
    # Of 400 trials the root mean square is known to 3.5 %; three times that, and the noise that is not small.
    assert 0.89 <= np.sqrt((error**2).mean()) / bound <= 1.15


def test_phat_hears_through_an_echo():
    """A resonance and an echo pull the peak of the plain correlation away."""
    x = np.random.default_rng(1).standard_normal(512)
    response = np.zeros(40)
    response[[0, 6, 13, 21]] = [1, 0.9, 0.8, 0.6]
    smooth = np.exp(-np.arange(30) / 6)
    source = np.convolve(x, smooth)
    heard = np.convolve(np.pad(source, (7, 0)), response)
    assert abs(float(delay(heard, source, weighting="phat")) - 7) < 0.1
    assert abs(float(delay(heard, source)) - 7) > 0.5


def test_max_delay_holds_back():
    x = burst()
    two = 1.2 * np.roll(x, 20) + np.roll(x, 3)
    assert abs(float(delay(two, x)) - 20) < 1
    assert abs(float(delay(two, x, max_delay=10)) - 3) < 1
    assert abs(float(delay(x, x, max_delay=0))) < 1e-3


def test_delays_of_batches_broadcast():
    x = burst()
    signals = np.stack([np.roll(x, d) for d in (0, 4, -6)]).astype("f4")
    together = delay(signals, x.astype("f4"))
    np.testing.assert_allclose(together, [0, 4, -6], atol=1e-3)
    mapped = jax.jit(jax.vmap(delay, (0, None)))(signals, x.astype("f4"))
    np.testing.assert_allclose(mapped, together, atol=1e-5)


@pytest.mark.parametrize("weighting", ["none", "phat"])
def test_derivatives_of_a_delay(weighting, x64):
    x = burst(24)
    y = shifted(x, (1.3,)) + 0.01 * np.random.default_rng(2).standard_normal(24)
    check_grads(
        jax.jit(lambda y, x: delay(y, x, weighting=weighting)),
        (y, x),
        order=2 if weighting == "none" else 1,
        modes=["rev"],
        atol=1e-4,
        rtol=1e-4,
    )
    for flat in (jnp.zeros(24), jnp.ones(24)):
        assert jnp.all(jnp.isfinite(jax.grad(delay)(flat, flat)))


def at_lags(x, w, lags):
    """np.correlate with zeros beyond the ends, at each lag."""
    full = np.correlate(x, w, "full")
    index = np.asarray(lags) + len(w) - 1
    inside = (index >= 0) & (index < len(full))
    return np.where(inside, full[np.clip(index, 0, len(full) - 1)], 0)


RUNS = {
    "few": range(-2, 3),
    "beyond both ends": range(-60, 70),
    "far away": range(200, 204),
    "far before": range(-204, -200),
    "stepped": range(-4, 9, 3),
    "backwards": range(5, -5, -1),
    "a list": [7, -3, 0, 7],
    "sparse": [-45, 0, 48, 1000],
    "one": [0],
}


@pytest.mark.parametrize("lags", RUNS.values(), ids=RUNS)
def test_lags_are_those_of_numpy(lags):
    x, w = DRAW.standard_normal(50).astype("f4"), DRAW.standard_normal(47).astype("f4")
    y = correlate_lags(x, w, lags)
    assert_correlation(y, at_lags(x.astype(float), w.astype(float), list(lags)), x, w, "fft")
    np.testing.assert_array_equal(correlate_lags(x, w, np.array(lags)), y)


@pytest.mark.parametrize("first", [-40, 300, -2000, 1990])
@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_a_run_of_lags_of_long_signals_is_taken_in_blocks(first, dtype):
    x, w = DRAW.standard_normal((2, 2000)) + 1j * DRAW.standard_normal((2, 2000))
    w = w[:1900]
    x, w = (a.astype(dtype) if dtype == "complex64" else a.real.astype(dtype) for a in (x, w))
    lags = range(first, first + 80)
    wide = np.complex128 if dtype == "complex64" else np.float64
    assert_correlation(correlate_lags(x, w, lags), at_lags(x.astype(wide), w.astype(wide), lags), x, w, "fft")


def test_integers_are_exact_and_types_are_kept():
    x, w = DRAW.integers(-99, 99, (2, 300)).astype("i4")
    y = correlate_lags(x, w, range(-50, 50))
    assert y.dtype == np.int32
    np.testing.assert_array_equal(y, at_lags(x, w, range(-50, 50)))
    np.testing.assert_array_equal(correlate_lags(x, w, [-200, 5, 250]), at_lags(x, w, [-200, 5, 250]))
    assert correlate_lags(x.astype("f2") / 64, w.astype("f2") / 64, [0, 1]).dtype == np.float16


def test_lags_may_be_traced():
    x, w = DRAW.standard_normal((2, 30)).astype("f4")
    lags = np.array([3, -100, 0, -29, 100, 29])
    y = jax.jit(correlate_lags)(x, w, lags)
    assert_correlation(y, at_lags(x.astype(float), w.astype(float), lags), x, w)


def test_axes_in_front_broadcast():
    x, w = DRAW.standard_normal((3, 1, 40)).astype("f4"), DRAW.standard_normal((2, 30)).astype("f4")
    for lags in (range(-4, 5), range(-20, 30), [-35, 39]):
        y = correlate_lags(x, w, lags)
        assert y.shape == (3, 2, len(lags))
        for i, j in np.ndindex(3, 2):
            assert_correlation(y[i, j], at_lags(x[i, 0].astype(float), w[j].astype(float), lags), x[i, 0], w[j], "fft")


@pytest.mark.parametrize("lags", [range(-2, 3), [-25, 0, 20]], ids=["run", "sparse"])
def test_lags_have_derivatives(lags, x64):
    x, w = DRAW.standard_normal((2, 30))
    check_grads(jax.jit(lambda x, w: correlate_lags(x, w, lags)), (x, w), order=1, modes=["fwd", "rev"])


ONES = np.ones(4, "f4")
BAD = [
    (lambda: delay(ONES[:0], ONES), ShapeError, r"^`delay`: `signal` must not be empty; got shape \(0,\)"),
    (lambda: delay(ONES, 1.0), ShapeError, r"`reference` must have at least one axis; got a scalar"),
    (lambda: delay(np.ones((2, 4)), np.ones((3, 4))), ShapeError, r"`reference` must broadcast with the signal along all axes but the last; got \(3, 4\) against \(2, 4\)"),
    (lambda: delay(ONES, ONES, weighting="phase"), OptionError, r"`weighting` must be one of \['none', 'phat'\]; got 'phase'"),
    (lambda: delay(ONES, ONES, max_delay=-1), OptionError, r"`max_delay` must be None or an integer of at least 0; got -1"),
    (lambda: delay("x", ONES), DTypeError, r"`signal` must"),
    (lambda: correlate_lags(ONES, ONES[:0], [0]), ShapeError, r"^`correlate_lags`: `kernel` must not be empty; got shape \(0,\)"),
    (lambda: correlate_lags(1.0, ONES, [0]), ShapeError, r"`signal` must have at least one axis; got a scalar"),
    (lambda: correlate_lags(np.ones((2, 4)), np.ones((3, 4)), [0]), ShapeError, r"`kernel` must broadcast with the signal"),
    (lambda: correlate_lags(ONES, ONES, []), OptionError, r"`lags` must be a range or a list of at least one lag; got shape \(0,\)"),
    (lambda: correlate_lags(ONES, ONES, 3), OptionError, r"`lags` must be a range or a list of at least one lag; got shape \(\)"),
    (lambda: correlate_lags(ONES, ONES, [0.5]), DTypeError, r"`lags` must be integers; got float64"),
    (lambda: correlate_lags(ONES, ONES, [2**40]), OptionError, r"`lags` must be below 2³¹; got 1099511627776"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
