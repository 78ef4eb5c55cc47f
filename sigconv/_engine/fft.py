"""`fft`: one transform of the whole signal, a product, and back."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.extend import extend
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import spectra
from sigconv._engine.cost import Machine
from sigconv._engine.method import Method, Problem


@dataclasses.dataclass(frozen=True)
class FFT(Method):
    """Cost that hardly depends on the kernel; error relative to the norm of the whole signal, NaN everywhere if any."""

    @property
    def name(self) -> str:
        return "fft"

    def refusal(self, problem: Problem) -> str | None:
        return spectra.refusal(problem)

    def cost(self, problem: Problem, machine: Machine) -> float:
        plans = _plans(problem.geometry, problem.space, problem.taps)
        lengths = tuple(plan.length for plan in plans)
        kernels = problem.weights[0] * problem.weights[1]
        products = problem.signal[0] * problem.weights[0] * problem.weights[1] * math.prod(lengths)
        return (
            machine.call
            + spectra.transform_cost(problem, machine, lengths, problem.rows)
            + spectra.transform_cost(problem, machine, lengths, kernels)
            + spectra.transform_cost(problem, machine, lengths, problem.out_rows)
            + products * machine.pass_point
        )

    def run(self, x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
        plans = _plans(geometry, x.shape[2:], w.shape[2:])
        lengths = tuple(plan.length for plan in plans)
        dtype = x.dtype
        x, w = _lay_out(x, geometry, plans), _fold_taps(spectra.spread(w, geometry), plans)
        spectrum = spectra.correlation_spectrum(w, lengths)
        product = spectra.multiply(spectra.transform(x, lengths), spectrum, geometry.groups, precision)
        y = spectra.inverse(product, lengths, dtype)
        for position, (axis, plan) in enumerate(zip(geometry.axes, plans, strict=True), start=2):
            if plan.is_circular:
                y = jnp.roll(y, axis.lo, position)
            y = lax.slice_in_dim(y, 0, plan.lags, axis.stride, position)
        return y


@dataclasses.dataclass(frozen=True)
class _Plan:
    """One axis: cyclic length, lags to keep before striding, and whether the cycle is the signal's own period."""

    length: int
    lags: int
    is_circular: bool


def _plans(geometry: Geometry, space: tuple[int, ...], taps: tuple[int, ...]) -> tuple[_Plan, ...]:
    return tuple(_plan(axis, length, k) for axis, length, k in zip(geometry.axes, space, taps, strict=True))


def _plan(axis: Axis, length: int, taps: int) -> _Plan:
    extent = axis.extent(taps)
    padded = axis.inserted(length) + axis.lo + axis.hi
    lags = padded - extent + 1
    if axis.is_circular(taps) and _is_smooth(length):
        return _Plan(length, length, is_circular=True)
    if not axis.is_zero:
        return _Plan(spectra.fast_length(padded), lags, is_circular=False)
    # With the data at [start, stop) of the cycle, lag m of the cycle sums the lags m + j·length of the infinite
    # correlation, which is zero outside (start − extent, stop): no other lag may fall in there.
    start, stop = max(axis.lo, 0), axis.inserted(length) + axis.lo + min(axis.hi, 0)
    return _Plan(spectra.fast_length(max(stop, padded - start, extent, lags)), lags, is_circular=False)


def _is_smooth(length: int) -> bool:
    for prime in (2, 3, 5, 7):
        while length % prime == 0:
            length //= prime
    return length == 1


def _lay_out(x: jax.Array, geometry: Geometry, plans: tuple[_Plan, ...]) -> jax.Array:
    """Write each axis into its cycle: as it is, zero-padded, or extended."""
    written = [
        axis if not (plan.is_circular or axis.is_zero) else Axis()
        for axis, plan in zip(geometry.axes, plans, strict=True)
    ]
    x = extend(x, Geometry(tuple(written)))
    pads = [(0, 0, 0), (0, 0, 0)]
    for axis, plan, length in zip(geometry.axes, plans, x.shape[2:], strict=True):
        if plan.is_circular:
            pads.append((0, 0, 0))
        elif axis.is_zero:
            pads.append((axis.lo, plan.length - axis.inserted(length) - axis.lo, axis.input_dilation - 1))
        else:
            pads.append((0, plan.length - length, 0))
    return lax.pad(x, np.zeros((), x.dtype), pads)


def _fold_taps(w: jax.Array, plans: tuple[_Plan, ...]) -> jax.Array:
    """Add up the taps that fall on the same sample of a period shorter than the kernel."""
    for position, plan in enumerate(plans, start=2):
        if w.shape[position] > plan.length:
            turns = -(-w.shape[position] // plan.length)
            pads = [(0, 0)] * w.ndim
            pads[position] = (0, turns * plan.length - w.shape[position])
            shape = (*w.shape[:position], turns, plan.length, *w.shape[position + 1 :])
            w = jnp.pad(w, pads).reshape(shape).sum(position)
    return w
