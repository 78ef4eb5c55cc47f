"""Which statistics of features are made equal, and how far they are apart, by name."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp

from sigconv import style

LAGS = ((0, 0), (0, 1), (1, 0), (0, 4), (4, 0))
"""Shifts of the lagged Gram matrices, in samples of each scale: neighbours keep the grain, distances the structure."""


_LAGS_WEIGHT = 0.1
"""Of all lags but 0, beside 1 for that."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Appearance:
    """The mean of every feature, and their Gram matrices about it at every lag, 0 first.

    `is_periodic` says whether lags go around the ends. `appearance_distance` goes with it.
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


def appearance_distance(found: dict[str, jax.Array], wanted: dict[str, jax.Array]) -> jax.Array:
    """Errors of means and of the Gram matrix, relative to them; and of lags, on average, relative to that matrix."""
    size = jnp.sum(wanted["gram"][0] ** 2)
    errors = jnp.sum((found["gram"] - wanted["gram"]) ** 2, (1, 2)) / size
    far = jnp.mean(errors[1:]) if len(errors) > 1 else 0.0
    return relative(found["mean"], wanted["mean"]) + errors[0] + _LAGS_WEIGHT * far


def _edges(is_periodic: bool) -> Literal["zero", "periodic"]:
    return "periodic" if is_periodic else "zero"


MEASURES: Mapping[str, Measure] = {
    "lagged": Measure(lambda is_periodic: Appearance(LAGS, is_periodic), appearance_distance),
    "gram": Measure(lambda is_periodic: Appearance(LAGS[:1], is_periodic), appearance_distance),
    "moments": Measure(lambda _: style.Moments(), "w2"),
    "autocorrelation": Measure(lambda is_periodic: style.Autocorrelation(6, _edges(is_periodic)), relative),
    "spectrum": Measure(lambda _: style.PowerSpectrum(16), relative),
    "wasserstein": Measure(lambda _: style.SlicedWasserstein(), "sorted_mean"),
}
"""By name: 'lagged' is the default, 'gram' the same without lags."""
