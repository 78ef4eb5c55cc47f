"""What `fft` and `fft_channels` share: the cycle that a geometry needs when every row is transformed whole."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.extend import extend
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import spectra
from sigconv._engine.method import Problem


@dataclasses.dataclass(frozen=True)
class Plan:
    """The cycle, and how signals and outputs lie in it.

    Attributes:
        cycle: What is transformed.
        lags: Per axis, the lags to keep before striding.
        is_circular: Per axis, whether the cycle is the signal's own period.
        early: By how much sooner than after the zeros in front of it the signal begins, and with it the kernel, along
            the axis that is folded; so that it ends before the middle, and is transformed from real numbers.
    """

    cycle: spectra.Cycle
    lags: tuple[int, ...]
    is_circular: tuple[bool, ...]
    early: int = 0


def plan(problem: Problem, rows: int) -> Plan:
    """How to transform the rows of a problem, `rows` at a time."""
    axes = [
        _plan_axis(axis, length, k)
        for axis, length, k in zip(problem.geometry.axes, problem.space, problem.taps, strict=True)
    ]
    lengths, lags, is_circular = (tuple(column) for column in zip(*axes, strict=True))
    linear = tuple(not circular for circular in is_circular)
    cycle = spectra.linear_cycle(lengths, problem.dtype, rows, linear)
    return Plan(cycle, lags, is_circular, _early(problem, cycle))


def transformed_shape(problem: Problem, rows: int) -> tuple[int, ...]:
    """Lengths of the complex transform that a row takes."""
    return spectra.row_shape(plan(problem, rows).cycle, problem.dtype)


def _plan_axis(axis: Axis, length: int, taps: int) -> tuple[int, int, bool]:
    """Cyclic length, lags, and whether the cycle is the signal's period."""
    extent = axis.extent(taps)
    padded = axis.inserted(length) + axis.lo + axis.hi
    lags = padded - extent + 1
    if axis.is_circular(taps) and _is_smooth(length):
        return length, length, True
    if not axis.is_zero:
        return spectra.fast_length(padded), lags, False
    # With the data at [start, stop) of the cycle, lag m of the cycle sums the lags m + j·length of the infinite
    # correlation, which is zero outside (start − extent, stop): no other lag may fall in there.
    start, stop = max(axis.lo, 0), axis.inserted(length) + axis.lo + min(axis.hi, 0)
    return spectra.fast_length(max(stop, padded - start, extent, lags)), lags, False


def _early(problem: Problem, cycle: spectra.Cycle) -> int:
    if cycle.fold is None:
        return 0
    axis, half = problem.geometry.axes[cycle.fold], cycle.lengths[cycle.fold] // 2
    length = axis.inserted(problem.space[cycle.fold]) + min(axis.hi, 0)
    return axis.lo if axis.is_zero and 0 < length <= half < axis.lo + length else 0


def _is_smooth(length: int) -> bool:
    for prime in (2, 3, 5, 7):
        while length % prime == 0:
            length //= prime
    return length == 1


def kernel_spectrum(w: jax.Array, problem: Problem, plan: Plan) -> jax.Array:
    """What the spectra of signals are multiplied by."""
    w = spectra.wrapped(spectra.spread(w, problem.geometry), plan.cycle.lengths)
    if plan.early and plan.cycle.fold is not None:
        w = spectra.moved_back(w, plan.early, plan.cycle, 2 + plan.cycle.fold)
    return spectra.correlation_spectrum(w, plan.cycle)


def lay_out(x: jax.Array, geometry: Geometry, plan: Plan) -> jax.Array:
    """Write each axis into its cycle: as it is, zero-padded, or extended."""
    written = [
        axis if not (circular or axis.is_zero) else Axis()
        for axis, circular in zip(geometry.axes, plan.is_circular, strict=True)
    ]
    x = extend(x, Geometry(tuple(written)))
    pads = [(0, 0, 0)] * (x.ndim - geometry.rank)
    cycles = zip(geometry.axes, plan.cycle.lengths, plan.is_circular, x.shape[x.ndim - geometry.rank :], strict=True)
    for number, (axis, cycle, circular, length) in enumerate(cycles):
        if circular:
            pads.append((0, 0, 0))
        elif axis.is_zero:
            start = axis.lo - (plan.early if number == plan.cycle.fold else 0)
            # No further than the data reach: what follows is zero for the transform. All of them may be cropped.
            inserted = axis.inserted(length)
            low = max(start, -inserted)
            high = max(min(axis.hi, 0, cycle - inserted - start), -inserted - low)
            pads.append((low, high, axis.input_dilation - 1))
        else:
            pads.append((0, 0, 0))
    return lax.pad(x, np.zeros((), x.dtype), pads)


def pick(y: jax.Array, geometry: Geometry, plan: Plan) -> jax.Array:
    """The outputs among the lags of the cycle."""
    first = y.ndim - geometry.rank
    for position, (axis, lags, circular) in enumerate(
        zip(geometry.axes, plan.lags, plan.is_circular, strict=True), start=first
    ):
        if circular:
            y = jnp.roll(y, axis.lo, position)
        y = lax.slice_in_dim(y, 0, lags, axis.stride, position)
    return y
