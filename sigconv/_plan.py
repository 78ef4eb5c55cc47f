"""From a call's shapes, dtypes and options to a `Plan`, and the one function that is compiled for it.

Everything here but `apply` is Python over shapes: it works under `jit`, and every bad call ends here, before any array
is touched. Plans are remembered, so that a repeated call costs a look-up.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax import core, lax
from jax.typing import ArrayLike

from sigconv._core import layout
from sigconv._core.boundary import Constant, check_fill, resolve_boundary
from sigconv._core.conventions import CONVENTIONS
from sigconv._core.dtypes import as_operand, is_complex, promoted, resolve_precision
from sigconv._core.errors import ShapeError
from sigconv._core.factors import SeparableKernel
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.options import padding_per_axis, per_axis
from sigconv._engine.kernel import Kernel, prepare, result_dtype
from sigconv._engine.method import Method, Problem
from sigconv._engine.run import Selection, problem_of, resolve_method, run, select


@dataclasses.dataclass(frozen=True)
class Plan:
    """All that is left of a call besides its arrays; the static argument that `apply` is compiled for."""

    arrays: layout.Layout
    problem: Problem
    result: np.dtype
    flips: bool
    conjugates: bool
    method: Method
    precision: lax.Precision
    selection: Selection = dataclasses.field(compare=False)

    def __hash__(self) -> int:
        return self._hash

    @functools.cached_property
    def _hash(self) -> int:
        # Worked out once: `jit` asks at every call.
        values = (self.arrays, self.problem, self.result, self.flips, self.conjugates, self.method, self.precision)
        return hash(values)

    def canonical(self, kernel: Kernel) -> Kernel:
        """The kernel in the engine's layout and sense."""
        if isinstance(kernel, tuple):
            return tuple(self._in_sense(factor, 0) for factor in kernel)
        return self._in_sense(self.arrays.kernel(kernel), 2)

    def _in_sense(self, w: jax.Array, first_axis: int) -> jax.Array:
        if self.flips:
            w = lax.rev(w, tuple(range(first_axis, w.ndim)))
        return lax.conj(w) if self.conjugates and is_complex(w.dtype) else w


@functools.partial(jax.jit, static_argnames="plan")
def apply(signal: jax.Array, kernel: Kernel, plan: Plan) -> jax.Array:
    """Do what the plan says."""
    x, w = plan.arrays.signal(signal), plan.canonical(kernel)
    return plan.arrays.result(run(x, w, plan.problem.geometry, plan.method, plan.precision))


@functools.partial(jax.jit, static_argnames="plan")
def prepared(kernel: Kernel, plan: Plan) -> Any:
    """The part of `apply` that needs the kernel alone."""
    return prepare(plan.canonical(kernel), plan.problem, plan.method)


@functools.partial(jax.jit, static_argnames="plan")
def apply_prepared(signal: jax.Array, kernel: Any, plan: Plan) -> jax.Array:
    """The rest of it."""
    x = plan.arrays.signal(signal).astype(plan.problem.dtype)
    y = plan.method.apply(x, kernel, plan.problem, plan.precision)
    return plan.arrays.result(y.astype(plan.result))


@dataclasses.dataclass(frozen=True)
class Operands:
    """The two arrays of a call as a plan sees them, and what for.

    Attributes:
        signal, kernel, dtypes, platform: Shapes, dtypes, and where the arrays are.
        is_factored: Whether the kernel is given by its factors.
        is_kept: Whether it is prepared for many calls.
        gradient: Whether derivatives are asked about too.
    """

    signal: tuple[int, ...]
    kernel: tuple[int, ...]
    dtypes: tuple[np.dtype, np.dtype]
    platform: str
    is_factored: bool = False
    is_kept: bool = False
    gradient: bool = False


def filter_single(name: str, signal: ArrayLike, kernel: ArrayLike | SeparableKernel, *options: object) -> jax.Array:
    """Run `correlate` or `convolve`, whichever row `name` is, with the options of `plan_single` in its order."""
    x, w = as_operand("signal", signal), as_kernel(kernel)
    return apply(x, w, remembered(plan_single, name, operands(x, w), *options))


def filter_channels(name: str, signal: ArrayLike, weights: ArrayLike, *options: object) -> jax.Array:
    """Run `correlate_channels` or `convolve_channels`, with the options of `plan_channels` in its order."""
    x, w = as_operand("signal", signal), as_operand("weights", weights)
    return apply(x, w, remembered(plan_channels, name, operands(x, w), *options))


def as_kernel(kernel: ArrayLike | SeparableKernel) -> Kernel:
    """The kernel as an array, or its factors as arrays."""
    if not isinstance(kernel, SeparableKernel):
        return as_operand("kernel", kernel)
    if not isinstance(kernel.factors, tuple | list) or not kernel.factors:
        raise ShapeError(
            f"`SeparableKernel.factors` must be a sequence of 1-d arrays; got {type(kernel.factors).__name__}. "
            "Give one factor per axis."
        )
    factors = tuple(as_operand("kernel", factor) for factor in kernel.factors)
    for factor in factors:
        if factor.ndim != 1:
            raise ShapeError(
                f"`SeparableKernel.factors` must have one axis each; got shape {factor.shape}. "
                "Give one factor per axis."
            )
    return factors


