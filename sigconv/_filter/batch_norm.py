"""A layer and the batch normalisation behind it as one layer."""

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.dtypes import floating
from sigconv._filter.layer import Layer


def folded(layer: Layer, statistics: Mapping[str, jax.Array], epsilon: float) -> Layer:
    """(y − mean) / √(variance + ε) · scale + shift of the layer's y; scale 1 and shift 0 where they are not given.

    Shapes:
        statistics (out,) each.
    """
    dtype = floating(layer.weights, *(() if layer.bias is None else (layer.bias,)), *statistics.values())
    given = {name: values.astype(dtype) for name, values in statistics.items()}
    factor = lax.rsqrt(given["variance"] + jnp.asarray(epsilon, dtype))
    if "scale" in given:
        factor = factor * given["scale"]
    bias = -given["mean"] * factor
    if layer.bias is not None:
        bias = bias + layer.bias.astype(dtype) * factor
    if "shift" in given:
        bias = bias + given["shift"]
    weights = layer.weights.astype(dtype) * factor.reshape(-1, *(1 for _ in layer.weights.shape[1:]))
    return dataclasses.replace(layer, weights=weights, bias=bias)
