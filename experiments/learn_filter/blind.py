"""Find a blur and the picture together, from the blurred picture alone."""

import dataclasses
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import optax

from experiments.learn_filter.problems import Observation
from experiments.learn_filter.record import Step
from sigconv import Filter


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Guess:
    """Both unknowns, in numbers that may be anything.

    Attributes:
        picture: Values.
        logits: A blur's taps, by softmax: none negative, and they add up to 1.
    """

    picture: jax.Array
    logits: jax.Array

    @property
    def filter(self) -> Filter:
        return Filter(jax.nn.softmax(self.logits.reshape(-1)).reshape(self.logits.shape), channels=False)


def blind(
    observation: Observation, taps: int, steps: int, rate: float, smoothness: float
) -> Iterator[tuple[Step, Guess]]:
    """Descend ‖f(x) − y‖² + smoothness · total variation of x, in f and x at once.

    Without a prior the sharpest picture is no better than the blurred one with f = 1 tap. The weight of the total
    variation starts ten times as large and falls: first only strong edges stand, and they show the blur (Perrone &
    Favaro, "Total variation blind deconvolution", CVPR 2014).
    """
    y, truth = observation.observed, observation.filter.weights
    schedule = optax.exponential_decay(10 * smoothness, steps // 4, 0.2, end_value=smoothness)
    optimiser = optax.adam(optax.cosine_decay_schedule(rate, steps))

    def loss(guess: Guess, number: jax.Array) -> jax.Array:
        difference = guess.filter(guess.picture, boundary="symmetric") - y
        return jnp.mean(difference**2) + schedule(number) * total_variation(guess.picture)

    @jax.jit
    def step(
        guess: Guess, state: optax.OptState, number: jax.Array
    ) -> tuple[Guess, optax.OptState, jax.Array, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(guess, number)
        updates, state = optimiser.update(gradient, state)
        error = distance(guess.filter.weights, truth)
        return optax.apply_updates(guess, updates), state, value, error  # type: ignore[return-value]

    rows, columns = jnp.meshgrid(*(jnp.arange(taps) - (taps - 1) / 2 for _ in range(2)), indexing="ij")
    guess = Guess(y, -(rows**2 + columns**2) / taps)
    state = optimiser.init(guess)  # type: ignore[arg-type]
    for number in range(steps):
        guess, state, value, error = step(guess, state, jnp.asarray(number))
        yield Step(number, float(value), float(error)), guess


def total_variation(x: jax.Array) -> jax.Array:
    """The mean length of the gradient."""
    down, right = jnp.diff(x, axis=0)[:, :-1], jnp.diff(x, axis=1)[:-1]
    return jnp.mean(jnp.sqrt(down**2 + right**2 + 1e-6))


def distance(found: jax.Array, truth: jax.Array) -> jax.Array:
    """‖found − truth‖ / ‖truth‖ at the best shift: a picture moved one way and its blur the other look alike."""
    spectra = jnp.fft.fft2(found) * jnp.conj(jnp.fft.fft2(truth))
    overlap = jnp.max(jnp.real(jnp.fft.ifft2(spectra)))
    square = jnp.sum(found**2) + jnp.sum(truth**2) - 2 * overlap
    return jnp.sqrt(jnp.maximum(square, 0)) / jnp.linalg.norm(truth)
