"""What weights and a bias must look like."""

from sigconv._core.errors import OptionError, ShapeError
from sigconv._core.options import is_integer


def check_weights(shape: tuple[int, ...], rank: int, channels: bool, groups: object) -> None:
    """`ShapeError` or `OptionError` unless weights of this shape have so many axes of taps."""
    if 0 in shape:
        raise ShapeError(f"`weights` must not be empty; got shape {shape}.")
    if rank < 1:
        wanted = "(c_out, c_in/groups, *taps), or channels=False be given" if channels else "(*taps)"
        raise ShapeError(f"`weights` must be {wanted}, with at least one axis of taps; got shape {shape}.")
    if not is_integer(groups) or groups < 1 or (shape[0] % groups if channels else groups > 1):
        raise OptionError(f"`groups` must be a positive integer that divides the outputs; got {groups!r} for {shape}.")


def check_per_channel(argument: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """`ShapeError` unless there is one number per output channel."""
    if shape != wanted:
        raise ShapeError(f"`{argument}` must have one number per output channel, shape {wanted}; got {shape}.")
