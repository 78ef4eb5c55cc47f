"""`soft_argmax`: the place of the maximum as an average, differentiable everywhere."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, computed_in, floating, is_complex
from sigconv._core.errors import OptionError, front_door
from sigconv.matching.peaks import checked_map, in_front


@front_door("soft_argmax")
def soft_argmax(
    scores: ArrayLike, *, temperature: ArrayLike = 1.0, axes: int | tuple[int, ...] | None = None
) -> jax.Array:
    """Average the positions n with weights exp(scores[n] / temperature): towards 0 the maximum, towards ∞ the middle.

    Args:
        scores: A real map; axes that are not in `axes` are a batch. For distances, give them negated.
        temperature: One positive number; the difference of scores that changes a weight e-fold.
        axes: Axes of the map; all if None.
    Shapes:
        scores (..., *space) → (..., rank), in samples, in the order of `axes`.
    Raises:
        ShapeError: The map is empty or has no axis.
        OptionError: `temperature` is not one real number, or not positive, or `axes` are no axes of the map.
        DTypeError: The map is not real.
    Reference:
        Chapelle & Wu, "Gradient descent optimization of smoothed information retrieval metrics", 2010.
    Example:
        >>> soft_argmax(jnp.array([0.0, 1.0, 1.0, 0.0]), temperature=0.01).tolist()
        [1.5]
    """
    x = as_operand("scores", scores)
    space = checked_map(x, axes)
    number = as_operand("temperature", temperature)
    if number.shape != () or is_complex(number.dtype) or (isinstance(temperature, int | float) and not temperature > 0):
        raise OptionError(f"`temperature` must be one positive number; got {temperature!r}.")
    return _soft_argmax(x, number, space)


@functools.partial(jax.jit, static_argnames="space")
def _soft_argmax(x: jax.Array, temperature: jax.Array, space: tuple[int, ...]) -> jax.Array:
    dtype = computed_in(floating(x))
    x, front = in_front(x.astype(dtype), space)
    shape = x.shape[1:]
    weights = jax.nn.softmax((x / temperature.astype(dtype)).reshape(x.shape[0], -1), axis=1).reshape(x.shape)
    means = []
    for axis, n in enumerate(shape):
        marginal = jnp.sum(weights, axis=tuple(1 + a for a in range(len(shape)) if a != axis))
        # About the middle, so that the sum rounds as little as it can.
        place = np.arange(n) - (n - 1) / 2
        means.append(jnp.sum(marginal * jnp.asarray(place, dtype)[None], axis=1) + (n - 1) / 2)
    return jnp.stack(means, axis=-1).reshape(*front, len(shape))
