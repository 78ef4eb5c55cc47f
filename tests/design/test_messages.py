"""What bad input is told."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sigconv import DTypeError, OptionError, ShapeError, design

W, B = design.windowed_sinc, design.butterworth
ONES = np.ones(5)
OUTSIDE = r"must lie strictly between 0 and Nyquist, 0\.5; got 0\.5\. Without `fs` it is in cycles/sample; SciPy's default, 1 at Nyquist, is `fs=2`"


def traced(function):
    return lambda: jax.jit(function)(1.0)


BAD = [
    (lambda: W(9, 0.5), OptionError, rf"^`design.windowed_sinc`: `cutoff` {OUTSIDE}"),
    (lambda: W(9, 0.0), OptionError, "`cutoff` must lie strictly between 0 and Nyquist"),
    (lambda: W(9, float("nan")), OptionError, "`cutoff` must lie strictly .* got nan"),
    (lambda: W(9, 600.0, fs=1000), OptionError, "between 0 and Nyquist, 500; got 600"),
    (lambda: W(9, (0.3, 0.1), kind="bandpass"), OptionError, r"`cutoff` must increase; got \[0.3, 0.1\]"),
    (lambda: W(9, 0.1, fs=0), OptionError, "`fs` must be finite and positive; got 0"),
    (lambda: W(9, np.ones((1, 1))), ShapeError, r"`cutoff` must have at most one axis; got shape \(1, 1\)"),
    (lambda: W(9, []), ShapeError, "`cutoff` must hold at least one frequency"),
    (lambda: W(9, 0.1 + 0j), DTypeError, "`cutoff` must be real; got complex"),
    (lambda: W(9, 0.1, kind="bandpass"), OptionError, "`cutoff` must hold two frequencies or more for 'bandpass'; got 1"),
    (lambda: W(9, (0.1, 0.2)), OptionError, "`cutoff` must hold one frequency for 'lowpass'; got 2"),
    (lambda: W(8, 0.1, kind="highpass"), OptionError, "`taps` must be odd where Nyquist is passed, which even numbers cannot; got 8"),
    (lambda: W(8, (0.1, 0.2), kind="bandstop"), OptionError, "`taps` must be odd where Nyquist is passed"),
    (lambda: W(0, 0.1), OptionError, "`taps` must be an integer of at least 1; got 0"),
    (lambda: W(9.0, 0.1), OptionError, "`taps` must be an integer of at least 1; got 9.0"),
    (traced(lambda n: W(n, 0.1)), OptionError, "`taps` must be an integer, not traced: shapes depend on it"),
    (lambda: W(9, 0.1, kind="low"), OptionError, r"`kind` must be one of \['bandpass', .*; got 'low'"),
    (lambda: W(9, 0.1, window="hanning"), OptionError, r"`window` must be one of \['barthann', .*'tukey'\]; got 'hanning'"),
    (lambda: W(9, 0.1, window="kaiser"), OptionError, r"`window` must give 'kaiser' with \(beta\), as in \('kaiser', 8.6\); got 'kaiser'"),
    (lambda: W(9, 0.1, window=("hann", 3)), OptionError, "`window` must give 'hann' without parameters"),
    (lambda: W(9, 0.1, width=0.0), OptionError, "`width` must be finite and positive; got 0.0"),
    (lambda: W(9, 0.1, dtype="int32"), DTypeError, "`dtype` must be a float type; got int32"),
    (lambda: design.window("hanning", 5), OptionError, r"^`design.window`: `name` must be one of \['barthann'"),
    (lambda: design.window("hann", 0), OptionError, "`length` must be an integer of at least 1; got 0"),
    (lambda: design.window(("gaussian", -1.0), 5), OptionError, "`std` must be finite and positive; got -1.0"),
    (lambda: design.window(("kaiser", ONES), 5), ShapeError, r"`beta` must be one number; got shape \(5,\). Use `jax.vmap`"),
    (lambda: design.window(("kaiser_bessel_derived", 4.0), 5), OptionError, "`length` of a kaiser_bessel_derived window must be even and not periodic; got 5"),
    (lambda: design.kaiser_order(60.0, 0.0), OptionError, "^`design.kaiser_order`: `width` must be finite and positive; got 0.0"),
    (lambda: design.kaiser_order((60.0, 50.0), 0.1), ShapeError, r"`attenuation` must be one number; got shape \(2,\)"),
    (lambda: design.kaiser_order("60", 0.1 + 0j), DTypeError, r"`width` must be made of real numbers; got \(0.1\+0j\)"),
    (lambda: design.kaiser_order(5.0, 0.1), OptionError, "`attenuation` must be at least 8 dB for Kaiser's formula; got 5.0"),
    (traced(lambda a: design.kaiser_order(a, 0.1)), OptionError, "`attenuation` must not be traced: the number of taps, a shape, depends on it"),
    (lambda: design.least_squares(4, (0, 0.5), (1, 1)), OptionError, "^`design.least_squares`: `taps` must be odd; got 4"),
    (lambda: design.least_squares(5, (0, 0.1, 0.2), (1, 1, 0)), ShapeError, r"`bands` must hold pairs of edges, .* got shapes \(3,\) and \(3,\)"),
    (lambda: design.least_squares(5, (0, 1.0), (1, 1)), OptionError, "`bands` must lie between 0 and Nyquist, 0.5; got .* is `fs=2`"),
    (lambda: design.least_squares(5, (0, 0.3, 0.2, 0.5), (1, 1, 0, 0)), OptionError, "`bands` must increase, and each have a width"),
    (lambda: design.least_squares(5, (0, 0.2, 0.3, 0.5), (1, 1, 0, -1)), OptionError, "`desired` must be finite and not negative"),
    (lambda: design.least_squares(5, (0, 0.5), (1, 1), weight=(1, 2)), ShapeError, r"`weight` must hold one value for each of 1 bands; got \(2,\)"),
    (lambda: design.savitzky_golay(5, 5), OptionError, "`order` must be below `length`, 5; got 5"),
    (lambda: design.savitzky_golay(5, 2, position=5.0), OptionError, "`position` must lie in the window, from 0 to 4; got 5.0"),
    (lambda: design.savitzky_golay(5, 2, spacing=0), OptionError, "`spacing` must be finite and positive; got 0"),
    (lambda: design.gaussian(0.0), OptionError, "^`design.gaussian`: `sigma` must be finite and positive; got 0.0"),
    (traced(lambda s: design.gaussian(s)), OptionError, "`radius` must be given where `sigma` is traced: shapes depend on it"),
    (lambda: design.gaussian("wide"), DTypeError, "^`design.gaussian`: `sigma` must be made of real numbers; got 'wide'"),
    (lambda: design.gaussian(1j), DTypeError, "`sigma` must be made of real numbers; got 1j"),
    (lambda: design.gaussian(1.0, radius=-1), OptionError, "`radius` must be an integer of at least 0; got -1"),
    (lambda: design.gaussian(1.0, derivative=-1), OptionError, "`derivative` must be an integer of at least 0; got -1"),
    (lambda: design.derivative("roberts"), OptionError, r"`kind` must be one of \['central', 'prewitt', 'scharr', 'sobel'\]; got 'roberts'"),
    (lambda: design.derivative(rank=2, axis=2), OptionError, "`axis` must be one of 2; got 2"),
    (lambda: design.laplacian(0), OptionError, "`rank` must be an integer of at least 1; got 0"),
    (lambda: design.laplacian_of_gaussian((1.0, 2.0, 3.0)), ShapeError, r"`sigma` must be of shape \(2,\); got shape \(3,\)"),
    (lambda: design.gabor(0.6), OptionError, r"^`design.gabor`: `frequency` must lie strictly between 0 and 0.5 cycles/sample; got 0.6"),
    (lambda: design.gabor(0.2j), DTypeError, "`frequency` must be made of real numbers; got 0.2j"),
    (lambda: design.gabor(0.2, np.nan), OptionError, "`angle` must be finite; got nan"),
    (lambda: design.gabor(0.2, radius=(1, 2, 3)), OptionError, r"`radius` must be one integer or one for each of the 2 axes; got \(1, 2, 3\)"),
    (traced(lambda f: design.gabor(0.2 * f)), OptionError, "`radius` must be given where parameters are traced"),
    (lambda: design.gabor(0.2, bandwidth=0.0), OptionError, "`bandwidth` must be finite and positive; got 0.0"),
    (lambda: design.gabor_bank(0.2, 4), ShapeError, r"^`design.gabor_bank`: `frequencies` must have one axis and not be empty; got shape \(\)"),
    (lambda: design.gabor_bank([0.2], 0), OptionError, "`angles` must be an integer of at least 1; got 0"),
    (lambda: design.steering_weights(0.0, -1), OptionError, "`order` must be an integer of at least 0; got -1"),
    (lambda: design.minimum_phase([1.0, 2.0]), ShapeError, r"^`design.minimum_phase`: `taps` must have one axis of at least 3; got shape \(2,\)"),
    (lambda: design.minimum_phase(ONES, points=4), OptionError, "`points` must be at least the number of taps, 5; got 4"),
    (lambda: design.minimum_phase(ONES * 1j), DTypeError, "`taps` must be real; got complex"),
    (lambda: design.biquad("low", 0.1), OptionError, r"^`design.biquad`: `kind` must be one of \['allpass', .*; got 'low'"),
    (lambda: design.biquad("lowpass", 0.5), OptionError, rf"`frequency` {OUTSIDE}"),
    (lambda: design.biquad("lowpass", 0.1, q=0.0), OptionError, "`q` must be finite and positive; got 0.0"),
    (lambda: design.biquad("lowpass", 0.1, q=1j), DTypeError, "`q` must be made of real numbers; got 1j"),
    (lambda: design.biquad("peaking", 0.1, gain=np.inf), OptionError, "`gain` must be finite; got inf"),
    (lambda: B(0, 0.1), OptionError, "^`design.butterworth`: `order` must be an integer of at least 1; got 0"),
    (lambda: B(2, (0.1, 0.2)), ShapeError, r"`cutoff` must be one frequency for 'lowpass'; got shape \(2,\)"),
    (lambda: B(2, 0.1, kind="bandpass"), ShapeError, r"`cutoff` must be two frequencies for 'bandpass'; got shape \(\)"),
    (lambda: B(2, (0.2, 0.1), kind="bandstop"), OptionError, r"`cutoff` must increase; got \[0.2, 0.1\]"),
    (lambda: B(2, 0.1, kind="notch"), OptionError, r"`kind` must be one of \['bandpass', 'bandstop', 'highpass', 'lowpass'\]; got 'notch'"),
    (lambda: design.frequency_response(np.ones((2, 2)), [0.1]), ShapeError, r"`taps` must have one axis and not be empty; got shape \(2, 2\)"),
    (lambda: design.frequency_response(ONES, [0.1], denominator=[]), ShapeError, r"`denominator` must have one axis and not be empty; got shape \(0,\)"),
    (lambda: design.sos_response(ONES, [0.1]), ShapeError, r"`sos` must be \(sections, 6\), with at least one section; got shape \(5,\)"),
    (lambda: W(9, (jnp.ones(1), jnp.ones(2))), ShapeError, r"`cutoff` must have entries of one shape; got \[\(1,\), \(2,\)\]"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
