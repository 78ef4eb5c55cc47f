"""`separable`: a kernel that is the outer product of one factor per axis, applied one axis after the other."""

import dataclasses
import functools
import math
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.boundary import Constant
from sigconv._core.extend import extend, extended
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import spectra
from sigconv._engine.cost import Machine, machine_of
from sigconv._engine.method import Method, Problem, usable


@dataclasses.dataclass(frozen=True)
class Separable(Method):
    """k₁ + k₂ + … products per output in place of k₁ · k₂ · …; only for kernels that are given by their factors.

    Args:
        methods: What each axis may be correlated by; the cheapest is taken.
    """

    takes_factors: ClassVar[bool] = True
    methods: tuple[Method, ...]

    @property
    def name(self) -> str:
        return "separable"

    def refusal(self, problem: Problem) -> str | None:
        return None if problem.is_factored else "the kernel is not given by its factors, as `sigconv.SeparableKernel`"

    def cost(self, problem: Problem, machine: Machine) -> float:
        return sum(step.cost for step in _steps(self, problem, machine))

    def kernel_cost(self, problem: Problem, machine: Machine) -> float:
        return sum(step.method.kernel_cost(step.problem, machine) for step in _steps(self, problem, machine))

    def workspace(self, problem: Problem) -> float:
        steps = _steps(self, problem, machine_of("cpu"))
        between = max(step.problem.samples for step in steps)
        return max(step.method.workspace(step.problem) for step in steps) + 2.0 * problem.dtype.itemsize * between

    def prepare(self, w: Any, problem: Problem) -> Any:
        """From a tuple of factors, in the order of the axes."""
        steps = _steps(self, problem, machine_of(jax.default_backend()))
        return tuple(
            step.method.prepare(factor.reshape(step.problem.weights), step.problem)
            for step, factor in zip(steps, w, strict=True)
        )

    def apply(self, x: jax.Array, prepared: Any, problem: Problem, precision: lax.Precision) -> jax.Array:
        if _has_offset(problem.geometry):
            x = extend(x, problem.geometry)
        for step, factor in zip(_steps(self, problem, machine_of(jax.default_backend())), prepared, strict=True):
            position = 2 + step.axis
            if step.is_line:
                lines = jnp.moveaxis(x, position, -1)
                y = step.method.apply(lines.reshape(step.problem.signal), factor, step.problem, precision)
                x = jnp.moveaxis(y.reshape(*lines.shape[:-1], -1), -1, position)
            else:
                x = step.method.apply(x, factor, step.problem, precision)
        return x


@dataclasses.dataclass(frozen=True)
class _Step:
    """One axis: the problem that is left of it, and by what it is solved.

    Attributes:
        axis: Its number among the spatial axes.
        problem: With one tap along the other axes; or, as lines, with the other axes in the batch.
        is_line: Which of the two.
        method: The cheapest.
        cost: Its predicted seconds.
    """

    axis: int
    problem: Problem
    is_line: bool
    method: Method
    cost: float


@functools.lru_cache(maxsize=1024)
def _steps(separable: Separable, problem: Problem, machine: Machine) -> tuple[_Step, ...]:
    geometry = problem.geometry
    space = problem.padded if _has_offset(geometry) else problem.space
    given = extended(geometry).axes if _has_offset(geometry) else geometry.axes
    steps = []
    for number, (axis, taps) in enumerate(zip(given, problem.taps, strict=True)):
        signal = (problem.signal[0], 1, *space)
        ones = tuple(taps if i == number else 1 for i in range(geometry.rank))
        axes = tuple(axis if i == number else Axis() for i in range(geometry.rank))
        plain = Problem(Geometry(axes), signal, (1, 1, *ones), problem.dtype)
        batch = math.prod(signal) // space[number]
        line = Problem(Geometry((axis,)), (batch, 1, space[number]), (1, 1, taps), problem.dtype)
        is_last = number == geometry.rank - 1
        moving = 0.0 if is_last else 2 * spectra.memory_cost(machine, math.prod(signal)) * problem.width
        ways = [
            _Step(number, way, way is line, method, method.cost(way, machine) + (moving if way is line else 0.0))
            for way in (plain, line)
            for method in usable(separable.methods, way, machine)
        ]
        steps.append(min(ways, key=lambda step: step.cost))
        space = (*space[:number], axis.out_length(space[number], taps), *space[number + 1 :])
    return tuple(steps)


def _has_offset(geometry: Geometry) -> bool:
    """Whether what one axis reads beyond its ends changes when another is filtered first."""
    sides = [reads for axis in geometry.axes for reads in (axis.low, axis.high)]
    return any(isinstance(reads, Constant) and not reads.is_zero for reads in sides)
