"""Dense matrices written out entry by entry, and draws of kernels."""

import itertools

import numpy as np


def drawn(rng, shape, kind):
    a = rng.standard_normal(shape)
    return a + 1j * rng.standard_normal(shape) if kind == "complex" else a


def circulant_matrix(kernel, shape):
    """M[(o, n), (c, m)] = Σ over taps t congruent to n − m of a[o, c, t]."""
    a = kernel if kernel.ndim > len(shape) else kernel[None, None]
    outs, ins, *taps = a.shape
    matrix = np.zeros((outs, *shape, ins, *shape), a.dtype)
    for m in itertools.product(*map(range, shape)):
        for t in itertools.product(*map(range, taps)):
            n = tuple((i + j) % length for i, j, length in zip(m, t, shape, strict=False))
            matrix[(slice(None), *n, slice(None), *m)] += a[(slice(None), slice(None), *t)]
    size = int(np.prod(shape))
    return matrix.reshape(outs * size, ins * size)


def toeplitz_matrix(kernel, shape, first, out):
    """T[(o, i), (c, j)] = a[o, c, i − j + first], zero where there is no such tap."""
    a = kernel if kernel.ndim > len(shape) else kernel[None, None]
    outs, ins, *taps = a.shape
    matrix = np.zeros((outs, *out, ins, *shape), a.dtype)
    for i in itertools.product(*map(range, out)):
        for j in itertools.product(*map(range, shape)):
            t = tuple(p - q + f for p, q, f in zip(i, j, first, strict=False))
            if all(0 <= s < k for s, k in zip(t, taps, strict=False)):
                matrix[(slice(None), *i, slice(None), *j)] = a[(slice(None), slice(None), *t)]
    return matrix.reshape(outs * int(np.prod(out)), ins * int(np.prod(shape)))
