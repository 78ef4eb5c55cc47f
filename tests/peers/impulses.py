"""Impulses and taps that tell conventions apart, and what a row says of them by its numbers alone."""

import numpy as np

from sigconv._core.boundary import ZERO, Constant, source_indices

SAMPLES = 9
KERNELS = range(1, 9)
REACH = 40
"""More than any test pads."""


def predicted(row, x, w, pads, stride=1, dilation=1, insert=1, reads=ZERO):
    """What the row says, by its numbers alone: flip, conjugate, and read from −lo on."""
    w = w[::-1] if row.flips else w
    w = np.conj(w) if row.conjugates else w
    spaced = np.zeros((len(x) - 1) * insert + 1, x.dtype)
    spaced[::insert] = x
    if isinstance(reads, Constant):
        padded = np.pad(spaced, REACH)
    else:
        padded = spaced[source_indices(np.arange(-REACH, len(spaced) + REACH), len(spaced), reads)]
    (lo, hi), reach = pads, (len(w) - 1) * dilation
    starts = range(REACH - lo, REACH + len(spaced) + hi - reach, stride)
    return np.array([sum(w[t] * padded[start + t * dilation] for t in range(len(w))) for start in starts])


def ramp(k):
    """Taps that tell a flip, a shift and a conjugate apart, and add without rounding."""
    return np.arange(1, k + 1) + 1j * np.arange(3, k + 3)


def impulses(n):
    return np.eye(n, dtype=complex)


def close(actual, wanted):
    """Sums of one product are exact, but for transforms: eight units in the last place of their norm."""
    assert actual.shape == wanted.shape
    assert np.abs(actual - wanted).max() <= 8 * 2.0**-52 * np.linalg.norm(wanted)
