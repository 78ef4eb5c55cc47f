"""`Layout`: how the caller's arrays become (batch, channel, *space) and (out, in/groups, *taps), and back.

A layout is worked out from shapes alone, so every check on shapes happens here, before an array is touched.
"""

import dataclasses
import math

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.errors import OptionError, ShapeError
from sigconv._core.options import is_integer


@dataclasses.dataclass(frozen=True)
class Layout:
    """Permutations and shapes: transpose, then broadcast, then reshape.

    Attributes:
        signal_order, signal_shape: Order of the caller's axes, and the canonical (batch, channel, *space).
        signal_broadcast: Shape between the two, where the kernel has batch axes that the signal lacks; or None.
        kernel_order, kernel_shape: Likewise, to (out, in/groups, *taps).
        out_batch: The axes in front of the result's space, before `out_order` puts all where the caller had them.
        out_order: Where each axis of the result comes from.
        groups: How many blocks of channels do not mix.
    """

    signal_order: tuple[int, ...]
    signal_broadcast: tuple[int, ...] | None
    signal_shape: tuple[int, ...]
    kernel_order: tuple[int, ...]
    kernel_shape: tuple[int, ...]
    out_batch: tuple[int, ...]
    out_order: tuple[int, ...]
    groups: int

    @property
    def space(self) -> tuple[int, ...]:
        return self.signal_shape[2:]

    @property
    def taps(self) -> tuple[int, ...]:
        return self.kernel_shape[2:]

    def signal(self, x: jax.Array) -> jax.Array:
        x = lax.transpose(x, self.signal_order)
        if self.signal_broadcast is not None:
            x = jnp.broadcast_to(x, self.signal_broadcast)
        return x.reshape(self.signal_shape)

    def kernel(self, w: jax.Array) -> jax.Array:
        return lax.transpose(w, self.kernel_order).reshape(self.kernel_shape)

    def result(self, y: jax.Array) -> jax.Array:
        return lax.transpose(y.reshape(self.out_batch + y.shape[2:]), self.out_order)


def check_not_empty(argument: str, shape: tuple[int, ...]) -> None:
    if 0 in shape:
        raise ShapeError(f"`{argument}` must not be empty; got shape {shape}. Leave out empty batches and signals.")


def resolve_axes(axes: int | tuple[int, ...] | None, signal_rank: int, kernel_rank: int) -> tuple[int, ...]:
    """The signal's spatial axes as non-negative numbers, in the order in which the kernel's axes go with them."""
    if axes is None:
        return tuple(range(signal_rank - kernel_rank, signal_rank))
    given = tuple(axes) if isinstance(axes, tuple | list) else (axes,)
    if not given or not all(is_integer(axis) for axis in given):
        raise OptionError(f"`axes` must be an integer or a sequence of at least one; got {axes!r}.")
    if not all(-signal_rank <= axis < signal_rank for axis in given):
        raise OptionError(f"`axes` must be axes of the signal, which has {signal_rank}; got {axes!r}.")
    positive = tuple(int(axis) % signal_rank for axis in given)
    if len(set(positive)) < len(positive):
        raise OptionError(f"`axes` must name each axis once; got {axes!r}.")
    return positive


