"""`prepare`: one kernel for many signals, with what the method needs of it worked out once."""

import dataclasses
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.dtypes import as_operand, resolve_dtype
from sigconv._core.errors import DTypeError, ShapeError, front_door, lookup
from sigconv._core.factors import SeparableKernel
from sigconv._engine.kernel import result_dtype
from sigconv._engine.method import Method
from sigconv._engine.run import Selection
from sigconv._plan import (
    Operands,
    Plan,
    apply_prepared,
    as_kernel,
    plan_channels,
    plan_single,
    prepared,
    remembered,
    taps_of,
)
from sigconv.signal import Boundary, Padding, PerAxis, check_family, checked_shape

_SINGLE = {"correlation": "sigconv.correlate", "convolution": "sigconv.convolve"}
_CHANNELS = {"correlation": "sigconv.correlate_channels", "convolution": "sigconv.convolve_channels"}


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Prepared:
    """A kernel as its method wants it (a spectrum, tiles, or the taps); call it with a signal.

    A pytree: an argument or a result of `jit`, mapped and differentiated like any arrays.

    Attributes:
        kernel: The arrays.
        plan: What is computed, how, and why so; static.
        signal_shape, dtype: Of the signals it takes; static.
    """

    kernel: Any
    plan: Plan = dataclasses.field(metadata={"static": True})
    signal_shape: tuple[int, ...] = dataclasses.field(metadata={"static": True})
    dtype: Any = dataclasses.field(metadata={"static": True})

    @property
    def selection(self) -> Selection:
        """Which method runs, at what predicted cost without the kernel's part, and why."""
        return self.plan.selection

    def __call__(self, signal: ArrayLike) -> jax.Array:
        """Filter a signal of the shape and dtype that were prepared for."""
        return _call(self, signal)


@front_door("prepare")
def _call(filtering: Prepared, signal: ArrayLike) -> jax.Array:
    x = as_operand("signal", signal)
    if x.shape != filtering.signal_shape:
        raise ShapeError(
            f"`signal` must have the shape that was prepared for, {filtering.signal_shape}; got {x.shape}. "
            "Prepare for it, or map over the axes in front with `jax.vmap`."
        )
    if x.dtype != filtering.dtype:
        raise DTypeError(
            f"`signal` must have the dtype that was prepared for, {filtering.dtype}; got {x.dtype}. Cast it."
        )
    return apply_prepared(x, filtering.kernel, filtering.plan)


@front_door("prepare")
def prepare(
    kernel: ArrayLike | SeparableKernel,
    signal_shape: tuple[int, ...],
    *,
    kind: Literal["correlation", "convolution"] = "correlation",
    mode: Padding = "full",
    padding: Padding | None = None,
    boundary: Boundary = "zero",
    axes: PerAxis | None = None,
    stride: PerAxis = 1,
    dilation: PerAxis = 1,
    input_dilation: PerAxis = 1,
    groups: int = 1,
    dtype: DTypeLike | None = None,
    method: str | Method = "auto",
    precision: str | lax.Precision | None = None,
) -> Prepared:
    """Work out once what depends on the kernel alone, for many signals of one shape.

    `auto` then chooses by what a signal takes, as if the kernel's part were free.

    Args:
        kernel: As `correlate` takes it; with `padding` given, the weights of `correlate_channels`.
        signal_shape: Shape of the signals.
        kind: 'correlation', or 'convolution' for what `convolve` and `convolve_channels` do.
        mode, boundary, axes, stride, dilation, method, precision: As in `correlate`.
        padding, input_dilation, groups: As in `correlate_channels`.
        dtype: Of the signals; the kernel's if None.
    Shapes:
        kernel and signal as in those functions → a callable from signal to result.
    Raises:
        ShapeError, OptionError, DTypeError: As those functions; also when called with another shape or dtype.
    Example:
        >>> smooth = prepare(jnp.ones(3) / 3, (5,), mode="same")
        >>> smooth(jnp.array([0.0, 3.0, 0.0, 3.0, 0.0])).tolist()
        [1.0, 1.0, 2.0, 1.0, 1.0]
    """
    shape = checked_shape("signal_shape", signal_shape)
    check_family(mode, padding, axes, input_dilation, groups)
    w = as_kernel(kernel) if padding is None else as_operand("weights", kernel)  # type: ignore[arg-type]
    own = result_dtype(w[0].dtype, w[1:]) if isinstance(w, tuple) else w.dtype
    kind_of_signal = own if dtype is None else resolve_dtype(dtype)
    platform = jax.default_backend()
    given = Operands(shape, taps_of(w), (kind_of_signal, own), platform, isinstance(w, tuple), is_kept=True)
    if padding is not None:
        options = (padding, boundary, stride, dilation, input_dilation, groups, method, precision)
        plan = remembered(plan_channels, lookup("kind", kind, _CHANNELS), given, *options)
    else:
        options = (mode, boundary, axes, stride, dilation, method, precision)
        plan = remembered(plan_single, lookup("kind", kind, _SINGLE), given, *options)
    return Prepared(prepared(w, plan), plan, shape, jnp.dtype(kind_of_signal))
