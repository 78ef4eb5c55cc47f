"""`StateSpace`: sections in series as one linear system with a state that float32 can hold."""

import dataclasses

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.iir.parts import Parts, parted, rounded, settled
from sigconv.iir.powers import product

_NARROWEST = 2.0**-8
"""Least coupling of a section's two states: that of its pole pair, but for pairs closer than this."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class StateSpace:
    """z[n+1] = (I + E) z[n] + B x[n],   y[n] = C z[n] + D x[n],   and z = change · (the state as SciPy keeps it).

    Attributes:
        e: (M, M), in parts.
        b, c: (M,).
        d: ().
        change, restore: (M, M), inverse to one another.
    """

    e: Parts
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
    between = parted(between.reshape(width, width))
    return StateSpace(
        e=Parts(_on_diagonal(stages.e.coarse) + between.coarse, _on_diagonal(stages.e.fine) + between.fine),
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
    taken = parted(a[1:, None])
    return StateSpace(
        e=Parts(shift - unit - taken.coarse * unit[:1], -taken.fine * unit[:1]),
        b=b[1:] - a[1:] * b[0],
        c=unit[0],
        d=b[0],
        change=unit,
        restore=unit,
    )


def _second_order(b: jax.Array, a: jax.Array) -> StateSpace:
    """A section with poles m ± √g: its matrix is [[m, s], [g/s, m]], for s = √|g| a normal one, whose powers are tame.

    It is exact but for the last digit of g: so that g/s is, s is a power of two, near the root, and so that m and
    g = m² − a₂ are, they are in parts. The scale s changes nothing but rounding; no derivative passes through it.
    """
    b0, b1, b2 = b
    mean, last = parted(-a[1] / 2), parted(a[2])
    gap = settled(mean.coarse * mean.coarse - last.coarse, 2 * mean.coarse * mean.fine - last.fine)
    # Only now: for poles near 1 the rest, which is exact too, cancels all but what is as small as this.
    gap = Parts(gap.coarse, gap.fine + mean.fine * mean.fine)
    root = lax.stop_gradient(jnp.maximum(jnp.sqrt(jnp.abs(gap.value)), _NARROWEST))
    scale = lax.reduce_precision(root, exponent_bits=jnp.finfo(root.dtype).nexp, mantissa_bits=0).astype(a.dtype)
    ratio = settled(gap.coarse / scale, gap.fine / scale)
    one, zero = jnp.ones_like(scale), jnp.zeros_like(scale)
    # Zeros near the poles cancel them. Whole numbers, those at 1, i or −1, do so without rounding.
    whole, whole_gap = rounded(mean.coarse), rounded(gap.coarse)
    less, less_gap = (mean.coarse - whole) + mean.fine, (gap.coarse - whole_gap) + gap.fine

    def matrix(*entries: jax.Array) -> jax.Array:
        return jnp.stack(entries).reshape(2, 2)

    return StateSpace(
        e=Parts(
            matrix(mean.coarse - 1, scale, ratio.coarse, mean.coarse - 1),
            matrix(mean.fine, zero, ratio.fine, mean.fine),
        ),
        b=jnp.stack(
            [
                (b1 + 2 * whole * b0) + 2 * less * b0,
                (
                    ((whole * whole + whole_gap) * b0 + whole * b1 + b2)
                    + less * (2 * whole * b0 + b1)
                    + (less * less + less_gap) * b0
                )
                / scale,
            ]
        ),
        c=jnp.stack([one, zero]),
        d=b0,
        change=matrix(one, zero, mean.value / scale, 1 / scale),
        restore=matrix(one, zero, -mean.value, scale),
    )


def impulse_response(system: StateSpace, reads: jax.Array) -> jax.Array:
    """h[0] = D, h[k] = C (I + E)ᵏ⁻¹ B.

    Shapes:
        reads (n, M), C (I + E)ᵏ for k = 0 … → (n,).
    """
    return jnp.concatenate([system.d[None], product(reads[:-1], system.b)])