def single_channel(signal: tuple[int, ...], kernel: tuple[int, ...], axes: int | tuple[int, ...] | None) -> Layout:
    """The layout of one kernel over some axes of a signal; along the others the two broadcast."""
    check_not_empty("signal", signal)
    check_not_empty("kernel", kernel)
    if not kernel:
        raise ShapeError("`kernel` must have at least one axis; got a scalar. Multiply instead.")
    if len(kernel) > len(signal):
        raise ShapeError(
            f"`kernel` must not have more axes than the signal; got {len(kernel)} over {len(signal)}. "
            "Swap the two, or drop the kernel's axes of length 1."
        )
    space = resolve_axes(axes, len(signal), len(kernel))
    batch = tuple(axis for axis in range(len(signal)) if axis not in space)
    if len(kernel) == len(space):
        kernel_order, kernel_batch = tuple(range(len(kernel))), (1,) * len(batch)
    elif len(kernel) == len(signal):
        kernel_order, kernel_batch = batch + space, tuple(kernel[axis] for axis in batch)
    else:
        raise ShapeError(
            f"`kernel` must have one axis for each of `axes` ({len(space)}) or as many as the signal ({len(signal)}); "
            f"got {len(kernel)}."
        )
    taps = tuple(kernel[axis] for axis in kernel_order[len(kernel_order) - len(space) :])
    for axis, size in zip(batch, kernel_batch, strict=True):
        if size not in (1, signal[axis]) and signal[axis] != 1:
            raise ShapeError(
                f"`kernel` must broadcast with the signal along axis {axis}; got {size} against {signal[axis]}."
            )
    # Axes along which the kernel varies become channels, the others batch.
    pairs = list(zip(batch, kernel_batch, strict=True))
    shared = tuple(axis for axis, size in pairs if size == 1)
    varying = tuple(axis for axis, size in pairs if size > 1)
    channels = math.prod(size for _, size in pairs if size > 1)
    repeated = all(signal[axis] == 1 for axis in varying)
    lengths = tuple(signal[axis] for axis in space)
    rows = tuple(signal[axis] for axis in shared)
    wide = tuple(size for _, size in pairs if size > 1)
    if len(kernel_order) > len(space):
        kernel_order = shared + varying + space
    out_positions = shared + varying + space
    return Layout(
        signal_order=shared + varying + space,
        signal_broadcast=None if repeated or not varying else rows + wide + lengths,
        signal_shape=(math.prod(rows), 1 if repeated else channels, *lengths),
        kernel_order=kernel_order,
        kernel_shape=(channels, 1, *taps),
        out_batch=rows + wide,
        out_order=tuple(out_positions.index(axis) for axis in range(len(signal))),
        groups=1 if repeated else channels,
    )


def multi_channel(signal: tuple[int, ...], weights: tuple[int, ...], groups: int) -> Layout:
    """The layout of (…, c_in, *space) signals under (c_out, c_in/groups, *taps) weights."""
    check_not_empty("signal", signal)
    check_not_empty("weights", weights)
    rank = len(weights) - 2
    if rank < 1:
        raise ShapeError(
            f"`weights` must be (c_out, c_in/groups, *taps) with at least one tap axis; got shape {weights}."
        )
    if len(signal) < rank + 1:
        raise ShapeError(
            f"`signal` must be (…, c_in, *space) with {rank} spatial axes, as the weights have; got shape {signal}."
        )
    lead, channels, space = signal[: -rank - 1], signal[-rank - 1], signal[-rank:]
    if not is_integer(groups) or groups < 1:
        raise OptionError(f"`groups` must be a positive integer; got {groups!r}.")
    if channels % groups or weights[0] % groups:
        raise OptionError(
            f"`groups` must divide the signal's channels and the weights' outputs; got {groups} for "
            f"{channels} and {weights[0]}."
        )
    if channels != weights[1] * groups:
        raise ShapeError(
            f"`weights` must have c_in/groups = {channels // groups} input channels, as the signal has {channels} in "
            f"{groups} group(s); got {weights[1]}."
        )
    everything = tuple(range(len(signal)))
    return Layout(
        signal_order=everything,
        signal_broadcast=None,
        signal_shape=(math.prod(lead), channels, *space),
        kernel_order=tuple(range(len(weights))),
        kernel_shape=weights,
        out_batch=(*lead, weights[0]),
        out_order=everything,
        groups=int(groups),
    )


def exchange_channels(weights: jax.Array, groups: int = 1) -> jax.Array:
    """Inputs and outputs of each group exchanged.

    Shapes:
        weights (c_out, c_in/groups, *taps) → (c_in, c_out/groups, *taps).
    """
    c_out, c_in, *taps = weights.shape
    blocks = weights.reshape(groups, c_out // groups, c_in, *taps)
    return jnp.swapaxes(blocks, 1, 2).reshape(groups * c_in, c_out // groups, *taps)


def adjoint_weights(weights: jax.Array, groups: int = 1) -> jax.Array:
    """The weights of the transposed correlation: taps flipped, inputs and outputs of each group exchanged.

    Shapes:
        weights (c_out, c_in/groups, *taps) → (c_in, c_out/groups, *taps).
    """
    return lax.rev(exchange_channels(weights, groups), tuple(range(2, weights.ndim)))
