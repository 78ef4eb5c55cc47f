"""A layer without its outermost taps that are nearly zero."""

import dataclasses

import numpy as np
from jax import core

from sigconv._core.errors import OptionError
from sigconv._filter.layer import Layer


def trimmed(layer: Layer, tolerance: float) -> Layer:
    """Without leading and trailing taps that are nowhere larger; one tap is left at least."""
    if isinstance(layer.weights, core.Tracer):
        raise OptionError("`weights` must be known to be trimmed; got traced ones. Trim outside of `jit`.")
    sizes, keep = np.abs(np.asarray(layer.weights)).max((0, 1)), []
    for axis in range(layer.rank):
        large = np.flatnonzero(sizes.max(tuple(i for i in range(layer.rank) if i != axis)) > tolerance)
        keep.append((int(large[0]), int(large[-1]) + 1) if len(large) else (0, 1))
    weights = layer.weights[(slice(None), slice(None), *(slice(*pair) for pair in keep))]
    lo = tuple(lo - first * d for lo, (first, _), d in zip(layer.lo, keep, layer.dilation, strict=True))
    return dataclasses.replace(layer, weights=weights, lo=lo)
