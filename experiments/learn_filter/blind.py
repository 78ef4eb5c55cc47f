"""Find a filter and its input from the output alone, where the input is known to be sparse."""

import dataclasses
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import optax

from experiments.learn_filter.problems import Observation
from experiments.learn_filter.record import Step
from sigconv import Filter, correlate


@dataclasses.dataclass(frozen=True)
class Guess:
    """A filter of norm 1 and the sparse picture that it made the observation of."""

    filter: Filter
    picture: jax.Array


def blind(observation: Observation, taps: int, steps: int, rate: float, penalty: float) -> Iterator[tuple[Step, Guess]]:
    """Descend ½‖f ∗ x − y‖² + λ‖x‖₁ over filters f of norm 1 and pictures x, by Adam; the state of every step.

    The filter starts as the window of the observation around its largest value; λ falls from a third of that value to
    `penalty`. x = u² − v² makes the penalty smooth: λ‖x‖₁ is the least λ(‖u‖² + ‖v‖²). Filter and picture are defined
    up to a shift and a sign, and so is the error.

    Args:
        observation: Of a periodic picture.
        taps: Per axis of the guess; more than the unknown filter has.
        steps: Of the descent.
        rate: It falls as a cosine.
        penalty: The last λ.
    Reference:
        Lau et al., "Short-and-Sparse Deconvolution: A Geometric Approach", ICLR 2020; Hoff, "Lasso, fractional norm and
        structured sparsity estimation using a Hadamard product parametrization", 2017.
    """
    y = observation.observed
    largest = float(jnp.max(jnp.abs(y)))
    progress = optax.exponential_decay(largest / 3, steps, (3 * penalty / largest) ** (4 / 3), end_value=penalty)
    optimiser = optax.adam(optax.cosine_decay_schedule(rate, steps))

    def loss(parameters: dict[str, jax.Array], weight: jax.Array) -> jax.Array:
        guess = _guess(parameters)
        difference = guess.filter(guess.picture, boundary="periodic") - y
        sizes = jnp.sum(parameters["u"] ** 2 + parameters["v"] ** 2)
        return jnp.sum(difference**2) / 2 + weight * sizes

    @jax.jit
    def step(
        parameters: dict[str, jax.Array], state: optax.OptState, number: int
    ) -> tuple[dict[str, jax.Array], optax.OptState, jax.Array, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(parameters, progress(number))
        error = misfit(_guess(parameters).filter, observation.filter)
        updates, state = optimiser.update(gradient, state)
        return optax.apply_updates(parameters, updates), state, value, error  # type: ignore[return-value]

    small = jnp.full(y.shape, 0.1)
    parameters = {"taps": _brightest_window(y, taps), "u": small, "v": small}
    state = optimiser.init(parameters)
    for number in range(steps):
        parameters, state, value, error = step(parameters, state, number)
        yield Step(number, float(value), float(error)), _guess(parameters)


def misfit(found: Filter, truth: Filter) -> jax.Array:
    """The distance of two filters scaled to norm 1, at the best shift and sign."""
    overlap = jnp.max(jnp.abs(_overlaps(found, truth)))
    return jnp.sqrt(jnp.maximum(2 - 2 * overlap, 0))


def aligned(guess: Guess, observation: Observation) -> Guess:
    """The same guess at the shift, the sign and the scale of the truth, cut to its taps."""
    truth = observation.filter
    overlaps = _overlaps(guess.filter, truth)
    at = jnp.unravel_index(jnp.argmax(jnp.abs(overlaps)), overlaps.shape)
    reach = [k - 1 for k in truth.taps]
    wide = jnp.pad(guess.filter.weights, [(r, r) for r in reach])
    scale = jnp.sign(overlaps[at]) * jnp.linalg.norm(truth.weights) / jnp.linalg.norm(guess.filter.weights)
    found = Filter(scale * jax.lax.dynamic_slice(wide, at, truth.taps), channels=False)
    # Taps that begin s later read samples that lie s earlier.
    pads = zip(at, reach, guess.filter.lo, found.lo, strict=True)
    shift = [lo - new - (n - r) for n, r, lo, new in pads]
    return Guess(found, jnp.roll(guess.picture, jnp.stack(shift), (0, 1)) / scale)


def _overlaps(found: Filter, truth: Filter) -> jax.Array:
    """The inner product of two filters scaled to norm 1, for every shift."""
    return correlate(_unit(found.weights), _unit(truth.weights), mode="full")


def _guess(parameters: dict[str, jax.Array]) -> Guess:
    return Guess(Filter(_unit(parameters["taps"]), channels=False), parameters["u"] ** 2 - parameters["v"] ** 2)


def _unit(taps: jax.Array) -> jax.Array:
    return taps / jnp.linalg.norm(taps)


def _brightest_window(y: jax.Array, taps: int) -> jax.Array:
    """What a single spike would have left around the largest value: a correlation answers it with the taps reversed."""
    row, column = jnp.unravel_index(jnp.argmax(jnp.abs(y)), y.shape)
    shift = taps // 2 - jnp.stack([row, column])
    return jnp.roll(y, shift, (0, 1))[:taps, :taps][::-1, ::-1]
