"""`shift_add`: the signal, shifted and scaled once per tap, in one unrolled sum; for kernels of few taps."""

import dataclasses
import itertools
import math
from typing import ClassVar

import jax
from jax import lax

from sigconv._core.dtypes import is_exact
from sigconv._core.extend import extend, extended
from sigconv._core.geometry import Geometry
from sigconv._core.layout import adjoint_weights
from sigconv._engine import bilinear, convolution, kernel_derivative
from sigconv._engine.cost import Machine
from sigconv._engine.direct import Direct
from sigconv._engine.host import core_count
from sigconv._engine.method import Method, Problem, insertion_cost
from sigconv._engine.tap_sums import sums_of_products

MOST_TERMS = 128
"""Beyond this the program takes long to compile, and the sum falls out of the registers."""

LANES = 8
"""Samples of a row that are summed at once; those left over are summed one by one."""

FORK_COST, FORK_BYTES = 250_000, 2**19
"""XLA's CPU backend shares such a sum out to several cores where its operations and ten times the bytes of its result
are as many as the first; or, if there are fewer operations than bytes, where the bytes are as many as the second (found
in jaxlib 0.10)."""

LEAST_SPLIT = 4
"""Terms from which a row that the cores cannot share evenly is worth cutting in two."""


@dataclasses.dataclass(frozen=True)
class ShiftAdd(Method):
    """Every product, as `direct`, fused into one pass over memory: NaN stays where it is read, integers are exact."""

    is_fused: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return "shift_add"

    def refusal(self, problem: Problem) -> str | None:
        if problem.products > MOST_TERMS:
            return f"it unrolls at most {MOST_TERMS} taps (of all channels of a group); got {problem.products}"
        return None

    def cost(self, problem: Problem, machine: Machine) -> float:
        products = problem.samples * problem.products
        # Where every tap reads whole rows, they are one.
        is_whole = math.prod(problem.taps) == 1 and problem.out == problem.space
        line = (math.prod(problem.out) if is_whole else problem.out[-1]) * problem.geometry.axes[-1].stride
        rest = line % LANES * (machine.shift_rest - 1)
        # Short last axes leave vector registers partly empty; one long row alone streams from memory.
        tap = (
            machine.shift_tap * (1 + (machine.shift_line + rest) / line) * (1 + problem.products / machine.shift_spill)
        )
        if problem.geometry.axes[-1].stride > 1:
            tap *= machine.shift_stride
        is_long = problem.samples == problem.out[-1]
        if is_long:
            tap = machine.shift_tap_long * problem.products / (problem.products + machine.shift_terms_long)
        passes = (problem.rows * math.prod(problem.padded) + problem.samples) // 2
        fork = machine.shift_fork if _is_shared(problem.samples, problem.products) else 0.0
        seconds = fork + (passes * machine.pass_point + products * tap) * problem.width
        return machine.call + insertion_cost(problem, machine) + seconds

    def derivative_cost(self, problem: Problem, machine: Machine, wants: tuple[bool, ...]) -> float:
        adjoint, direct = bilinear.adjoint_problem(problem), Direct()
        is_shifted = self.refusal(adjoint) is None and all(axis.input_dilation == 1 for axis in adjoint.geometry.axes)
        cost = 0.0
        if wants[0]:
            cost += (
                self.work(adjoint, machine) if is_shifted else direct.derivative_cost(problem, machine, (True, False))
            )
        if wants[1] and not _is_by_channel(problem.geometry, problem.weights[0], problem.weights[1]):
            cost += direct.derivative_cost(problem, machine, (False, True))
        elif wants[1]:
            # Both signal and cotangent are streamed.
            cost += 2 * machine.shift_tap_long * problem.products * problem.samples * problem.width
        return cost

    def workspace(self, problem: Problem) -> float:
        return float(problem.dtype.itemsize * problem.rows * math.prod(problem.padded))

    def apply(self, x: jax.Array, prepared: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        x, geometry = extend(x, problem.geometry), extended(problem.geometry)
        if is_exact(x.dtype):
            return _forward(x, prepared, geometry, precision)
        return bilinear.correlate(x, prepared, _FORMS, geometry, precision)


def _forward(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    out = geometry.out_shape(x.shape[2:], w.shape[2:])
    # Without the barrier XLA works out the padding again for every tap.
    x = lax.optimization_barrier(x)
    cut = _even_part(x.shape[0] * w.shape[0] * math.prod(out), out[-1], math.prod(w.shape[1:]))
    if cut is None:
        return _outputs(x, w, geometry, out)
    return lax.platform_dependent(
        x,
        w,
        cpu=lambda x, w: _in_two(x, w, geometry, out, cut),
        default=lambda x, w: _outputs(x, w, geometry, out),
    )


def _in_two(x: jax.Array, w: jax.Array, geometry: Geometry, out: tuple[int, ...], cut: int) -> jax.Array:
    """Apart, XLA makes vector instructions of nearly all of it (measured: up to 5 times faster)."""
    parts = ((0, cut), (cut, out[-1] - cut))
    stride = geometry.axes[-1].stride
    return lax.concatenate(
        [
            _outputs(lax.slice_in_dim(x, start * stride, None, axis=-1), w, geometry, (*out[:-1], count))
            for start, count in parts
        ],
        len(out) + 1,
    )


def _is_shared(samples: int, products: int) -> bool:
    """Whether XLA shares out the work on so many float32 outputs of so many terms each."""
    operations, moved = 2 * samples * products, 4 * samples
    return operations + 10 * moved >= FORK_COST if operations > 2 * moved else 2 * moved >= FORK_BYTES


def _even_part(samples: int, length: int, products: int) -> int | None:
    """Where to cut a single row that does not go evenly into parts for the cores; None where it need not be."""
    cores = core_count()
    if samples != length or length % cores == 0 or products < LEAST_SPLIT or not _is_shared(samples, products):
        return None
    return length - length % (8 * cores)


def _outputs(x: jax.Array, w: jax.Array, geometry: Geometry, out: tuple[int, ...]) -> jax.Array:
    """The first outputs, `out` along each axis."""
    batch, groups, taps, channels = x.shape[0], geometry.groups, w.shape[2:], w.shape[1]
    x = x.reshape(batch, groups, channels, *x.shape[2:])
    w = w.reshape(groups, w.shape[0] // groups, channels, *taps)
    ones = (1,) * len(taps)
    strides = (1, 1, 1, *(axis.stride for axis in geometry.axes))
    total = None
    for channel, *tap in itertools.product(range(channels), *map(range, taps)):
        starts = tuple(t * axis.dilation for t, axis in zip(tap, geometry.axes, strict=True))
        stops = tuple(a + (n - 1) * axis.stride + 1 for a, n, axis in zip(starts, out, geometry.axes, strict=True))
        read = lax.slice(x, (0, 0, channel, *starts), (batch, groups, channel + 1, *stops), strides)
        term = w[(slice(None), slice(None), channel, *tap)].reshape(1, groups, -1, *ones) * read
        total = term if total is None else total + term
    assert total is not None
    return total.reshape(batch, -1, *out)


def _adjoint(
    g: jax.Array, w: jax.Array, geometry: Geometry, space: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """As a sum of shifted cotangents where that is one of few terms too."""
    outs = w.shape[0] // geometry.groups
    strided = any(axis.stride > 1 for axis in geometry.axes)
    if strided or outs * math.prod(w.shape[2:]) > MOST_TERMS:
        return convolution.adjoint(g, w, geometry, space, precision)
    back = geometry.adjoint(space, w.shape[2:])
    return _forward(extend(g, back), adjoint_weights(w, geometry.groups), extended(back), precision)


def _weights(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """Where channels are mixed, a correlation of the signal with the cotangent, which XLA's convolution is good at."""
    if not _is_by_channel(geometry, g.shape[1], x.shape[1]):
        return kernel_derivative.weights(x, g, geometry, taps, precision)
    return sums_of_products(lax.optimization_barrier(x), g, geometry, taps)


def _is_by_channel(geometry: Geometry, outs: int, channels: int) -> bool:
    """Whether there are groups, or one channel in and out."""
    return geometry.groups > 1 or outs == channels == 1


_FORMS = bilinear.Forms(_forward, _adjoint, _weights)
