"""Gram matrices as NumPy float64 sums over pairs of samples, and how near they must be."""

import itertools

import numpy as np
from tolerance import assert_correlation


def wide(a):
    return np.asarray(a).astype(np.complex128 if np.iscomplexobj(a) else np.float64)


def definition(x, y=None, *, normalize="spatial", centered=False, lags=None, mask=None, boundary="zero"):
    """(C, *space), (D, *space), mask (*space) → (C, D), or (lags, C, D); y is x if None."""
    x = wide(x)
    y = x if y is None else wide(y)
    w = np.ones(x.shape[1:]) if mask is None else wide(mask)
    if centered:
        x, y = (
            a - ((np.where(w != 0, a, 0) * w).reshape(len(a), -1).sum(1) / w.sum()).reshape(-1, *(1,) * w.ndim)
            for a in (x, y)
        )
    found = [_at(x, y, w, lag, normalize, boundary) for lag in lags or [(0,) * w.ndim]]
    return np.stack(found) if lags is not None else found[0]


def _at(x, y, w, lag, normalize, boundary):
    total, count = np.zeros((len(x), len(y)), np.result_type(x, y)), 0.0
    for place in np.ndindex(*w.shape):
        other = tuple(int(n + d) for n, d in zip(place, np.atleast_1d(lag), strict=True))
        if boundary == "periodic":
            other = tuple(n % length for n, length in zip(other, w.shape, strict=True))
        if any(not 0 <= n < length for n, length in zip(other, w.shape, strict=True)):
            continue
        weight = np.sqrt(w[place] * w[other])
        if weight:
            total += weight * np.outer(x[(slice(None), *place)], np.conj(y[(slice(None), *other)]))
            count += weight
    share = {"none": 0, "spatial": 1, "all": np.sqrt(len(x) * len(y))}[normalize]
    return total / (share * count) if share * count else total


def assert_gram(actual, reference, x, y=None, *, scale=1.0, method="direct"):
    """By the rule of correlations, of which a Gram matrix has one for each pair of channels; `scale` is their divisor."""
    x = np.asarray(x).reshape(len(x), 1, -1)
    y = x if y is None else np.asarray(y).reshape(len(y), 1, -1)
    actual, reference = np.asarray(actual), np.asarray(reference)
    assert actual.shape == reference.shape
    for place in itertools.product(*map(range, actual.shape[:-2])):
        one, other = (a[place][:, :, None] for a in (actual, reference))
        assert_correlation((one * np.asarray(scale).astype(one.dtype)).astype(one.dtype), other * scale, x, y, method)
