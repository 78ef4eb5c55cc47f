"""`blind_richardson_lucy`: a scene and the blur of it from the blurred image, by turns."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.errors import ShapeError, front_door
from sigconv._core.options import is_integer
from sigconv._core.pytree import pytree
from sigconv.restore.model import Sight, model_of
from sigconv.restore.request import (
    Arrangement,
    arranged,
    check_intensities,
    check_point_spread,
    checked_count,
    checked_mask,
    checked_number,
)
from sigconv.restore.richardson_lucy import check_real, constant_start, steps_of
from sigconv.signal import Boundary


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Restored:
    """A scene and the kernel that blurred it; made by `blind_richardson_lucy`.

    Attributes:
        image: The scene.
        kernel: With a sum of 1.
    """

    image: jax.Array
    kernel: jax.Array


@front_door("restore.blind_richardson_lucy")
def blind_richardson_lucy(
    image: ArrayLike,
    kernel: ArrayLike,
    *,
    iterations: int = 20,
    kernel_steps: int = 3,
    image_steps: int = 3,
    boundary: Boundary = "unknown",
    mask: ArrayLike | None = None,
    background: ArrayLike = 0.0,
    total_variation: ArrayLike | None = None,
    channel_axis: int | None = None,
    axes: int | tuple[int, ...] | None = None,
) -> Restored:
    """Find a scene and its blur together: steps of Richardson and Lucy on the kernel, then on the scene, by turns.

    A tap that is 0 at first stays 0, and the kernel's sum is 1. Many pairs explain an image: what is found is one near
    the guess, and the closer that is, the better.

    Args:
        image, boundary, mask, background, total_variation, axes: As in `richardson_lucy`.
        kernel: The first guess, not less than 0; its length is the most that is found.
        iterations: Number of turns.
        kernel_steps, image_steps: Of each turn.
        channel_axis: An axis of the image whose parts were blurred alike; one kernel is found for them. Each image
            along the other axes has its own.
    Shapes:
        image (..., *space), kernel (*taps) → image (..., *space), kernel (..., *taps), without the channel axis.
    Raises:
        As `richardson_lucy`, or `channel_axis` is not an axis that is not restored.
    Reference:
        Fish et al., "Blind deconvolution by means of the Richardson-Lucy algorithm", JOSA A 12, 1995.
    Example:
        >>> found = blind_richardson_lucy(jnp.array([0.0, 1.0, 3.0, 0.0, 0.0]), jnp.ones(2), iterations=200)
        >>> found.kernel.round(2).tolist()
        [0.25, 0.75]
    """
    x, w, arrangement = arranged(image, kernel, axes, boundary)
    rank = len(arrangement.sight.image)
    check_real(x, w)
    if w.ndim != rank:
        raise ShapeError(f"`kernel` must have one axis for each that is restored ({rank}); got {w.ndim}.")
    weights = checked_mask(mask, x)
    check_intensities(image, mask)
    check_point_spread(kernel, arrangement.of_kernel(w.ndim))
    counts = tuple(
        checked_count(argument, value)
        for argument, value in (
            ("iterations", iterations),
            ("kernel_steps", kernel_steps),
            ("image_steps", image_steps),
        )
    )
    sky = checked_number("background", background, "Light is not negative.", least=0)
    smooth = None if total_variation is None else checked_number("total_variation", total_variation, "None is none.")
    channel = _channel(channel_axis, x.ndim, arrangement)
    return _restored(x, w, weights, sky, smooth, arrangement, channel, counts)


def _channel(channel_axis: int | None, rank: int, arrangement: Arrangement) -> int | None:
    """The channel axis as its place among those in front."""
    if channel_axis is None:
        return None
    front = arrangement.order[: len(arrangement.front)]
    if not is_integer(channel_axis) or not -rank <= channel_axis < rank or channel_axis % rank not in front:
        raise ShapeError(f"`channel_axis` must be one of the axes that are not restored, {front}; got {channel_axis}.")
    return front.index(channel_axis % rank)


@functools.partial(jax.jit, static_argnames=("arrangement", "channel", "counts"))
def _restored(
    x: jax.Array,
    w: jax.Array,
    mask: jax.Array | None,
    background: jax.Array,
    variation: jax.Array | None,
    arrangement: Arrangement,
    channel: int | None,
    counts: tuple[int, ...],
) -> Restored:
    sight, dtype, front = arrangement.sight, arrangement.dtype, arrangement.front
    options = [None if a is None else a.astype(dtype) for a in (background, variation)]
    weights = arrangement.images(jnp.ones(x.shape, dtype) if mask is None else mask)
    first = jnp.maximum(arrangement.kernels(w), 0)
    place = len(front) if channel is None else channel

    def together(images: jax.Array) -> jax.Array:
        """(groups, channels, *space), the channels of a group blurred alike."""
        whole = images.reshape(*front, *sight.image)
        whole = jnp.expand_dims(whole, place) if channel is None else whole
        whole = jnp.moveaxis(whole, place, len(whole.shape) - len(sight.image) - 1)
        return whole.reshape(-1, whole.shape[-len(sight.image) - 1], *sight.image)

    scenes, kernels = jax.vmap(functools.partial(_by_turns, first, *options, sight=sight, counts=counts))(
        together(arrangement.images(x)), together(weights)
    )
    rest = front if channel is None else front[:channel] + front[channel + 1 :]
    scenes = scenes.reshape(*rest, scenes.shape[1], *sight.image)
    scenes = jnp.moveaxis(scenes, len(rest), place)
    return Restored(
        arrangement.back(scenes.reshape(-1, *sight.image)),
        kernels.reshape(*rest, *kernels.shape[1:]).astype(arrangement.result),
    )


def _by_turns(
    kernel: jax.Array,
    background: jax.Array,
    variation: jax.Array | None,
    images: jax.Array,
    weights: jax.Array,
    *,
    sight: Sight,
    counts: tuple[int, ...],
) -> tuple[jax.Array, jax.Array]:
    """Of images that share a kernel: (scenes in view, kernel)."""
    turns, kernel_steps, image_steps = counts

    def blurred(h: jax.Array, scenes: jax.Array) -> jax.Array:
        return jax.vmap(model_of(h, sight).operator.mv)(scenes)

    def steps(h: jax.Array, y: jax.Array, mask: jax.Array):
        return steps_of(model_of(h, sight), y, mask, background, None, variation)

    def of_kernel(h: jax.Array, scenes: jax.Array) -> jax.Array:
        expected, back = jax.vjp(lambda taps: blurred(taps, scenes), h)
        shared = jax.vmap(functools.partial(steps, h))(images, weights)
        gain = back(shared.mask * jax.vmap(type(shared).ratio)(shared, expected + background))[0]
        reach = back(shared.mask)[0]
        is_seen = reach > jnp.finfo(h.dtype).eps * reach.max()
        h = jnp.where(is_seen, h * jnp.maximum(gain, 0) / jnp.where(is_seen, reach, 1), h)
        return _of_unit_sum(h)

    def of_scenes(scenes: jax.Array, h: jax.Array) -> jax.Array:
        shared = jax.vmap(functools.partial(steps, h))(images, weights)
        step = jax.vmap(type(shared).step)
        return lax.scan(lambda s, _: (step(shared, s), None), scenes, length=image_steps)[0]

    def turn(state: tuple[jax.Array, jax.Array], _: None) -> tuple[tuple[jax.Array, jax.Array], None]:
        scenes, h = state
        h = lax.scan(lambda taps, _: (of_kernel(taps, scenes), None), h, length=kernel_steps)[0]
        return (of_scenes(scenes, h), h), None

    h = _of_unit_sum(kernel)
    scenes = jax.vmap(lambda y, mask: constant_start(steps(h, y, mask), h))(images, weights)
    # From a constant scene nothing is learned of the kernel.
    scenes = of_scenes(scenes, h)
    scenes, h = lax.scan(jax.checkpoint(turn), (scenes, h), length=turns)[0]
    return jax.vmap(sight.in_view)(scenes), h


def _of_unit_sum(h: jax.Array) -> jax.Array:
    total = jnp.sum(h)
    return h / jnp.where(total > 0, total, 1)
