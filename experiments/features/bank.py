"""`Bank`: one layer of fixed filters with a rectifier, on every scale of a pyramid or in several sizes side by side."""

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp

from experiments.features.colours import Colours, colours_of
from experiments.features.filters import oriented_filters, random_filters
from experiments.features.pyramid import pyramid
from sigconv import correlate_channels

FULL_SIZES = (3, 5, 7, 11, 15, 23, 37, 55)
"""Taps of the filters of Ustyuzhaninov et al."""
_THRESHOLD = 1.0
"""Thresholds are drawn between ± so many standard deviations of the response."""
_ORIENTATIONS = 6


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Layer:
    """Filters (n, channels, taps, taps) with their thresholds (n,), on one scale of the pyramid."""

    filters: jax.Array
    thresholds: jax.Array
    scale: int = dataclasses.field(metadata={"static": True})

    @property
    def reach(self) -> int:
        """Samples of the finest scale that the filters span."""
        return self.filters.shape[-1] << self.scale


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Bank:
    """Features max(0, wᵢ ⋆ x − bᵢ) of a picture, with the colours themselves beside them, one array per layer.

    Fitted to the picture that is to be imitated (`fit_bank`): the filters see its colours without correlation, and
    each filter's response to it has variance 1.

    Attributes:
        layers: The finest scale first.
        colours: Coordinates in which colours are features.
        is_periodic: Whether filters go around the ends, for pictures that tile. Pictures are mirrored there otherwise,
            so that all scales see the same area.
    """

    layers: tuple[Layer, ...]
    colours: Colours
    is_periodic: bool = dataclasses.field(default=False, metadata={"static": True})

    @property
    def smallest(self) -> int:
        """The least side of a picture."""
        return max(layer.reach for layer in self.layers)

    @property
    def content_layers(self) -> tuple[int, ...]:
        """Which layers tell what a picture shows, rather than of what it is made: all but those of the finest scale."""
        return tuple(i for i, layer in enumerate(self.layers) if layer.scale > 0) or (len(self.layers) - 1,)

    @property
    def style_layers(self) -> tuple[int, ...]:
        return tuple(range(len(self.layers)))

    def __call__(self, picture: jax.Array) -> list[jax.Array]:
        """(C, H, W) → a list of (n + C, *space)."""
        coordinates = self.colours.encode(picture)
        levels = pyramid(coordinates, 1 + max(layer.scale for layer in self.layers), self._boundary)
        return [self._features(layer, levels[layer.scale]) for layer in self.layers]

    def periodic(self) -> "Bank":
        return dataclasses.replace(self, is_periodic=True)

    def _features(self, layer: Layer, level: jax.Array) -> jax.Array:
        responses = _respond(layer.filters, level, self._boundary)
        return jnp.concatenate([jax.nn.relu(responses - layer.thresholds[:, None, None]), level])

    @property
    def _boundary(self) -> str:
        return "periodic" if self.is_periodic else "reflect"


def random_bank(picture: jax.Array, seed: int, *, count: int = 32, taps: int = 11, scales: int = 4) -> Bank:
    """Other random filters of one size on every scale of a pyramid."""
    keys = jax.random.split(jax.random.key(seed), scales)
    return fit_bank(picture, [random_filters(key, count, picture.shape[0], taps) for key in keys], range(scales), seed)


def full_bank(picture: jax.Array, seed: int, *, count: int = 128, sizes: Sequence[int] = FULL_SIZES) -> Bank:
    """Random filters of many sizes on the picture itself, every size a layer.

    Reference:
        Ustyuzhaninov, Brendel, Gatys & Bethge, "Texture synthesis using shallow convolutional networks with random
        filters", 2016.
    """
    keys = jax.random.split(jax.random.key(seed), len(sizes))
    filters = [random_filters(key, count, picture.shape[0], k) for key, k in zip(keys, sizes, strict=True)]
    return fit_bank(picture, filters, [0] * len(sizes), seed)


def analytic_bank(picture: jax.Array, seed: int, *, taps: int = 11, scales: int = 4) -> Bank:
    """Oriented band-passes of each coordinate of colour, on every scale; only the thresholds are random."""
    waves = oriented_filters(taps, _ORIENTATIONS)
    channels = picture.shape[0]
    filters = jnp.einsum("nhw,cd->ncdhw", waves, jnp.eye(channels)).reshape(-1, channels, taps, taps)
    return fit_bank(picture, [filters] * scales, range(scales), seed)


def fit_bank(picture: jax.Array, filters: Sequence[jax.Array], scales: Sequence[int], seed: int) -> Bank:
    """The bank whose responses to the picture have variance 1, with thresholds drawn from the seed."""
    colours = colours_of(picture)
    levels = pyramid(colours.encode(picture), 1 + max(scales))
    layers = []
    for number, (weights, scale) in enumerate(zip(filters, scales, strict=True)):
        key = jax.random.fold_in(jax.random.key(seed), number)
        weights = jnp.einsum("ij,njhw->nihw", colours.emphasis, weights)
        deviation = jnp.std(_respond(weights, levels[scale], "reflect"), (1, 2))
        scaled = weights / jnp.maximum(deviation, jnp.finfo(weights.dtype).eps)[:, None, None, None]
        thresholds = jax.random.uniform(key, (len(weights),), minval=-_THRESHOLD, maxval=_THRESHOLD)
        layers.append(Layer(scaled, thresholds, scale))
    return Bank(tuple(layers), colours)


def _respond(filters: jax.Array, level: jax.Array, boundary: str) -> jax.Array:
    """The filters are constants: their gradient is never asked for."""
    return correlate_channels(level, jax.lax.stop_gradient(filters), padding="same", boundary=boundary)
