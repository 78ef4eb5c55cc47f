"""`fft_channels`: as `fft`, one signal of the batch after the other; for channels."""

import dataclasses
import math
from typing import ClassVar

import jax
from jax import lax

from sigconv._engine import spectra, whole
from sigconv._engine.cost import Machine
from sigconv._engine.method import Method, Problem


@dataclasses.dataclass(frozen=True)
class FFTChannels(Method):
    """The kernels' spectra are made once; the rest works on one signal's channels, which fit a cache."""

    transforms: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return "fft_channels"

    def refusal(self, problem: Problem) -> str | None:
        if problem.signal[0] == 1 or problem.rows == problem.signal[0] == problem.out_rows:
            return "it loops over a batch of signals of several channels, and there is none; use 'fft'"
        return spectra.refusal(problem)

    def cost(self, problem: Problem, machine: Machine) -> float:
        one, shape = _item(problem)
        item = (
            machine.loop
            + spectra.transform_cost(machine, shape, one.rows, one.width)
            + spectra.transform_cost(machine, shape, one.out_rows, one.width)
            + spectra.multiply_cost(one, machine, math.prod(shape))
        )
        return machine.call + self.kernel_cost(problem, machine) + problem.signal[0] * item

    def kernel_cost(self, problem: Problem, machine: Machine) -> float:
        return spectra.transform_cost(machine, _item(problem)[1], problem.kernels, problem.width)

    def derivative_cost(self, problem: Problem, machine: Machine, wants: tuple[bool, ...]) -> float:
        # JAX keeps what every turn of a differentiated loop has worked out, and stacks it: twice the time of `fft`'s.
        return 2 * super().derivative_cost(problem, machine, wants)

    def workspace(self, problem: Problem) -> float:
        one, shape = _item(problem)
        points = math.prod(shape)
        return 2.0 * problem.dtype.itemsize * points * (2 * one.rows + problem.kernels + 2 * one.out_rows)

    def prepare(self, w: jax.Array, problem: Problem) -> jax.Array:
        return whole.kernel_spectrum(w, problem, whole.plan(problem, problem.rows))

    def apply(self, x: jax.Array, prepared: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        plan, geometry = whole.plan(problem, problem.rows), problem.geometry

        def one(item: jax.Array) -> jax.Array:
            spectrum = spectra.transform(whole.lay_out(item[None], geometry, plan), plan.cycle)
            product = spectra.multiply(spectrum, prepared, geometry.groups, precision)
            return whole.pick(spectra.inverse(product, plan.cycle, item.dtype), geometry, plan)[0]

        return lax.map(one, x)


def _item(problem: Problem) -> tuple[Problem, tuple[int, ...]]:
    """The problem of one signal, and the lengths of its complex transforms."""
    one = dataclasses.replace(problem, signal=(1, *problem.signal[1:]))
    return one, whole.transformed_shape(problem, problem.rows)
