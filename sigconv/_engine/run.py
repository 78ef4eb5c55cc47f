"""`run`: the one way into the engine, and the choice of a method for it."""

import dataclasses
import functools
from collections.abc import Mapping
from types import MappingProxyType

import jax
import numpy as np
from jax import lax

from sigconv._core.dtypes import computed_in, promoted
from sigconv._core.errors import OptionError, lookup
from sigconv._core.geometry import Geometry
from sigconv._engine.cost import machine_of
from sigconv._engine.direct import Direct
from sigconv._engine.fft import FFT
from sigconv._engine.method import Method, Problem
from sigconv._engine.overlap import OverlapSave
from sigconv._engine.shift_add import ShiftAdd

METHODS: Mapping[str, Method] = {method.name: method for method in (ShiftAdd(), Direct(), FFT(), OverlapSave())}
"""Every method, by name; where two cost the same, the earlier one runs."""

AUTO = "auto"


@dataclasses.dataclass(frozen=True)
class Selection:
    """Which method runs, and why.

    Attributes:
        method: Its name.
        costs: Predicted seconds of one compiled call, per method that can do it.
        refusals: Why each of the others cannot, or is not considered.
        why: The reason in a sentence.
    """

    method: str
    costs: Mapping[str, float]
    refusals: Mapping[str, str]
    why: str


def resolve_method(method: object) -> Method | None:
    """The method that a name or an instance stands for; None for 'auto'."""
    if isinstance(method, Method):
        return method
    return lookup("method", method, {AUTO: None, **METHODS})


def select(problem: Problem, platform: str, method: Method | None = None) -> tuple[Method, Selection]:
    """The method to run: the one asked for if it can, else the cheapest by the cost model."""
    if method is not None:
        return _forced(problem, platform, method)
    machine = machine_of(platform)
    refusals = {name: reason for name, m in METHODS.items() if (reason := m.refusal(problem))}
    if not machine.fft_is_accurate:
        transforms = dict.fromkeys(("fft", "overlap"), f"this device's FFT is not accurate enough ({platform})")
        refusals = transforms | refusals
    costs = {name: m.cost(problem, machine) for name, m in METHODS.items() if name not in refusals}
    best = min(costs, key=lambda name: costs[name])
    others = ", ".join(f"{name} {cost * 1e6:.3g} µs" for name, cost in costs.items() if name != best)
    excluded = "; ".join(f"{name} is out: {reason}" for name, reason in refusals.items())
    why = f"predicted {costs[best] * 1e6:.3g} µs" + (f" against {others}" if others else "")
    why += (f"; {excluded}" if excluded else "") + f". Constants: {machine.source}."
    return METHODS[best], Selection(best, MappingProxyType(costs), MappingProxyType(refusals), why)


def _forced(problem: Problem, platform: str, method: Method) -> tuple[Method, Selection]:
    reason = method.refusal(problem)
    if reason is not None:
        able = [name for name, m in METHODS.items() if m.refusal(problem) is None]
        raise OptionError(
            f"`method` must be able to do this; got {method.name!r}: {reason}. These can: {sorted(able)}."
        )
    cost = method.cost(problem, machine_of(platform))
    return method, Selection(method.name, MappingProxyType({method.name: cost}), MappingProxyType({}), "asked for.")


@functools.partial(jax.jit, static_argnames=("geometry", "method", "precision"))
def run(
    x: jax.Array, w: jax.Array, geometry: Geometry, method: Method, precision: lax.Precision = lax.Precision.HIGHEST
) -> jax.Array:
    """Correlate canonical arrays: y[b, o, n] = Σ_{c,t} w[o, c, t] x̃[b, c, n·stride + t·dilation − lo].

    Shapes:
        x (batch, channel, *space), w (out, in/groups, *taps) → (batch, out, *out), in the promoted dtype.
    """
    result = promoted(x.dtype, w.dtype)
    dtype = computed_in(result)
    return method.run(x.astype(dtype), w.astype(dtype), geometry, precision).astype(result)


def problem_of(
    geometry: Geometry, signal: tuple[int, ...], weights: tuple[int, ...], dtypes: tuple[np.dtype, np.dtype]
) -> Problem:
    """The problem that `run` poses to the methods."""
    return Problem(geometry, signal, weights, computed_in(promoted(*dtypes)))
