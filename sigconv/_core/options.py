"""What the caller says per axis becomes integers per axis."""

import numbers
from collections.abc import Callable, Mapping
from typing import TypeGuard

from sigconv._core.errors import OptionError, ShapeError, lookup

MOST = 2**31
"""What arrays and steps are shorter than."""


def is_integer(value: object) -> TypeGuard[int]:
    """Whether this is an integer, Python's or NumPy's, and not a bool."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def per_axis(argument: str, value: object, rank: int, least: int = 1) -> tuple[int, ...]:
    """One integer per axis, from one for all or a sequence."""
    values = tuple(value) if isinstance(value, tuple | list) else (value,) * rank
    whole = tuple(int(v) for v in values if is_integer(v) and v >= least)
    if max(whole, default=0) >= MOST:
        raise OptionError(f"`{argument}` must be below 2³¹; got {max(whole)}.")
    if len(values) != rank or len(whole) != rank:
        raise OptionError(
            f"`{argument}` must be an integer of at least {least}, or one for each of the {rank} axes; got {value!r}."
        )
    return whole


def lengths_per_axis(argument: str, value: object, rank: int | None = None) -> tuple[int, ...]:
    """A shape of positive lengths, `rank` of them if that is given; one number is a shape of one axis."""
    lengths = tuple(value) if isinstance(value, tuple | list) else (value,)
    whole = tuple(int(length) for length in lengths if is_integer(length) and length > 0)
    if not lengths or len(whole) != len(lengths) or (rank is not None and len(whole) != rank):
        each = "" if rank is None else f", one for each of the {rank} axes"
        raise ShapeError(f"`{argument}` must be a tuple of positive lengths{each}; got {value!r}.")
    return whole


def padding_per_axis(
    argument: str,
    words: object,
    table: Mapping[str, Callable[[int, int, int], tuple[int, int]]],
    spans: tuple[tuple[int, int, int], ...],
) -> tuple[tuple[int, int], ...]:
    """(lo, hi) per axis, from one word for all axes or a sequence of pairs of integers.

    Args:
        argument, words: What the caller gave under which name.
        table: What the words mean for (extent, length, stride).
        spans: These three, per axis.
    """
    if isinstance(words, str):
        pads = lookup(argument, words, table)
        return tuple(pads(*span) for span in spans)
    pairs = tuple(words) if isinstance(words, tuple | list) else ()
    if len(pairs) != len(spans) or not all(_is_pair(pair) for pair in pairs):
        raise OptionError(
            f"`{argument}` must be one of {sorted(table)} or one (lo, hi) pair of integers for each of the "
            f"{len(spans)} axes; got {words!r}."
        )
    whole = tuple((int(lo), int(hi)) for lo, hi in pairs)
    if any(abs(pad) >= MOST for pair in whole for pad in pair):
        raise OptionError(f"`{argument}` must hold numbers below 2³¹; got {words!r}.")
    return whole


def _is_pair(pair: object) -> bool:
    return isinstance(pair, tuple | list) and len(pair) == 2 and all(map(is_integer, pair))
