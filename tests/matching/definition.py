"""The scores as NumPy float64 loops over windows, and how near they must be."""

import numpy as np

BOUNDED = ("ncc", "zncc")
# Masked windows of a few samples about alike cancel; Σ x'² is then some 1e-3 of what it is the difference of.
BOUND = 1e-5


def definition(image, template, score, mask=None, image_mask=None, overlap=0.3):
    """(channel, *space), (channel, *taps) → (*out); masks have the shapes of what they are for."""
    x, w = np.asarray(image, np.float64), np.asarray(template, np.float64)
    if score == "phase":
        return phase(x, w)
    m = np.ones(w.shape) if mask is None else np.asarray(mask, np.float64)
    a = np.ones(x.shape) if image_mask is None else np.asarray(image_mask, np.float64)
    out = tuple(n - k + 1 for n, k in zip(x.shape[1:], w.shape[1:], strict=True))
    y = np.empty(out)
    for n in np.ndindex(*out):
        cut = (slice(None), *(slice(i, i + k) for i, k in zip(n, w.shape[1:], strict=True)))
        y[n] = window_score(x[cut], w, m, a[cut], score, overlap, image_mask is not None)
    return y


def window_score(x, w, m, a, score, overlap, is_masked):
    x, h, g = np.where(a == 0, 0, x), a * m, a * m * m
    axes = tuple(range(1, x.ndim))
    if is_masked and h.sum() <= max(overlap, 1e-6) * m.sum():
        return np.inf if score in ("ssd", "ssd_normed", "sad") else 0.0
    if score == "sad":
        return (h * np.abs(x - w)).sum()
    distance, product = (g * (x - w) ** 2).sum(), (g * x * w).sum()
    power = (g * x * x).sum() * (g * w * w).sum()
    if score == "ssd":
        return distance
    if score == "ssd_normed":
        return distance / np.sqrt(power) if power else 1.0
    if score == "ccorr":
        return product
    if score == "ncc":
        return product / np.sqrt(power) if power else 0.0
    count = h.sum(axes, keepdims=True)
    count = np.where(count == 0, 1, count)
    x, w = (v - (h * v).sum(axes, keepdims=True) / count for v in (x, w))
    product, energies = (g * x * w).sum(), ((g * x * x).sum(), (g * w * w).sum())
    if score == "ccoeff":
        return product
    return product / np.sqrt(energies[0]) / np.sqrt(energies[1]) if min(energies) > 1e-12 else 0.0


def phase(x, w):
    axes, space = tuple(range(1, x.ndim)), x.shape[1:]
    x, w = (v - v.mean(axes, keepdims=True) for v in (x, w))
    product = (np.fft.fftn(x, axes=axes) * np.conj(np.fft.fftn(w, s=space, axes=axes))).sum(0)
    size = np.abs(product)
    is_nothing = size <= 1e-9 * size.max()
    y = np.fft.ifftn(np.where(is_nothing, 0, product / np.where(is_nothing, 1, size))).real
    return y[tuple(slice(0, n - k + 1) for n, k in zip(space, w.shape[1:], strict=True))]


def fast(x, w, score):
    """The definition in float64 by windows, for one channel without masks."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape)
    w = w.astype(float)
    if score == "ssd":
        return ((windows - w) ** 2).sum((-2, -1))
    if score == "ncc":
        return (windows * w).sum((-2, -1)) / np.sqrt((windows**2).sum((-2, -1)) * (w**2).sum())
    windows, w = windows - windows.mean((-2, -1), keepdims=True), w - w.mean()
    product, energy = (windows * w).sum((-2, -1)), (windows**2).sum((-2, -1)) * (w**2).sum()
    return (
        product if score == "ccoeff" else np.where(energy == 0, 0, product / np.sqrt(np.where(energy == 0, 1, energy)))
    )


def assert_score(actual, expected, score, bound=BOUND):
    actual = np.asarray(actual, np.float64)
    assert actual.shape == expected.shape
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(np.isfinite(actual), finite)
    scale = 1.0 if score in BOUNDED else max(1.0, np.abs(expected[finite]).max())
    assert np.abs(actual[finite] - expected[finite]).max() <= bound * scale
    if score in BOUNDED:
        assert np.abs(actual).max() <= 1 + 1e-6
