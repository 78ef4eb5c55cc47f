"""A template found by gradient descent: one that occurs in the crops of one class and not in those of another."""

import dataclasses
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import optax
import skimage.data

import sigconv

_TEMPERATURE = 0.05
"""Of the maximum over places: scores that differ by as much share the gradient."""

_SMOOTHNESS = 0.3
"""Weight of the squared differences of neighbours, over the template's own power."""


@dataclasses.dataclass(frozen=True)
class Crops:
    """Crops of two classes.

    Shapes:
        images (crop, height, width), is_wanted (crop,).
    """

    images: jax.Array
    is_wanted: np.ndarray


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of the descent: its number, the loss before it, and the template then."""

    number: int
    loss: float
    template: np.ndarray


def faces(rng: np.random.Generator) -> tuple[Crops, Crops]:
    """Faces and what is none, half of each to learn from, mirrored too, and the other half held out."""
    images = skimage.data.lfw_subset().astype("f4")
    is_face = np.arange(len(images)) < len(images) // 2
    learned = np.zeros(len(images), bool)
    for of_class in (np.flatnonzero(is_face), np.flatnonzero(~is_face)):
        learned[rng.permutation(of_class)[: len(of_class) // 2]] = True
    seen = images[learned]
    mirrored = np.concatenate([seen, seen[:, :, ::-1]])
    return (
        Crops(jnp.asarray(mirrored), np.tile(is_face[learned], 2)),
        Crops(jnp.asarray(images[~learned]), is_face[~learned]),
    )


@jax.jit
def responses(images: jax.Array, template: jax.Array) -> jax.Array:
    """The best score of a template in each crop, smoothly: t log mean exp(score/t), (crop,)."""
    scores = sigconv.match_template(images, template, method="direct").reshape(images.shape[0], -1)
    return _TEMPERATURE * (jax.nn.logsumexp(scores / _TEMPERATURE, axis=1) - np.log(scores.shape[1]).astype("f4"))


def first_template(side: int, rng: np.random.Generator) -> jax.Array:
    """White noise."""
    return jnp.asarray(rng.standard_normal((side, side)), jnp.float32)


def descend(crops: Crops, template: jax.Array, steps: int, rate: float = 0.03) -> Iterator[Step]:
    """Logistic regression on the response, by Adam: log(1 + exp(∓(a·response + b))) over template, a and b; each step.

    A score does not change with the template's contrast, so the penalty looks at its shape alone.
    """
    sign = jnp.asarray(np.where(crops.is_wanted, 1.0, -1.0), jnp.float32)
    optimiser = optax.adam(optax.cosine_decay_schedule(rate, steps))

    def loss(parameters: dict[str, jax.Array]) -> jax.Array:
        w = parameters["template"]
        logits = parameters["gain"] * responses(crops.images, w) + parameters["bias"]
        unevenness = (jnp.sum(jnp.diff(w, axis=0) ** 2) + jnp.sum(jnp.diff(w, axis=1) ** 2)) / jnp.sum(
            (w - w.mean()) ** 2
        )
        return jnp.mean(jax.nn.softplus(-sign * logits)) + _SMOOTHNESS * unevenness

    @jax.jit
    def step(
        parameters: dict[str, jax.Array], state: optax.OptState
    ) -> tuple[dict[str, jax.Array], optax.OptState, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(parameters)
        updates, state = optimiser.update(gradient, state)
        return optax.apply_updates(parameters, updates), state, value  # type: ignore[return-value]

    parameters = {"template": template, "gain": jnp.float32(10.0), "bias": jnp.float32(0.0)}
    state = optimiser.init(parameters)
    for number in range(steps):
        before = np.asarray(parameters["template"])
        parameters, state, value = step(parameters, state)
        yield Step(number, float(value), before)


def roc(scores: np.ndarray, is_wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the unwanted and of the wanted that score at least as much as each score, from none to all."""
    thresholds = np.concatenate([[np.inf], np.unique(scores)[::-1]])
    taken = scores >= thresholds[:, None]
    return taken[:, ~is_wanted].mean(axis=1), taken[:, is_wanted].mean(axis=1)


def area(scores: np.ndarray, is_wanted: np.ndarray) -> float:
    """Under the ROC: how often a wanted crop scores above an unwanted one, equals counting half."""
    false, true = roc(scores, is_wanted)
    return float(np.trapezoid(true, false))
