"""`run`: the one way into the engine, and the choice of a method for it."""

import dataclasses
import functools
from collections.abc import Mapping
from types import MappingProxyType

import jax
import numpy as np
from jax import lax

from sigconv._core.dtypes import computed_in
from sigconv._core.errors import OptionError, ShapeError, lookup
from sigconv._core.geometry import Geometry
from sigconv._engine.chosen import Chosen
from sigconv._engine.cost import machine_of
from sigconv._engine.direct import Direct
from sigconv._engine.fft import FFT
from sigconv._engine.fft_channels import FFTChannels
from sigconv._engine.kernel import Kernel, correlate, kernel_shape, result_dtype
from sigconv._engine.kn2row import Kn2row
from sigconv._engine.memory import available_bytes, in_words
from sigconv._engine.method import Method, Problem, cheapest
from sigconv._engine.overlap import OverlapSave
from sigconv._engine.polyphase import Polyphase
from sigconv._engine.separable import Separable
from sigconv._engine.shift_add import ShiftAdd
from sigconv._engine.toeplitz import Toeplitz

_PLAIN: tuple[Method, ...] = (ShiftAdd(), Direct(), Kn2row(), Toeplitz(), FFT(), FFTChannels(), OverlapSave())
METHODS: Mapping[str, Method] = {
    method.name: method for method in (*_PLAIN, Polyphase(_PLAIN), Separable((*_PLAIN, Polyphase(_PLAIN))))
}
"""Every method, by name; where two cost about the same, the earlier one runs."""

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


def select(
    problem: Problem, platform: str, method: Method | None = None, *, is_kept: bool = False, gradient: bool = False
) -> tuple[Method, Selection]:
    """The method to run: the one asked for if it can, else the cheapest by the cost model.

    Args:
        problem: What is computed.
        platform: Where.
        method: What was asked for; None for 'auto'.
        is_kept: Whether the kernel is prepared once for many signals, which then costs nothing.
        gradient: Whether the value is wanted with its derivatives with respect to both operands.
    """
    if method is not None:
        return _forced(problem, platform, method, is_kept=is_kept)
    machine = machine_of(platform)
    refusals, costs = {}, {}
    for name, m in METHODS.items():
        reason = m.refusal(problem) or _not_considered(m, problem, platform, is_kept=is_kept)
        if reason is None:
            costs[name] = m.cost(problem, machine)
            costs[name] -= m.kernel_cost(problem, machine) if is_kept else 0.0
            costs[name] += m.derivative_cost(problem, machine, (True, True)) if gradient else 0.0
        else:
            refusals[name] = reason
    if not costs:
        raise _too_large(problem, platform, is_kept=is_kept)
    best = cheapest(costs)
    others = ", ".join(f"{name} {cost * 1e6:.3g} µs" for name, cost in costs.items() if name != best)
    excluded = "; ".join(f"{name} is out: {reason}" for name, reason in refusals.items())
    why = f"predicted {costs[best] * 1e6:.3g} µs" + (f" against {others}" if others else "")
    why += (f"; {excluded}" if excluded else "") + f". Constants: {machine.source}."
    selection = Selection(best, MappingProxyType(costs), MappingProxyType(refusals), why)
    # A kernel that is kept has been prepared for one method.
    chosen = METHODS[best] if is_kept else Chosen(METHODS[best], tuple(METHODS.values()), platform)
    return chosen, selection


def _not_considered(method: Method, problem: Problem, platform: str, *, is_kept: bool) -> str | None:
    """Why `auto` leaves out a method that could do the problem in principle."""
    if method.transforms and not machine_of(platform).fft_is_accurate:
        return f"this device's FFT is not accurate enough ({platform})"
    needed, there = _bytes_needed(method, problem, is_kept=is_kept), available_bytes(platform)
    if there is not None and needed > there:
        return f"it needs {in_words(needed)} of memory, and there are {in_words(there)}"
    return None


def _bytes_needed(method: Method, problem: Problem, *, is_kept: bool) -> float:
    return problem.operand_bytes + (method.workspace_kept(problem) if is_kept else method.workspace(problem))


def _too_large(problem: Problem, platform: str, *, is_kept: bool) -> ShapeError:
    able = [m for m in METHODS.values() if m.refusal(problem) is None]
    needed, least = min(((_bytes_needed(m, problem, is_kept=is_kept), m) for m in able), key=lambda pair: pair[0])
    return ShapeError(
        f"`signal` and `kernel` must fit memory with their result; got {problem.signal} under {problem.weights}, for "
        f"which {least.name!r} needs {in_words(needed)}, the least of all, and there are "
        f"{in_words(available_bytes(platform) or 0)}. Filter the signal in parts."
    )


def _forced(problem: Problem, platform: str, method: Method, *, is_kept: bool) -> tuple[Method, Selection]:
    reason = method.refusal(problem)
    if reason is not None:
        able = [name for name, m in METHODS.items() if m.refusal(problem) is None]
        raise OptionError(
            f"`method` must be able to do this; got {method.name!r}: {reason}. These can: {sorted(able)}."
        )
    needed, there = _bytes_needed(method, problem, is_kept=is_kept), available_bytes(platform)
    if there is not None and needed > there:
        raise OptionError(
            f"`method` must fit memory; got {method.name!r}, which needs {in_words(needed)}, and there are "
            f"{in_words(there)}. Use 'auto', or filter the signal in parts."
        )
    cost = method.cost(problem, machine_of(platform))
    return method, Selection(method.name, MappingProxyType({method.name: cost}), MappingProxyType({}), "asked for.")


@functools.partial(jax.jit, static_argnames=("geometry", "method", "precision"))
def run(
    x: jax.Array, w: Kernel, geometry: Geometry, method: Method, precision: lax.Precision = lax.Precision.HIGHEST
) -> jax.Array:
    """Correlate canonical arrays: y[b, o, n] = Σ_{c,t} w[o, c, t] x̃[b, c, n·stride + t·dilation − lo].

    Shapes:
        x (batch, channel, *space), w (out, in/groups, *taps) → (batch, out, *out), in the promoted dtype.
    """
    result = result_dtype(x.dtype, w)
    problem = problem_of(geometry, x.shape, kernel_shape(w), result, is_factored=isinstance(w, tuple))
    y = correlate(x.astype(problem.dtype), w, problem, method, precision)
    return y.astype(result)


def problem_of(
    geometry: Geometry,
    signal: tuple[int, ...],
    weights: tuple[int, ...],
    result: np.dtype,
    *,
    is_factored: bool = False,
) -> Problem:
    """The problem that `run` poses to the methods, for a result of that dtype."""
    return Problem(geometry, signal, weights, computed_in(result), is_factored)
