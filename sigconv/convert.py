"""`convert_kernel`: the kernel with which one library's function does what another's does."""

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.conventions import Convention, row_of
from sigconv._core.dtypes import as_operand, is_complex
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.layout import check_not_empty, exchange_channels
from sigconv._core.options import is_integer

SINGLE = ["taps"]
"""The layout of a kernel without channels."""
DEPTHWISE = ["in", "multiplier"]
"""The channels of a kernel whose every input has outputs of its own."""


@front_door("convert_kernel")
def convert_kernel(kernel: ArrayLike, *, source: str, target: str, groups: int = 1) -> jax.Array:
    """The kernel that does in `target` what `kernel` does in `source`: flipped, conjugated, laid out as it takes.

    Where the outputs sit is another matter: `convention(target).reproduce(convention(source), n, k, …)` has the
    arguments for that. With both, `target(x, convert_kernel(w), **arguments)` is `source(x, w)`.

    Args:
        kernel: Taps, or multi-channel weights, in the layout of `source`.
        source, target: Functions of the conventions table, such as "torch.conv2d" and "scipy.signal.convolve2d".
        groups: Of grouped weights, where the shape does not tell. A depthwise kernel's are its input channels.
    Shapes:
        Those of the two functions. Taps of a lower rank get leading axes of length 1, which are dropped again for a
        target of lower rank; a kernel without channels becomes one with one input and one output, and back.
    Raises:
        OptionError: Unknown names; `groups` that do not divide the channels, or that the target does not have.
        ShapeError: The kernel has the wrong rank for the source, or channels or taps that the target cannot hold.
    Example:
        >>> convert_kernel([[1, 2], [3, 4]], source="torch7.xcorr2", target="scipy.signal.convolve2d").tolist()
        [[4, 3], [2, 1]]
        >>> convert_kernel(jnp.ones((8, 3, 5, 5)), source="torch.conv2d", target="tf.nn.conv2d").shape
        (5, 5, 3, 8)
    """
    given, wanted = row_of("source", source), row_of("target", target)
    w = as_operand("kernel", kernel)
    check_not_empty("kernel", w.shape)
    if not is_integer(groups) or groups < 1:
        raise OptionError(f"`groups` must be a positive integer; got {groups!r}.")
    _check_rank(given, w.shape)
    weights, groups = _to_weights(w, given, groups)
    weights = _in_rank(weights, wanted)
    if given.flips != wanted.flips:
        weights = lax.rev(weights, tuple(range(2, weights.ndim)))
    if given.conjugates != wanted.conjugates and is_complex(weights.dtype):
        weights = lax.conj(weights)
    return _from_weights(weights, wanted, groups)


def _check_rank(row: Convention, shape: tuple[int, ...]) -> None:
    channels = len(row.kernel_layout.split()) - 1
    rank = len(shape) - channels
    if rank < 1 or row.rank not in (None, rank):
        wanted = "1 or more" if row.rank is None else row.rank
        raise ShapeError(
            f"`kernel` must be laid out as {row.name}'s ({row.kernel_layout}), with taps of rank {wanted}; got "
            f"shape {shape}."
        )


def _to_weights(w: jax.Array, row: Convention, groups: int) -> tuple[jax.Array, int]:
    """(out, in/groups, *taps), flipped and conjugated as it was, and the number of groups."""
    layout = row.kernel_layout.split()
    if layout == SINGLE:
        _check_no_groups(row, groups)
        return w[None, None], 1
    if layout[0] == "taps":
        w = jnp.moveaxis(w, (-2, -1), (0, 1))
    channels = [word for word in layout if word != "taps"]
    if channels == DEPTHWISE:
        inputs, multiplier, *taps = w.shape
        if groups not in (1, inputs):
            raise OptionError(
                f"`groups` must be the kernel's {inputs} inputs for {row.name}, or left out; got {groups}."
            )
        return w.reshape(inputs * multiplier, 1, *taps), inputs
    if channels[0] != _leading(channels):
        w = jnp.swapaxes(w, 0, 1)
    if not any("groups" in word for word in channels):
        _check_no_groups(row, groups)
    elif w.shape[0] % groups:
        raise OptionError(f"`groups` must divide the {w.shape[0]} channels of {row.name}'s kernel; got {groups}.")
    return (exchange_channels(w, groups) if "out/groups" in channels else w), groups


def _from_weights(w: jax.Array, row: Convention, groups: int) -> jax.Array:
    """The reverse of `_to_weights`."""
    layout = row.kernel_layout.split()
    if layout == SINGLE:
        if w.shape[:2] != (1, 1):
            raise ShapeError(
                f"`kernel` must have one input and one output for {row.name}, which takes no channels; got "
                f"{w.shape[1] * groups} and {w.shape[0]}. Convert one pair of channels at a time."
            )
        return w[0, 0]
    channels = [word for word in layout if word != "taps"]
    if channels == DEPTHWISE:
        if w.shape[1] != 1:
            raise ShapeError(
                f"`kernel` must have one input channel in each group for {row.name}; got {w.shape[1]}. "
                "If it is depthwise, say how many groups it has."
            )
        w = w.reshape(groups, w.shape[0] // groups, *w.shape[2:])
    elif not any("groups" in word for word in channels):
        _check_no_groups(row, groups)
    if "out/groups" in channels:
        w = exchange_channels(w, groups)
    if channels != DEPTHWISE and channels[0] != _leading(channels):
        w = jnp.swapaxes(w, 0, 1)
    return jnp.moveaxis(w, (0, 1), (-2, -1)) if layout[0] == "taps" else w


def _leading(channels: list[str]) -> str:
    """The channels that the groups lie in one after another."""
    return "in" if "out/groups" in channels else "out"


def _in_rank(w: jax.Array, row: Convention) -> jax.Array:
    """With as many axes of taps as the function has: axes of length 1 are added or dropped in front."""
    if row.rank is None:
        return w
    taps = w.shape[2:]
    surplus = len(taps) - row.rank
    if any(k != 1 for k in taps[: max(surplus, 0)]):
        raise ShapeError(f"`kernel` must have taps of rank {row.rank} at most for {row.name}; got taps {taps}.")
    return w.reshape(*w.shape[:2], *(1,) * -surplus, *taps[max(surplus, 0) :])


def _check_no_groups(row: Convention, groups: int) -> None:
    if groups != 1:
        raise OptionError(f"`groups` must be 1 for {row.name}, which has none; got a kernel of {groups}.")
