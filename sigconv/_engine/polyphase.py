"""`polyphase`: strides, dilations and inserted zeros removed by working on phases, the rest by another method."""

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
from jax import lax

from sigconv._engine.cost import Machine, machine_of
from sigconv._engine.method import Method, Problem, usable
from sigconv._engine.steps import Dilation, Insertion, Rewrite, Stride


@dataclasses.dataclass(frozen=True)
class Polyphase(Method):
    """No product with an inserted zero, no output that a stride drops, no gap between taps.

    Args:
        methods: What the phases may be correlated by; the cheapest is taken.
    """

    methods: tuple[Method, ...]

    @property
    def name(self) -> str:
        return "polyphase"

    def refusal(self, problem: Problem) -> str | None:
        if next(_chains(problem), None) is None:
            return "there is no stride, dilation or input dilation to remove"
        if not any(method.refusal(inner) is None for _, inner in _chains(problem) for method in self.methods):
            return "no method can do its phases"
        return None

    def cost(self, problem: Problem, machine: Machine) -> float:
        return _best(self, problem, machine)[0]

    def kernel_cost(self, problem: Problem, machine: Machine) -> float:
        _, _, inner, method = _best(self, problem, machine)
        return method.kernel_cost(inner, machine)

    def workspace(self, problem: Problem) -> float:
        _, chain, inner, method = _best(self, problem, machine_of("cpu"))
        return method.workspace(inner) + _moved_bytes(chain, inner, problem)

    def workspace_kept(self, problem: Problem) -> float:
        _, chain, inner, method = _best(self, problem, machine_of("cpu"))
        return method.workspace_kept(inner) + _moved_bytes(chain, inner, problem)

    def prepare(self, w: jax.Array, problem: Problem) -> Any:
        _, inner, method = self._resolved(problem)
        return method.prepare(self._phases(w, problem), inner)

    def apply(self, x: jax.Array, prepared: Any, problem: Problem, precision: lax.Precision) -> jax.Array:
        _, inner, method = self._resolved(problem)
        return self._around(lambda x: method.apply(x, prepared, inner, precision), x, problem)

    def correlate(self, x: jax.Array, w: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        _, inner, method = self._resolved(problem)
        w = self._phases(w, problem)
        return self._around(lambda x: method.correlate(x, w, inner, precision), x, problem)

    def _phases(self, w: jax.Array, problem: Problem) -> jax.Array:
        for rewrite, given in self._resolved(problem)[0]:
            w = rewrite.weights(w, given)
        return w

    def _around(self, correlate: Callable[[jax.Array], jax.Array], x: jax.Array, problem: Problem) -> jax.Array:
        chain = self._resolved(problem)[0]
        for rewrite, given in chain:
            x = rewrite.signal(x, given)
        y = correlate(x)
        for rewrite, given in reversed(chain):
            y = rewrite.result(y, given)
        return y

    def _resolved(self, problem: Problem) -> "tuple[Chain, Problem, Method]":
        return _best(self, problem, machine_of(jax.default_backend()))[1:]


Chain = tuple[tuple[Rewrite, Problem], ...]
"""Rewrites in the order in which they are done, each with the problem that it rewrites."""

_ORDERS: tuple[tuple[Rewrite, ...], ...] = (
    (Insertion(),),
    (Insertion(), Dilation()),
    (Insertion(), Stride()),
    (Insertion(), Dilation(), Stride()),
)


def _chains(problem: Problem) -> Iterator[tuple[Chain, Problem]]:
    """Every different way to remove steps, with the problem that is left."""
    seen = {problem}
    for order in _ORDERS:
        chain, inner = [], problem
        for rewrite in order:
            simpler = rewrite.problem(inner)
            if simpler is not None:
                chain.append((rewrite, inner))
                inner = simpler
        if inner not in seen:
            seen.add(inner)
            yield tuple(chain), inner


@functools.lru_cache(maxsize=4096)
def _best(polyphase: Polyphase, problem: Problem, machine: Machine) -> tuple[float, Chain, Problem, Method]:
    """The cheapest way, with its predicted seconds."""
    ways = [
        (method.cost(inner, machine) + _moving(chain, inner, problem, method, machine), chain, inner, method)
        for chain, inner in _chains(problem)
        for method in usable(polyphase.methods, inner, machine)
    ]
    return min(ways, key=lambda way: way[0])


def _moved_bytes(chain: Chain, inner: Problem, problem: Problem) -> float:
    return float(problem.dtype.itemsize * (2 * problem.samples + len(chain) * math.prod(inner.signal)))


def _moving(chain: Chain, inner: Problem, problem: Problem, method: Method, machine: Machine) -> float:
    """Predicted seconds to deal the signal out to phases and to interleave the results."""
    seconds = 0.0
    for rewrite, _ in chain:
        if isinstance(rewrite, Stride):
            seconds += math.prod(inner.signal) * machine.deal_number
        elif not isinstance(rewrite, Insertion):
            seconds += (math.prod(inner.signal) + problem.samples) * machine.move_point
        elif method.is_fused and inner.weights[1] > 1:
            # XLA works an unrolled sum out where its results are interleaved: over channels, one number at a time.
            seconds += problem.samples * machine.fused_sample
        else:
            seconds += problem.samples * machine.move_point
    return seconds * problem.width
