"""What a method is, and the problem it is asked about."""

import abc
import dataclasses
import math

import jax
import numpy as np
from jax import lax

from sigconv._core.geometry import Geometry
from sigconv._engine.cost import Machine


@dataclasses.dataclass(frozen=True)
class Problem:
    """A correlation as the choice of a method sees it: everything but the values.

    Attributes:
        geometry: What is computed.
        signal: (batch, channel, *space).
        weights: (out, in/groups, *taps).
        dtype: What is multiplied and added.
    """

    geometry: Geometry
    signal: tuple[int, ...]
    weights: tuple[int, ...]
    dtype: np.dtype

    @property
    def space(self) -> tuple[int, ...]:
        return self.signal[2:]

    @property
    def taps(self) -> tuple[int, ...]:
        return self.weights[2:]

    @property
    def out(self) -> tuple[int, ...]:
        return self.geometry.out_shape(self.space, self.taps)

    @property
    def padded(self) -> tuple[int, ...]:
        """L̃ + lo + hi per axis."""
        return tuple(
            axis.inserted(length) + axis.lo + axis.hi
            for axis, length in zip(self.geometry.axes, self.space, strict=True)
        )

    @property
    def rows(self) -> int:
        """Single-channel signals to read: batch × channels in."""
        return self.signal[0] * self.signal[1]

    @property
    def out_rows(self) -> int:
        """Single-channel signals to write: batch × channels out."""
        return self.signal[0] * self.weights[0]

    @property
    def products(self) -> int:
        """Multiplications per output sample when every tap is multiplied."""
        return self.weights[1] * math.prod(self.taps)


@dataclasses.dataclass(frozen=True)
class Method(abc.ABC):
    """One algorithm for the canonical correlation. Its parameters, if any, are its fields."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """What `method=` calls it."""

    @abc.abstractmethod
    def refusal(self, problem: Problem) -> str | None:
        """Why this method cannot do the problem; None when it can."""

    @abc.abstractmethod
    def cost(self, problem: Problem, machine: Machine) -> float:
        """Predicted seconds for one call that is already compiled."""

    @abc.abstractmethod
    def run(self, x: jax.Array, w: jax.Array, geometry: Geometry, precision: lax.Precision) -> jax.Array:
        """The correlation of operands that have one dtype.

        Shapes:
            x (batch, channel, *space), w (out, in/groups, *taps) → (batch, out, *out).
        """
