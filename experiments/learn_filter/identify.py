"""Find a filter from its input and its output."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import optax

from experiments.learn_filter.problems import Observation
from experiments.learn_filter.record import Step
from sigconv import Filter


def identify(observation: Observation, taps: int, steps: int, rate: float) -> Iterator[tuple[Step, Filter]]:
    """Descend ‖f(x) − y‖² from zeros, by Adam with a rate that falls as a cosine; the state of every step."""
    x, y = observation.picture, observation.observed
    truth = observation.filter.weights
    optimiser = optax.adam(optax.cosine_decay_schedule(rate, steps))

    def loss(filter: Filter) -> jax.Array:
        difference = filter(x, boundary="symmetric") - y
        return jnp.mean(difference**2)

    @jax.jit
    def step(filter: Filter, state: optax.OptState) -> tuple[Filter, optax.OptState, jax.Array, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(filter)
        updates, state = optimiser.update(gradient, state)
        error = jnp.linalg.norm(filter.weights - truth) / jnp.linalg.norm(truth)
        return optax.apply_updates(filter, updates), state, value, error  # type: ignore[return-value]

    guess = Filter(jnp.zeros((taps, taps)), channels=False)
    state = optimiser.init(guess)  # type: ignore[arg-type]
    for number in range(steps):
        guess, state, value, error = step(guess, state)
        yield Step(number, float(value), float(error)), guess
