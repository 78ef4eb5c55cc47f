"""What a transform reads beyond the ends, under PyWavelets' names; those that the engine lacks are written out here.

With the samples 1 2 4 7 the reads before the first are, nearest last:

    zero             0  0  0        constant         1  1  1
    symmetric        4  2  1        reflect          7  4  2
    antisymmetric   -4 -2 -1        antireflect     -5 -2  0
    periodic         2  4  7        smooth          -2 -1  0
    periodization    as periodic, of a signal made even by its last sample, with no coefficient too many
"""

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


@dataclasses.dataclass(frozen=True)
class Mode:
    """A boundary of the transform.

    Attributes:
        engine: The engine's boundary that reads the same, or None where `extend` writes it out.
        name: Ours.
        is_circular: Whether a signal of 2m samples has m coefficients per band, and wraps around.
    """

    name: str
    engine: str | None = None
    is_circular: bool = False


MODES: Mapping[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode("zero", "zero"),
        Mode("constant", "edge"),
        Mode("symmetric", "symmetric"),
        Mode("periodic", "periodic"),
        Mode("smooth"),
        Mode("periodization", "periodic", is_circular=True),
        Mode("reflect", "reflect"),
        Mode("antisymmetric"),
        Mode("antireflect"),
    )
}
"""PyWavelets' names, in its order."""


def extend(x: jax.Array, before: int, after: int, name: str, axis: int) -> jax.Array:
    """The signal with what is read before and after it along an axis."""
    length = x.shape[axis]
    sides = (range(-before, 0), range(length, length + after))
    low, high = (_side(x, np.asarray(side), name, axis) for side in sides)
    return lax.concatenate([low, x, high], axis)


def _side(x: jax.Array, indices: np.ndarray, name: str, axis: int) -> jax.Array:
    """Σ of a sample with a sign, and multiples of the few samples at the ends."""
    sources, signs, ends = _RULES[name](indices, x.shape[axis])

    def spread(values: np.ndarray) -> jax.Array:
        shape = [1] * x.ndim
        shape[axis] = len(values)
        return jnp.asarray(values.reshape(shape), x.dtype)

    y = jnp.take(x, jnp.asarray(sources, np.int32), axis=axis, mode="clip") * spread(signs)
    for sample, weights in ends.items():
        y = y + lax.slice_in_dim(x, sample, sample + 1, axis=axis) * spread(weights)
    return y


_Reads = tuple[np.ndarray, np.ndarray, dict[int, np.ndarray]]


def _antisymmetric(indices: np.ndarray, length: int) -> _Reads:
    within = indices % (2 * length)
    mirrored = within >= length
    return np.where(mirrored, 2 * length - 1 - within, within), np.where(mirrored, -1.0, 1.0), {}


def _antireflect(indices: np.ndarray, length: int) -> _Reads:
    if length == 1:
        return np.zeros_like(indices), np.ones(len(indices)), {}
    # Point reflection in both ends: every cycle lies higher by twice the rise of the signal.
    cycles, within = np.divmod(indices, 2 * length - 2)
    mirrored = within >= length
    rises = 2.0 * cycles
    ends = {length - 1: rises + 2.0 * mirrored, 0: -rises}
    return np.where(mirrored, 2 * length - 2 - within, within), np.where(mirrored, -1.0, 1.0), ends


def _smooth(indices: np.ndarray, length: int) -> _Reads:
    end = np.clip(indices, 0, length - 1)
    if length == 1:
        return end, np.ones(len(indices)), {}
    steps = np.abs(indices - end).astype(float)
    before = indices < 0
    ends: dict[int, np.ndarray] = {}
    # In a signal of two or three samples the same one serves both ends.
    for sample, weights in (
        (0, steps * before),
        (1, -steps * before),
        (length - 1, steps * ~before),
        (length - 2, -steps * ~before),
    ):
        ends[sample] = ends.get(sample, 0.0) + weights
    return end, np.ones(len(indices)), ends


_RULES = {"antisymmetric": _antisymmetric, "antireflect": _antireflect, "smooth": _smooth}
