"""Scores of a template at every window in float64, and the derivatives of the sum of the squares of one."""

import dataclasses

import numpy as np
from scipy.signal import fftconvolve


@dataclasses.dataclass(frozen=True)
class _Sums:
    """Σ x w', the mean and Σ x'² of every window, and the taps w', which sum to nothing."""

    product: np.ndarray
    mean: np.ndarray
    energy: np.ndarray
    taps: np.ndarray


def _correlated(x: np.ndarray, taps: np.ndarray) -> np.ndarray:
    return fftconvolve(x, np.flip(taps), "valid")


def _sums(x: np.ndarray, w: np.ndarray, mask: np.ndarray) -> _Sums:
    x, w, mask = (a.astype(np.float64) for a in (x, w, mask))
    count = mask.sum()
    taps = mask * (w - (mask * w).sum() / count)
    mean = _correlated(x, mask) / count
    return _Sums(_correlated(x, taps), mean, _correlated(x * x, mask) - count * mean**2, taps)


def ccorr(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Σ x w."""
    return _correlated(x.astype(np.float64), w.astype(np.float64))


def zncc(x: np.ndarray, w: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Σ x'w' / √(Σ x'² Σ w'²), over the samples of the template that the mask selects.

    Windows are not centred first: only for images whose mean is small beside what varies in them.
    """
    sums = _sums(x, w, np.ones(w.shape) if mask is None else mask)
    return sums.product / np.sqrt(sums.energy * np.sum(sums.taps**2))


def zncc_squared(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """L = Σ y² of the scores y = P / √(E T), and its gradients by x and w.

    With c = ∂L/∂y: ∂L/∂P = c / √(E T), ∂L/∂E = −c y / 2E, ∂L/∂T = −Σ c y / 2T; and ∂E[n]/∂x[m] = 2 (x[m] − mean[n]).
    """
    sums, box = _sums(x, w, np.ones(w.shape)), np.ones(w.shape)
    size = np.sum(sums.taps**2)
    root = np.sqrt(sums.energy * size)
    y = sums.product / root
    c = 2 * y
    by_product, by_energy = c / root, -c * y / (2 * sums.energy)
    by_x = fftconvolve(by_product, sums.taps)
    by_x += 2 * (x * fftconvolve(by_energy, box) - fftconvolve(by_energy * sums.mean, box))
    by_taps = _correlated(x.astype(np.float64), by_product) - np.sum(c * y) / size * sums.taps
    return np.asarray(np.sum(y * y)), by_x, by_taps - by_taps.mean()
