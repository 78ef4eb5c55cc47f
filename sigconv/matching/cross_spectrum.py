"""The cross-spectrum of two images of unit norm, each frequency weighted by what its phase is worth."""

import dataclasses
import math
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.errors import OptionError, lookup
from sigconv.matching import upsampled
from sigconv.matching.upsampled import Waves

FLOOR = 1e-2
"""Power, over that of the mean frequency, below which a phase counts less and less: it is of noise or of leakage."""


@dataclasses.dataclass(frozen=True)
class Band:
    """Phase correlation of low frequencies alone, for images whose high ones are noise.

    Attributes:
        cutoff: The highest frequency, along every axis, in cycles/sample.
    Reference:
        Ito et al., "A fingerprint matching algorithm using phase-only correlation", IEICE Trans. E87-A (3), 2004.
    """

    cutoff: float = 0.25

    def __post_init__(self) -> None:
        if not isinstance(self.cutoff, int | float) or isinstance(self.cutoff, bool) or not 0 < self.cutoff <= 0.5:
            raise OptionError(f"`Band.cutoff` must be above 0 and at most 0.5 cycles/sample; got {self.cutoff!r}.")


def _power(product: jax.Array) -> jax.Array:
    return lax.square(jnp.real(product)) + lax.square(jnp.imag(product))


def whitened(product: jax.Array) -> jax.Array:
    """P / √(|P|² + floor²): smooth, and 0 where there is nothing."""
    return product * lax.rsqrt(_power(product) + FLOOR**2).astype(product.dtype)


def _within(wave: Waves, cutoff: float) -> np.ndarray:
    """Which frequencies are that low.

    Shapes:
        → (*frequencies,), bools.
    """
    kept = np.ones(wave.values.shape, bool)
    for axis, (k, n) in enumerate(zip(upsampled.cycles(wave.shape, is_real=wave.is_real), wave.shape, strict=True)):
        low = np.abs(k) <= cutoff * n
        kept &= low.reshape(*(-1 if a == axis else 1 for a in range(kept.ndim)))
    return kept


NORMALIZATIONS: Mapping[str, Band | None] = {"none": None, "phase": Band(0.5), "band": Band()}
"""The frequencies whose phases count alike; None where all count by their power."""


def resolve_normalization(argument: str, normalization: object, table: Mapping[str, Band | None]) -> Band | None:
    """The row of the table, or a `Band` as it is."""
    return normalization if isinstance(normalization, Band) else lookup(argument, normalization, table)


def cross_spectrum(x: jax.Array, y: jax.Array, band: Band | None, shape: tuple[int, ...]) -> Waves:
    """The waves of c(d) = Σ_n x[n] conj(y[n − d]) on that grid, of x and y over their norms, or of its phases; |c| ≤ 1.

    Shapes:
        x and y (*space), no longer than `shape`: zeros are added.
    """
    of_x, of_y = (upsampled.waves(_unit(a), shape) for a in (x, y))
    points = math.prod(shape)
    product = of_x.values * jnp.conj(of_y.values) * float(points) ** 2
    if band is None:
        return dataclasses.replace(of_x, values=product / points)
    # Of x and y the mean power is 1, and so it is of the product where they are alike.
    values = whitened(product) * jnp.asarray(_within(of_x, band.cutoff), product.dtype)
    counts = upsampled.multiplicity(of_x).reshape(*(1,) * (values.ndim - 1), -1)
    total = jnp.sum(_modulus(values) * counts)
    return dataclasses.replace(of_x, values=values / jnp.where(total == 0, 1, total).astype(values.dtype))


def _unit(x: jax.Array) -> jax.Array:
    """x of norm 1; 0 if it is."""
    energy = jnp.sum(_power(x) if jnp.iscomplexobj(x) else lax.square(x))
    return x * jnp.where(energy == 0, 0, lax.rsqrt(jnp.where(energy == 0, 1, energy))).astype(x.dtype)


def _modulus(values: jax.Array) -> jax.Array:
    """|Q|, with a derivative of 0 where it is 0."""
    power = _power(values)
    is_nothing = power < 1e-30
    return jnp.where(is_nothing, 0, jnp.sqrt(jnp.where(is_nothing, 1, power)))
