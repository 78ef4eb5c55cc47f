"""Every design as a function of its continuous parameters, and how close results have to be."""

import jax.numpy as jnp
import numpy as np
from tolerance import EPS

from sigconv import design

WINDOWS = {
    "kaiser": (3.0,),
    "kaiser_bessel_derived": (4.0,),
    "gaussian": (2.5,),
    "general_gaussian": (1.5, 3.0),
    "exponential": (3.0,),
    "tukey": (0.45,),
    "chebwin": (50.0,),
    "general_hamming": (0.6,),
    "general_cosine": ((0.3, 0.4, 0.3),),
}
"""Those with parameters."""

BIQUADS = ("lowpass", "highpass", "bandpass", "notch", "allpass", "peaking", "lowshelf", "highshelf")
TAPS = (0.1, -0.3, 1.0, 0.4, 0.2)


def all_biquads(f, q, gain):
    return jnp.stack([design.biquad(kind, f, q=q, gain=gain) for kind in BIQUADS])


def all_windows(*values):
    return jnp.concatenate([design.window((name, value), 8) for name, value in zip(SINGLE, values, strict=True)])


SINGLE = tuple(name for name in WINDOWS if name not in ("general_gaussian", "chebwin"))

DESIGNS = {
    "low pass": (lambda f: design.windowed_sinc(9, f), (0.2,)),
    "band pass, Kaiser": (
        lambda f, beta: design.windowed_sinc(11, f, kind="bandpass", window=("kaiser", beta)),
        ((0.1, 0.3), 5.0),
    ),
    "high pass, width, fs": (
        lambda f, w, fs: design.windowed_sinc(11, f, kind="highpass", width=w, fs=fs),
        (200.0, 100.0, 1000.0),
    ),
    "least_squares": (
        lambda bands, desired, weight: design.least_squares(7, bands, desired, weight=weight),
        ((0.0, 0.15, 0.25, 0.4), (1.0, 0.9, 0.1, 0.0), (1.0, 2.0)),
    ),
    "savitzky_golay": (
        lambda spacing, place: design.savitzky_golay(5, 3, derivative=1, spacing=spacing, position=place),
        (0.5, 1.3),
    ),
    "gaussian": (lambda s: design.gaussian(s, derivative=2, radius=3), (1.2,)),
    "laplacian_of_gaussian": (lambda s: design.laplacian_of_gaussian(s, radius=2), ((1.0, 1.5),)),
    "gabor": (
        lambda f, a, s, p: design.gabor(f, a, sigma=s, phase=p, radius=(1, 2), zero_mean=True),
        (0.2, 0.7, (1.5, 2.0), 0.3),
    ),
    "gabor_bank": (lambda f, a, b: design.gabor_bank(f, a, bandwidth=b, radius=2), ((0.2, 0.3), (0.0, 1.0), 1.2)),
    "steerable_pair": (lambda a, s: design.steerable_pair(a, sigma=s, radius=2), (0.7, 1.1)),
    "steering_weights": (lambda a: design.steering_weights(a, 3), (0.7,)),
    "minimum_phase": (lambda h: design.minimum_phase(h, half=False, points=64), (TAPS,)),
    "biquads": (all_biquads, (0.15, 0.8, 3.0)),
    "Butterworth low": (lambda f: design.butterworth(3, f), (0.2,)),
    "Butterworth high": (lambda f: design.butterworth(3, f, kind="highpass"), (0.2,)),
    "Butterworth band": (lambda f: design.butterworth(3, f, kind="bandpass"), ((0.1, 0.25),)),
    "Butterworth stop": (lambda f: design.butterworth(2, f, kind="bandstop"), ((0.1, 0.45),)),
    "frequency_response": (
        lambda b, a, f: design.frequency_response(b, f, denominator=a),
        (TAPS, (1.0, 0.3), (0.1, 0.4)),
    ),
    "sos_response": (design.sos_response, (((0.3, 0.5, 0.1, 1.0, -0.2, 0.5),) * 2, (0.1, 0.4))),
    "windows": (all_windows, tuple(WINDOWS[name][0] for name in SINGLE)),
    "window, general_gaussian": (lambda p, s: design.window(("general_gaussian", p, s), 8), (1.5, 3.0)),
    "window, chebwin": (lambda a: design.window(("chebwin", a), 8), (50.0,)),
}


def parameters(name, dtype):
    return tuple(np.asarray(p, dtype) for p in DESIGNS[name][1])


def assert_close(actual, reference, dtype="float64", scale=None, terms=1):
    """The tolerance rule: eps · scale · max(8, √terms/4), with the largest value as the scale."""
    actual, reference = np.asarray(actual), np.asarray(reference)
    assert actual.shape == reference.shape
    scale = np.abs(reference).max(initial=0) if scale is None else scale
    error = np.abs(actual.astype(complex) - reference).max(initial=0)
    bound = EPS[dtype] * scale * max(8.0, np.sqrt(terms) / 4)
    assert error <= bound, f"error {error:.3g} above {bound:.3g} ({error / max(bound, 1e-300):.3g} times)"
