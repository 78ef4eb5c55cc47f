"""What the scores are made of: sums over every window, of a template without a mask in an image without one.

With x' and w' less their own means x̄, w̄ in the window, everything follows from three maps, of which none cancels:

    Σ (x − w)² = Σ x'² + Σ w'² − 2 Σ x'w' + n (x̄ − w̄)²        Σ x w = Σ x'w' + n x̄ w̄        Σ x² = Σ x'² + n x̄²
"""

import dataclasses
import math

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._engine.method import Method
from sigconv.matching.agreement import agreement
from sigconv.matching.levels import Levelled
from sigconv.matching.window_sums import only_window, windows
from sigconv.signal import correlate_channels

PRODUCTS = ("direct", "shift_add", "kn2row", "toeplitz")
"""Methods that multiply every tap: what lies outside a window does not reach its sums."""

ROUNDINGS = 8
"""A window whose norm is within so many roundings of the norm of all that is transformed is flat, as far as a sum that
was transformed can tell."""


@dataclasses.dataclass(frozen=True)
class Moments:
    """Sums over every window and all channels, weighted where there is a mask; x' and w' are less their window's means.

    Attributes:
        product, energy, template_energy: Σ x'w', Σ x'², Σ w'².
        raw_product, power, template_power: Σ xw, Σ x², Σ w².
        distance: Σ (x − w)².
        noise: What energies must exceed not to be rounding.
        is_seen: Whether enough of the template lies on the image; None where all of it does.

    Shapes:
        Each broadcasts to (batch, template, *out).
    """

    product: jax.Array
    energy: jax.Array
    template_energy: jax.Array
    raw_product: jax.Array
    power: jax.Array
    template_power: jax.Array
    distance: jax.Array
    noise: jax.Array
    template_noise: jax.Array
    is_seen: jax.Array | None = None


def is_local(method: str | Method) -> bool:
    """Whether a method was asked for that keeps what lies outside a window out of its sums."""
    return (method if isinstance(method, str) else method.name) in PRODUCTS


def moments(image: Levelled, templates: Levelled, method: str | Method) -> Moments:
    """The sums for values (batch, channel, *space) and (template, channel, *taps)."""
    taps = templates.values.shape[2:]
    count = math.prod(taps)
    of_image, of_templates = windows(image.values, taps), only_window(templates.values)
    product, size = agreement(image.values, centred(templates.values), method)
    gap = (of_image.first[:, None] - of_templates.first[None]) + (of_image.offset[:, None] - of_templates.offset[None])
    gap = gap + image.above(templates)
    mean = of_image.first + of_image.offset + image.level
    template_mean = of_templates.first + of_templates.offset + templates.level
    energy, template_energy = _over_channels(of_image.energy), _as_templates(_over_channels(of_templates.energy))
    noise = 0.0 if is_local(method) else (ROUNDINGS * float(jnp.finfo(size.dtype).eps)) ** 2
    return Moments(
        product=product,
        energy=energy,
        template_energy=template_energy,
        raw_product=product + count * jnp.sum(mean[:, None] * template_mean[None], axis=2),
        power=energy + count * _over_channels(mean * mean),
        template_power=template_energy + count * _as_templates(_over_channels(template_mean * template_mean)),
        distance=energy + template_energy - 2 * product + count * jnp.sum(gap * gap, axis=2),
        noise=noise * size,
        template_noise=jnp.zeros((), size.dtype).reshape((1,) * size.ndim),
    )


def raw_product(image: Levelled, templates: Levelled, method: str | Method) -> jax.Array:
    """Σ x w alone, which needs no sums over windows: about one number for the whole image, which is added again."""
    x, w = image.values, templates.values
    axes = tuple(range(2, x.ndim))
    fixed = lax.stop_gradient(x)
    centre = jnp.mean(jnp.where(jnp.isfinite(fixed), fixed, 0), axis=axes, keepdims=True)
    product = correlate_channels(x - centre, w + templates.level, method=method)
    sums = jnp.sum(w + templates.level, axis=axes, keepdims=True)
    return product + jnp.sum((centre + image.level)[:, None] * sums[None], axis=2)


def centred(templates: jax.Array) -> jax.Array:
    """Taps that sum to nothing: a sample is subtracted first, which is exact, then twice what is left of the mean.

    Subtracting the mean of a large offset at once is not enough, even twice: a compiler that fuses it into both of its
    uses may round it differently in each, and the second pass then removes the wrong rest.
    """
    axes = tuple(range(2, templates.ndim))
    # No derivative passes through that sample: it would only gather the roundings of all others.
    centre = templates - lax.stop_gradient(templates[(..., *(slice(0, 1),) * len(axes))])
    for _ in range(2):
        centre = centre - jnp.mean(centre, axis=axes, keepdims=True)
    return centre


def _over_channels(a: jax.Array) -> jax.Array:
    return jnp.sum(a, axis=1, keepdims=True)


def _as_templates(a: jax.Array) -> jax.Array:
    """(template, 1, …) → (1, template, …)."""
    return jnp.swapaxes(a, 0, 1)
