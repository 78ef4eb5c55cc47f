"""scikit-image's denoisers on the same picture; they need PyWavelets, which sigconv does not."""

import functools
import warnings
from collections.abc import Callable
from importlib import util

import numpy as np
from skimage import restoration

Denoiser = Callable[[np.ndarray], np.ndarray]


def are_there() -> bool:
    return util.find_spec("pywt") is not None


def scikit_image(wavelet: str, levels: int) -> dict[str, Denoiser]:
    """By name; pictures from 0 to 255, σ estimated by scikit-image itself. Empty where PyWavelets is missing."""
    if not are_there():
        return {}

    def once(picture: np.ndarray, method: str) -> np.ndarray:
        options = {"method": method, "mode": "soft", "wavelet": wavelet, "wavelet_levels": levels}
        return 255 * restoration.denoise_wavelet(picture / 255, rescale_sigma=True, **options)

    def spun(picture: np.ndarray) -> np.ndarray:
        shrink = functools.partial(once, method="BayesShrink")
        with warnings.catch_warnings():
            # The name of an argument that says how many processes to use changes.
            warnings.simplefilter("ignore", FutureWarning)
            return restoration.cycle_spin(picture, max_shifts=7, func=shrink, num_workers=1)

    return {
        "VisuShrink": functools.partial(once, method="VisuShrink"),
        "BayesShrink": functools.partial(once, method="BayesShrink"),
        "BayesShrink, 8 × 8 shifts": spun,
    }
