"""`design` and `compat.scipy`'s designs against the real SciPy and scikit-image."""

import itertools

import numpy as np
import pytest
from design.designs import WINDOWS, assert_close
from scipy import signal
from skimage import filters

from sigconv import compat, design
from sigconv.design.windows import WINDOWS as TABLE

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]


@pytest.mark.parametrize("name", TABLE)
def test_windows_match(name):
    given = (name, *WINDOWS[name]) if name in WINDOWS else name
    theirs = ("exponential", None, *WINDOWS[name]) if name == "exponential" else given
    for length, periodic in itertools.product((2, 8, 13), (False, True)):
        if name == "kaiser_bessel_derived" and (length % 2 or periodic):
            continue
        reference = signal.get_window(theirs, length, periodic)
        # Chebyshev's polynomial amplifies by its order times the logarithm of its height.
        scale = 8.0 * length if name == "chebwin" else 1.0
        assert_close(design.window(given, length, periodic=periodic), reference, scale=scale)
        if name != "chebwin":
            assert_close(compat.scipy.get_window(theirs, length, periodic), reference, scale=scale)


BANDS = {
    "lowpass": (0.2,),
    "highpass": (0.2,),
    "bandpass": (0.2, 0.5),
    "bandstop": (0.2, 0.5),
    True: (0.1, 0.3, 0.7),
    False: (0.1, 0.3, 0.7),
}


@pytest.mark.parametrize("kind", BANDS, ids=str)
def test_firwin_matches(kind):
    edges = BANDS[kind]
    cutoff = edges[0] if len(edges) == 1 else edges
    options = [{}, {"scale": False}, {"window": ("kaiser", 8.0)}, {"width": 0.1}, {"window": "hann", "fs": 2.5}]
    for taps, extra in itertools.product((9, 10), options):
        try:
            reference = signal.firwin(taps, cutoff, pass_zero=kind, **extra)
        except ValueError:
            with pytest.raises(ValueError, match="`taps` must be odd"):
                compat.scipy.firwin(taps, cutoff, pass_zero=kind, **extra)
            continue
        actual = compat.scipy.firwin(taps, cutoff, pass_zero=kind, **extra)
        # Every edge is a term; the scale divides by what is left of the middle of the band.
        scale = (1 + sum(edges)) * max(np.abs(reference).max(), 1)
        assert_close(actual, reference, scale=scale, terms=taps)


@pytest.mark.parametrize("taps", [1, 5, 31])
def test_firls_matches(taps):
    for bands, desired, weight in (
        ((0, 0.4, 0.5, 1), (1, 1, 0, 0), None),
        ((0, 0.2, 0.3, 0.6, 0.7, 1), (0, 0, 1, 0.5, 0, 0), (1, 2, 3)),
    ):
        reference = signal.firls(taps, bands, desired, weight=weight)
        # SciPy's normal equations have condition numbers up to 10³ here.
        assert_close(compat.scipy.firls(taps, bands, desired, weight=weight), reference, scale=1e3)


@pytest.mark.parametrize(("length", "order"), [(4, 3), (11, 4)])
def test_savgol_matches(length, order):
    x = np.random.default_rng(0).standard_normal((2, 14, 2))
    for nth, place in itertools.product((0, 2), (None, 0)):
        reference = signal.savgol_coeffs(length, order, nth, 0.5, place)
        # Powers up to `order` of `length` lose as many digits in SciPy.
        scale = length**order * max(np.abs(reference).max(), 1)
        assert_close(compat.scipy.savgol_coeffs(length, order, nth, 0.5, place), reference, scale=scale)
    for nth, mode in itertools.product((0, 1), ("interp", "mirror", "constant", "nearest", "wrap")):
        arguments = (x, length, order, nth, 0.5, 1, mode, 1.5)
        reference = signal.savgol_filter(*arguments)
        assert_close(compat.scipy.savgol_filter(*arguments), reference, scale=length**order * np.abs(reference).max())


@pytest.mark.parametrize("taps", [4, 21])
@pytest.mark.parametrize("half", [True, False])
def test_minimum_phase_matches(taps, half):
    h = signal.firwin(taps, 0.4)
    reference = signal.minimum_phase(h, half=half)
    # Rounding of the response is divided by its least value under the logarithm.
    least = np.abs(np.fft.fft(h, 8192)).min() + 1e-7
    assert_close(compat.scipy.minimum_phase(h, half=half), reference, scale=1 / least)


@pytest.mark.parametrize("kind", ["lowpass", "highpass", "bandpass", "bandstop"])
@pytest.mark.parametrize("order", [1, 12])
def test_butterworth_matches(kind, order):
    f = np.linspace(0.003, 0.497, 37)
    edges = [(0.1, 0.2), (0.05, 0.45), (0.2, 0.22)] if kind.startswith("band") else [0.01, 0.1, 0.4]
    for cutoff in edges:
        sos = np.asarray(design.butterworth(order, cutoff, kind=kind))
        native = signal.butter(order, cutoff, kind, output="sos", fs=1)
        assert sos.shape == native.shape
        reference = signal.freqz_sos(native, f, fs=1)[1]
        # Both lose what the denominators are small by.
        loss = max(4 / np.abs(np.polyval(row[3:], np.exp(2j * np.pi * f))).min() for row in sos)
        assert_close(design.sos_response(sos, f), reference, scale=4 * len(sos) * loss)
        assert_close(signal.freqz_sos(sos, f, fs=1)[1], reference, scale=4 * len(sos) * loss)


def test_responses_match():
    draw = np.random.default_rng(0)
    h, a, f = draw.standard_normal(9), np.r_[1, 0.3, 0.1], np.linspace(0, 3, 17)
    scale = 64 * np.abs(h).sum()
    assert_close(design.frequency_response(h, f, fs=2 * np.pi), signal.freqz(h, 1, f)[1], scale=scale)
    assert_close(design.frequency_response(h, f, denominator=a, fs=2 * np.pi), signal.freqz(h, a, f)[1], scale=scale)


@pytest.mark.parametrize(
    ("frequency", "angle", "options"),
    [
        (0.2, 0.3, {}),
        (0.1, 2.5, {"bandwidth": 1.5, "n_stds": 2}),
        (0.3, -1.0, {"sigma_x": 2.0, "sigma_y": 3.0, "offset": 0.4}),
    ],
)
def test_gabor_matches(frequency, angle, options):
    reference = filters.gabor_kernel(frequency, angle, **options)
    sigma = (options["sigma_x"], options["sigma_y"]) if "sigma_x" in options else None
    named = {"bandwidth": options.get("bandwidth", 1.0), "deviations": options.get("n_stds", 3.0)}
    actual = design.gabor(frequency, angle, sigma=sigma, phase=options.get("offset", 0.0), **named)
    assert_close(actual, reference)


@pytest.mark.parametrize("kind", ["sobel", "prewitt", "scharr"])
def test_derivatives_are_half_of_scikit_images(kind):
    """Whose differences x[n + 1] − x[n − 1] are not divided by 2."""
    image = np.random.default_rng(0).standard_normal((6, 7))
    for axis, name in ((0, "h"), (1, "v")):
        reference = getattr(filters, f"{kind}_{name}")(image)[1:-1, 1:-1]
        ours = compat.ndimage.convolve(image, design.derivative(kind, rank=2, axis=axis))[1:-1, 1:-1]
        assert_close(2 * ours, reference, scale=8)
