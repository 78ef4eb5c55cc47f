"""The rule that the tests hold every method to, as the largest error that a benchmark may show."""

import math

import numpy as np

_EPS = 2.0**-23
_PRODUCTS = ("direct", "shift_add", "kn2row", "toeplitz")
"""Methods that multiply every tap: errors are relative to the largest sample."""
_TRANSFORMS = ("fft", "fft_channels", "overlap")
"""Those whose errors are relative to norms; any other method works through one of either kind."""


def allowed_error(signal: np.ndarray, weights: np.ndarray, reference: np.ndarray, method: str) -> float:
    """max|y − reference| / max|reference| at most, in float32.

    Shapes:
        signal (batch, channel, *space), weights (out, in/groups, *taps), reference any.
    """
    x, w = (np.abs(a).astype(np.float64).reshape(a.shape[0], -1) for a in (signal, weights))
    by_product = float(x.max() * w.sum(1).max() * max(8.0, math.sqrt(w.shape[1]) / 4))
    by_norms = float(8 * np.linalg.norm(x, axis=1).max() * np.linalg.norm(w, axis=1).max())
    bound = max(by_product * (method not in _TRANSFORMS), by_norms * (method not in _PRODUCTS))
    return float(_EPS * bound / np.abs(reference).max())
