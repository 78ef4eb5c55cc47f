"""Descent by L-BFGS or Adam, one compiled step at a time; a step that fails leaves the picture as it was."""

import dataclasses
import functools
from typing import Any, Literal

import jax
import jax.numpy as jnp
import optax

from experiments.style_transfer.goals import Goal

Optimiser = Literal["lbfgs", "adam"]

_MEMORY = 20
"""Pairs of steps and gradients that L-BFGS keeps."""
_FIRST_STEP = 0.1
"""Root mean square of L-BFGS's first step, which knows nothing of the curvature, in standard deviations of colour."""
_RATE = 0.05
"""Of Adam, likewise."""
_SUFFICIENT = 1e-4
_SHRINK = 0.25


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class State:
    """Where the descent is.

    Attributes:
        picture, loss, gradient: The best so far for L-BFGS, the last one for Adam. Finite, but for the loss at the
            start, that nobody has worked out yet.
        move: To be tried next, times `length`.
        memory: The optimiser's.
        is_finite: Whether the loss and its gradient were finite at the place tried last.
        failures: Places tried in vain since the picture last changed.
    """

    picture: jax.Array
    loss: jax.Array
    gradient: jax.Array
    move: jax.Array
    length: jax.Array
    memory: Any
    is_finite: jax.Array
    failures: jax.Array


def begin(picture: jax.Array, optimiser: Optimiser) -> State:
    """The state at a picture, in coordinates of colour, before its loss is known: the first step stays there."""
    state = State(
        picture=picture,
        loss=jnp.full((), jnp.inf),
        gradient=jnp.zeros_like(picture),
        move=jnp.zeros_like(picture),
        length=jnp.ones(()),
        memory=_rule(optimiser).init(picture),
        is_finite=jnp.ones((), bool),
        failures=jnp.zeros((), int),
    )
    # A step takes over each array's memory, so that none may be there twice.
    return jax.tree.map(jnp.copy, state)


@functools.partial(jax.jit, static_argnames="optimiser", donate_argnames="state")
def advance(goal: Goal, state: State, optimiser: Optimiser) -> State:
    """Try the next place: the loss and its gradient once.

    L-BFGS goes there if the loss falls far enough, and tries a shorter move else: nearly always the first one serves.
    """
    trial = state.picture + state.length * state.move
    loss, gradient = jax.value_and_grad(goal)(trial)
    is_finite = jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient))
    is_taken = is_finite
    if optimiser == "lbfgs":
        slope = jnp.vdot(state.gradient, state.move)
        is_taken &= loss <= state.loss + _SUFFICIENT * state.length * slope

    def go() -> State:
        move, memory = _next_move(optimiser, gradient, state.memory, trial)
        if optimiser == "lbfgs":
            # Nothing is known of the curvature yet.
            move = jnp.where(jnp.isfinite(state.loss), move, _steepest(gradient))
        return State(trial, loss, gradient, move, jnp.ones(()), memory, is_finite, jnp.zeros((), int))

    def stay() -> State:
        shorter = _SHRINK * state.length
        return dataclasses.replace(state, length=shorter, is_finite=is_finite, failures=state.failures + 1)

    return jax.lax.cond(is_taken, go, stay)


def _rule(optimiser: Optimiser) -> optax.GradientTransformation:
    if optimiser == "lbfgs":
        return optax.scale_by_lbfgs(memory_size=_MEMORY)
    return optax.adam(_RATE, b1=0.9, b2=0.99)


def _next_move(optimiser: Optimiser, gradient: jax.Array, memory: Any, picture: jax.Array) -> tuple[jax.Array, Any]:
    updates, memory = _rule(optimiser).update(gradient, memory, picture)
    update = jnp.asarray(updates)
    if optimiser == "adam":
        return update, memory
    is_downhill = jnp.vdot(gradient, update) > 0
    return jnp.where(is_downhill, -update, _steepest(gradient)), memory


def _steepest(gradient: jax.Array) -> jax.Array:
    size = jnp.sqrt(jnp.mean(gradient**2))
    return -_FIRST_STEP * gradient / jnp.maximum(size, jnp.finfo(gradient.dtype).tiny)
