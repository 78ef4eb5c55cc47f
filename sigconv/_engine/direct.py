"""`direct`: multiply and add every tap, by `jax.lax.conv_general_dilated`."""

import dataclasses
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.dtypes import is_exact
from sigconv._core.extend import extend, extended
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.layout import adjoint_weights
from sigconv._engine import bilinear, spectra
from sigconv._engine.cost import Machine
from sigconv._engine.method import Method, Problem
from sigconv._engine.steps import Insertion
from sigconv._engine.taps import tap_by_tap

MOST_GROUPS = 16
"""Groups of several channels up to which each is convolved alone on a CPU (measured: 1.5 to 9 times faster)."""


@dataclasses.dataclass(frozen=True)
class Direct(Method):
    """Every product, in the order of the formula: a NaN reaches only the outputs that read it; integers are exact."""

    @property
    def name(self) -> str:
        return "direct"

    def refusal(self, problem: Problem) -> str | None:
        return None

    def cost(self, problem: Problem, machine: Machine) -> float:
        if problem.geometry.rank == problem.kernels == problem.signal[1] == 1 and problem.products <= 2:
            # Of two taps XLA makes a sum of two shifted signals, in one pass.
            return machine.call + spectra.memory_cost(machine, problem.samples) * problem.width
        # A patch of the signal is gathered once per group and multiplied once per output channel of the group.
        groups = problem.geometry.groups
        patches = problem.signal[0] * groups * math.prod(problem.out)
        outs = problem.weights[0] // groups
        is_plain = groups > MOST_GROUPS or problem.weights[1] == 1 < groups
        if is_plain or problem.dtype in (np.float64, np.complex128):
            patch = problem.products * machine.plain_tap * outs
        else:
            runs, tap = math.prod(problem.taps), machine.direct_tap + outs * machine.matrix_tap
            patch = runs * machine.direct_run + problem.products * tap
        seconds = patches * (machine.direct_sample + patch) * _width(problem.dtype)
        calls = math.prod(problem.taps[:-2]) * (1 if is_plain else groups)
        return machine.call + calls * machine.direct_call + seconds

    def derivative_cost(self, problem: Problem, machine: Machine, wants: tuple[bool, ...]) -> float:
        adjoint, weights = bilinear.adjoint_problem(problem), bilinear.weights_problem(problem)
        inner = Insertion().problem(adjoint) or adjoint
        return wants[0] * self.cost(inner, machine) + wants[1] * self.cost(weights, machine)

    def workspace(self, problem: Problem) -> float:
        return float(problem.dtype.itemsize * problem.rows * math.prod(problem.padded))

    def apply(self, x: jax.Array, prepared: jax.Array, problem: Problem, precision: lax.Precision) -> jax.Array:
        w, geometry = prepared, problem.geometry
        # Inserted zeros are written out: with its `lhs_dilation` XLA aborts the process for some kernels longer than
        # the signal (jaxlib 0.10.2, CPU).
        if not geometry.is_zero or any(axis.input_dilation > 1 for axis in geometry.axes):
            x, geometry = extend(x, geometry), extended(geometry)
        if is_exact(x.dtype):
            return lax.platform_dependent(
                x,
                w,
                cpu=lambda x, w: _convolution(x, w, geometry, precision),
                default=lambda x, w: tap_by_tap(x, w, geometry),
            )
        return bilinear.correlate(x, w, DIRECT, geometry, precision)


