"""A batch worked on in parts that stand side by side in the program, for XLA's CPU backend.

It shares a transform out to all cores only where it comes to it on the thread that runs the program; on one of its
worker threads, which is where a shared pass over memory leaves it half of the time, one core does all of it. Parts that
do not wait for each other are transformed at the same time.
"""

from collections.abc import Callable

import jax
from jax import lax

from sigconv._engine.host import core_count

PARTS_PER_CORE = 4
LEAST_POINTS = 2**16
"""Complex numbers below which a part costs more than it gains (measured, as is the number of parts)."""


def in_parts(function: Callable[[jax.Array], jax.Array], x: jax.Array, points: int) -> jax.Array:
    """`function` of a batch, whose items it does not mix.

    Args:
        function: (batch, …) → (batch, …).
        points: Complex numbers that an item becomes.
    """
    sizes = part_sizes(x.shape[0], points)
    if len(sizes) == 1:
        return function(x)
    return lax.concatenate([function(part) for part in lax.split(x, sizes, 0)], 0)


def part_sizes(total: int, points: int) -> list[int]:
    """How many of `total` to take in each part, where each becomes so many complex numbers."""
    count = min(total, total * points // LEAST_POINTS, PARTS_PER_CORE * core_count())
    return [total] if count < 2 or jax.default_backend() != "cpu" else even_sizes(total, count)


def even_sizes(total: int, count: int) -> list[int]:
    """Of `count` parts of `total`, as even as they come."""
    return [(number + 1) * total // count - number * total // count for number in range(count)]
