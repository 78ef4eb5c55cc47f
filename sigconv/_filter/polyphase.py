"""Polyphase components of a layer, and the noble identities.

Reference:
    Vaidyanathan, Multirate Systems and Filter Banks, sections 4.2 and 4.3.
"""

import dataclasses
import itertools
import math

import jax.numpy as jnp
from jax import lax

from sigconv._core.errors import OptionError
from sigconv._filter.layer import Layer


def components(layer: Layer, count: tuple[int, ...]) -> dict[tuple[int, ...], Layer]:
    """The layers f_r of stride 1 with f(x)[n] = Σ_r f_r(x_r)[n], x_r the samples m·count + r of the signal.

    A layer of stride 1 counts as one whose outputs are taken at multiples of `count`.
    """
    for stride, step in zip(layer.stride, count, strict=True):
        if stride not in (1, step):
            raise OptionError(f"`count` must be the stride wherever there is one; got {count} for {layer.stride}.")
    found = {}
    for phase in itertools.product(*map(range, count)):
        part = dataclasses.replace(layer, bias=None, stride=(1,) * layer.rank)
        for axis, (r, step) in enumerate(zip(phase, count, strict=True)):
            part = _phase(part, axis, r, step)
        found[phase] = part
    first = (0,) * layer.rank
    found[first] = dataclasses.replace(found[first], bias=layer.bias)
    return found


def _phase(layer: Layer, axis: int, phase: int, count: int) -> Layer:
    """The taps of one axis that read samples m·count + phase, for output 0."""
    taps, dilation, lo = layer.taps[axis], layer.dilation[axis], layer.lo[axis]
    chosen = [t for t in range(taps) if (t * dilation - lo - phase) % count == 0]
    step = dilation // math.gcd(dilation, count)
    shape = layer.weights.shape
    if chosen:
        apart = chosen[1] - chosen[0] if len(chosen) > 1 else 1
        weights = lax.slice_in_dim(layer.weights, chosen[0], chosen[-1] + 1, apart, axis + 2)
        first = (chosen[0] * dilation - lo - phase) // count
    else:
        weights = jnp.zeros((*shape[: axis + 2], 1, *shape[axis + 3 :]), layer.weights.dtype)
        first = 0
    return dataclasses.replace(
        layer,
        weights=weights,
        dilation=_put(layer.dilation, axis, step),
        lo=_put(layer.lo, axis, -first),
    )


def decimated_first(layer: Layer) -> tuple[tuple[int, ...], Layer]:
    """A layer whose taps lie a multiple of its stride apart as ↓stride and a layer after it (first noble identity).

    Returns:
        The stride, and the layer of stride 1 for the samples n·stride.
    """
    for stride, dilation, lo, taps in zip(layer.stride, layer.dilation, layer.lo, layer.taps, strict=True):
        if (dilation % stride and taps > 1) or lo % stride:
            raise OptionError(
                f"`dilation` and `lo` must be multiples of the stride; got {dilation} and {lo} for {stride}. "
                "Use `polyphase`, which needs no such thing."
            )
    return layer.stride, dataclasses.replace(
        layer,
        stride=(1,) * layer.rank,
        dilation=tuple(max(d // s, 1) for d, s in zip(layer.dilation, layer.stride, strict=True)),
        lo=tuple(lo // s for lo, s in zip(layer.lo, layer.stride, strict=True)),
    )


def _put(values: tuple[int, ...], axis: int, value: int) -> tuple[int, ...]:
    return (*values[:axis], value, *values[axis + 1 :])
