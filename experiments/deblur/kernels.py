"""Blurs: what moves along a line, and what is out of focus."""

import jax
import jax.numpy as jnp
import numpy as np


def line(shape: tuple[int, int], length: jax.Array | float, angle: jax.Array | float) -> jax.Array:
    """A stroke of even speed through the middle, of sum 1, differentiable in length and angle.

    Args:
        shape: Of the taps, both odd.
        length: In pixels.
        angle: In radians, from the rows' direction towards the columns'.
    """
    rows, columns = (jnp.arange(n, dtype=jnp.float32) - n // 2 for n in shape)
    y, x = jnp.meshgrid(rows, columns, indexing="ij")
    along = x * jnp.cos(angle) + y * jnp.sin(angle)
    across = y * jnp.cos(angle) - x * jnp.sin(angle)
    # A pixel is covered by as much of it as lies within the ends.
    taps = jnp.clip(length / 2 + 0.5 - jnp.abs(along), 0, 1) * jnp.clip(1 - jnp.abs(across), 0, 1)
    return taps / jnp.sum(taps)


def disc(radius: float) -> np.ndarray:
    """A lens out of focus; the rim counts by how much of a pixel it covers."""
    reach = int(np.ceil(radius))
    fine = np.arange(-reach - 0.5 + 1 / 16, reach + 0.5, 1 / 8)
    inside = (fine[:, None] ** 2 + fine**2 <= radius**2).astype(float)
    size = 2 * reach + 1
    taps = inside.reshape(size, 8, size, 8).mean((1, 3))
    return (taps / taps.sum()).astype("f4")


def bump(size: int) -> np.ndarray:
    """A Gaussian, out to 2.5 standard deviations."""
    x = np.linspace(-2.5, 2.5, size)
    taps = np.exp(-(x[:, None] ** 2 + x**2) / 2)
    return (taps / taps.sum()).astype("f4")
