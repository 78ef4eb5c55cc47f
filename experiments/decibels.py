"""Peak signal-to-noise ratios."""

import numpy as np


def psnr(error: np.ndarray, peak: float) -> float:
    """20 log₁₀(peak / rms error), in dB; infinite without an error."""
    with np.errstate(divide="ignore"):
        return float(-10 * np.log10(np.mean(np.square(error, dtype=float)) / peak**2))
