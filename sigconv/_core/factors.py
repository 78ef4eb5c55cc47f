"""`SeparableKernel`: a kernel given by one factor per axis."""

import dataclasses

import jax
from jax.typing import ArrayLike


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class SeparableKernel:
    """The outer product of 1-d factors, one per axis, applied axis by axis where that is cheaper.

    A pytree: its factors are differentiated, mapped and traced like any arrays.

    Args:
        factors: Taps along each axis, in the order of the axes.
    Example:
        >>> sobel = SeparableKernel((jnp.array([1.0, 2.0, 1.0]), jnp.array([1.0, 0.0, -1.0])))
        >>> correlate(jnp.eye(3), sobel, mode="valid").tolist()
        [[0.0]]
    """

    factors: tuple[ArrayLike, ...]
