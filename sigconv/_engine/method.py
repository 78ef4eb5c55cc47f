"""What a method is, and the problem it is asked about."""

import abc
import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

import jax
import numpy as np
from jax import lax

from sigconv._core.geometry import Geometry
from sigconv._engine.cost import Machine

K = TypeVar("K")

TIE = 1.05
"""Predictions that differ by less count as the same."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """A correlation as a method sees it: everything but the values.

    Attributes:
        geometry: What is computed.
        signal: (batch, channel, *space).
        weights: (out, in/groups, *taps).
        dtype: What is multiplied and added.
        is_factored: Whether the kernel comes as one factor per axis instead of a full array.
    """

    geometry: Geometry
    signal: tuple[int, ...]
    weights: tuple[int, ...]
    dtype: np.dtype
    is_factored: bool = False

    @property
    def space(self) -> tuple[int, ...]:
        return self.signal[2:]

    @property
    def taps(self) -> tuple[int, ...]:
        return self.weights[2:]

    @property
    def extent(self) -> tuple[int, ...]:
        return self.geometry.extent(self.taps)

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
    def kernels(self) -> int:
        """Single-channel kernels: channels out × channels in of a group."""
        return self.weights[0] * self.weights[1]

    @property
    def samples(self) -> int:
        """Numbers in the output."""
        return self.out_rows * math.prod(self.out)

    @property
    def products(self) -> int:
        """Multiplications per output sample when every tap is multiplied."""
        return self.weights[1] * math.prod(self.taps)

    @property
    def operand_bytes(self) -> int:
        """Bytes of the signal, the weights and the result."""
        return self.dtype.itemsize * (math.prod(self.signal) + math.prod(self.weights) + self.samples)

    @property
    def width(self) -> float:
        """Bytes of a number, in those of a float32."""
        return self.dtype.itemsize / 4


@dataclasses.dataclass(frozen=True)
class Method(abc.ABC):
    """One algorithm for the canonical correlation. Its parameters, if any, are its fields."""

    transforms: ClassVar[bool] = False
    """Whether it needs a fast Fourier transform."""
    is_fused: ClassVar[bool] = False
    """Whether XLA merges it with what is done to its result."""
    takes_factors: ClassVar[bool] = False
    """Whether `prepare` takes a kernel by its factors."""

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

    def kernel_cost(self, problem: Problem, machine: Machine) -> float:
        """The part of it that `prepare` takes."""
        return 0.0

    def derivative_cost(self, problem: Problem, machine: Machine, wants: tuple[bool, ...]) -> float:
        """Predicted seconds more for the derivatives with respect to signal and kernel, whichever are wanted.

        A transform's need the cotangent's spectrum, once, and go back from a product each: as many steps as the value
        has, which were measured to take 1.2 to 1.4 times as long, and twice where channels are added up.
        """
        return (0.45 if problem.weights[1] == 1 else 0.7) * (1 + sum(wants)) * self.work(problem, machine)

    def work(self, problem: Problem, machine: Machine) -> float:
        """Predicted seconds inside a program that is called anyway."""
        return self.cost(problem, machine) - machine.call

    @abc.abstractmethod
    def workspace(self, problem: Problem) -> float:
        """Bytes needed beside the operands and the result, about."""

    def workspace_kept(self, problem: Problem) -> float:
        """Likewise where the kernel is prepared once, with what is made of it."""
        return self.workspace(problem)

    def prepare(self, w: Any, problem: Problem) -> Any:
        """All that can be worked out from the weights alone: a pytree for `apply`."""
        return w

    @abc.abstractmethod
    def apply(self, x: jax.Array, prepared: Any, problem: Problem, precision: lax.Precision) -> jax.Array:
        """The correlation of operands that have one dtype.

        Shapes:
            x (batch, channel, *space), w (out, in/groups, *taps) → (batch, out, *out).
        """

    def correlate(self, x: jax.Array, w: Any, problem: Problem, precision: lax.Precision) -> jax.Array:
        """`apply` to weights that are not kept, of which a method may then prepare some at a time."""
        return self.apply(x, self.prepare(w, problem), problem, precision)


def insertion_cost(problem: Problem, machine: Machine) -> float:
    """Predicted seconds to write out the zeros of an input dilation; next to nothing for one channel (measured)."""
    if problem.signal[1] == 1 or all(axis.input_dilation == 1 for axis in problem.geometry.axes):
        return 0.0
    return problem.rows * math.prod(problem.padded) * machine.insert_number * problem.width


def usable(methods: Iterable[Method], problem: Problem, machine: Machine) -> Iterator[Method]:
    """Those that can do the problem, and accurately on that machine."""
    for method in methods:
        if (machine.fft_is_accurate or not method.transforms) and method.refusal(problem) is None:
            yield method


def cheapest(costs: Mapping[K, float]) -> K:
    """The cheapest; of what is as good as equal the first: products keep a NaN and their error where they are."""
    least = min(costs.values())
    return next(key for key, cost in costs.items() if cost <= TIE * least)
