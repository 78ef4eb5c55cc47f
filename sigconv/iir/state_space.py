"""`StateSpace`: sections in series as one linear system with a state that float32 can hold."""

import dataclasses

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.dtypes import is_complex
from sigconv.iir.powers import product

_NARROWEST = 2.0**-8
"""Least coupling of a section's two states: that of its pole pair, but for pairs closer than this."""
_GRID = 2.0**11
"""Numbers of so many steps from −1 to 1 have squares that float32 holds exactly."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class StateSpace:
    """z[n+1] = (I + E) z[n] + B x[n],   y[n] = C z[n] + D x[n],   and z = change · (the state as SciPy keeps it).

    Attributes:
        e: (M, M).
        b, c: (M,).
        d: ().
        change, restore: (M, M), inverse to one another.
    """

    e: jax.Array
    b: jax.Array
    c: jax.Array
    d: jax.Array
    change: jax.Array
    restore: jax.Array


def in_series(b: jax.Array, a: jax.Array) -> StateSpace:
    """The system of sections one after the other.

    Shapes:
        b, a (S, M + 1), a[:, 0] = 1 → a state of S·M numbers.
    """
    stages = jax.vmap(_second_order if b.shape[1] == 3 else _companion)(b, a)
    count, order = stages.b.shape
    if count == 1:
        return jax.tree.map(lambda part: part[0], stages)
    reach = _reach(stages.d)
    # From the output of section j through those in between to the input of i; column 0 is the input of them all.
    between = stages.b[:, :, None, None] * reach[:-1, None, 1:, None] * stages.c[None, None]
    width = count * order
    return StateSpace(
        e=_on_diagonal(stages.e) + between.reshape(width, width),
        b=(stages.b * reach[:-1, :1]).reshape(width),
        c=(stages.c * reach[-1, 1:, None]).reshape(width),
        d=reach[-1, 0],
        change=_on_diagonal(stages.change),
        restore=_on_diagonal(stages.restore),
    )


def _reach(gains: jax.Array) -> jax.Array:
    """What of the input, and of each section's state, comes straight to the input of each section, and out.

    Shapes:
        (S,) → (S + 1, S + 1).
    """
    unit = jnp.eye(len(gains) + 1, dtype=gains.dtype)
    found = [unit[0]]
    for i in range(len(gains)):
        found.append(found[-1] * gains[i] + unit[i + 1])
    return jnp.stack(found)


def _on_diagonal(blocks: jax.Array) -> jax.Array:
    """(S, M, M) → (S·M, S·M)."""
    count, order, _ = blocks.shape
    unit = jnp.eye(count, dtype=blocks.dtype)
    spread = blocks[:, :, None, :] * unit[:, None, :, None]
    return spread.reshape(count * order, count * order)


def _companion(b: jax.Array, a: jax.Array) -> StateSpace:
    """The transposed direct form II itself."""
    order = len(a) - 1
    unit = jnp.eye(order, dtype=a.dtype)
    shift = jnp.eye(order, k=1, dtype=a.dtype)
    return StateSpace(
        e=shift - unit - a[1:, None] * unit[:1],
        b=b[1:] - a[1:] * b[0],
        c=unit[0],
        d=b[0],
        change=unit,
        restore=unit,
    )


def _second_order(b: jax.Array, a: jax.Array) -> StateSpace:
    """A section with poles m ± √g: its matrix is [[m, s], [g/s, m]], for s = √|g| a normal one, whose powers are tame.

    Every difference of numbers that are close for poles near 1 is taken where it is exact: m − 1, and g = m² − a₂ by a
    part of m whose square is. The scale s changes nothing but rounding, so that no derivative passes through it.
    """
    b0, b1, b2 = b
    mean = -a[1] / 2
    less = mean - 1
    coarse = lax.stop_gradient(_rounded(mean * _GRID) / _GRID)
    fine = mean - coarse
    gap = (coarse * coarse - a[2]) + fine * (2 * coarse + fine)
    scale = lax.stop_gradient(jnp.maximum(jnp.sqrt(jnp.abs(gap)), _NARROWEST)).astype(a.dtype)
    one, zero = jnp.ones_like(scale), jnp.zeros_like(scale)

    def matrix(*entries: jax.Array) -> jax.Array:
        return jnp.stack(entries).reshape(2, 2)

    return StateSpace(
        e=matrix(less, scale, gap / scale, less),
        b=jnp.stack(
            [
                (b1 + 2 * b0) + 2 * less * b0,
                ((b0 + b1 + b2) + less * (2 * b0 + b1) + less * less * b0 + gap * b0) / scale,
            ]
        ),
        c=jnp.stack([one, zero]),
        d=b0,
        change=matrix(one, zero, mean / scale, 1 / scale),
        restore=matrix(one, zero, -mean, scale),
    )


def _rounded(x: jax.Array) -> jax.Array:
    return lax.complex(jnp.round(x.real), jnp.round(x.imag)) if is_complex(x.dtype) else jnp.round(x)


def impulse_response(system: StateSpace, reads: jax.Array) -> jax.Array:
    """h[0] = D, h[k] = C (I + E)ᵏ⁻¹ B.

    Shapes:
        reads (n, M), C (I + E)ᵏ for k = 0 … → (n,).
    """
    return jnp.concatenate([system.d[None], product(reads[:-1], system.b)])
