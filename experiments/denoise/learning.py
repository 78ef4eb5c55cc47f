"""Thresholds by gradient descent through the transform: to clean pictures, or without any."""

import dataclasses
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

from experiments.denoise.problems import training_patches
from experiments.denoise.shrinkage import Bands, Transform, denoise, noise_level

_BATCH, _SIDE, _PATCHES = 8, 96, 280


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Shrinkage:
    """d ↦ d · sigmoid(sharpness · (|d|/σ − threshold)) in every band: between soft and hard, and smooth.

    Attributes:
        thresholds: In units of σ.
        log_sharpness: Its logarithm, so that it stays positive.
    Shapes:
        (levels, 3) each: the finest level first, bands in the order 'ad', 'da', 'dd'.
    """

    thresholds: jax.Array
    log_sharpness: jax.Array

    def __call__(self, bands: Bands, level: int, sigma: jax.Array) -> Bands:
        shrunk = {}
        for number, (key, d) in enumerate(sorted(bands.items())):
            # The root keeps the derivative finite where a coefficient is zero.
            size = jnp.sqrt((d / sigma) ** 2 + 1e-6)
            gate = jax.nn.sigmoid(jnp.exp(self.log_sharpness[level, number]) * (size - self.thresholds[level, number]))
            shrunk[key] = d * gate
        return shrunk


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of the descent.

    Attributes:
        number: From 0.
        loss: Mean squared error, or its estimate.
    """

    number: int
    loss: float


def start(levels: int) -> Shrinkage:
    return Shrinkage(jnp.full((levels, 3), 2.5), jnp.full((levels, 3), 0.5))


def from_clean(sigma: float, transform: Transform, steps: int, seed: int) -> Iterator[tuple[Step, Shrinkage]]:
    """Descend the mean squared error on patches of other pictures."""
    patches = jnp.asarray(training_patches(_SIDE, _PATCHES, seed))

    def loss(rule: Shrinkage, key: jax.Array) -> jax.Array:
        choosing, noising = jax.random.split(key)
        clean = patches[jax.random.choice(choosing, len(patches), (_BATCH,), replace=False)]
        noisy = clean + sigma * jax.random.normal(noising, clean.shape)
        return jnp.mean((denoise(noisy, jnp.float32(sigma), rule, transform) - clean) ** 2)

    return _descend(loss, transform.levels, steps, seed)


def from_noisy(noisy: jax.Array, transform: Transform, steps: int, seed: int) -> Iterator[tuple[Step, Shrinkage]]:
    """Descend Stein's unbiased estimate of that error on parts of the noisy picture itself: no clean one is ever seen.

    SURE = ‖f(y) − y‖²/N − σ² + 2σ²/N · div f(y), the divergence bᵀ (f(y + hb) − f(y)) / h with random signs b (Ramani,
    Blu & Unser 2008). The difference is as exact as a derivative here, and compiles in a fraction of the time.
    """
    sigma = noise_level(noisy)
    step = sigma / 50

    side = min(_SIDE, *noisy.shape)

    def loss(rule: Shrinkage, key: jax.Array) -> jax.Array:
        places, signing = jax.random.split(key)
        starts = jax.random.randint(places, (_BATCH // 2, 2), 0, jnp.asarray(noisy.shape) - side + 1)
        seen = jax.vmap(lambda start: lax.dynamic_slice(noisy, start, (side, side)))(starts)
        signs = jax.random.rademacher(signing, seen.shape, seen.dtype)
        found, beside = denoise(jnp.stack([seen, seen + step * signs]), sigma, rule, transform)
        divergence = jnp.mean(signs * (beside - found)) / step
        return jnp.mean((found - seen) ** 2) - sigma**2 + 2 * sigma**2 * divergence

    return _descend(loss, transform.levels, steps, seed)


def _descend(loss, levels: int, steps: int, seed: int) -> Iterator[tuple[Step, Shrinkage]]:
    optimiser = optax.adam(optax.cosine_decay_schedule(0.1, steps))

    @jax.jit
    def step(rule: Shrinkage, state: optax.OptState, key: jax.Array) -> tuple[Shrinkage, optax.OptState, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(rule, key)
        updates, state = optimiser.update(gradient, state)
        return optax.apply_updates(rule, updates), state, value  # type: ignore[return-value]

    rule = start(levels)
    state = optimiser.init(rule)  # type: ignore[arg-type]
    for number, key in enumerate(jax.random.split(jax.random.key(seed), steps)):
        rule, state, value = step(rule, state, key)
        yield Step(number, float(value)), rule


def table(rule: Shrinkage) -> dict[str, list[list[float]]]:
    """For the record."""
    return {
        "thresholds": np.asarray(rule.thresholds).round(4).tolist(),
        "sharpness": np.exp(np.asarray(rule.log_sharpness)).round(4).tolist(),
    }
