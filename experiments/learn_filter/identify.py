"""Find a filter from its input and its output."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import optax

from experiments.learn_filter.problems import Observation
from experiments.learn_filter.record import Step
from sigconv import Filter


def identify(observation: Observation, taps: int, steps: int) -> Iterator[tuple[Step, Filter]]:
    """Descend ‖f(x) − y‖² from zeros, by L-BFGS with a zoom line search; the state of every step.

    The loss is quadratic with a condition number of 10⁵ for a photograph, which has little energy at high frequencies:
    first-order steps find those taps slowly.
    """
    x, y = observation.picture, observation.observed
    optimiser = optax.lbfgs()

    def loss(filter: Filter) -> jax.Array:
        difference = filter(x, boundary="symmetric") - y
        return jnp.mean(difference**2)

    value_and_gradient = optax.value_and_grad_from_state(loss)

    @jax.jit
    def step(filter: Filter, state: optax.OptState) -> tuple[Filter, optax.OptState, jax.Array, jax.Array]:
        value, gradient = value_and_gradient(filter, state=state)
        error = distance(filter, observation.filter)
        known = {"value": value, "grad": gradient, "value_fn": loss}
        updates, state = optimiser.update(gradient, state, filter, **known)  # type: ignore[arg-type]
        return optax.apply_updates(filter, updates), state, value, error  # type: ignore[return-value]

    guess = Filter(jnp.zeros((taps, taps)), channels=False)
    state = optimiser.init(guess)  # type: ignore[arg-type]
    for number in range(steps):
        guess, state, value, error = step(guess, state)
        yield Step(number, float(value), float(error)), guess


def least_squares(observation: Observation, taps: int) -> Filter:
    """What the noise leaves: the filter that minimises ‖f(x) − y‖, by a dense factorisation in float64."""
    columns = jax.jacfwd(lambda w: Filter(w, channels=False)(observation.picture, boundary="symmetric"))
    matrix = np.asarray(columns(jnp.zeros((taps, taps))), float).reshape(-1, taps * taps)
    found = np.linalg.lstsq(matrix, np.asarray(observation.observed, float).reshape(-1), rcond=None)[0]
    return Filter(found.reshape(taps, taps).astype("f4"), channels=False)


def distance(found: Filter, truth: Filter) -> jax.Array:
    """‖found − truth‖ / ‖truth‖, of the taps."""
    return jnp.linalg.norm(found.weights - truth.weights) / jnp.linalg.norm(truth.weights)
