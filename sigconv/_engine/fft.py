"""`fft`: one transform of the whole signal, a product, and back."""

import dataclasses
import math
from typing import ClassVar

import jax
from jax import lax

from sigconv._engine import spectra, whole
from sigconv._engine.cost import Machine
from sigconv._engine.method import Method, Problem
from sigconv._engine.parts import in_parts


@dataclasses.dataclass(frozen=True)
class FFT(Method):
    """Cost that hardly depends on the kernel; error relative to the norm of the whole signal, NaN everywhere if any."""

    transforms: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return "fft"

    def refusal(self, problem: Problem) -> str | None:
        return spectra.refusal(problem)

    def cost(self, problem: Problem, machine: Machine) -> float:
        shape = whole.transformed_shape(problem, problem.rows)
        return (
            machine.call
            + self.kernel_cost(problem, machine)
            + spectra.transform_cost(machine, shape, problem.rows, problem.width)
            + spectra.transform_cost(machine, shape, problem.out_rows, problem.width)
            + spectra.multiply_cost(problem, machine, math.prod(shape))
        )

    def kernel_cost(self, problem: Problem, machine: Machine) -> float:
        shape = whole.transformed_shape(problem, problem.rows)
        return spectra.transform_cost(machine, shape, problem.kernels, problem.width, is_kernel=True)

    def workspace(self, problem: Problem) -> float:
        points = math.prod(whole.transformed_shape(problem, problem.rows))
        # Kernels are laid out and transformed before the signals' spectra meet them.
        most = (
            problem.rows
            + problem.kernels
            + max(problem.kernels, problem.out_rows + max(problem.rows, problem.out_rows))
        )
        return 2.0 * problem.dtype.itemsize * most * points

    def prepare(self, w: jax.Array, problem: Problem) -> jax.Array:
        return whole.kernel_spectrum(w, problem, whole.plan(problem, problem.rows))

    def apply(self, x: jax.Array, prepared: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        plan, geometry = whole.plan(problem, problem.rows), problem.geometry

        def correlate(x: jax.Array) -> jax.Array:
            spectrum = spectra.transform(whole.lay_out(x, geometry, plan), plan.cycle)
            product = spectra.multiply(spectrum, prepared, geometry.groups, precision)
            return whole.pick(spectra.inverse(product, plan.cycle, x.dtype, plan.lags), geometry, plan)

        if problem.weights[1] > 1:
            # The products weigh as much as the transforms, and all cores work on them (measured: parts gain nothing).
            return correlate(x)
        points = math.prod(spectra.row_shape(plan.cycle, problem.dtype))
        return in_parts(correlate, x, max(problem.signal[1], problem.weights[0]) * points)
