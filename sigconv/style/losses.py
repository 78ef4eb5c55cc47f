"""`statistics`, `style_loss` and `content_loss`: over the layers of a network, and the pictures of a batch."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv._core.dtypes import floating
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._gram.request import checked_features
from sigconv.style.conventions import Convention, Statistic, resolve
from sigconv.style.distances import Distance, sorted_mean

Layers = Sequence[ArrayLike]
Weights = Sequence[ArrayLike] | jax.Array | None


@front_door("statistics")
def statistics(
    features: Layers, statistic: str | Statistic | Convention = "gram", *, channel_axis: int = -3
) -> list[Any]:
    """A statistic of the features of every layer: the targets of `style_loss`.

    Args:
        features: One array per layer.
        statistic: A name of `STATISTICS` or `CONVENTIONS`, or a function of one picture's (C, *space), such as
            `LaggedGram(lags)`.
        channel_axis: Where the channels are, from the end; all behind it is space, all in front batch.
    Shapes:
        each (..., C, *space) → arrays (..., *statistic), without the axes in front if a convention mixes pictures.
    Raises:
        ShapeError: Features are empty, or have too few axes.
        OptionError: Unknown `statistic`, or `features` is no list.
    Example:
        >>> [target.shape for target in statistics([jnp.ones((3, 8, 8)), jnp.ones((16, 4, 4))])]
        [(3, 3), (16, 16)]
    """
    row, _ = resolve(statistic, None)
    return [_statistic_of(x, row, channel_axis) for x in _checked_layers(features, channel_axis)]


@front_door("style_loss")
def style_loss(
    features: Layers,
    targets: Sequence[Any],
    weights: Weights = None,
    *,
    statistic: str | Statistic | Convention = "gram",
    distance: str | Distance | None = None,
    channel_axis: int = -3,
) -> jax.Array:
    """How far the statistics of features are from those of a style: Σ_layers weight · distance, averaged over a batch.

    Args:
        features: One array per layer.
        targets: What `statistics` gives for the style, by the same statistic; of one picture for all of the batch, or
            of one for each.
        weights: Of the layers; 1 if None.
        statistic, channel_axis: As in `statistics`.
        distance: A name of `DISTANCES`, or a function of two statistics; if None that of the convention, 'w2' for
            `Moments`, 'sorted_mean' for `SlicedWasserstein`, 'mean' for all others.
    Shapes:
        each (..., C, *space) → ().
    Raises:
        ShapeError: As `statistics`; or targets are of other shapes than the statistics.
        OptionError: Unknown `statistic` or `distance`, or there are not as many targets and weights as layers.
    Reference:
        Gatys, Ecker & Bethge, "Image style transfer using convolutional neural networks", CVPR 2016.
    Example:
        >>> layer = jnp.arange(12.0).reshape(3, 2, 2)
        >>> float(style_loss([layer], statistics([layer]), statistic="gatys"))
        0.0
    """
    row, measure = resolve(statistic, distance)
    return _over_layers(_checked_layers(features, channel_axis), row, targets, weights, measure, channel_axis)


@front_door("content_loss")
def content_loss(
    features: Layers,
    targets: Layers,
    weights: Weights = None,
    *,
    distance: str | Distance = "mean",
    channel_axis: int = -3,
) -> jax.Array:
    """How far features are from those of a picture, sample by sample: Σ_layers weight · distance.

    Args:
        features, targets: One array per layer each; targets of one picture, or of one for each of the batch.
        weights: Of the layers; 1 if None.
        distance: As in `style_loss`; 'half_sum' is that of Gatys.
        channel_axis: As in `style_loss`.
    Shapes:
        each (..., C, *space) → ().
    Raises:
        ShapeError: Targets are of other shapes than the features.
        OptionError: Unknown `distance`, or there are not as many targets and weights as layers.
    Reference:
        Gatys, Ecker & Bethge, "Image style transfer using convolutional neural networks", CVPR 2016.
    Example:
        >>> float(content_loss([jnp.ones((1, 2, 2))], [jnp.zeros((1, 2, 2))], distance="half_sum"))
        2.0
    """
    _, measure = resolve(_wide, distance)
    return _over_layers(_checked_layers(features, channel_axis), _CONTENT, targets, weights, measure, channel_axis)


def _wide(x: jax.Array) -> jax.Array:
    return x.astype(floating(x.dtype))


_CONTENT = Convention(_wide)
"""Features as they are."""


def _checked_layers(features: Layers, channel_axis: int) -> list[jax.Array]:
    if not isinstance(features, list | tuple) or not features:
        raise OptionError(f"`features` must be a list with one array per layer; got {type(features).__name__}.")
    return [checked_features("features", x, channel_axis) for x in features]


def _statistic_of(x: jax.Array, row: Convention, channel_axis: int) -> Any:
    """Of each picture of a batch; of all as one where the convention mixes them."""
    front = _front(x, row, channel_axis)
    x = x.reshape(math.prod(front), -1, *x.shape[channel_axis + 1 :])
    if not front:
        return row.statistic(x[0])
    return jax.tree.map(lambda a: a.reshape(*front, *a.shape[1:]), jax.vmap(row.statistic)(x))


def _front(x: jax.Array, row: Convention, channel_axis: int) -> tuple[int, ...]:
    """The axes of a batch."""
    return () if row.mixes_batch else x.shape[:channel_axis]


def _over_layers(
    features: list[jax.Array],
    row: Convention,
    targets: Sequence[Any],
    weights: Weights,
    measure: Distance,
    channel_axis: int,
) -> jax.Array:
    """The weighted sum of the layers' distances."""
    count = len(features)
    if not isinstance(targets, list | tuple) or len(targets) != count:
        given = len(targets) if isinstance(targets, list | tuple) else type(targets).__name__
        raise OptionError(f"`targets` must be a list with one entry for each of the {count} layers; got {given}.")
    factors = [1.0] * count if weights is None else list(weights)
    if len(factors) != count:
        raise OptionError(f"`weights` must have one entry for each of the {count} layers; got {len(factors)}.")
    total = None
    for x, target, factor in zip(features, targets, factors, strict=True):
        front = _front(x, row, channel_axis)
        apart = _between(_statistic_of(x, row, channel_axis), target, measure, front)
        part = jnp.asarray(factor).astype(apart.dtype) * apart
        total = part if total is None else total + part
    assert total is not None
    return total


