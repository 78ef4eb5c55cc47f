"""A correlation that multiplies every tap, with derivatives of any order that are such correlations too.

Differentiated operation by operation, the sum of shifted signals becomes a sum of padded ones, and XLA's convolution
one that multiplies inserted zeros: both many times slower than the forward pass on a CPU. So the correlation is a
primitive of its own. With a cotangent g of its result it is the trilinear form Σ g · w · x, of which each argument's
derivative is what stands beside it, bilinear in the other two: the primitive stands for all three, and every
derivative, in either mode, is the primitive again.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend import core
from jax.interpreters import ad, batching, mlir

from sigconv._core.extend import extended
from sigconv._core.geometry import Geometry
from sigconv._engine.method import Problem

SIGNAL, KERNEL, RESULT = "signal", "kernel", "result"
BESIDE = {RESULT: (SIGNAL, KERNEL), SIGNAL: (RESULT, KERNEL), KERNEL: (SIGNAL, RESULT)}
"""The arguments that the product beside each is made of, in the order in which they are handed over."""


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


def weights_by(
    correlate: Callable[[jax.Array, jax.Array, Problem], jax.Array],
    x: jax.Array,
    g: jax.Array,
    geometry: Geometry,
    taps: tuple[int, ...],
) -> jax.Array:
    """The kernel's derivative by a function that solves the `weights_problem`: batch and channels change places.

    Shapes:
        x (batch, channel, *space), g (batch, out, *out) → (out, in/groups, *taps).
    """
    problem = weights_problem(Problem(geometry, x.shape, (g.shape[1], x.shape[1] // geometry.groups, *taps), x.dtype))
    x = x.reshape(x.shape[0], geometry.groups, -1, *x.shape[2:])
    x = jnp.moveaxis(x, (2, 1, 0), (0, 1, 2)).reshape(problem.signal)
    return jnp.swapaxes(correlate(x, jnp.swapaxes(g, 0, 1), problem), 0, 1)


def _zero_boundary(problem: Problem) -> tuple[Geometry, tuple[int, ...]]:
    geometry = problem.geometry
    if geometry.is_zero and all(axis.input_dilation == 1 for axis in geometry.axes):
        return geometry, problem.space
    return extended(geometry), problem.padded


def correlate(x: jax.Array, w: jax.Array, forms: Forms, geometry: Geometry, precision: lax.Precision) -> jax.Array:
    """The correlation of a geometry whose boundary is zero; with inserted zeros only if the forms know of them."""
    form = _Form(forms, geometry, precision, x.shape[2:], w.shape[2:])
    return _partial_product.bind(*_varying_alike(x, w), out=RESULT, form=form)


def _varying_alike(x: jax.Array, w: jax.Array) -> list[jax.Array]:
    """Within `shard_map`, what is the same on several devices as an array of each, whose cotangents are added up."""
    axes = [jax.typeof(a).manual_axis_type.varying for a in (x, w)]
    missing = [tuple(sorted((axes[0] | axes[1]) - own)) for own in axes]
    return [lax.pcast(a, names, to="varying") if names else a for a, names in zip((x, w), missing, strict=True)]


@dataclasses.dataclass(frozen=True)
class _Form:
    """The trilinear form of one correlation.

    Attributes:
        forms: How its partial products are worked out.
        geometry, precision: Of the correlation.
        space, taps: Spatial shapes of signal and kernel.
        maps: Of each `vmap` around it, the innermost first, the arguments that have an axis for it, in front.
    """

    forms: Forms
    geometry: Geometry
    precision: lax.Precision
    space: tuple[int, ...]
    taps: tuple[int, ...]
    maps: tuple[frozenset[str], ...] = ()

    def product(self, out: str) -> Callable[[jax.Array, jax.Array], jax.Array]:
        """What stands beside `out`, as a function of the two other arguments."""
        function = {RESULT: self._result, SIGNAL: self._signal, KERNEL: self._kernel}[out]
        for owners in self.maps:
            function = _mapped(function, tuple(0 if slot in owners else None for slot in BESIDE[out]), out in owners)
        return function

    def _result(self, x: jax.Array, w: jax.Array) -> jax.Array:
        return self.forms.forward(x, w, self.geometry, self.precision)

    def _signal(self, g: jax.Array, w: jax.Array) -> jax.Array:
        return self.forms.adjoint(_written(g), w, self.geometry, self.space, self.precision)

    def _kernel(self, x: jax.Array, g: jax.Array) -> jax.Array:
        return self.forms.weights(x, _written(g), self.geometry, self.taps, self.precision)


def _written(cotangent: jax.Array) -> jax.Array:
    """The cotangent, kept as an array: where it is a constant, XLA's convolution would run in plain loops."""
    return lax.optimization_barrier(cotangent)


def _mapped(
    function: Callable[[jax.Array, jax.Array], jax.Array], axes: tuple[int | None, ...], is_owner: bool
) -> Callable[[jax.Array, jax.Array], jax.Array]:
    """Of every item; their sum, where the result has no axis for them."""
    mapped = jax.vmap(function, axes)
    return mapped if is_owner else lambda a, b: mapped(a, b).sum(0)


_partial_product = core.Primitive("sigconv_correlation")
"""Of two of the form's arguments, what stands beside the third, `out`."""


@functools.partial(jax.jit, static_argnames=("out", "form"))
def _evaluate(a: jax.Array, b: jax.Array, *, out: str, form: _Form) -> jax.Array:
    return form.product(out)(a, b)


def _aval(a: Any, b: Any, *, out: str, form: _Form) -> Any:
    return _evaluate.trace(a, b, out=out, form=form).jaxpr.out_avals[0]


def _transposed(position: int, g: jax.Array, a: Any, b: Any, *, out: str, form: _Form) -> jax.Array:
    """The cotangent of `a` or `b`, by position: what stands beside it."""
    wanted, arguments = BESIDE[out][position], {**dict(zip(BESIDE[out], (a, b), strict=True)), out: g}
    return _partial_product.bind(*(arguments[slot] for slot in BESIDE[wanted]), out=wanted, form=form)


def _batched(arguments: Any, axes: Any, *, out: str, form: _Form) -> tuple[jax.Array, int]:
    owners = {slot for slot, axis in zip(BESIDE[out], axes, strict=True) if axis is not None}
    arguments = [a if axis is None else jnp.moveaxis(a, axis, 0) for a, axis in zip(arguments, axes, strict=True)]
    form = dataclasses.replace(form, maps=(*form.maps, frozenset({*owners, out})))
    return _partial_product.bind(*arguments, out=out, form=form), 0


_partial_product.def_impl(_evaluate)
_partial_product.def_abstract_eval(_aval)
ad.defbilinear(_partial_product, functools.partial(_transposed, 0), functools.partial(_transposed, 1))
batching.primitive_batchers[_partial_product] = _batched
mlir.register_lowering(_partial_product, mlir.lower_fun(_evaluate, multiple_results=False))
