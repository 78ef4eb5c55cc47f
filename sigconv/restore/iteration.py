"""Steps repeated: plainly or accelerated, with derivatives through all of them or at the fixed point."""

import functools
import math
from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
from jax import lax

State = tuple[jax.Array, ...]
Step = Callable[[jax.Array], jax.Array]
Derivative = Literal["unrolled", "implicit"]
_LEFT = 0.5
"""What looking ahead leaves of a sample at least: one that is 0 would be 0 after every further multiplication."""


def repeat(step: Step, start: jax.Array, iterations: int, *, accelerated: bool, derivative: Derivative) -> jax.Array:
    """What so many steps from a start lead to.

    Args:
        step: From a scene to the next; may close over traced values, which have derivatives.
        start: The first scene.
        iterations: Number of steps.
        accelerated: Whether a step starts from where the last two point, by Biggs and Andrews.
        derivative: 'unrolled' goes back through every step, of which one in √iterations is kept and the others are done
            again. 'implicit' takes the result for a fixed point: dx = (I − J)⁻¹ ∂step, by as many terms of Σ Jᵏ.
    """
    run = _accelerated if accelerated else _plain
    if derivative == "unrolled":
        return run(step, start, iterations)

    def residual(x: jax.Array) -> jax.Array:
        return x - step(x)

    def solve(_: Step, x: jax.Array) -> jax.Array:
        return run(step, x, iterations)

    def tangent_solve(linear: Step, b: jax.Array) -> jax.Array:
        # x − Jx = b: the sum of Jᵏ b, by w ← b + Jw, where w − linear(w) is Jw.
        return lax.scan(lambda w, _: (b + (w - linear(w)), None), b, length=iterations)[0]

    return lax.custom_root(residual, lax.stop_gradient(start), solve, tangent_solve)


def _plain(step: Step, start: jax.Array, iterations: int) -> jax.Array:
    return _scanned(lambda state: (step(*state),), (start,), iterations)[0]


def _accelerated(step: Step, start: jax.Array, iterations: int) -> jax.Array:
    """A step from where the last two point: x + α(x − x₋), α the agreement of the last two changes, from 0 to 1."""

    def turn(state: State) -> State:
        x, before, change, change_before = state
        # In units of the largest change: squares of others may leave the range of the dtype.
        unit = lax.stop_gradient(jnp.abs(change_before).max())
        last, one_before = (a / jnp.where(unit > 0, unit, 1) for a in (change, change_before))
        size = jnp.sum(jnp.square(one_before))
        agreement = jnp.sum(last * one_before) / jnp.where(size > 0, size, 1)
        ahead = jnp.maximum(x + jnp.clip(agreement, 0, 1) * (x - before), _LEFT * x)
        found = step(ahead)
        return found, x, found - ahead, change

    none = jnp.zeros_like(start)
    return _scanned(turn, (start, start, none, none), iterations)[0]


def _scanned(turn: Callable[[State], State], state: State, iterations: int) -> State:
    """A loop whose memory, under reverse differentiation, is that of 2√iterations states."""
    inner = max(1, math.isqrt(iterations))
    outer, rest = divmod(iterations, inner)

    def some(state: State, count: int) -> State:
        return lax.scan(lambda s, _: (turn(s), None), state, length=count)[0]

    kept = jax.checkpoint(functools.partial(some, count=inner))
    state = lax.scan(lambda s, _: (kept(s), None), state, length=outer)[0]
    return some(state, rest) if rest else state
