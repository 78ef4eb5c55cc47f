"""Windows of any length along an axis, out of those of 1, 8, 64, … side by side that its octal digits name."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TypeVar

import jax

RADIX = 8
"""Windows that are merged in one pass over memory (on a CPU 4 and 8 are about as fast, 2 and 16 slower)."""

T = TypeVar("T")
S = TypeVar("S")


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a window.

    Attributes:
        level: Which of the levels knows windows of its length.
        start: Where it starts, from the window's first place on.
        length: In samples.
    """

    level: int
    start: int
    length: int


def grow(single: S, length: int, merge: Callable[[Sequence[S | T], Sequence[Part]], T]) -> S | T:
    """What is known of windows of `length`, from what is known of single places; a level is either.

    Args:
        single: The level of length 1.
        length: Of the windows wanted.
        merge: From levels, and parts that lie side by side from 0 on, to the level of windows that they make up.
    """
    levels: list[S | T] = [single]
    parts: list[Part] = []
    reach, covered = 1, 0
    while True:
        digit = length // reach % RADIX
        parts += [Part(len(levels) - 1, covered + i * reach, reach) for i in range(digit)]
        covered += digit * reach
        if length < RADIX * reach:
            return levels[-1] if len(parts) == 1 else merge(levels, parts)
        levels.append(merge(levels[-1:], [Part(0, i * reach, reach) for i in range(RADIX)]))
        reach *= RADIX


def total(terms: Sequence[jax.Array]) -> jax.Array:
    """Their sum."""
    first, *others = terms
    for term in others:
        first = first + term
    return first
