"""Correlation and convolution of arrays: `correlate`, `convolve`, their multi-channel forms, and what they decide.

The functions here only turn words into a plan of numbers, from shapes and dtypes alone, and hand it to one compiled
function. Options that several share are explained in docs/options.md.
"""

from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.boundary import Constant, Sides
from sigconv._core.conventions import CONVENTIONS
from sigconv._core.dtypes import resolve_dtype
from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv._core.factors import SeparableKernel
from sigconv._core.options import is_integer
from sigconv._engine.cost import MACHINES
from sigconv._engine.method import Method
from sigconv._engine.run import Selection
from sigconv._plan import Operands, check_fits, filter_channels, filter_single, plan_channels, plan_single, remembered

Mode = Literal["full", "same", "valid"]
Padding = Mode | list[tuple[int, int]] | tuple[tuple[int, int], ...]
Boundary = str | Constant | Sides | tuple[str | Constant | Sides, ...]
PerAxis = int | tuple[int, ...]


@front_door("correlate")
def correlate(
    signal: ArrayLike,
    kernel: ArrayLike | SeparableKernel,
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
        kernel: Taps; conjugated, not flipped. It has one axis for each of `axes`, or as many as the signal: the others
            broadcast. A `SeparableKernel` gives one factor per axis instead.
        mode: 'full', 'same' (origin at tap K//2, as SciPy's), 'valid', or one (lo, hi) per axis; see docs/options.md,
            as for the other options.
        boundary: What is read beyond the ends: 'zero', 'edge', 'reflect', 'symmetric', 'periodic', `Constant(value)`,
            `Sides(low, high)`, or a tuple of these, one per axis.
        axes: Axes of the signal to correlate along; the last ones, as many as the kernel has, if None.
        stride: Step between outputs, in input samples; per axis, or one for all.
        dilation: Step between taps, in input samples; likewise.
        method: 'auto', or a name of docs/methods.md ('direct', 'fft', …), or `OverlapSave(block=…)`.
        precision: Of matrix products on accelerators; 'highest' if None.
    Shapes:
        signal (..., *space), kernel (..., *taps) → (..., *out), out = (L + lo + hi − K) // stride + 1.
    Raises:
        ShapeError: An operand is empty, ranks do not fit, or the kernel is longer than the signal in 'same' or 'valid'.
        OptionError: An option is none of those above.
        DTypeError: An operand is not numeric.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 2.
    Example:
        >>> correlate(jnp.array([1.0, 2.0, 3.0]), jnp.array([1.0, 1.0]), mode="valid").tolist()
        [3.0, 5.0]
    """
    options = (mode, boundary, axes, stride, dilation, method, precision)
    return filter_single("sigconv.correlate", signal, kernel, *options)


@front_door("convolve")
def convolve(
    signal: ArrayLike,
    kernel: ArrayLike | SeparableKernel,
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

    With the lo of 'full' that is y[n] = Σ_t w[t] x[n·stride − t·dilation]. 'same' is the middle of 'full', as SciPy's
    and NumPy's. Arguments, shapes and errors are those of `correlate`.

    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 2.
    Example:
        >>> convolve(jnp.array([1.0, 2.0, 3.0]), jnp.array([1.0, 10.0])).tolist()
        [1.0, 12.0, 23.0, 30.0]
    """
    options = (mode, boundary, axes, stride, dilation, method, precision)
    return filter_single("sigconv.convolve", signal, kernel, *options)


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
    """What networks call a convolution: y[o, n] = Σ_{c,t} w[o, c, t] x[c, n·stride + t·dilation − lo].

    Args:
        signal: Real or complex samples; any number of batch axes.
        weights: Taps; neither flipped nor conjugated.
        padding: 'valid', 'same' (((K−1)//2, K//2) at every stride, then subsampled, as PyTorch's), 'full', or one
            (lo, hi) per axis.
        boundary, stride, dilation, method, precision: As in `correlate`.
        input_dilation: 1 + the zeros inserted between samples, as transposed convolutions do; needs boundary 'zero'.
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
    return filter_channels("sigconv.correlate_channels", signal, weights, *options)


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
    return filter_channels("sigconv.convolve_channels", signal, weights, *options)


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
    lo, hi = lookup("mode", mode, CONVENTIONS["sigconv.correlate"].modes)(k, n, 1)
    check_fits("mode", mode, (n,), (k,))
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
    gradient: bool = False,
    dtype: DTypeLike = jnp.float32,
    device: jax.Device | str | None = None,  # pyright: ignore[reportInvalidTypeForm]
) -> Selection:
    """Which method would run, at what predicted cost, and why. Nothing is run.

    Args:
        signal_shape, kernel_shape: Shapes of the arguments of `correlate` or `convolve`; with `padding` given, of
            `correlate_channels` or `convolve_channels`, where `input_dilation` and `groups` are options too.
        mode, padding, boundary, axes, stride, dilation, input_dilation, groups, method: As in those functions.
        gradient: Whether the value is wanted with its gradient with respect to both operands; under `jax.grad` 'auto'
            chooses anew, by what is differentiated.
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
    kind = resolve_dtype(dtype)
    shapes = checked_shape("signal_shape", signal_shape), checked_shape("kernel_shape", kernel_shape)
    given = Operands(*shapes, (kind, kind), _platform(device), gradient=bool(gradient))
    check_family(mode, padding, axes, input_dilation, groups)
    if padding is not None:
        options = (padding, boundary, stride, dilation, input_dilation, groups, method, None)
        return remembered(plan_channels, "sigconv.correlate_channels", given, *options).selection
    options = (mode, boundary, axes, stride, dilation, method, None)
    return remembered(plan_single, "sigconv.correlate", given, *options).selection


def check_family(mode: object, padding: object, axes: object, input_dilation: object, groups: object) -> None:
    """`OptionError` where options of `correlate` and of `correlate_channels` are mixed; `padding` says which it is."""
    if padding is not None:
        if mode != "full" or axes is not None:
            raise OptionError(
                f"`mode` and `axes` must be left out where `padding` is given; got {mode!r} and {axes!r}."
            )
        return
    for argument, value in (("input_dilation", input_dilation), ("groups", groups)):
        if not (is_integer(value) and value == 1):
            raise OptionError(
                f"`{argument}` must be 1 unless `padding` is given; got {value!r}. "
                "`padding` says that the shapes are those of correlate_channels."
            )


def checked_shape(argument: str, shape: Any) -> tuple[int, ...]:
    """The shape as a tuple of integers; `ShapeError` if it is none."""
    lengths = tuple(shape) if isinstance(shape, tuple | list) else ()
    if not lengths or not all(is_integer(length) and length >= 0 for length in lengths):
        raise ShapeError(f"`{argument}` must be a shape, a tuple of at least one length; got {shape!r}.")
    return tuple(map(int, lengths))


def _platform(device: Any) -> str:
    if device is None:
        return jax.default_backend()
    if isinstance(device, str):
        lookup("device", device, MACHINES)
        return device
    if not isinstance(device, jax.Device):
        raise OptionError(f"`device` must be a jax.Device, a platform's name or None; got {device!r}.")
    return device.platform
