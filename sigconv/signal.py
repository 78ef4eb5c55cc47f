"""Correlation and convolution of arrays: `correlate`, `convolve`, their multi-channel forms, and what they decide.

The functions here only turn words into a `_Plan` of numbers, from shapes and dtypes alone, and hand it to one compiled
function. Options that several share are explained in docs/options.md.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike, DTypeLike

from sigconv._core import layout
from sigconv._core.boundary import Constant, Sides, check_fill, resolve_boundary
from sigconv._core.conventions import CONVENTIONS, Convention
from sigconv._core.dtypes import as_operand, is_complex, promoted, resolve_precision
from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.options import is_integer, padding_per_axis, per_axis
from sigconv._engine.cost import MACHINES
from sigconv._engine.method import Method
from sigconv._engine.run import Selection, problem_of, resolve_method, run, select

Mode = Literal["full", "same", "valid"]
Padding = Mode | list[tuple[int, int]] | tuple[tuple[int, int], ...]
Boundary = str | Constant | Sides | tuple[str | Constant | Sides, ...]
PerAxis = int | tuple[int, ...]


@front_door("correlate")
def correlate(
    signal: ArrayLike,
    kernel: ArrayLike,
    *,
    mode: Padding = "full",
    boundary: Boundary = "zero",
    axes: PerAxis | None = None,
    stride: PerAxis = 1,
    dilation: PerAxis = 1,
    method: str | Method = "auto",
    precision: str | lax.Precision | None = None,
) -> jax.Array:
    """Cross-correlate a signal with a kernel: y[n] = Σ_t conj(w[t]) x[n·stride + t·dilation − lo].

    Args:
        signal: Real or complex samples.
        kernel: Taps; conjugated, not flipped. One axis for each of `axes`, or as many as the signal (the rest broadcast).
        mode: 'full', 'same' (origin at tap K//2, as SciPy's), 'valid', or one (lo, hi) per axis; see docs/options.md,
            as for the other options.
        boundary: What is read beyond the ends: 'zero', 'edge', 'reflect', 'symmetric', 'periodic', `Constant(value)`,
            `Sides(low, high)`, or a tuple of these, one per axis.
        axes: Axes of the signal to correlate along; the last ones, as many as the kernel has, if None.
        stride: Step between outputs, in input samples; per axis, or one for all.
        dilation: Step between taps, in input samples; likewise.
        method: 'auto', 'direct', 'fft', 'overlap' or `OverlapSave(block=…)`.
        precision: Of matrix products on accelerators; 'highest' if None.
    Shapes:
        signal (..., *space), kernel (..., *taps) → (..., *out), out = (L + lo + hi − K) // stride + 1.
    Raises:
        ShapeError: An operand is empty, the ranks do not fit, or the kernel is longer than the signal in 'same' or 'valid'.
        OptionError: An option is none of those above.
        DTypeError: An operand is not numeric.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 2.
    Example:
        >>> correlate(jnp.array([1.0, 2.0, 3.0]), jnp.array([1.0, 1.0]), mode="valid").tolist()
        [3.0, 5.0]
    """
    options = (mode, boundary, axes, stride, dilation, method, precision)
    return _correlate("sigconv.correlate", signal, kernel, *options)


@front_door("convolve")
def convolve(
    signal: ArrayLike,
    kernel: ArrayLike,
    *,
    mode: Padding = "full",
    boundary: Boundary = "zero",
    axes: PerAxis | None = None,
    stride: PerAxis = 1,
    dilation: PerAxis = 1,
    method: str | Method = "auto",
    precision: str | lax.Precision | None = None,
) -> jax.Array:
    """Convolve a signal with a kernel: `correlate` with the kernel flipped and not conjugated.

    With lo of the mode 'full' that is y[n] = Σ_t w[t] x[n·stride − t·dilation]. The mode 'same' is the middle of 'full',
    as SciPy's and NumPy's. Arguments, shapes and errors are those of `correlate`.

    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 2.
    Example:
        >>> convolve(jnp.array([1.0, 2.0, 3.0]), jnp.array([1.0, 10.0])).tolist()
        [1.0, 12.0, 23.0, 30.0]
    """
    options = (mode, boundary, axes, stride, dilation, method, precision)
    return _correlate("sigconv.convolve", signal, kernel, *options)


@front_door("correlate_channels")
def correlate_channels(
    signal: ArrayLike,
    weights: ArrayLike,
    *,
    padding: Padding = "valid",
    boundary: Boundary = "zero",
    stride: PerAxis = 1,
    dilation: PerAxis = 1,
    input_dilation: PerAxis = 1,
    groups: int = 1,
    method: str | Method = "auto",
    precision: str | lax.Precision | None = None,
) -> jax.Array:
    """What networks call a convolution: y[o, n] = Σ_{c,t} w[o, c, t] x[c, n·stride + t·dilation − lo]; nothing is conjugated.

    Args:
        signal: Real or complex samples; any number of batch axes.
        weights: Taps, neither flipped nor conjugated.
        padding: 'valid', 'same' (((K−1)//2, K//2) at every stride, then subsampled, as PyTorch's), 'full', or one
            (lo, hi) per axis.
        boundary, stride, dilation, method, precision: As in `correlate`.
        input_dilation: 1 + number of zeros inserted between samples, as transposed convolutions do; needs boundary 'zero'.
        groups: Number of blocks of channels that do not mix.
    Shapes:
        signal (..., c_in, *space), weights (c_out, c_in/groups, *taps) → (..., c_out, *out).
    Raises:
        ShapeError: An operand is empty, ranks or channels do not fit, or the kernel is longer than the signal in 'same'
            or 'valid'.
        OptionError: An option is none of those above, or `groups` does not divide the channels.
        DTypeError: An operand is not numeric.
    Reference:
        Goodfellow, Bengio & Courville, Deep Learning, section 9.1.
    Example:
        >>> x, w = jnp.arange(8.0).reshape(2, 4), jnp.ones((1, 2, 3))
        >>> correlate_channels(x, w).tolist()
        [[18.0, 24.0]]
    """
    options = (padding, boundary, stride, dilation, input_dilation, groups, method, precision)
    return _correlate_channels("sigconv.correlate_channels", signal, weights, *options)


@front_door("convolve_channels")
def convolve_channels(
    signal: ArrayLike,
    weights: ArrayLike,
    *,
    padding: Padding = "valid",
    boundary: Boundary = "zero",
    stride: PerAxis = 1,
    dilation: PerAxis = 1,
    input_dilation: PerAxis = 1,
    groups: int = 1,
    method: str | Method = "auto",
    precision: str | lax.Precision | None = None,
) -> jax.Array:
    """A true multi-channel convolution: `correlate_channels` with the taps (not the channels) of the weights flipped.

    Arguments, shapes and errors are those of `correlate_channels`.

    Reference:
        Goodfellow, Bengio & Courville, Deep Learning, section 9.1.
    Example:
        >>> convolve_channels(jnp.array([[1.0, 2.0, 3.0]]), jnp.array([[[1.0, 10.0]]]), padding="full").tolist()
        [[1.0, 12.0, 23.0, 30.0]]
    """
    options = (padding, boundary, stride, dilation, input_dilation, groups, method, precision)
    return _correlate_channels("sigconv.convolve_channels", signal, weights, *options)


@front_door("correlation_lags")
def correlation_lags(n: int, k: int, mode: Mode = "full") -> jax.Array:
    """The lag of each output of `correlate`: y[i] = Σ_t conj(w[t]) x[t + lags[i]].

    Args:
        n: Samples in the signal.
        k: Taps in the kernel.
        mode: 'full', 'same' or 'valid'.
    Shapes:
        → (out,), integers.
    Raises:
        ShapeError: A length is not positive, or k > n in 'same' or 'valid'.
        OptionError: Unknown `mode`.
    Example:
        >>> correlation_lags(4, 2, mode="same").tolist()
        [-1, 0, 1, 2]
    """
    for argument, length in (("n", n), ("k", k)):
        if not is_integer(length) or length < 1:
            raise ShapeError(f"`{argument}` must be a positive number of samples; got {length!r}.")
    lo, hi = lookup("mode", mode, CONVENTIONS["sigconv.correlate"].modes)(k)
    _check_fits(mode, "mode", (n,), (k,))
    return jnp.arange(-lo, n + hi - k + 1)


@front_door("select_method")
def select_method(
    signal_shape: tuple[int, ...],
    kernel_shape: tuple[int, ...],
    *,
    mode: Padding = "full",
    padding: Padding | None = None,
    boundary: Boundary = "zero",
    axes: PerAxis | None = None,
    stride: PerAxis = 1,
    dilation: PerAxis = 1,
    input_dilation: PerAxis = 1,
    groups: int = 1,
    method: str | Method = "auto",
    dtype: DTypeLike = jnp.float32,
    device: jax.Device | str | None = None,
) -> Selection:
    """Which method would run, at what predicted cost, and why. Nothing is run.

    Args:
        signal_shape, kernel_shape: Shapes of the arguments of `correlate` or `convolve`; with `padding` given, of
            `correlate_channels` or `convolve_channels`, where `input_dilation` and `groups` are options too.
        mode, padding, boundary, axes, stride, dilation, input_dilation, groups, method: As in those functions.
        dtype: Of both operands.
        device: A device, a platform's name ('cpu', 'gpu', 'tpu'), or None for the default device.
    Returns:
        A `Selection`: `method`, `costs` (predicted seconds per method), `refusals`, `why`.
    Raises:
        ShapeError, OptionError, DTypeError: As the function itself would.
    Example:
        >>> select_method((1_000_000,), (4096,), device="cpu").method
        'overlap'
    """
    platform = _platform_of(device)
    shapes = (tuple(signal_shape), tuple(kernel_shape))
    kind = jnp.zeros((), dtype).dtype
    operands = (*shapes, kind, kind, platform)
    if padding is not None:
        options = (padding, boundary, stride, dilation, input_dilation, groups, method, None)
        return _cached(_plan_channels, "sigconv.correlate_channels", *operands, *options).selection
    for argument, value in (("input_dilation", input_dilation), ("groups", groups)):
        if value != 1:
            raise OptionError(
                f"`{argument}` must be 1 unless `padding` is given; got {value!r}. "
                "`padding` says that the shapes are those of correlate_channels."
            )
    options = (mode, boundary, axes, stride, dilation, method, None)
    return _cached(_plan_single, "sigconv.correlate", *operands, *options).selection


@dataclasses.dataclass(frozen=True)
class _Plan:
    """All that is left of a call besides its arrays; the static argument that `_apply` is compiled for."""

    arrays: layout.Layout
    geometry: Geometry
    flips: bool
    conjugates: bool
    method: Method
    precision: lax.Precision
    selection: Selection = dataclasses.field(compare=False)

    def __post_init__(self) -> None:
        numbers = (self.arrays, self.geometry, self.flips, self.conjugates, self.method, self.precision)
        object.__setattr__(self, "_hash", hash(numbers))

    def __hash__(self) -> int:
        """Worked out once: `jit` asks at every call."""
        return self._hash  # type: ignore[attr-defined]


@functools.partial(jax.jit, static_argnames="plan")
def _apply(signal: jax.Array, kernel: jax.Array, plan: _Plan) -> jax.Array:
    x, w = plan.arrays.signal(signal), plan.arrays.kernel(kernel)
    if plan.flips:
        w = lax.rev(w, tuple(range(2, w.ndim)))
    if plan.conjugates and is_complex(w.dtype):
        w = lax.conj(w)
    return plan.arrays.result(run(x, w, plan.geometry, plan.method, plan.precision))


def _correlate(name: str, signal: ArrayLike, kernel: ArrayLike, *options: object) -> jax.Array:
    x, w = as_operand("signal", signal), as_operand("kernel", kernel)
    return _apply(x, w, _cached(_plan_single, name, x.shape, w.shape, x.dtype, w.dtype, _platform(x), *options))


def _correlate_channels(name: str, signal: ArrayLike, weights: ArrayLike, *options: object) -> jax.Array:
    x, w = as_operand("signal", signal), as_operand("weights", weights)
    return _apply(x, w, _cached(_plan_channels, name, x.shape, w.shape, x.dtype, w.dtype, _platform(x), *options))


def _cached(plan: Callable[..., _Plan], *arguments: object) -> _Plan:
    for candidate in (arguments, tuple(map(_as_tuples, arguments))):
        try:
            hash(candidate)
        except TypeError:
            continue
        return plan(*candidate)
    return plan.__wrapped__(*arguments)  # type: ignore[attr-defined]  # Not an option at all: the planner says so.


def _as_tuples(value: object) -> object:
    return tuple(map(_as_tuples, value)) if isinstance(value, list | tuple) else value


@functools.lru_cache(maxsize=4096, typed=True)
def _plan_single(
    name: str,
    signal: tuple[int, ...],
    kernel: tuple[int, ...],
    signal_dtype: np.dtype,
    kernel_dtype: np.dtype,
    platform: str,
    mode: object,
    boundary: object,
    axes: object,
    stride: object,
    dilation: object,
    method: object,
    precision: object,
) -> _Plan:
    arrays = layout.single_channel(signal, kernel, axes)
    steps = (stride, dilation, 1)
    return _plan(name, arrays, (signal_dtype, kernel_dtype), platform, "mode", mode, boundary, steps, method, precision)


@functools.lru_cache(maxsize=4096, typed=True)
def _plan_channels(
    name: str,
    signal: tuple[int, ...],
    weights: tuple[int, ...],
    signal_dtype: np.dtype,
    weights_dtype: np.dtype,
    platform: str,
    padding: object,
    boundary: object,
    stride: object,
    dilation: object,
    input_dilation: object,
    groups: object,
    method: object,
    precision: object,
) -> _Plan:
    arrays = layout.multi_channel(signal, weights, groups)
    steps = (stride, dilation, input_dilation)
    dtypes = (signal_dtype, weights_dtype)
    return _plan(name, arrays, dtypes, platform, "padding", padding, boundary, steps, method, precision)


def _plan(
    name: str,
    arrays: layout.Layout,
    dtypes: tuple[np.dtype, np.dtype],
    platform: str,
    argument: str,
    padding: object,
    boundary: object,
    steps: tuple[object, object, object],
    method: object,
    precision: object,
) -> _Plan:
    row = CONVENTIONS[name]
    geometry = _geometry(row, arrays, argument, padding, boundary, steps)
    for axis in geometry.axes:
        for reads in (axis.low, axis.high):
            if isinstance(reads, Constant):
                check_fill(reads.value, promoted(*dtypes))
    geometry.out_shape(arrays.space, arrays.taps)
    problem = problem_of(geometry, arrays.signal_shape, arrays.kernel_shape, dtypes)
    chosen, selection = select(problem, platform, resolve_method(method))
    return _Plan(arrays, geometry, row.flips, row.conjugates, chosen, resolve_precision(precision), selection)


def _geometry(
    row: Convention,
    arrays: layout.Layout,
    argument: str,
    padding: object,
    boundary: object,
    steps: tuple[object, object, object],
) -> Geometry:
    rank = len(arrays.space)
    words = ("stride", "dilation", "input_dilation")
    stride, dilation, input_dilation = (per_axis(word, step, rank) for word, step in zip(words, steps, strict=True))
    extents = tuple((k - 1) * d + 1 for k, d in zip(arrays.taps, dilation, strict=True))
    pads = padding_per_axis(argument, padding, row.modes, extents)
    inserted = tuple((n - 1) * e + 1 for n, e in zip(arrays.space, input_dilation, strict=True))
    _check_fits(padding, argument, inserted, extents)
    sides = resolve_boundary(boundary, rank)
    axes = (Axis(*pad, *each, *side) for pad, each, side in zip(pads, zip(stride, dilation, input_dilation), sides))
    return Geometry(tuple(axes), arrays.groups)


def _check_fits(words: object, argument: str, lengths: tuple[int, ...], extents: tuple[int, ...]) -> None:
    if words in ("same", "valid") and any(k > n for n, k in zip(lengths, extents, strict=True)):
        raise ShapeError(
            f"the kernel must not be longer than the signal where `{argument}` is {words!r}; got extents {extents} over "
            f"{lengths}. Use {argument}='full', or swap the two."
        )


def _platform(array: jax.Array) -> str:
    """Where the operation will run, as far as can be known when it is traced."""
    if isinstance(array, jax.core.Tracer):
        return jax.default_backend()
    return next(iter(array.devices())).platform


def _platform_of(device: jax.Device | str | None) -> str:
    if device is None:
        return jax.default_backend()
    if isinstance(device, jax.Device):
        return device.platform
    lookup("device", device, MACHINES)
    return device
