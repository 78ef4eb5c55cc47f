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
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.options import padding_per_axis, per_axis
from sigconv._engine.method import Method
from sigconv._engine.run import Selection, problem_of, resolve_method, run, select


@dataclasses.dataclass(frozen=True)
class Plan:
    """All that is left of a call besides its arrays; the static argument that `apply` is compiled for."""

    arrays: layout.Layout
    geometry: Geometry
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
        return hash((self.arrays, self.geometry, self.flips, self.conjugates, self.method, self.precision))


@functools.partial(jax.jit, static_argnames="plan")
def apply(signal: jax.Array, kernel: jax.Array, plan: Plan) -> jax.Array:
    """Do what the plan says."""
    x, w = plan.arrays.signal(signal), plan.arrays.kernel(kernel)
    if plan.flips:
        w = lax.rev(w, tuple(range(2, w.ndim)))
    if plan.conjugates and is_complex(w.dtype):
        w = lax.conj(w)
    return plan.arrays.result(run(x, w, plan.geometry, plan.method, plan.precision))


@dataclasses.dataclass(frozen=True)
class Operands:
    """The two arrays of a call as a plan sees them."""

    signal: tuple[int, ...]
    kernel: tuple[int, ...]
    dtypes: tuple[np.dtype, np.dtype]
    platform: str


def filter_single(name: str, signal: ArrayLike, kernel: ArrayLike, *options: object) -> jax.Array:
    """Run `correlate` or `convolve`, whichever row `name` is, with the options of `plan_single` in its order."""
    x, w = as_operand("signal", signal), as_operand("kernel", kernel)
    return apply(x, w, remembered(plan_single, name, operands(x, w), *options))


def filter_channels(name: str, signal: ArrayLike, weights: ArrayLike, *options: object) -> jax.Array:
    """Run `correlate_channels` or `convolve_channels`, with the options of `plan_channels` in its order."""
    x, w = as_operand("signal", signal), as_operand("weights", weights)
    return apply(x, w, remembered(plan_channels, name, operands(x, w), *options))


def operands(x: jax.Array, w: jax.Array) -> Operands:
    return Operands(x.shape, w.shape, (x.dtype, w.dtype), _platform(x))


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
    problem = problem_of(geometry, arrays.signal_shape, arrays.kernel_shape, given.dtypes)
    chosen, selection = select(problem, given.platform, resolve_method(method))
    return Plan(arrays, geometry, row.flips, row.conjugates, chosen, resolve_precision(precision), selection)


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