def _between(found: Any, target: Any, measure: Distance, front: tuple[int, ...]) -> jax.Array:
    """A layer's distance, averaged over a batch."""
    leaves, structure = jax.tree.flatten(found)
    others, of_target = jax.tree.flatten(target)
    # Sorted rows may be of any length.
    kept = -1 if measure is sorted_mean else None
    shapes = [a.shape[:kept] for a in leaves]
    given = [jnp.shape(b)[:kept] for b in others]
    single = [shape[len(front) :] for shape in shapes]
    if structure != of_target or given not in (shapes, single):
        raise ShapeError(
            f"`targets` must have the shapes that the statistic has of the features, {[a.shape for a in leaves]}, with "
            f"or without batch; got {[jnp.shape(b) for b in others]}. Take them by the same statistic."
        )
    others = [jnp.asarray(b).astype(a.dtype) for a, b in zip(leaves, others, strict=True)]
    if not front:
        return measure(found, structure.unflatten(others))
    rank, batch = len(front), math.prod(front)
    is_batch = given == shapes
    leaves = [a.reshape(batch, *a.shape[rank:]) for a in leaves]
    others = [b.reshape(batch, *b.shape[rank:]) for b in others] if is_batch else others
    each = jax.vmap(measure, (0, 0 if is_batch else None))
    return jnp.mean(each(structure.unflatten(leaves), structure.unflatten(others)))
