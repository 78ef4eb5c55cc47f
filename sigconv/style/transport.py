"""Statistics that a distance of transport goes with: moments of a Gaussian, and sorted projections."""

import dataclasses
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sigconv._core.dtypes import floating
from sigconv._core.errors import OptionError
from sigconv._core.options import is_integer
from sigconv._core.pytree import STATIC, pytree
from sigconv._gram.grams import gram


class Gaussian(NamedTuple):
    """What a Gaussian is given by: `mean` (C,) and `covariance` (C, C)."""

    mean: jax.Array
    covariance: jax.Array


@pytree
@dataclasses.dataclass(frozen=True)
class Moments:
    """The mean of every channel and their covariance, that is the second moment less the product of the means.

    Attributes:
        chunk: As in `sigconv.gram`.
    """

    chunk: int | None = dataclasses.field(default=None, metadata=STATIC)

    def __call__(self, features: jax.Array) -> Gaussian:
        """(C, *space) → `Gaussian`."""
        mean = jnp.mean(features.astype(floating(features.dtype)), tuple(range(1, features.ndim)))
        return Gaussian(mean, gram(features, centered=True, chunk=self.chunk, channel_axis=-features.ndim))


@pytree
@dataclasses.dataclass(frozen=True)
class SlicedWasserstein:
    """Features projected on random directions and sorted: all that is known of their joint distribution.

    Attributes:
        projections: Number of directions; as many as channels if None.
        key: From which they are drawn, the same in every call; `jax.random.key(0)` if None. For other directions in
            every step give every step its key, and statistics of the targets by the same.
    Reference:
        Heitz, Vanhoey, Chambon & Belcour, "A sliced Wasserstein loss for neural texture synthesis", CVPR 2021.
    """

    projections: int | None = dataclasses.field(default=None, metadata=STATIC)
    key: jax.Array | None = None

    def __post_init__(self) -> None:
        if self.projections is not None and (not is_integer(self.projections) or self.projections < 1):
            raise OptionError(f"`projections` must be None or an integer of at least 1; got {self.projections!r}.")

    def __call__(self, features: jax.Array) -> jax.Array:
        """(C, *space) → (projections, M), in ascending order."""
        channels = features.shape[0]
        x = features.reshape(channels, math.prod(features.shape[1:]))
        x = x.astype(floating(x.dtype))
        key = jax.random.key(0) if self.key is None else self.key
        rows = jax.random.normal(key, (self.projections or channels, channels), x.dtype)
        rows = rows / jnp.linalg.norm(rows, axis=1, keepdims=True)
        return jnp.sort(jnp.matmul(rows, x, precision="highest"), axis=1)
