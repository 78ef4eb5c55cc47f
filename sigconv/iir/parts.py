"""`Parts`: arrays as sums of a coarse part, whose products float32 holds exactly, and a fine one.

A pole at radius r rings for 1/(1 − r) samples, and so is heard what rounding made of its radius: float32's ε becomes
ε/(1 − r). The coarse parts are whole multiples of 2⁻¹⁰, so that products of those below 4, and sums of such, are exact,
in whatever order; what is rounded is the fine part, by ε·2⁻¹¹.
"""

import dataclasses

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.dtypes import is_complex

_GRID = 2.0**10
_LARGE = 2.0**13
"""From here on numbers are left as they are; whole multiples of the grid's step would not be exact."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Parts:
    """The sum of two arrays of one shape.

    Attributes:
        coarse: A multiple of 2⁻¹⁰. No derivative passes through it.
        fine: The rest.
    """

    coarse: jax.Array
    fine: jax.Array

    @property
    def value(self) -> jax.Array:
        """The sum, rounded."""
        return self.coarse + self.fine


def parted(x: jax.Array) -> Parts:
    """The array in parts."""
    return settled(x, jnp.zeros_like(x))


def settled(exact: jax.Array, rest: jax.Array) -> Parts:
    """A sum of what is exact as it is, and of less, in parts."""
    whole = lax.stop_gradient(exact + rest)
    coarse = jnp.where(jnp.abs(whole) < _LARGE, rounded(whole * _GRID) / _GRID, whole)
    return Parts(coarse, (exact - coarse) + rest)


def rounded(x: jax.Array) -> jax.Array:
    """To whole numbers, of complex ones both parts."""
    return lax.complex(jnp.round(x.real), jnp.round(x.imag)) if is_complex(x.dtype) else jnp.round(x)
