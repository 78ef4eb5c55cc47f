"""`kn2row`: channels mixed first, by one matrix product for all taps; then the taps' planes shifted and added up.

The signal is read where it lies, in any number of axes: no patches are gathered, no axes moved, and no inserted zero is
multiplied.

Reference:
    Vasudevan, Anderson, Gregg, "Parallel multi channel convolution using general matrix multiplication", 2017.
"""

import dataclasses
import math
from collections.abc import Callable

import jax
from jax import lax

from sigconv._core.dtypes import is_exact
from sigconv._core.extend import extend, extended
from sigconv._core.geometry import Geometry
from sigconv._engine import bilinear, convolution, kernel_derivative, planes
from sigconv._engine.cost import Machine
from sigconv._engine.direct import Direct
from sigconv._engine.method import Method, Problem

MOST_TAPS = 128
"""Beyond this the program takes long to compile."""

MANY_NUMBERS, PART_NUMBERS = 7 * 2**20, 2**22
"""Numbers in planes (28 MiB) above which items of a batch are worked on one after the other, and numbers for several at
once: on a CPU, memory that is new at every call takes longer than the products (measured: up to 3 times)."""


@dataclasses.dataclass(frozen=True)
class Kn2row(Method):
    """Every product, as `direct`: a NaN stays where it is read. For few taps that mix many channels."""

    @property
    def name(self) -> str:
        return "kn2row"

    def refusal(self, problem: Problem) -> str | None:
        if is_exact(problem.dtype):
            return f"{problem.dtype} has no fast product of matrices; cast to a float type"
        if problem.weights[1] == 1:
            return "it mixes channels before it adds up taps; here no two channels are mixed"
        if math.prod(problem.taps) == 1:
            return "it shifts the planes of several taps, and here is one; use 'direct', which mixes channels likewise"
        if math.prod(problem.taps) > MOST_TAPS:
            return f"it unrolls at most {MOST_TAPS} taps; got {math.prod(problem.taps)}"
        return None

    def cost(self, problem: Problem, machine: Machine) -> float:
        batch, taps = problem.signal[0], math.prod(problem.taps)
        item = problem.weights[0] * taps * math.prod(problem.space)
        at_once = _items(batch, item)
        inserted = math.prod(axis.input_dilation for axis in problem.geometry.axes)
        # Complex numbers are multiplied by four products.
        product = batch * item * problem.weights[1] * machine.plane_product * (2 if problem.dtype.kind == "c" else 1)
        moved = (math.prod(problem.signal) + batch * item) * machine.mix_number
        line, terms = 1 + machine.shift_line / problem.out[-1], taps / inserted
        added = problem.samples * terms * machine.plane_tap * line * (1 + terms / machine.plane_spill)
        if inserted > 1:
            # The phases are interleaved.
            added += problem.samples * machine.move_point
        fresh = batch / at_once * max(0, at_once * item - MANY_NUMBERS) / 2 * machine.fresh_point
        seconds = (product + moved + added + fresh) * problem.width
        return machine.call + machine.tile_call_dot + (batch / at_once - 1) * machine.loop + seconds

    def derivative_cost(self, problem: Problem, machine: Machine, wants: tuple[bool, ...]) -> float:
        if _is_large(problem.out_rows * math.prod(problem.taps) * math.prod(problem.space), problem.geometry):
            return Direct().derivative_cost(problem, machine, wants)
        # The cotangent is laid out as planes, which takes longer than adding them up.
        return 2.2 * sum(wants) * self.work(problem, machine)

    def workspace(self, problem: Problem) -> float:
        batch, item = problem.signal[0], problem.weights[0] * math.prod(problem.taps) * math.prod(problem.space)
        moved = problem.samples if any(axis.input_dilation > 1 for axis in problem.geometry.axes) else 0
        written = 0 if problem.geometry.is_zero else problem.rows * math.prod(problem.padded)
        return float(problem.dtype.itemsize * (_items(batch, item) * item + written + moved))

    def apply(self, x: jax.Array, prepared: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        geometry = problem.geometry
        if not geometry.is_zero:
            x, geometry = extend(x, geometry), extended(geometry)
        return bilinear.correlate(x, prepared, _FORMS, geometry, precision)


def _forward(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    numbers = w.shape[0] * math.prod(w.shape[2:]) * math.prod(x.shape[2:])
    return _together(_by_items(lambda x: planes.forward(x, w, geometry, precision), numbers, x))


def _adjoint(
    g: jax.Array, w: jax.Array, geometry: Geometry, space: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    numbers = g.shape[1] * math.prod(w.shape[2:]) * math.prod(space)
    if _is_large(g.shape[0] * numbers, geometry):
        return convolution.adjoint(g, w, geometry, space, precision)
    return _together(_by_items(lambda g: planes.adjoint(g, w, geometry, space, precision), numbers, g))


def _weights(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    numbers = g.shape[1] * math.prod(taps) * math.prod(x.shape[2:])
    if _is_large(g.shape[0] * numbers, geometry):
        return kernel_derivative.weights(x, g, geometry, taps, precision)
    return _by_items(lambda x, g: planes.weights(x, g, geometry, taps, precision), numbers, x, g).sum(0)


def _is_large(numbers: int, geometry: Geometry) -> bool:
    """Whether XLA's convolution is the faster one, where nothing is inserted."""
    return numbers > MANY_NUMBERS and all(axis.input_dilation == 1 for axis in geometry.axes)


def _by_items(function: Callable[..., jax.Array], numbers: int, *arrays: jax.Array) -> jax.Array:
    """`function` of some items of the batch after the others, (parts, …); each has so many numbers in its planes."""
    batch = arrays[0].shape[0]
    items = _items(batch, numbers)
    if items == batch:
        return function(*arrays)[None]
    parts = [a.reshape(batch // items, items, *a.shape[1:]) for a in arrays]
    return lax.map(lambda some: function(*some), parts)


def _together(y: jax.Array) -> jax.Array:
    return y.reshape(-1, *y.shape[2:])


def _items(batch: int, numbers: int) -> int:
    """Items of the batch to work on at once, of which each has so many numbers in its planes."""
    if batch * numbers <= MANY_NUMBERS:
        return batch
    most = max(1, PART_NUMBERS // numbers)
    return next(count for count in range(min(most, batch), 0, -1) if batch % count == 0)


_FORMS = bilinear.Forms(_forward, _adjoint, _weights)
