"""`direct`: multiply and add every tap, by `jax.lax.conv_general_dilated`."""

import dataclasses
import math

import jax
import numpy as np
from jax import lax

from sigconv._core.dtypes import is_exact
from sigconv._core.extend import extend, extended
from sigconv._core.geometry import Geometry
from sigconv._engine.cost import Machine
from sigconv._engine.method import Method, Problem
from sigconv._engine.taps import tap_by_tap


@dataclasses.dataclass(frozen=True)
class Direct(Method):
    """Every product, in the order of the formula: a NaN reaches only the outputs that read it; integers are exact."""

    @property
    def name(self) -> str:
        return "direct"

    def refusal(self, problem: Problem) -> str | None:
        return None

    def cost(self, problem: Problem, machine: Machine) -> float:
        # A patch of the signal is gathered once per group and multiplied once per output channel of the group.
        groups = problem.geometry.groups
        patches = problem.signal[0] * groups * math.prod(problem.out)
        tap = machine.direct_tap + problem.weights[0] // groups * machine.matrix_tap
        return machine.call + patches * (machine.direct_sample + problem.products * tap) * _width(problem.dtype)

    def run(self, x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
        def convolution(x: jax.Array, w: jax.Array) -> jax.Array:
            return _lax_convolution(x, w, geometry, precision)

        if is_exact(x.dtype):
            return lax.platform_dependent(x, w, cpu=convolution, default=lambda x, w: tap_by_tap(x, w, geometry))
        return convolution(x, w)


def _lax_convolution(x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    # Inserted zeros are written out: with its `lhs_dilation` XLA aborts the process for some kernels longer than the
    # signal (jaxlib 0.10.2, CPU).
    if not geometry.is_zero or any(axis.input_dilation > 1 for axis in geometry.axes):
        x, geometry = extend(x, geometry), extended(geometry)
    return lax.conv_general_dilated(
        x,
        w,
        window_strides=[axis.stride for axis in geometry.axes],
        padding=[(axis.lo, axis.hi) for axis in geometry.axes],
        rhs_dilation=[axis.dilation for axis in geometry.axes],
        feature_group_count=geometry.groups,
        precision=precision,
    )


def _width(dtype: np.dtype) -> float:
    """Arithmetic of this dtype against float32's: its width in bytes over 4, twice that for complex products."""
    return dtype.itemsize / 4 * (2 if dtype.kind == "c" else 1)
