"""The score: zero-mean normalised cross-correlation of a template with every window of an image.

    z[n] = Σ_t (x[n+t] − x̄[n]) (w[t] − w̄) / sqrt( Σ_t (x[n+t] − x̄[n])² · Σ_t (w[t] − w̄)² )

It does not change when a window's brightness or contrast does. With several channels each sum also runs over them, and
each channel has its own mean.
"""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

import sigconv
from experiments.template_matching.energy import window_energy

# A window whose norm is within this many roundings of the whole image's norm is flat, as far as the numerator can tell.
_ROUNDINGS = 8


@partial(jax.jit, static_argnames="operation")
def zncc(
    image: ArrayLike, template: ArrayLike, *, operation: Callable[..., jax.Array] = sigconv.correlate
) -> jax.Array:
    """Score every placement of a template wholly inside an image: 1 where they agree up to brightness and contrast.

    Args:
        image: Finite samples; computed in float32.
        template: No larger than the image, with as many channels.
        operation: `sigconv.correlate`; with `sigconv.convolve` the template is flipped by mistake.
    Shapes:
        image (H, W) or (H, W, C), template (h, w) or (h, w, C) → (H − h + 1, W − w + 1).
    Returns:
        Scores in [−1, 1] up to rounding; 0 where the window, or the template, is flat.
    """
    x, w = _centre(_channels_first(image)), _centre(_channels_first(template))
    # Each window's own mean falls out of the numerator, since the template sums to nothing.
    agreement = operation(x, w, axes=(-2, -1), mode="valid", method="auto").sum(axis=0)
    energy = window_energy(x, (w.shape[-2], w.shape[-1])).sum(axis=0)
    scale = jnp.sqrt(energy) * jnp.sqrt(jnp.sum(w * w))
    threshold = (_ROUNDINGS * jnp.finfo(x.dtype).eps) ** 2 * jnp.sum(x * x)
    is_flat = (energy <= threshold) | (scale == 0)
    # The inner `where` keeps 0/0 out of the gradient as well as out of the result.
    return jnp.where(is_flat, 0.0, agreement / jnp.where(is_flat, 1.0, scale))


def _channels_first(picture: ArrayLike) -> jax.Array:
    array = jnp.asarray(picture, dtype=jnp.float32)
    return array[None] if array.ndim == 2 else jnp.moveaxis(array, -1, 0)


def _centre(x: jax.Array) -> jax.Array:
    """Remove each channel's mean: one of its samples first, which is exact, then twice what is left of the mean.

    Subtracting the mean of a large offset at once is not enough, even twice: a compiler that fuses it into both of its
    uses may round it differently in each, and the second pass then removes the wrong rest.
    """
    x = x - x[..., :1, :1]
    for _ in range(2):
        x = x - x.mean(axis=(-2, -1), keepdims=True)
    return x
