"""The stroke that a camera made, by gradient through the restored picture: at the true one edges are few and sharp."""

import dataclasses
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import optax

from experiments.deblur.kernels import line
from sigconv import restore

SHAPE = (9, 65)
"""Of the taps."""
_LENGTHS = tuple(float(n) for n in range(10, 57, 2))
_STRENGTH = 0.01


@dataclasses.dataclass(frozen=True)
class Stroke:
    """A guess of the motion.

    Attributes:
        length: In pixels.
        angle: In radians.
        variation: Σ|∇x| over the standard deviation of x, of the picture x that it restores to.
    """

    length: float
    angle: float
    variation: float


def _restored(picture: jax.Array, length: jax.Array, angle: jax.Array) -> jax.Array:
    return restore.tikhonov(picture, line(SHAPE, length, angle), _STRENGTH, max_iterations=60)


def _steps(x: jax.Array) -> list[jax.Array]:
    return [jnp.diff(x, axis=axis) for axis in (0, 1)]


def roughness(picture: jax.Array, length: jax.Array, angle: jax.Array) -> jax.Array:
    """Σ|∇x| over √Σ|∇x|² of the picture restored as if this had blurred it: low where a few edges are all there is.

    Reference:
        Krishnan, Tay & Fergus, "Blind deconvolution using a normalized sparsity measure", CVPR 2011.
    """
    steps = _steps(_restored(picture, length, angle))
    squares = sum(jnp.mean(step**2) for step in steps)
    return sum(jnp.mean(jnp.abs(step)) for step in steps) / jnp.sqrt(squares)


def variation(picture: jax.Array, length: jax.Array, angle: jax.Array) -> jax.Array:
    """Σ|∇x| over the standard deviation of x: ripples beside edges make it high. Only to be had from near by."""
    x = _restored(picture, length, angle)
    return sum(jnp.mean(jnp.abs(step)) for step in _steps(x)) / jnp.std(x)


def scan(picture: jax.Array) -> list[tuple[float, float]]:
    """(length, roughness) of strokes along the rows."""
    measure = jax.jit(lambda length: roughness(picture, length, jnp.zeros(())))
    return [(length, float(measure(jnp.asarray(length)))) for length in _LENGTHS]


def descend(picture: jax.Array, length: float, steps: int, rate: float) -> Iterator[Stroke]:
    """Length and angle by Adam, from a length along the rows, through the conjugate gradients."""
    measure = jax.jit(jax.value_and_grad(lambda p: variation(picture, jnp.exp(p["length"]), p["angle"])))
    guess = {"length": jnp.log(length), "angle": jnp.zeros(())}
    optimiser = optax.adam(optax.cosine_decay_schedule(rate, steps))
    state = optimiser.init(guess)  # type: ignore[arg-type]
    for _ in range(steps):
        value, gradient = measure(guess)
        yield Stroke(float(jnp.exp(guess["length"])), float(guess["angle"]), float(value))
        updates, state = optimiser.update(gradient, state)
        guess = {name: value + updates[name] for name, value in guess.items()}  # type: ignore[index, call-overload]