def _forward(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    is_grouped = 1 < geometry.groups <= MOST_GROUPS and geometry.groups < x.shape[1]
    if geometry.rank <= 2 and not is_grouped:
        return _convolution(x, w, geometry, precision)
    # Only XLA's CPU backend is better off with several plain convolutions.
    return lax.platform_dependent(
        x,
        w,
        cpu=lambda x, w: _by_groups(x, w, geometry, precision),
        default=lambda x, w: _convolution(x, w, geometry, precision),
    )


def _convolution(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    return lax.conv_general_dilated(
        x,
        w,
        window_strides=[axis.stride for axis in geometry.axes],
        padding=[(axis.lo, axis.hi) for axis in geometry.axes],
        rhs_dilation=[axis.dilation for axis in geometry.axes],
        feature_group_count=geometry.groups,
        precision=precision,
    )


def _by_groups(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """One convolution per group of several channels."""
    groups = geometry.groups
    if groups == 1 or groups > MOST_GROUPS or groups == x.shape[1]:
        return _by_slices(x, w, geometry, precision)
    one = dataclasses.replace(geometry, groups=1)
    parts = zip(jnp.split(x, groups, axis=1), jnp.split(w, groups, axis=0), strict=True)
    return lax.concatenate([_by_slices(x, w, one, precision) for x, w in parts], 1)


def _by_slices(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """The sum over the taps of all axes but the last two of 2-d convolutions, whose batch holds the other positions."""
    lead = geometry.rank - 2
    if lead < 1:
        return _convolution(x, w, geometry, precision)
    first = Geometry((*geometry.axes[:lead], Axis(), Axis()))
    last = Geometry(geometry.axes[lead:], geometry.groups)
    x = extend(x, first)
    counts = tuple(
        axis.out_length(n, k)
        for axis, n, k in zip(extended(first).axes[:lead], x.shape[2 : 2 + lead], w.shape[2 : 2 + lead], strict=True)
    )
    total = None
    for tap in itertools.product(*map(range, w.shape[2 : 2 + lead])):
        starts = tuple(t * axis.dilation for t, axis in zip(tap, geometry.axes[:lead], strict=True))
        stops = tuple(
            a + (n - 1) * axis.stride + 1 for a, n, axis in zip(starts, counts, geometry.axes[:lead], strict=True)
        )
        strides = (1, 1, *(axis.stride for axis in geometry.axes[:lead]), 1, 1)
        read = lax.slice(x, (0, 0, *starts, 0, 0), (*x.shape[:2], *stops, *x.shape[-2:]), strides)
        planes = jnp.moveaxis(read, 1, -3).reshape(-1, x.shape[1], *x.shape[-2:])
        term = _convolution(planes, w[(slice(None), slice(None), *tap)], last, precision)
        total = term if total is None else total + term
    assert total is not None
    y = total.reshape(x.shape[0], *counts, *total.shape[1:])
    return jnp.moveaxis(y, -3, 1)


def _adjoint(
    g: jax.Array, w: jax.Array, geometry: Geometry, space: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """The adjoint geometry's correlation; a stride's inserted zeros are not multiplied."""
    back, w = geometry.adjoint(space, w.shape[2:]), adjoint_weights(w, geometry.groups)
    insertion, problem = Insertion(), Problem(back, g.shape, w.shape, g.dtype)
    inner = insertion.problem(problem)
    if inner is None:
        return _forward(g, w, back, precision)
    y = _forward(g, insertion.weights(w, problem), inner.geometry, precision)
    return insertion.result(y, problem)


def weights_by_convolution(
    x: jax.Array, g: jax.Array, geometry: Geometry, taps: tuple[int, ...], precision: lax.Precision
) -> jax.Array:
    """A correlation of the signal with the cotangent as kernel: stride and dilation change places.

    Signals of the batch are its channels in, channels in its batch.
    """
    batch, groups = x.shape[0], geometry.groups
    shape = (g.shape[1], x.shape[1] // groups, *taps)
    problem = bilinear.weights_problem(Problem(geometry, x.shape, shape, x.dtype))
    x = jnp.moveaxis(x.reshape(batch, groups, -1, *x.shape[2:]), (2, 1, 0), (0, 1, 2)).reshape(problem.signal)
    return jnp.swapaxes(_forward(x, jnp.swapaxes(g, 0, 1), problem.geometry, precision), 0, 1)


DIRECT = bilinear.Forms(_forward, _adjoint, weights_by_convolution)
"""For whatever multiplies every tap."""


def _width(dtype: np.dtype) -> float:
    """Arithmetic of this dtype against float32's: its width in bytes over 4, twice that for complex products."""
    return dtype.itemsize / 4 * (2 if dtype.kind == "c" else 1)
