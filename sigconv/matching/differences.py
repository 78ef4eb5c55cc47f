"""`sad`: the sum of absolute differences, for which there is no shorter way than to take every one of them.

The cost is (samples of the map) × (taps), a pass over the map for every tap; memory is a few maps, also of derivatives.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv.matching.levels import Levelled
from sigconv.matching.masked import Weights, counting

_AT_ONCE = 8
"""Taps of one pass."""


def absolute_differences(image: Levelled, templates: Levelled, weights: Weights) -> tuple[jax.Array, jax.Array | None]:
    """Σ a M |x − w|, and whether enough of the template lies on the image, None where all of it does.

    Shapes:
        values (batch, channel, *space) and (template, channel, *taps) → (batch, template, *out).
    """
    x, w, a = image.values, counting(templates.values, weights.taps), weights.samples
    x = x if a is None else counting(x, a)
    taps = w.shape[2:]
    out = tuple(n - k + 1 for n, k in zip(x.shape[2:], taps, strict=True))
    gap = image.above(templates)
    m = jnp.broadcast_to(weights.taps, w.shape)
    count = w[0, 0].size
    starts = np.array(list(itertools.product(*map(range, taps))), np.int32)
    columns = (starts, *(jnp.moveaxis(b.reshape(*b.shape[:2], count), 2, 0) for b in (w, m)))

    def window(plane: jax.Array, start: jax.Array) -> jax.Array:
        return lax.dynamic_slice(plane, (*(jnp.zeros_like(start[0]),) * 2, *start), (*plane.shape[:2], *out))

    @jax.checkpoint
    def add(total: tuple[jax.Array, jax.Array], column: tuple) -> tuple[tuple[jax.Array, jax.Array], None]:
        start, tap, weight = column
        ones = (1,) * len(out)
        tap, weight = (b.reshape(1, *b.shape, *ones) for b in (tap, weight))
        difference = jnp.abs((window(x, start)[:, None] - tap) + gap)
        seen = weight if a is None else weight * window(a, start)[:, None]
        return (total[0] + jnp.sum(seen * difference, axis=2), total[1] + jnp.sum(seen, axis=2)), None

    shape = (x.shape[0], w.shape[0], *out)
    start = (
        jnp.zeros(shape, x.dtype),
        jnp.zeros(shape if a is not None else (1, *shape[1:2], *(1,) * len(out)), x.dtype),
    )
    (total, seen), _ = lax.scan(add, start, columns, unroll=min(_AT_ONCE, count))
    if a is None:
        return total, None
    full = jnp.sum(weights.taps, axis=tuple(range(1, w.ndim)), keepdims=True)
    return total, seen > max(weights.overlap, 1e-6) * jnp.swapaxes(full, 0, 1)
