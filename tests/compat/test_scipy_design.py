"""`compat.scipy`'s designs and `savgol_filter`: SciPy's units and names; tests/peers has the rest."""

import jax
import numpy as np
import pytest
from cases import draw
from design.designs import assert_close
from numpy.polynomial import polynomial
from scipy import signal

from sigconv import DTypeError, OptionError, ShapeError, compat

ours = compat.scipy


def test_frequencies_are_in_units_of_nyquist_unless_fs_is_given(x64):
    assert_close(ours.firwin(9, 0.3), signal.firwin(9, 0.3))
    assert_close(ours.firwin(9, 30.0, fs=200), signal.firwin(9, 30.0, fs=200))
    assert_close(
        ours.firls(9, (0, 0.3, 0.5, 1), (1, 1, 0, 0)), signal.firls(9, (0, 0.3, 0.5, 1), (1, 1, 0, 0)), scale=4
    )
    assert ours.kaiserord(65, 0.1) == pytest.approx(signal.kaiserord(65, 0.1))
    assert float(ours.kaiser_atten(30, 0.1)) == pytest.approx(signal.kaiser_atten(30, 0.1))
    assert float(ours.kaiser_beta(30.0)) == pytest.approx(signal.kaiser_beta(30.0))


def test_windows_are_periodic_by_default_and_known_by_other_names(x64):
    for name in (
        "hann",
        "ham",
        ("ksr", 5.0),
        5.0,
        ("exponential", None, 2.0),
        "hann_symmetric",
        "hamming_periodic",
        "tuk",
    ):
        assert_close(ours.get_window(name, 8), signal.get_window(name, 8))
    assert_close(ours.get_window("hann", 8, False), np.hanning(8))


@pytest.mark.parametrize(("length", "order", "nth"), [(5, 2, 0), (4, 2, 1), (5, 3, 2), (1, 0, 0), (5, 2, 3)])
def test_savgol_filter_reads_the_fit_of_every_window_and_at_the_ends_of_the_outermost(length, order, nth, rng, x64):
    x = draw(rng, (2, 9), "float64")
    y = ours.savgol_filter(x, length, order, nth, 0.5)
    half = length // 2
    reference = np.empty_like(x)
    for n in range(9):
        start = min(max(n - half, 0), 9 - length)
        # Even windows are read in their middle, half a sample later.
        inside = half <= n < 9 - half
        place = (length - 1) / 2 if inside else n - start
        start = n - (length - 1) // 2 if inside else start
        window = x[:, start : start + length].T
        fit = polynomial.polyfit(np.arange(length) * 0.5, window, order)
        reference[:, n] = polynomial.polyval(place * 0.5, polynomial.polyder(fit, nth))
    assert_close(y, reference, scale=4.0 ** (order + nth) * np.abs(x).max())


def test_savgol_filter_is_scipys(rng):
    x = draw(rng, (9, 2), "float32")
    # SciPy rounds to float32 as well.
    for mode in ("interp", "wrap", "constant"):
        y = ours.savgol_filter(x, 5, 2, 1, axis=0, mode=mode, cval=1.0)
        assert y.dtype == np.float32
        assert_close(
            y, signal.savgol_filter(x, 5, 2, 1, axis=0, mode=mode, cval=1.0), "float32", scale=2 * np.abs(x).max()
        )
    traced = jax.jit(lambda x: ours.savgol_filter(x, 5, 2, 1, axis=0))(x)
    assert_close(traced, np.asarray(ours.savgol_filter(x, 5, 2, 1, axis=0)), "float32", scale=np.abs(x).max())
    assert_close(ours.savgol_coeffs(5, 2, 1, use="dot"), signal.savgol_coeffs(5, 2, 1, use="dot"), "float32")
    assert_close(ours.minimum_phase([0.3, 1.0, 0.3]), signal.minimum_phase([0.3, 1.0, 0.3]), "float32")


BAD = [
    (lambda: ours.firwin(9, 1.0), OptionError, r"^`compat.scipy.firwin`: `cutoff` must lie strictly between 0 and Nyquist, 1; got 1"),
    (lambda: ours.get_window("dpss", 8), OptionError, r"`window` must be one of \['barthann', .*; got 'dpss'"),
    (lambda: ours.get_window("hann", 8, 1), OptionError, "`fftbins` must be True or False; got 1"),
    (lambda: ours.get_window(("exponential", 3.0, 2.0), 8), OptionError, "`window` 'exponential' must have None as its centre; got 3.0"),
    (lambda: ours.savgol_coeffs(5, 2, use="both"), OptionError, r"`use` must be one of \['conv', 'dot'\]; got 'both'"),
    (lambda: ours.minimum_phase(np.ones(5), "hilbert"), OptionError, r"`method` must be one of \['homomorphic'\]; got 'hilbert'"),
    (lambda: ours.savgol_filter(np.ones(4), 5, 2), ShapeError, "^`compat.scipy.savgol_filter`: `window_length` must not be above the 4 samples in 'interp'; got 5"),
    (lambda: ours.savgol_filter(np.ones(4), 3, 2, mode="reflect"), OptionError, r"`mode` must be one of \['constant', 'interp', .*; got 'reflect'"),
    (lambda: ours.savgol_filter(np.ones(4) * 1j, 3, 2), DTypeError, "`x` must be real; got complex"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
