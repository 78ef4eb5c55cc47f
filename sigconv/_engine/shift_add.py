"""`shift_add`: the signal, shifted and scaled once per tap, in one unrolled sum; for kernels of few taps."""

import dataclasses
import itertools
import math

import jax
from jax import lax

from sigconv._core.extend import extend
from sigconv._core.geometry import Geometry
from sigconv._engine.cost import Machine
from sigconv._engine.method import Method, Problem

MOST_TAPS = 32
"""Beyond this the program grows long to compile and its derivative slow."""

FORKS = 2**14
"""Multiplications above which XLA shares the work out."""


@dataclasses.dataclass(frozen=True)
class ShiftAdd(Method):
    """Every product, as `direct`, fused into one pass over memory: NaN stays where it is read, integers are exact."""

    @property
    def name(self) -> str:
        return "shift_add"

    def refusal(self, problem: Problem) -> str | None:
        if problem.weights[1] > 1:
            return f"it adds no channels up, and each output here is a sum over {problem.weights[1]}"
        count = math.prod(problem.taps)
        return f"it unrolls at most {MOST_TAPS} taps; got {count}" if count > MOST_TAPS else None

    def cost(self, problem: Problem, machine: Machine) -> float:
        samples = problem.out_rows * math.prod(problem.out)
        products = samples * math.prod(problem.taps)
        tap = machine.shift_tap_long if samples == problem.out[-1] else machine.shift_tap
        passes = (problem.rows * math.prod(problem.padded) + samples) * machine.pass_point
        fork = machine.shift_fork if products > FORKS else 0.0
        return machine.call + fork + (passes + products * tap) * problem.dtype.itemsize / 4

    def run(self, x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
        out = geometry.out_shape(x.shape[2:], w.shape[2:])
        # Without the barrier XLA works out the padding again for every tap.
        x = lax.optimization_barrier(extend(x, geometry))
        batch, groups, taps = x.shape[0], geometry.groups, w.shape[2:]
        x = x.reshape(batch, groups, 1, *x.shape[2:])
        w = w.reshape(groups, w.shape[0] // groups, *taps)
        ones = (1,) * len(taps)
        strides = (1, 1, 1, *(axis.stride for axis in geometry.axes))
        terms = []
        for tap in itertools.product(*map(range, taps)):
            starts = tuple(t * axis.dilation for t, axis in zip(tap, geometry.axes, strict=True))
            stops = tuple(a + (n - 1) * axis.stride + 1 for a, n, axis in zip(starts, out, geometry.axes, strict=True))
            read = lax.slice(x, (0, 0, 0, *starts), (batch, groups, 1, *stops), strides)
            terms.append(w[(slice(None), slice(None), *tap)].reshape(1, groups, -1, *ones) * read)
        return sum(terms[1:], terms[0]).reshape(batch, -1, *out)
