"""`direct`: multiply and add every tap, by `jax.lax.conv_general_dilated`."""

import dataclasses
import math

import jax
import numpy as np
from jax import lax

from sigconv._core.dtypes import is_exact
from sigconv._core.extend import extend, extended
from sigconv._engine import bilinear, convolution, kernel_derivative, spectra
from sigconv._engine.cost import Machine
from sigconv._engine.method import Method, Problem, insertion_cost
from sigconv._engine.steps import Insertion
from sigconv._engine.taps import tap_by_tap

LANES = 16
"""Output channels that are multiplied together, used or not: numbers in a vector register."""


@dataclasses.dataclass(frozen=True)
class Direct(Method):
    """Every product, in the order of the formula: a NaN reaches only the outputs that read it; integers are exact."""

    @property
    def name(self) -> str:
        return "direct"

    def refusal(self, problem: Problem) -> str | None:
        return None

    def cost(self, problem: Problem, machine: Machine) -> float:
        if problem.geometry.rank == problem.kernels == problem.signal[1] == 1 and problem.products <= 2:
            # Of two taps XLA makes a sum of two shifted signals, in one pass.
            return machine.call + spectra.memory_cost(machine, problem.samples) * problem.width
        if convolution.is_pointwise(problem.taps, problem.weights[1]) and not is_exact(problem.dtype):
            seconds = problem.samples * problem.products * machine.mix_tap * _width(problem.dtype)
            moved = problem.rows * math.prod(problem.padded) + problem.samples
            return machine.call + machine.tile_call_dot + seconds + moved * machine.mix_number * problem.width
        # A patch of the signal is gathered once per group and multiplied once per output channel of the group.
        groups = problem.geometry.groups
        patches = problem.signal[0] * groups * math.prod(problem.out)
        outs = problem.weights[0] // groups
        is_plain = groups > convolution.MOST_GROUPS or problem.weights[1] == 1 < groups
        is_wide = problem.dtype in (np.float64, np.complex128)
        moved = 0
        if is_plain or is_wide:
            patch = problem.products * (machine.plain_tap if is_plain else machine.wide_tap) * outs
        else:
            lanes = outs if outs == 1 else -(-outs // LANES) * LANES
            patch = problem.products * (machine.direct_tap + lanes * machine.matrix_tap)
            # Channels go last, and back; an array of one channel lies the same either way.
            moved += problem.rows * math.prod(problem.padded) if problem.signal[1] > 1 else 0
            moved += problem.samples if problem.weights[0] > 1 else 0
        slices = math.prod(problem.taps[:-2])
        seconds = patches * (machine.direct_sample + patch) + moved * slices * machine.direct_moved
        calls = slices * (1 if is_plain else groups)
        fixed = machine.call + calls * machine.direct_call + insertion_cost(problem, machine)
        return fixed + seconds * _width(problem.dtype)

    def derivative_cost(self, problem: Problem, machine: Machine, wants: tuple[bool, ...]) -> float:
        if convolution.is_pointwise(problem.taps, problem.weights[1]):
            return sum(wants) * self.work(problem, machine)
        adjoint, weights = bilinear.adjoint_problem(problem), bilinear.weights_problem(problem)
        inner = Insertion().problem(adjoint) or adjoint
        return wants[0] * self.work(inner, machine) + wants[1] * self.work(weights, machine)

    def workspace(self, problem: Problem) -> float:
        return float(problem.dtype.itemsize * problem.rows * math.prod(problem.padded))

    def apply(self, x: jax.Array, prepared: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        w, geometry = prepared, problem.geometry
        # Inserted zeros are written out: with its `lhs_dilation` XLA aborts the process for some kernels longer than
        # the signal (jaxlib 0.10.2, CPU).
        if not geometry.is_zero or any(axis.input_dilation > 1 for axis in geometry.axes):
            x, geometry = extend(x, geometry), extended(geometry)
        if is_exact(x.dtype):
            return lax.platform_dependent(
                x,
                w,
                cpu=lambda x, w: convolution.convolve(x, w, geometry, precision),
                default=lambda x, w: tap_by_tap(x, w, geometry),
            )
        return bilinear.correlate(x, w, kernel_derivative.FORMS, geometry, precision)


def _width(dtype: np.dtype) -> float:
    """Arithmetic of this dtype against float32's: its width in bytes over 4, twice that for complex products."""
    return dtype.itemsize / 4 * (2 if dtype.kind == "c" else 1)
