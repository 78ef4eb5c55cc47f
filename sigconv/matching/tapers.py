"""Windows that take an image to 0 at its ends, over all of it or over the part that it shares with a shifted one."""

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def _hann(u: jax.Array) -> jax.Array:
    return jnp.sin(jnp.pi * u) ** 2


def _tukey(u: jax.Array) -> jax.Array:
    """Flat over the middle half."""
    return jnp.sin(jnp.pi * jnp.minimum(2 * jnp.minimum(u, 1 - u), 0.5)) ** 2


WINDOWS: Mapping[str, Callable[[jax.Array], jax.Array]] = {"hann": _hann, "tukey": _tukey}
"""Each as a function of the place between the ends, 0 … 1."""


def shared(name: str, shape: tuple[int, ...], lag: jax.Array, dtype: np.dtype) -> jax.Array:
    """The window over the samples n of an image for which n − lag is in it too.

    Shapes:
        lag (rank,), integers → (*shape).
    """
    window = jnp.ones(shape, dtype)
    for axis, n in enumerate(shape):
        start, length = jnp.maximum(lag[axis], 0), jnp.maximum(n - jnp.abs(lag[axis]), 1)
        at = jnp.arange(n, dtype=np.int32) - start
        place = (at.astype(dtype) + 0.5) / length.astype(dtype)
        along = jnp.where((at >= 0) & (at < length), WINDOWS[name](place), 0)
        window = window * along.reshape(*(-1 if a == axis else 1 for a in range(len(shape))))
    return window


_ROUNDINGS = 16
"""Samples within so many roundings of their level are flat."""


def centred(x: jax.Array, window: jax.Array | None) -> jax.Array:
    """The image under the window, less the level that leaves no sum; 0 of a flat one."""
    weights = jnp.ones(x.shape, x.dtype) if window is None else window.astype(x.dtype)
    total = jnp.sum(weights)
    level = jnp.sum(x * weights) / jnp.where(total == 0, 1, total)
    rest = x - level
    noise = _ROUNDINGS * float(jnp.finfo(x.dtype).eps)
    is_flat = jnp.max(jnp.abs(lax.stop_gradient(rest))) <= noise * jnp.abs(lax.stop_gradient(level))
    return jnp.where(is_flat, 0, rest) * weights
