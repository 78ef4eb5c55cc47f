"""One layer after another as one layer, and two layers side by side as one.

Reference:
    Vaidyanathan, Multirate Systems and Filter Banks, section 4.2 (noble identities).
"""

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.dtypes import common
from sigconv._core.errors import OptionError, ShapeError
from sigconv._filter.layer import Layer, check_chain, regrouped
from sigconv.signal import convolve_channels


def composed(second: Layer, first: Layer) -> Layer:
    """`first`, then `second`: w[m] = Σ over s₁·d₂·l + d₁·k = m of w₂[l] @ w₁[k], b = b₂ + Σ_l w₂[l] b₁.

    That is a true convolution of the two kernels, each spread by its own steps. Groups stay where they stay blocks.
    """
    check_chain(second, first)
    groups = math.gcd(first.groups, second.groups)
    w1, w2 = regrouped(first.weights, first.groups, groups), regrouped(second.weights, second.groups, groups)
    steps = map(_steps, first.taps, first.dilation, second.taps, _strided(second, first))
    grids, inserted, dilated = zip(*steps, strict=True)
    spread = {"input_dilation": inserted, "dilation": dilated, "groups": groups}
    weights = jnp.swapaxes(convolve_channels(jnp.swapaxes(w1, 0, 1), w2, padding="full", **spread), 0, 1)
    return Layer(
        weights=weights,
        bias=_bias(second, first),
        stride=tuple(one * two for one, two in zip(first.stride, second.stride, strict=True)),
        dilation=grids,
        lo=tuple(one + step * two for one, step, two in zip(first.lo, first.stride, second.lo, strict=True)),
        groups=groups,
    )


def _strided(second: Layer, first: Layer) -> tuple[int, ...]:
    """Steps between the second's taps, in samples of the first's signal."""
    return tuple(step * dilation for step, dilation in zip(first.stride, second.dilation, strict=True))


def _steps(taps1: int, step1: int, taps2: int, step2: int) -> tuple[int, int, int]:
    """The composite's dilation, and the steps of either kernel in units of it; a single tap takes no step."""
    one, two = step1 if taps1 > 1 else 0, step2 if taps2 > 1 else 0
    grid = math.gcd(one, two) or 1
    return grid, max(one // grid, 1), max(two // grid, 1)


def _bias(second: Layer, first: Layer) -> jax.Array | None:
    if first.bias is None:
        return second.bias
    through = applied_to_constant(second, first.bias)
    return through if second.bias is None else _sum(through, second.bias)


def applied_to_constant(layer: Layer, values: jax.Array) -> jax.Array:
    """What the layer's weights make of a signal that is constant per channel."""
    outs = layer.outs // layer.groups
    sums = layer.weights.sum(tuple(range(2, layer.weights.ndim))).reshape(layer.groups, outs, -1)
    dtype = common(sums, values)
    pairs = sums.astype(dtype), values.reshape(layer.groups, -1, 1).astype(dtype)
    return jnp.matmul(*pairs, precision=lax.Precision.HIGHEST).reshape(-1)


def added(one: Layer, two: Layer) -> Layer:
    """Both on the same signal, results added up: taps added where they read the same sample."""
    if (one.rank, one.ins, one.outs) != (two.rank, two.ins, two.outs):
        raise ShapeError(
            f"`other` must have the same axes and channels; got {two.rank} axes, {two.ins} to {two.outs} channels for "
            f"{one.rank} axes, {one.ins} to {one.outs}."
        )
    if one.stride != two.stride:
        raise OptionError(f"`other` must have the same stride; got {two.stride} and {one.stride}. Add the outputs.")
    groups = math.gcd(one.groups, two.groups)
    axes = [_common_grid(one, two, axis) for axis in range(one.rank)]
    grid, start, length = zip(*axes, strict=True)
    dtype = common(one.weights, two.weights)
    kernels = [_laid_out(layer, groups, grid, start, length).astype(dtype) for layer in (one, two)]
    biases = [layer.bias for layer in (one, two) if layer.bias is not None]
    return dataclasses.replace(
        one,
        weights=kernels[0] + kernels[1],
        bias=functools.reduce(_sum, biases) if biases else None,
        dilation=grid,
        lo=tuple(-first for first in start),
        groups=groups,
    )


def _sum(one: jax.Array, two: jax.Array) -> jax.Array:
    dtype = common(one, two)
    return one.astype(dtype) + two.astype(dtype)


def _common_grid(one: Layer, two: Layer, axis: int) -> tuple[int, int, int]:
    """Dilation, first read and number of the taps that hold both layers' on one axis."""
    (a, b), (c, d) = one.offsets[axis], two.offsets[axis]
    spread = [layer.dilation[axis] for layer in (one, two) if layer.taps[axis] > 1]
    grid = math.gcd(*spread, a - c) or 1
    start = min(a, c)
    return grid, start, (max(b, d) - start) // grid + 1


def _laid_out(
    layer: Layer, groups: int, grid: tuple[int, ...], start: tuple[int, ...], length: tuple[int, ...]
) -> jax.Array:
    """The weights on a grid of their taps and more."""
    weights = regrouped(layer.weights, layer.groups, groups)
    pads = [(0, 0, 0), (0, 0, 0)]
    for axis in range(layer.rank):
        step = layer.dilation[axis] // grid[axis] if layer.taps[axis] > 1 else 1
        before = (layer.offsets[axis][0] - start[axis]) // grid[axis]
        pads.append((before, length[axis] - before - (layer.taps[axis] - 1) * step - 1, step - 1))
    return lax.pad(weights, jnp.zeros((), weights.dtype), pads)
