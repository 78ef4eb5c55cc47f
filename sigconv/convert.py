"""`convert_kernel`: the kernel with which one library's function does what another's does."""

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.conventions import Convention, row_of
from sigconv._core.dtypes import as_operand, is_complex
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.layout import check_not_empty, exchange_channels
from sigconv._core.options import is_integer


@dataclasses.dataclass(frozen=True)
class Channels:
    """Where a kernel keeps its channels.

    Attributes:
        axes: The axis of all inputs or all outputs, and that of the others, which may be those of one group.
        whole: Which of the two there are all of: 'out', or 'in' as in transposed functions.
        groups: How many groups it has: 'any', 'one', or 'inputs', every input having outputs of its own.
    """

    axes: tuple[int, int]
    whole: str = "out"
    groups: str = "any"


CHANNELS: Mapping[str, Channels | None] = {
    "taps": None,
    "out in/groups taps": Channels((0, 1)),
    "out in taps": Channels((0, 1), groups="one"),
    "in out/groups taps": Channels((0, 1), "in"),
    "taps in/groups out": Channels((-1, -2)),
    "taps in out": Channels((-1, -2), groups="one"),
    "taps out in": Channels((-2, -1), groups="one"),
    "taps out/groups in": Channels((-1, -2), "in"),
    "taps in multiplier": Channels((-2, -1), "in", "inputs"),
}
"""The layouts of the conventions table."""


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
    rank = len(shape) - (0 if CHANNELS[row.kernel_layout] is None else 2)
    if rank < 1 or row.rank not in (None, rank):
        wanted = "1 or more" if row.rank is None else row.rank
        raise ShapeError(
            f"`kernel` must be laid out as {row.name}'s ({row.kernel_layout}), with taps of rank {wanted}; got "
            f"shape {shape}."
        )


def _to_weights(w: jax.Array, row: Convention, groups: int) -> tuple[jax.Array, int]:
    """(out, in/groups, *taps), flipped and conjugated as it was, and the number of groups."""
    channels = CHANNELS[row.kernel_layout]
    if channels is None:
        _check_no_groups(row, groups)
        return w[None, None], 1
    w = jnp.moveaxis(w, channels.axes, (0, 1))
    if channels.groups == "inputs":
        if groups not in (1, len(w)):
            raise OptionError(
                f"`groups` must be the kernel's {len(w)} inputs for {row.name}, or left out; got {groups}."
            )
        groups = len(w)
    elif channels.groups == "one":
        _check_no_groups(row, groups)
    elif len(w) % groups:
        raise OptionError(f"`groups` must divide the {len(w)} channels of {row.name}'s kernel; got {groups}.")
    return (exchange_channels(w, groups) if channels.whole == "in" else w), groups


def _from_weights(w: jax.Array, row: Convention, groups: int) -> jax.Array:
    """The reverse of `_to_weights`."""
    channels, inputs = CHANNELS[row.kernel_layout], w.shape[1]
    if channels is None:
        if w.shape[:2] != (1, 1):
            raise ShapeError(
                f"`kernel` must have one input and one output for {row.name}, which takes no channels; got "
                f"{inputs * groups} and {len(w)}. Convert one pair of channels at a time."
            )
        return w[0, 0]
    if channels.groups == "inputs" and inputs != 1:
        raise ShapeError(
            f"`kernel` must have one input channel in each group for {row.name}; got {inputs}. "
            "If it is depthwise, say how many groups it has."
        )
    if channels.groups == "one":
        _check_no_groups(row, groups)
    w = exchange_channels(w, groups) if channels.whole == "in" else w
    return jnp.moveaxis(w, (0, 1), channels.axes)


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
