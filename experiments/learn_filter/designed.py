"""Find the parameters of a designed filter by descending through its design."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from experiments.learn_filter.record import Step

Raw = dict[str, jax.Array]
"""What is descended: numbers without bounds, which every legal parameter has one of."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """A filter to be found through its design.

    Attributes:
        design: From parameters to a kernel, or sections.
        apply: From a kernel to what it makes of the input.
        observed: What the unknown made of it, with noise.
        legal: From raw numbers to parameters.
        truth: The unknown parameters.
        start: The raw numbers that the descent begins at.
        shape: From a kernel to what the error is measured on: its taps, or its response.
    """

    design: Callable[..., jax.Array]
    apply: Callable[[jax.Array], jax.Array]
    observed: jax.Array
    legal: Callable[[Raw], dict[str, jax.Array]]
    truth: dict[str, Any]
    start: Raw
    shape: Callable[[jax.Array], jax.Array] = lambda kernel: kernel

    def found(self, raw: Raw) -> jax.Array:
        return self.design(**self.legal(raw))

    def unknown(self) -> jax.Array:
        return self.design(**self.truth)

    def error(self, raw: Raw) -> jax.Array:
        """‖found − unknown‖ / ‖unknown‖."""
        goal = self.shape(self.unknown())
        return jnp.linalg.norm(self.shape(self.found(raw)) - goal) / jnp.linalg.norm(goal)


def descend(problem: Problem, steps: int, rate: float) -> Iterator[tuple[Step, Raw]]:
    """Descend the mean squared difference of the outputs, as a share of the observed one's, by Adam."""
    power = jnp.mean(problem.observed**2)
    optimiser = optax.adam(optax.cosine_decay_schedule(rate, steps))

    def loss(raw: Raw) -> jax.Array:
        return jnp.mean((problem.apply(problem.found(raw)) - problem.observed) ** 2) / power

    @jax.jit
    def step(raw: Raw, state: optax.OptState) -> tuple[Raw, optax.OptState, jax.Array, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(raw)
        error = problem.error(raw)
        updates, state = optimiser.update(gradient, state)
        return optax.apply_updates(raw, updates), state, value, error  # type: ignore[return-value]

    raw, state = problem.start, optimiser.init(problem.start)
    for number in range(steps):
        before = raw
        raw, state, value, error = step(raw, state)
        yield Step(number, float(value), float(error)), before


def error_of_free_taps(problem: Problem) -> float:
    """What least squares, in float64, leaves where every tap is free; for an `apply` that is linear."""
    unknown = np.asarray(problem.unknown(), float)
    matrix = np.asarray(jax.jacfwd(problem.apply)(jnp.zeros(unknown.shape)), float)
    found = np.linalg.lstsq(matrix, np.asarray(problem.observed, float), rcond=None)[0]
    return float(np.linalg.norm(found - unknown) / np.linalg.norm(unknown))


def with_noise(clean: jax.Array, noise: float, key: jax.Array) -> jax.Array:
    """White noise on it, of this share of its own standard deviation."""
    return clean + noise * jnp.std(clean) * jax.random.normal(key, clean.shape)


def between(low: float | jax.Array, high: float | jax.Array, raw: jax.Array) -> jax.Array:
    """Any number as one strictly between two."""
    return low + (high - low) * jax.nn.sigmoid(raw)


def inverse_between(low: float, high: float, value: np.ndarray | float) -> jax.Array:
    share = (jnp.asarray(value) - low) / (high - low)
    return jnp.log(share) - jnp.log1p(-share)
