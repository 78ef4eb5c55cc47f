"""Real images, band-limited so that shifts between samples are known exactly."""

import numpy as np
import skimage.data


def band_limited(name, size, corner=(0, 0), cutoff=0.3):
    """A crop made periodic in its spectrum: no frequency above the cutoff, in cycles/sample."""
    row, column = corner
    x = getattr(skimage.data, name)()[row : row + size, column : column + size].astype(float)
    low = [np.abs(np.fft.fftfreq(size)) <= cutoff] * 2
    return np.fft.ifft2(np.fft.fft2(x - x.mean()) * low[0][:, None] * low[1]).real


def shifted(x, shift):
    """y[n] = x[n − shift], of the periodic interpolant."""
    spectrum = np.fft.fftn(x)
    for axis, (n, d) in enumerate(zip(x.shape, shift, strict=True)):
        turns = np.exp(-2j * np.pi * np.fft.fftfreq(n) * d)
        spectrum = spectrum * turns.reshape(*(-1 if a == axis else 1 for a in range(x.ndim)))
    y = np.fft.ifftn(spectrum)
    return y if np.iscomplexobj(x) else y.real
