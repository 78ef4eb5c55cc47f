"""Shrinking wavelet coefficients: thresholds from formulas, the transform decimated or not."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sigconv import wavelets

Bands = dict[str, jax.Array]
Rule = Callable[[Bands, int, jax.Array], Bands]
"""Details, their level (0 is the finest) and σ → shrunk details."""

_SPREAD = 0.6744897501960817
"""The median magnitude of a standard normal number."""


@dataclasses.dataclass(frozen=True)
class Transform:
    """Which wavelet coefficients are shrunk.

    Attributes:
        wavelet, levels: A name, and how many.
        stationary: Whether every shift is transformed and the results are averaged (`swt`): the result then moves with
            the picture.
    """

    wavelet: str = "sym4"
    levels: int = 4
    stationary: bool = False


def noise_level(noisy: jax.Array, wavelet: str = "db2") -> jax.Array:
    """σ from the median magnitude of the finest diagonal details (Donoho & Johnstone)."""
    diagonal = wavelets.dwt(noisy, wavelet, axes=(-2, -1))["dd"]
    return jnp.median(jnp.abs(diagonal)) / _SPREAD


def soft(d: jax.Array, threshold: jax.Array) -> jax.Array:
    return jnp.sign(d) * jnp.maximum(jnp.abs(d) - threshold, 0)


def visu_shrink(bands: Bands, level: int, sigma: jax.Array, samples: int) -> Bands:
    """The universal threshold σ √(2 ln N): above all noise, and above much of the picture."""
    threshold = sigma * np.sqrt(2 * np.log(samples)).astype(np.float32)
    return jax.tree.map(lambda d: soft(d, threshold), bands)


def bayes_shrink(bands: Bands, level: int, sigma: jax.Array) -> Bands:
    """σ² / σₓ in every band, σₓ what the noise does not explain of its spread (Chang, Yu & Vetterli 2000)."""

    def shrunk(d: jax.Array) -> jax.Array:
        signal = jnp.sqrt(jnp.maximum(jnp.mean(d**2) - sigma**2, 1e-6 * sigma**2))
        return soft(d, sigma**2 / signal)

    return jax.tree.map(shrunk, bands)


def denoise(noisy: jax.Array, sigma: jax.Array, rule: Rule, transform: Transform) -> jax.Array:
    """The picture with its details shrunk; the filters have norm 1, so that noise has σ in every band."""
    if not transform.stationary:
        coefficients = wavelets.wavedec(noisy, transform.wavelet, level=transform.levels, axes=(-2, -1))
        return wavelets.waverec(_ruled(coefficients, rule, sigma), transform.wavelet, axes=(-2, -1), shape=noisy.shape)
    # The stationary transform is periodic: mirrored margins keep opposite sides apart, and 2^levels divide the lengths.
    step = 2**transform.levels
    pads = [(step, step + -n % step) for n in noisy.shape[-2:]]
    wide = jnp.pad(noisy, [(0, 0)] * (noisy.ndim - 2) + pads, mode="symmetric")
    coefficients = wavelets.swt(wide, transform.wavelet, level=transform.levels, axes=(-2, -1))
    clean = wavelets.iswt(_ruled(coefficients, rule, sigma), transform.wavelet, axes=(-2, -1))
    (top, _), (left, _) = pads
    return clean[..., top : top + noisy.shape[-2], left : left + noisy.shape[-1]]


def _ruled(coefficients: list[Any], rule: Rule, sigma: jax.Array) -> list[Any]:
    first, *details = coefficients
    return [first, *(rule(bands, len(details) - 1 - place, sigma) for place, bands in enumerate(details))]


@functools.partial(jax.jit, static_argnames=("name", "transform"))
def by_formula(noisy: jax.Array, name: str, transform: Transform) -> jax.Array:
    """'visu' or 'bayes', with σ from the picture itself."""
    samples = noisy.shape[-2] * noisy.shape[-1]
    rules: dict[str, Rule] = {"visu": functools.partial(visu_shrink, samples=samples), "bayes": bayes_shrink}
    return denoise(noisy, noise_level(noisy), rules[name], transform)
