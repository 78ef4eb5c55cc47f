"""Filters that nobody trained: random ones, and oriented band-passes worked out from a formula."""

import math

import jax
import jax.numpy as jnp

_NARROWEST = 0.7
"""Standard deviation of the smallest window, in samples."""
_BANDWIDTH = 1.5
"""Radians of the carrier per standard deviation of the window: about an octave and a half."""


def random_filters(key: jax.Array, count: int, channels: int, taps: int) -> jax.Array:
    """Normal noise of one colour each under Gaussian windows of many widths: (count, channels, taps, taps).

    Under a window as large as the filter, a response is a sum of very many pixels: it is nearly Gaussian whatever the
    picture is, and says little of it. Windows from under a pixel to a quarter of the filter see edges, corners and
    spots as well as what is around them. As much of the window is subtracted as makes the mean 0.
    """
    noise_key, width_key, colour_key = jax.random.split(key, 3)
    widest = max(taps / 4, _NARROWEST)
    spread = jax.random.uniform(width_key, (count, 1, 1), minval=math.log(_NARROWEST), maxval=math.log(widest))
    window = jnp.exp(-_square_distance(taps) / (2 * jnp.exp(spread) ** 2))[:, None]
    noise = jax.random.normal(noise_key, (count, 1, taps, taps)) * window
    return _normalised(noise * jax.random.normal(colour_key, (count, channels, 1, 1)), window)


def oriented_filters(taps: int, orientations: int) -> jax.Array:
    """Even and odd band-passes at each orientation and two widths: (4·orientations, taps, taps).

    Reference:
        Gabor, "Theory of communication", 1946; Daugman, "Uncertainty relation for resolution in space, spatial
        frequency, and orientation", 1985.
    """
    sample = jnp.arange(taps) - taps // 2
    angles = jnp.pi * jnp.arange(orientations) / orientations
    across = jnp.cos(angles)[:, None, None] * sample + jnp.sin(angles)[:, None, None] * sample[:, None]
    found = []
    for width in (taps / 10, taps / 5):
        window = jnp.exp(-_square_distance(taps) / (2 * width**2))
        for phase in (0, math.pi / 2):
            found.append(jnp.cos(_BANDWIDTH * across / width + phase) * window)
    waves = jnp.concatenate(found)
    windows = jnp.repeat(
        jnp.stack([jnp.exp(-_square_distance(taps) / (2 * w**2)) for w in (taps / 10, taps / 5)]), 2 * orientations, 0
    )
    return _normalised(waves[:, None], windows[:, None])[:, 0]


def _square_distance(taps: int) -> jax.Array:
    """Of every tap from the middle one."""
    square = (jnp.arange(taps) - taps // 2) ** 2
    return square[:, None] + square


def _normalised(filters: jax.Array, window: jax.Array) -> jax.Array:
    """Less as much of the window as makes every channel's sum 0, and of norm 1."""
    spatial = (-2, -1)
    mean = jnp.sum(filters, spatial, keepdims=True) / jnp.sum(window, spatial, keepdims=True)
    filters = filters - mean * window
    return filters / jnp.sqrt(jnp.sum(filters**2, (-3, -2, -1), keepdims=True))
