"""From coarse to fine: a texture from noise, or a picture in another one's style."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import jax
import jax.numpy as jnp

from experiments.features.colours import colours_of
from experiments.features.pyramid import pyramid
from experiments.style_transfer.descent import Optimiser, State, advance, begin
from experiments.style_transfer.goals import Extractor, Goal, extract, style_targets
from experiments.style_transfer.statistics import Measure

_STALLED = 12
"""Places tried in vain after which L-BFGS has come to rest: the move is then 4⁻¹² of what it was."""
_NOISE = 0.5
"""Standard deviation of the noise that textures start from, beside that of the texture."""
_FRESH_NOISE = 0.05
"""Of the noise that is added to what a coarser level found: it has nothing at the finest frequencies."""

Fit = Callable[[jax.Array, int, int], Extractor]
"""From the picture to imitate, how often it has been halved, and which draw of filters it is, to the features."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """How the descent goes.

    Attributes:
        fit: Makes the extractor of every level.
        measure: What is made equal.
        optimiser, steps: On every level.
        redraw: Steps after which random filters are drawn anew; 0 keeps the first ones of a level. What satisfies one
            draw after another satisfies filters that were never drawn.
        levels: Sizes: the last one is that of the result, each other half the next.
        seed: Of the noise.
        smoothness: Weight of the total variation.
    """

    fit: Fit
    measure: Measure
    optimiser: Optimiser = "lbfgs"
    steps: int = 150
    redraw: int = 25
    levels: int = 3
    seed: int = 0
    smoothness: float = 0.0

    @property
    def draws(self) -> list[int]:
        """Steps with each draw of filters of a level."""
        whole, rest = divmod(self.steps, self.redraw or self.steps)
        return [self.redraw or self.steps] * whole + [rest] * (rest > 0)


@dataclasses.dataclass(frozen=True)
class Frame:
    """The picture after a step. `fault` says that the loss was not finite where the step led, so that this is the end.

    Attributes:
        level: 0 is the finest.
        step: From 1, over all levels.
        loss: Finite, but where there is a fault at the first step of a level.
        picture: (C, H, W), of the level's size.
    """

    level: int
    step: int
    loss: float
    picture: jax.Array
    fault: bool = False


def make_texture(source: jax.Array, shape: tuple[int, int], plan: Plan, *, is_periodic: bool) -> Iterator[Frame]:
    """A texture like the source, (C, H, W), of another size; one frame per step."""
    channels = source.shape[0]

    def goal_of(level: int, draw: int, style: jax.Array) -> Goal:
        extractor = plan.fit(style, level, draw)
        targets = style_targets(extractor, style, plan.measure)
        statistic = plan.measure.statistic(is_periodic)
        extractor = extractor.periodic() if is_periodic else extractor
        return Goal(extractor, colours_of(style), targets, [], 0.0, plan.smoothness, statistic, plan.measure.distance)

    def start(level: int, goal: Goal, coarser: jax.Array | None) -> jax.Array:
        key = jax.random.fold_in(jax.random.key(plan.seed), level)
        size = tuple(_halved(n, level) for n in shape)
        noise = jax.random.normal(key, (channels, *size))
        if coarser is None:
            return _NOISE * noise
        return goal.colours.encode(_enlarged(coarser, size, is_periodic)) + _FRESH_NOISE * noise

    return _descend(pyramid(source, plan.levels), goal_of, start, plan)


def transfer_style(content: jax.Array, source: jax.Array, plan: Plan, *, content_weight: float) -> Iterator[Frame]:
    """The content, (C, H, W), as if made of what the source is made of; one frame per step.

    It starts as the content in the source's colours, moved there by the linear map between their covariances.
    """
    recoloured = colours_of(source).decode(colours_of(content).encode(content))
    contents = pyramid(recoloured, plan.levels)

    def goal_of(level: int, draw: int, style: jax.Array) -> Goal:
        extractor = plan.fit(style, level, draw)
        shown = extract(extractor, contents[level])
        return Goal(
            extractor,
            colours_of(style),
            style_targets(extractor, style, plan.measure),
            [shown[i] for i in extractor.content_layers],
            content_weight,
            plan.smoothness,
            plan.measure.statistic(False),
            plan.measure.distance,
        )

    def start(level: int, goal: Goal, coarser: jax.Array | None) -> jax.Array:
        if coarser is None:
            return goal.colours.encode(contents[level])
        return goal.colours.encode(_enlarged(coarser, contents[level].shape[1:], False))

    return _descend(pyramid(source, plan.levels), goal_of, start, plan)


def _descend(
    sources: Sequence[jax.Array],
    goal_of: Callable[[int, int, jax.Array], Goal],
    start: Callable[[int, Goal, jax.Array | None], jax.Array],
    plan: Plan,
) -> Iterator[Frame]:
    picture = None
    number = 0
    for level in reversed(range(plan.levels)):
        for draw, steps in enumerate(plan.draws):
            goal = goal_of(level, draw, sources[level])
            coordinates = start(level, goal, picture) if picture is None or draw == 0 else goal.colours.encode(picture)
            state = begin(coordinates, plan.optimiser)
            for _ in range(steps):
                state = advance(goal, state, plan.optimiser)
                number += 1
                picture = _decoded(goal, state)
                yield Frame(level, number, float(state.loss), picture, fault=not state.is_finite)
                if not state.is_finite:
                    return
                if state.failures >= _STALLED:
                    break


def _decoded(goal: Goal, state: State) -> jax.Array:
    return jnp.clip(goal.colours.decode(state.picture), 0, 1)


def _halved(length: int, times: int) -> int:
    """As often as a pyramid halves, rounding up."""
    return -(-length // (1 << times))


def _enlarged(picture: jax.Array, size: tuple[int, ...], is_periodic: bool) -> jax.Array:
    """By cubic interpolation, as if the picture went on around its ends where it tiles."""
    channels, *old = picture.shape
    if not is_periodic:
        return jax.image.resize(picture, (channels, *size), "cubic")
    margin = 4
    around = jnp.pad(picture, ((0, 0), (margin, margin), (margin, margin)), "wrap")
    ends = tuple((n + 2 * margin) * (new // n) for n, new in zip(old, size, strict=True))
    wide = jax.image.resize(around, (channels, *ends), "cubic")
    return wide[:, 2 * margin : 2 * margin + size[0], 2 * margin : 2 * margin + size[1]]
