"""`phase`: where the template lies by the phases of the spectra alone, each frequency counting the same."""

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.matching.moments import ROUNDINGS, centred


def phase_score(x: jax.Array, templates: jax.Array) -> jax.Array:
    """The inverse transform of X conj(W) / |X conj(W)|, of image and template less their means, on the image's period.

    Products of several channels are added before they are divided by their size. Frequencies without power count
    nothing.

    Shapes:
        x (batch, channel, *space), templates (template, channel, *taps) → (batch, template, *out).
    """
    space, axes = x.shape[2:], tuple(range(2, x.ndim))
    out = tuple(n - k + 1 for n, k in zip(space, templates.shape[2:], strict=True))
    spectrum = jnp.fft.rfftn(centred(x), axes=axes)
    of_templates = jnp.fft.rfftn(centred(templates), s=space, axes=axes)
    product = jnp.sum(spectrum[:, None] * jnp.conj(of_templates)[None], axis=2)
    power = lax.square(jnp.real(product)) + lax.square(jnp.imag(product))
    rounding = (ROUNDINGS * float(jnp.finfo(x.dtype).eps)) ** 2
    most = jnp.max(lax.stop_gradient(power), axis=axes, keepdims=True)
    is_nothing = power <= rounding * most
    size = jnp.where(is_nothing, 0, lax.rsqrt(jnp.where(is_nothing, 1, power)))
    y = jnp.fft.irfftn(product * size.astype(product.dtype), s=space, axes=axes)
    return lax.slice(y, (0,) * y.ndim, (*y.shape[:2], *out))
