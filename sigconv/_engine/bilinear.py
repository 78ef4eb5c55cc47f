"""A correlation that multiplies every tap, with tangents whose transposes are correlations too.

Differentiated operation by operation, the sum of shifted signals becomes a sum of padded ones, and XLA's convolution
one that multiplies inserted zeros: both many times slower than the forward pass on a CPU. What reverse mode evaluates
is the transpose of the tangent. So the tangent is written as the transpose of the adjoint as one would write that by
hand; it is still made of ordinary operations, and can be differentiated to any order, in either mode.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_derivatives import SymbolicZero

from sigconv._core.extend import extended
from sigconv._core.geometry import Geometry
from sigconv._engine.method import Problem


@dataclasses.dataclass(frozen=True)
class Forms:
    """The three partial products of Σ g[b, o, n] w[o, c, t] x[b, c, n·stride + t·dilation − lo].

    Attributes:
        forward: (x, w, geometry, precision) → what stands beside g.
        adjoint: (g, w, geometry, space, precision) → what stands beside x, whose spatial shape is `space`.
        weights: (x, g, geometry, taps, precision) → what stands beside w.
    """

    forward: Callable[..., jax.Array]
    adjoint: Callable[..., jax.Array]
    weights: Callable[..., jax.Array]


def adjoint_problem(problem: Problem) -> Problem:
    """What the signal's derivative is, after `extend` if the boundary is not zero."""
    geometry, space = _zero_boundary(problem)
    back = geometry.adjoint(space, problem.taps)
    outs, per_group = problem.weights[0] // geometry.groups, problem.weights[1]
    return Problem(
        back,
        (problem.signal[0], problem.weights[0], *geometry.out_shape(space, problem.taps)),
        (per_group * geometry.groups, outs, *problem.taps),
        problem.dtype,
    )


def weights_problem(problem: Problem) -> Problem:
    """What the kernel's derivative is: the cotangent as kernel over the signal, stride and dilation exchanged."""
    geometry, space = _zero_boundary(problem)
    out = geometry.out_shape(space, problem.taps)
    axes = []
    for axis, length, n, k in zip(geometry.axes, space, out, problem.taps, strict=True):
        hi = (k - 1) * axis.dilation + (n - 1) * axis.stride + 1 - length - axis.lo
        axes.append(dataclasses.replace(axis, hi=hi, stride=axis.dilation, dilation=axis.stride))
    batch, groups = problem.signal[0], geometry.groups
    return Problem(
        Geometry(tuple(axes), groups),
        (problem.weights[1], groups * batch, *space),
        (problem.weights[0], batch, *out),
        problem.dtype,
    )


def _zero_boundary(problem: Problem) -> tuple[Geometry, tuple[int, ...]]:
    geometry = problem.geometry
    if geometry.is_zero and all(axis.input_dilation == 1 for axis in geometry.axes):
        return geometry, problem.space
    return extended(geometry), problem.padded


@functools.partial(jax.custom_jvp, nondiff_argnums=(2, 3, 4))
def correlate(x: jax.Array, w: jax.Array, forms: Forms, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """The correlation of a geometry whose boundary is zero, without inserted zeros."""
    return forms.forward(x, w, geometry, precision)


def _tangent(
    forms: Forms, geometry: Geometry, precision: lax.Precision, primals: Any, tangents: Any
) -> tuple[jax.Array, jax.Array]:
    (x, w), (dx, dw) = primals, tangents
    y = correlate(x, w, forms, geometry, precision)
    parts = []
    if not isinstance(dx, SymbolicZero):
        parts.append(_transpose(lambda g: forms.adjoint(_written(g), w, geometry, x.shape[2:], precision), y)(dx))
    if not isinstance(dw, SymbolicZero):
        parts.append(_transpose(lambda g: forms.weights(x, _written(g), geometry, w.shape[2:], precision), y)(dw))
    return y, sum(parts[1:], parts[0]) if parts else jnp.zeros_like(y)


correlate.defjvp(_tangent, symbolic_zeros=True)


def _written(cotangent: jax.Array) -> jax.Array:
    """The cotangent, kept as an array: where it is a constant, XLA's convolution would run in plain loops."""
    return lax.optimization_barrier(cotangent)


def _transpose(linear: Callable[[jax.Array], jax.Array], argument: jax.Array) -> Callable[[jax.Array], jax.Array]:
    transposed = jax.linear_transpose(linear, jax.ShapeDtypeStruct(argument.shape, argument.dtype))
    return lambda tangent: transposed(tangent)[0]
