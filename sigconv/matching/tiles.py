"""Maps of images that are large beside memory: tile after tile, each from the samples that it needs."""

import itertools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

ScoreMap = Callable[[jax.Array, jax.Array | None], jax.Array]
"""From samples (batch, channel, *space) and their weights, if any, to scores (batch, template, *out)."""


def by_tiles(
    score: ScoreMap, x: jax.Array, weights: jax.Array | None, out: tuple[int, ...], tile: tuple[int, ...]
) -> jax.Array:
    """The map of `out` scores, as `score` gives it for one tile of them at a time."""
    space = x.shape[2:]
    halo = tuple(n - m for n, m in zip(space, out, strict=True))
    tile = tuple(min(t, m) for t, m in zip(tile, out, strict=True))
    # The last tile ends where the map does, and gives some scores a second time.
    places = [[min(start, m - t) for start in range(0, m, t)] for m, t in zip(out, tile, strict=True)]
    starts = np.array(list(itertools.product(*places)), np.int32)
    size = tuple(t + h for t, h in zip(tile, halo, strict=True))

    def part(a: jax.Array, start: jax.Array) -> jax.Array:
        return lax.dynamic_slice(a, _at(start), (*a.shape[:2], *size))

    @jax.checkpoint
    def scored(start: jax.Array) -> jax.Array:
        return score(part(x, start), None if weights is None else part(weights, start))

    first = jax.eval_shape(scored, jax.ShapeDtypeStruct(starts.shape[1:], starts.dtype))

    def step(whole: jax.Array, start: jax.Array) -> tuple[jax.Array, None]:
        return lax.dynamic_update_slice(whole, scored(start), _at(start)), None

    return lax.scan(step, jnp.zeros((*first.shape[:2], *out), first.dtype), jnp.asarray(starts))[0]


def _at(start: jax.Array) -> tuple[jax.Array, ...]:
    """The indices of a tile in (batch, channel, *space), of one integer type."""
    return (*(jnp.zeros_like(start[0]),) * 2, *start)


def fitting(out: tuple[int, ...], per_output: int, most: int) -> tuple[int, ...] | None:
    """The longest axes halved until `most` numbers are not exceeded; None where that is so from the start."""
    tile = list(out)
    while np.prod(tile, dtype=float) * per_output > most and max(tile) > 1:
        longest = int(np.argmax(tile))
        tile[longest] = -(-tile[longest] // 2)
    return None if tuple(tile) == out else tuple(tile)
