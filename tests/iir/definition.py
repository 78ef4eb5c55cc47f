"""Recursive filters by definition: loops in float64, one sample after the other."""

import numpy as np
from tolerance import assert_correlation


def filtered(b, a, x, z=None):
    """lfilter of vectors, in the transposed direct form II: the result and the last state."""
    b, a, x = (np.asarray(v) for v in (b, a, x))
    wide = np.result_type(b, a, x, np.float64)
    order = max(len(b), len(a)) - 1
    b, a = (np.pad(v.astype(wide) / a[0], (0, order + 1 - len(v))) for v in (b, a))
    z = np.zeros(order, wide) if z is None else np.array(z, wide)
    y = np.zeros(len(x), wide)
    for n, u in enumerate(x.astype(wide)):
        y[n] = b[0] * u + (z[0] if order else 0)
        z = np.append(z[1:], 0) + b[1:] * u - a[1:] * y[n] if order else z
    return y, z


def in_sections(sos, x, z=None):
    """sosfilt of vectors."""
    finals = []
    for section, coefficients in enumerate(np.asarray(sos)):
        x, final = filtered(coefficients[:3], coefficients[3:], x, None if z is None else z[section])
        finals.append(final)
    return x, np.stack(finals)


def assert_filtered(actual, reference, x, response):
    """By the rule for direct methods, with the whole impulse response as the kernel."""
    assert_correlation(np.ravel(actual), np.ravel(reference), np.ravel(x), np.asarray(response))


BIQUAD = np.array([[0.2, 0.1, 0.3, 1.0, -1.2, 0.8]])
SECTIONS = np.array(
    [[0.05, 0.1, 0.05, 1.0, -1.1, 0.4], [1.0, -1.9, 1.0, 1.0, -1.2, 0.9], [2.0, 0.0, -0.5, 2.0, 0.6, 0.2]]
)
FIFTH = (np.array([0.1, 0.2, 0.3, -0.1]), np.array([2.0, -2.4, 1.5, -0.5, 0.1, 0.05]))
