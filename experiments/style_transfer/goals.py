"""`Goal`: what is made small, a function of the picture's coordinates of colour alone."""

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

import jax
import jax.numpy as jnp

from experiments.features.colours import Colours
from experiments.style_transfer.statistics import Measure, relative
from sigconv import style

_RANGE_WEIGHT = 10.0


class Extractor(Protocol):
    """Features of a picture (C, H, W) with samples from 0 to 1; a pytree."""

    @property
    def smallest(self) -> int: ...

    @property
    def style_layers(self) -> tuple[int, ...]: ...

    @property
    def content_layers(self) -> tuple[int, ...]: ...

    def periodic(self) -> Any: ...

    def __call__(self, picture: jax.Array) -> list[jax.Array]: ...


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Goal:
    """Statistics of a style, and features of a picture's content, each with its weight.

    Attributes:
        extractor: Where features come from.
        colours: The coordinates that are optimised: those of the style, in which a step changes all colours alike.
        style_targets: Per layer of style.
        content_targets: Per layer of content; none for textures.
        content_weight, smoothness: Of the content, and of the total variation.
        statistic, distance: Of style.
    """

    extractor: Any
    colours: Colours
    style_targets: list[Any]
    content_targets: list[jax.Array]
    content_weight: float
    smoothness: float
    statistic: Callable[[jax.Array], Any] = dataclasses.field(metadata={"static": True})
    distance: Any = dataclasses.field(metadata={"static": True})

    def __call__(self, coordinates: jax.Array) -> jax.Array:
        picture = self.colours.decode(coordinates)
        features = self.extractor(picture)
        chosen = [features[i] for i in self.extractor.style_layers]
        options = {"statistic": self.statistic, "distance": self.distance}
        loss = style.style_loss(chosen, self.style_targets, **options) / len(chosen)
        if self.content_targets:
            shown = [features[i] for i in self.extractor.content_layers]
            apart = style.content_loss(shown, self.content_targets, distance=relative)
            loss += self.content_weight * apart / len(shown)
        outside = jnp.clip(-picture, 0) ** 2 + jnp.clip(picture - 1, 0) ** 2
        loss += _RANGE_WEIGHT * jnp.mean(outside)
        return loss + self.smoothness * style.total_variation(picture)


@jax.jit
def extract(extractor: Extractor, picture: jax.Array) -> list[jax.Array]:
    """The features, compiled once for every kind of extractor."""
    return extractor(picture)


def style_targets(extractor: Extractor, picture: jax.Array, measure: Measure) -> list[Any]:
    """The statistics of a picture, which does not tile."""
    features = extract(extractor, picture)
    return style.statistics([features[i] for i in extractor.style_layers], measure.statistic(False))
