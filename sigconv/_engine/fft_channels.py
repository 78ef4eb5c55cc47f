"""`fft_channels`: as `fft`, in turns that a cache holds; for many signals or channels."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.geometry import Geometry
from sigconv._core.layout import adjoint_weights
from sigconv._engine import bilinear, spectra, turns, whole
from sigconv._engine.cost import Machine, machine_of
from sigconv._engine.fft import FFT
from sigconv._engine.method import Method, Problem, cheapest
from sigconv._engine.parts import part_sizes
from sigconv._engine.turns import Turns


@dataclasses.dataclass(frozen=True)
class FFTChannels(Method):
    """A loop over signals, groups of channels or kernels, of which some are worked on at a time."""

    transforms: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return "fft_channels"

    def refusal(self, problem: Problem) -> str | None:
        if problem.signal[0] == problem.weights[0] == 1:
            return "it loops over signals or channels, and there is one signal and one channel out; use 'fft'"
        return spectra.refusal(problem)

    def cost(self, problem: Problem, machine: Machine) -> float:
        return machine.call + turns.cost(turns.cheapest(problem, machine), problem, machine)

    def kernel_cost(self, problem: Problem, machine: Machine) -> float:
        kept = turns.cost(turns.cheapest(problem, machine, is_kept=True), problem, machine, is_kept=True)
        return self.work(problem, machine) - kept

    def derivative_cost(self, problem: Problem, machine: Machine, wants: tuple[bool, ...]) -> float:
        if not _has_forms(problem.geometry):
            # JAX differentiates the loop; what a turn needs of the value's is made again.
            return 2 * super().derivative_cost(problem, machine, wants)
        others = bilinear.adjoint_problem(problem), bilinear.weights_problem(problem)
        wanted = (other for other, want in zip(others, wants, strict=True) if want)
        return sum(_cheaper(other, machine).work(other, machine) for other in wanted)

    def workspace(self, problem: Problem) -> float:
        return self._bytes(problem, turns.cheapest(problem, machine_of("cpu")), is_kept=False)

    def workspace_kept(self, problem: Problem) -> float:
        return self._bytes(problem, turns.cheapest(problem, machine_of("cpu"), is_kept=True), is_kept=True)

    def _bytes(self, problem: Problem, chosen: Turns, *, is_kept: bool) -> float:
        read, kernels, written = chosen.rows(problem)
        in_turn = read + 2 * written
        # Kernels are laid out and transformed, all before the loop or some in it.
        if is_kept or chosen.over == "items":
            in_turn = problem.kernels + max(problem.kernels, in_turn)
        else:
            in_turn += 2 * kernels
        ahead = problem.rows if chosen.over == "outs" else read
        moved = math.prod(problem.signal) + problem.samples if chosen.over != "items" and problem.signal[0] > 1 else 0
        return float(problem.dtype.itemsize * (2 * math.prod(_shape(problem)) * (ahead + in_turn) + moved))

    def prepare(self, w: jax.Array, problem: Problem) -> jax.Array:
        return whole.kernel_spectrum(w, problem, whole.plan(problem, problem.rows))

    def apply(self, x: jax.Array, prepared: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        chosen = turns.cheapest(problem, machine_of(jax.default_backend()), is_kept=True)
        return _in_turns(x, prepared, chosen, problem, precision, lambda spectrum: spectrum)

    def correlate(self, x: jax.Array, w: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        if _has_forms(problem.geometry):
            return bilinear.correlate(x, w, _FORMS, problem.geometry, precision)
        return _value(x, w, problem, precision)


def _has_forms(geometry: Geometry) -> bool:
    """Whether the derivatives are written out: correlations too, each with a loop of its own."""
    return geometry.is_zero and all(axis.input_dilation == 1 for axis in geometry.axes)


def _value(x: jax.Array, w: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
    method, chosen = FFTChannels(), turns.cheapest(problem, machine_of(jax.default_backend()))
    if chosen.over == "items":
        return _in_turns(x, method.prepare(w, problem), chosen, problem, precision, lambda spectrum: spectrum)
    return _in_turns(x, w, chosen, problem, precision, lambda w: method.prepare(w, problem))


def _forward(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    return _value(x, w, Problem(geometry, x.shape, w.shape, x.dtype), precision)


def _adjoint(
    g: jax.Array, w: jax.Array, geometry: Geometry, space: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    w = adjoint_weights(w, geometry.groups)
    problem = Problem(geometry.adjoint(space, w.shape[2:]), g.shape, w.shape, g.dtype)
    return _by_cheaper(g, w, problem, precision)


def _weights(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    return bilinear.weights_by(lambda x, g, inner: _by_cheaper(x, g, inner, precision), x, g, geometry, taps)


def _by_cheaper(x: jax.Array, w: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
    method = _cheaper(problem, machine_of(jax.default_backend()))
    return _value(x, w, problem, precision) if method == FFTChannels() else method.correlate(x, w, problem, precision)


def _cheaper(problem: Problem, machine: Machine) -> Method:
    """What to do a derivative by."""
    methods = [method for method in (FFT(), FFTChannels()) if method.refusal(problem) is None]
    return cheapest({method: method.cost(problem, machine) for method in methods})


_FORMS = bilinear.Forms(_forward, _adjoint, _weights)


def _in_turns(
    x: jax.Array,
    kernel: jax.Array,
    chosen: Turns,
    problem: Problem,
    precision: lax.Precision,
    spectrum_of: Callable[[jax.Array], jax.Array],
) -> jax.Array:
    """Correlate with a kernel of which `spectrum_of` makes the spectrum, some of it at a time.

    Shapes:
        x (batch, channel, *space), kernel (out, in/groups, …) → (batch, out, *out).
    """
    plan, geometry = whole.plan(problem, problem.rows), problem.geometry
    batch, per_group = problem.signal[0], problem.weights[1]
    points, written = math.prod(_shape(problem)), chosen.groups * chosen.outs

    def transform(x: jax.Array) -> jax.Array:
        return spectra.transform(whole.lay_out(x, geometry, plan), plan.cycle)

    def finish(spectrum: jax.Array, kernel: jax.Array, groups: int) -> jax.Array:
        product = spectra.multiply(spectrum, spectrum_of(kernel), groups, precision)
        return whole.pick(spectra.inverse(product, plan.cycle, problem.dtype, plan.lags), geometry, plan)

    def of_items(x: jax.Array) -> jax.Array:
        sizes = part_sizes(chosen.items, max(problem.signal[1], problem.weights[0]) * points)
        return lax.concatenate([finish(transform(x), kernel, geometry.groups) for x in lax.split(x, sizes, 0)], 0)

    def of_groups(x: jax.Array, kernel: jax.Array) -> jax.Array:
        sizes = part_sizes(chosen.groups, chosen.items * max(per_group, chosen.outs) * points)
        signals = lax.split(x, [size * per_group for size in sizes], 1)
        kernels = lax.split(kernel, [size * chosen.outs for size in sizes], 0)
        parts = zip(signals, kernels, sizes, strict=True)
        return lax.concatenate([finish(transform(x), kernel, groups) for x, kernel, groups in parts], 1)

    def of_outs(spectrum: jax.Array, kernel: jax.Array) -> jax.Array:
        sizes = part_sizes(chosen.outs, max(batch, per_group) * points)
        return lax.concatenate([finish(spectrum, kernel, 1) for kernel in lax.split(kernel, sizes, 0)], 1)

    if chosen.over == "items" and chosen.groups == geometry.groups:
        y = _loop(of_items, x.reshape(-1, chosen.items, *x.shape[1:]))
        return y.reshape(-1, *y.shape[2:])
    kernels = kernel.reshape(-1, written, *kernel.shape[1:])
    if chosen.over == "outs":
        spectrum = transform(x)
        return _batch_first(_loop(lambda kernel: of_outs(spectrum, kernel), kernels))
    if chosen.over == "groups":
        signals = jnp.moveaxis(x.reshape(batch, len(kernels), -1, *x.shape[2:]), 1, 0)
        return _batch_first(_loop(lambda some: of_groups(*some), (signals, kernels)))

    def of_one(some: tuple[jax.Array, jax.Array]) -> jax.Array:
        signal, turn = some
        return of_groups(signal[None], lax.dynamic_index_in_dim(kernels, turn, 0, False))[0]

    turn = jnp.arange(batch * len(kernels)) % len(kernels)
    y = _loop(of_one, (x.reshape(len(turn), -1, *x.shape[2:]), turn))
    return y.reshape(batch, -1, *y.shape[2:])


def _loop(function: Callable[..., jax.Array], arrays: Any) -> jax.Array:
    """`lax.map` that keeps nothing of a turn for its derivative, but makes it again: new memory takes longer."""
    return lax.map(jax.checkpoint(function, prevent_cse=False), arrays)


def _batch_first(y: jax.Array) -> jax.Array:
    """(turn, batch, channel, *out) → (batch, channel, *out)."""
    y = jnp.moveaxis(y, 0, 1)
    return y.reshape(y.shape[0], -1, *y.shape[3:])


def _shape(problem: Problem) -> tuple[int, ...]:
    return whole.transformed_shape(problem, problem.rows)
