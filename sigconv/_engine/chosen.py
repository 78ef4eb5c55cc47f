"""`Chosen`: the method that `auto` took, which is chosen anew where derivatives are wanted."""

import dataclasses
import functools
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_derivatives import SymbolicZero

from sigconv._core.dtypes import is_exact
from sigconv._engine.cost import Machine, machine_of
from sigconv._engine.kernel import Kernel, correlate
from sigconv._engine.method import Method, Problem, cheapest, usable


@dataclasses.dataclass(frozen=True)
class Chosen(Method):
    """Runs one method, and under differentiation the one that is cheapest with its derivative.

    Args:
        method: The cheapest for the value alone.
        methods: What may be chosen under differentiation.
        platform: Where it runs.
    """

    takes_factors: ClassVar[bool] = True
    method: Method
    methods: tuple[Method, ...]
    platform: str

    @property
    def name(self) -> str:
        return self.method.name

    def refusal(self, problem: Problem) -> str | None:
        return self.method.refusal(problem)

    def cost(self, problem: Problem, machine: Machine) -> float:
        return self.method.cost(problem, machine)

    def workspace(self, problem: Problem) -> float:
        return self.method.workspace(problem)

    def apply(self, x: jax.Array, prepared: Any, problem: Problem, precision: lax.Precision) -> jax.Array:
        if is_exact(x.dtype):
            return correlate(x, prepared, problem, self.method, precision)
        return _value(x, prepared, self, problem, precision)


@functools.partial(jax.custom_jvp, nondiff_argnums=(2, 3, 4))
def _value(x: jax.Array, w: Kernel, chosen: Chosen, problem: Problem, precision: lax.Precision) -> jax.Array:
    return correlate(x, w, problem, chosen.method, precision)


def _tangent(
    chosen: Chosen, problem: Problem, precision: lax.Precision, primals: Any, tangents: Any
) -> tuple[jax.Array, jax.Array]:
    wants = tuple(not all(isinstance(t, SymbolicZero) for t in jax.tree.leaves(argument)) for argument in tangents)
    method = cheapest_with_derivative(chosen.method, chosen.methods, problem, machine_of(chosen.platform), wants)
    wanted = [i for i, want in enumerate(wants) if want]

    def solve(*some: Any) -> jax.Array:
        operands = list(primals)
        for i, argument in zip(wanted, some, strict=True):
            operands[i] = argument
        return correlate(operands[0], operands[1], problem, method, precision)

    some, along = [primals[i] for i in wanted], [jax.tree.map(_as_array, primals[i], tangents[i]) for i in wanted]
    if not wanted:
        y = solve()
        return y, jnp.zeros_like(y)
    return jax.jvp(solve, some, along)


_value.defjvp(_tangent, symbolic_zeros=True)


def _as_array(primal: jax.Array, tangent: Any) -> jax.Array:
    """One factor of a kernel may be constant while another is not."""
    return jnp.zeros_like(primal) if isinstance(tangent, SymbolicZero) else tangent


@functools.lru_cache(maxsize=4096)
def cheapest_with_derivative(
    method: Method, methods: tuple[Method, ...], problem: Problem, machine: Machine, wants: tuple[bool, ...]
) -> Method:
    """The cheapest for a value and its derivatives with respect to signal, kernel, or both; `method` for none."""
    if not any(wants):
        return method

    return cheapest(
        {
            method: method.cost(problem, machine) + method.derivative_cost(problem, machine, wants)
            for method in usable(methods, problem, machine)
        }
    )
