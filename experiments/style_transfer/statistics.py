"""Which statistics of features are made equal, and how far they are apart, by name."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp

from sigconv import style

LAGS = ((0, 0), (0, 3), (3, 0), (3, 3), (3, -3), (0, 6), (6, 0))
"""Shifts of the lagged Gram matrices, in samples of each scale."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Appearance:
    """The mean of every feature, and their Gram matrices about it at every lag.

    `is_periodic` says whether lags go around the ends.
    """

    lags: tuple[tuple[int, int], ...] = dataclasses.field(default=LAGS, metadata={"static": True})
    is_periodic: bool = dataclasses.field(default=False, metadata={"static": True})

    def __call__(self, features: jax.Array) -> dict[str, jax.Array]:
        """(C, *space) → (C,) and (lags, C, C)."""
        gram = style.LaggedGram(self.lags, centered=True, boundary=_edges(self.is_periodic))
        return {"mean": jnp.mean(features, (1, 2)), "gram": gram(features)}


@dataclasses.dataclass(frozen=True)
class Measure:
    """A statistic, for pictures that tile or not, and a distance."""

    statistic: Callable[[bool], Callable[[jax.Array], Any]]
    distance: str | Callable[[Any, Any], jax.Array]


def relative(found: Any, wanted: Any) -> jax.Array:
    """Σ|a − b|² / Σ|b|², added over arrays: 0 where they are equal, 1 where there is nothing."""
    parts = jax.tree.map(lambda a, b: jnp.sum(jnp.abs(a - b) ** 2) / jnp.sum(jnp.abs(b) ** 2), found, wanted)
    return sum(jax.tree.leaves(parts), jnp.zeros(()))


def _edges(is_periodic: bool) -> Literal["zero", "periodic"]:
    return "periodic" if is_periodic else "zero"


MEASURES: Mapping[str, Measure] = {
    "lagged": Measure(lambda is_periodic: Appearance(LAGS, is_periodic), relative),
    "gram": Measure(lambda is_periodic: Appearance(((0, 0),), is_periodic), relative),
    "moments": Measure(lambda _: style.Moments(), "w2"),
    "autocorrelation": Measure(lambda is_periodic: style.Autocorrelation(6, _edges(is_periodic)), relative),
    "spectrum": Measure(lambda _: style.PowerSpectrum(16), relative),
    "wasserstein": Measure(lambda _: style.SlicedWasserstein(), "sorted_mean"),
}
"""By name: 'lagged' is the default, 'gram' the same without lags."""