def operands(x: jax.Array, w: Kernel) -> Operands:
    dtype = result_dtype(w[0].dtype, w[1:]) if isinstance(w, tuple) else w.dtype
    return Operands(x.shape, taps_of(w), (x.dtype, dtype), _platform(x), isinstance(w, tuple))


def taps_of(w: Kernel) -> tuple[int, ...]:
    """The shape of the kernel, as if it were written out."""
    return tuple(factor.shape[0] for factor in w) if isinstance(w, tuple) else w.shape


def remembered(planner: Callable[..., Plan], *arguments: object) -> Plan:
    """The plan, from memory if the same call has been planned before."""
    if any(isinstance(argument, tuple | list) and not _is_plain(argument) for argument in arguments):
        return planner.__wrapped__(*arguments)  # type: ignore[attr-defined]
    for candidate in (arguments, tuple(map(_as_tuples, arguments))):
        try:
            hash(candidate)
        except TypeError:
            continue
        return planner(*candidate)
    return planner.__wrapped__(*arguments)  # type: ignore[attr-defined]  # No option is like that: the planner says so.


@functools.lru_cache(maxsize=4096, typed=True)
def plan_single(
    name: str,
    given: Operands,
    mode: object,
    boundary: object,
    axes: Any,
    stride: object,
    dilation: object,
    method: object,
    precision: object,
) -> Plan:
    """The plan of one kernel over some axes of a signal."""
    arrays = layout.single_channel(given.signal, given.kernel, axes)
    steps = {"stride": stride, "dilation": dilation, "input_dilation": 1}
    return _plan(name, given, arrays, "mode", mode, boundary, steps, method, precision)


@functools.lru_cache(maxsize=4096, typed=True)
def plan_channels(
    name: str,
    given: Operands,
    padding: object,
    boundary: object,
    stride: object,
    dilation: object,
    input_dilation: object,
    groups: Any,
    method: object,
    precision: object,
) -> Plan:
    """The plan of multi-channel weights over a multi-channel signal."""
    arrays = layout.multi_channel(given.signal, given.kernel, groups)
    steps = {"stride": stride, "dilation": dilation, "input_dilation": input_dilation}
    return _plan(name, given, arrays, "padding", padding, boundary, steps, method, precision)


def _plan(
    name: str,
    given: Operands,
    arrays: layout.Layout,
    argument: str,
    padding: object,
    boundary: object,
    steps: dict[str, object],
    method: object,
    precision: object,
) -> Plan:
    row, rank = CONVENTIONS[name], len(arrays.space)
    stride, dilation, input_dilation = (per_axis(word, step, rank) for word, step in steps.items())
    sides = resolve_boundary(boundary, rank)
    for reads in (reads for pair in sides for reads in pair if isinstance(reads, Constant)):
        check_fill(reads.value, promoted(*given.dtypes))
    extents = tuple((k - 1) * d + 1 for k, d in zip(arrays.taps, dilation, strict=True))
    spans = tuple(zip(extents, arrays.space, stride, strict=True))
    pads = padding_per_axis(argument, padding, row.modes, spans)
    axes = tuple(
        Axis(lo, hi, s, d, e, low, high)
        for (lo, hi), s, d, e, (low, high) in zip(pads, stride, dilation, input_dilation, sides, strict=True)
    )
    check_fits(argument, padding, tuple(axis.inserted(n) for axis, n in zip(axes, arrays.space, strict=True)), extents)
    geometry = Geometry(axes, arrays.groups)
    geometry.out_shape(arrays.space, arrays.taps)
    result = promoted(*given.dtypes)
    shapes = arrays.signal_shape, arrays.kernel_shape
    problem = problem_of(geometry, *shapes, result, is_factored=given.is_factored)
    asked, use = resolve_method(method), {"is_kept": given.is_kept, "gradient": given.gradient}
    chosen, selection = select(problem, given.platform, asked, **use)
    sense = row.flips, row.conjugates
    return Plan(arrays, problem, result, *sense, chosen, resolve_precision(precision), selection)


def check_fits(argument: str, words: object, lengths: tuple[int, ...], extents: tuple[int, ...]) -> None:
    """`ShapeError` where 'same' or 'valid' is asked of a kernel longer than the signal."""
    if words in ("same", "valid") and any(k > n for n, k in zip(lengths, extents, strict=True)):
        longer = "weights" if argument == "padding" else "kernel"
        raise ShapeError(
            f"`{longer}` must not be longer than the signal where `{argument}` is {words!r}; got extents {extents} "
            f"over lengths {lengths}. Use {argument}='full'."
        )


def _is_plain(value: object) -> bool:
    """Whether equal options are the same: True and 1.0 equal 1, and only the outermost types are part of the key."""
    return all(map(_is_plain, value)) if isinstance(value, tuple | list) else not isinstance(value, bool | float)


def _as_tuples(value: object) -> object:
    return tuple(map(_as_tuples, value)) if isinstance(value, list | tuple) else value


def _platform(array: jax.Array) -> str:
    """Where the operation will run, as far as can be known when it is traced."""
    if isinstance(array, core.Tracer):
        return jax.default_backend()
    return next(iter(array.devices())).platform
