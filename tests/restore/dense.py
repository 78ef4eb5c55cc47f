"""The definitions as dense float64 matrices, written out entry by entry."""

import itertools

import numpy as np

PADS = {"edge": "edge", "symmetric": "symmetric", "reflect": "reflect", "periodic": "wrap"}


def sources(n, lo, hi, boundary):
    """Which sample each of lo + n + hi reads; −1 for none."""
    if boundary == "zero":
        return np.pad(np.arange(n), (lo, hi), constant_values=-1)
    return np.pad(np.arange(n), (lo, hi), PADS[boundary])


def blur_matrix(kernel, image, scene, boundary):
    """y[n] = Σ_t h[t] x[n + (K − 1)//2 − t] of a scene that is read by a rule; 'unknown' begins K//2 samples earlier.

    Args:
        boundary: One name per axis.
    """
    reads = [
        np.arange(s) if b == "unknown" else sources(n, k // 2, (k - 1) // 2, b)
        for n, s, k, b in zip(image, scene, kernel.shape, boundary, strict=True)
    ]
    matrix = np.zeros((*image, *scene), kernel.dtype)
    for n in itertools.product(*map(range, image)):
        for t in itertools.product(*map(range, kernel.shape)):
            m = tuple(r[i + k - 1 - j] for r, i, j, k in zip(reads, n, t, kernel.shape, strict=True))
            if min(m) >= 0:
                matrix[n + m] += kernel[t]
    return matrix.reshape(np.prod(image), np.prod(scene))


def penalty_matrix(name, scene, boundary):
    """Σ dᵀd of differences that cross no end, or every end where it is periodic."""
    size = int(np.prod(scene))
    if name == "identity":
        return np.eye(size)
    index = np.arange(size).reshape(scene)
    total, second = np.zeros((size, size)), np.zeros((size, size))
    for axis, b in enumerate(boundary):
        after = np.roll(index, -1, axis)
        d = np.zeros((size, size))
        for here, there in zip(index.ravel(), after.ravel(), strict=True):
            d[here, here] -= 1
            d[here, there] += 1
        if b != "periodic":
            d[index.take(-1, axis).ravel()] = 0
        total += d.T @ d
        second += d.T @ d
    return total if name == "gradient" else second.T @ second


def in_view(x, image, scene, taps, boundary):
    """The samples of a scene where the image is."""
    x = x.reshape(scene)
    firsts = [k // 2 if b == "unknown" else 0 for k, b in zip(taps, boundary, strict=True)]
    return x[tuple(slice(f, f + n) for f, n in zip(firsts, image, strict=True))]
