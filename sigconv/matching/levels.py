"""Samples as floats about a level, so that integers too wide for the float keep their differences."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


@dataclasses.dataclass(frozen=True)
class Levelled:
    """Samples x = level + values.

    Attributes:
        values: (batch, channel, *space), in the float type that is computed in.
        level: (batch, channel, 1, …, 1), likewise.
        whole: The level in the samples' own type, where that is a wide integer.
    """

    values: jax.Array
    level: jax.Array
    whole: jax.Array | None = None

    def above(self, other: "Levelled") -> jax.Array:
        """This level less another's: (batch, channel, …) and (template, channel, …) → (batch, template, channel, …)."""
        if self.whole is None or other.whole is None or self.whole.dtype != other.whole.dtype:
            return self.level[:, None] - other.level[None]
        return _difference(self.whole[:, None], other.whole[None], self.level.dtype)


def levelled(x: jax.Array, dtype: np.dtype) -> Levelled:
    """The samples about 0, or integers of 32 bits and more about the first of their channel."""
    first = lax.slice(x, (0,) * x.ndim, (*x.shape[:2], *(1,) * (x.ndim - 2)))
    if not jnp.issubdtype(x.dtype, jnp.integer) or x.dtype.itemsize < 4:
        return Levelled(x.astype(dtype), jnp.zeros(first.shape, dtype))
    return Levelled(_difference(x, first, dtype), first.astype(dtype), first)


def _difference(x: jax.Array, y: jax.Array, dtype: np.dtype) -> jax.Array:
    """x − y of integers, rounded once: their halves are subtracted exactly and do not overflow."""
    half = 4 * x.dtype.itemsize
    signed = np.dtype(f"int{2 * half}")

    def halves(a: jax.Array) -> tuple[jax.Array, jax.Array]:
        shift, low = jnp.asarray(half, a.dtype), jnp.asarray(2**half - 1, a.dtype)
        return (a >> shift).astype(signed), (a & low).astype(signed)

    (x_high, x_low), (y_high, y_low) = halves(x), halves(y)
    return (x_high - y_high).astype(dtype) * 2.0**half + (x_low - y_low).astype(dtype)
