"""Rewriting a correlation that steps (stride, dilation, inserted zeros) as one of phases that does not.

A rewrite turns a problem into another, its operands into those of the other, and the other's result into its own.

Reference:
    Vaidyanathan, Multirate Systems and Filter Banks, section 4.3.
"""

import abc
import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.extend import extend, extended
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine.method import Problem


@dataclasses.dataclass(frozen=True)
class Rewrite(abc.ABC):
    """One kind of step removed."""

    @abc.abstractmethod
    def problem(self, problem: Problem) -> Problem | None:
        """The problem without the steps; None where there are none to remove."""

    @abc.abstractmethod
    def weights(self, w: jax.Array, problem: Problem) -> jax.Array:
        """The other problem's weights."""

    @abc.abstractmethod
    def signal(self, x: jax.Array, problem: Problem) -> jax.Array:
        """The other problem's signal."""

    @abc.abstractmethod
    def result(self, y: jax.Array, problem: Problem) -> jax.Array:
        """This problem's result from the other's."""


@dataclasses.dataclass(frozen=True)
class Phases:
    """The outputs n = q·count + r of one axis with inserted zeros, as `count` outputs of a correlation without.

    Attributes:
        axis: The correlation of each phase.
        table: (count, places): which tap stands at each place of a phase's kernel; the number of taps where none does.
        is_plain: Whether nothing is inserted: one phase, of all taps.
    """

    axis: Axis
    table: np.ndarray
    is_plain: bool = False

    @property
    def count(self) -> int:
        return self.table.shape[0]


@functools.lru_cache(maxsize=1024)
def phases_of(axis: Axis, length: int, taps: int) -> Phases:
    stride, dilation, insertion = axis.stride, axis.dilation, axis.input_dilation
    if insertion == 1:
        return Phases(axis, np.arange(taps)[None], is_plain=True)
    # Phase r reads sample q·step + place of tap t where place = (r·stride + t·dilation − lo) / insertion is whole: of
    # every `period` neighbouring taps, one or none.
    count, period = insertion // math.gcd(stride, insertion), insertion // math.gcd(dilation, insertion)
    phases, first_taps = np.meshgrid(np.arange(count), np.arange(min(period, taps)), indexing="ij")
    whole = (phases * stride + first_taps * dilation - axis.lo) % insertion == 0
    phases, first_taps = phases[whole], first_taps[whole]
    t = first_taps[:, None] + period * np.arange(-(-taps // period))
    places = (phases[:, None] * stride + t * dilation - axis.lo) // insertion
    read = t < taps
    first = int(places.min(where=read, initial=np.iinfo(np.int64).max)) if read.any() else 0
    last = int(places.max(where=read, initial=np.iinfo(np.int64).min)) if read.any() else 0
    table = np.full((count, last - first + 1), taps)
    table[np.broadcast_to(phases[:, None], t.shape)[read], places[read] - first] = t[read]
    step = stride * count // insertion
    steps = -(-axis.out_length(length, taps) // count)
    hi = (steps - 1) * step + table.shape[1] - length + first
    return Phases(Axis(lo=-first, hi=hi, stride=step), table)


@dataclasses.dataclass(frozen=True)
class Insertion(Rewrite):
    """Inserted zeros: each phase of the output is a correlation with every so-manieth tap; phases are channels out."""

    def problem(self, problem: Problem) -> Problem | None:
        if all(axis.input_dilation == 1 for axis in problem.geometry.axes):
            return None
        phases = self._phases(problem)
        count = math.prod(phase.count for phase in phases)
        geometry = Geometry(tuple(phase.axis for phase in phases), problem.geometry.groups)
        taps = tuple(phase.table.shape[1] for phase in phases)
        return dataclasses.replace(
            problem, geometry=geometry, weights=(problem.weights[0] * count, problem.weights[1], *taps)
        )

    def weights(self, w: jax.Array, problem: Problem) -> jax.Array:
        phases = self._phases(problem)
        # From the last axis on, so that the places of those before do not move.
        for position, phase in reversed(list(enumerate(phases, start=2))):
            w = jnp.expand_dims(w, position) if phase.is_plain else _take(w, phase.table, position)
        # (out, in, phase, taps, phase, taps, …) → (out, phases, in, *taps)
        rank = len(phases)
        w = lax.transpose(w, (0, *range(2, 2 + 2 * rank, 2), 1, *range(3, 3 + 2 * rank, 2)))
        return w.reshape(-1, *w.shape[1 + rank :])

    def signal(self, x: jax.Array, problem: Problem) -> jax.Array:
        return x

    def result(self, y: jax.Array, problem: Problem) -> jax.Array:
        counts = tuple(phase.count for phase in self._phases(problem))
        rank = len(counts)
        y = y.reshape(y.shape[0], problem.weights[0], *counts, *y.shape[2:])
        order = [0, 1]
        for number in range(rank):
            order += [2 + rank + number, 2 + number]
        return _merge(lax.transpose(y, order), problem)

    def _phases(self, problem: Problem) -> list[Phases]:
        return [
            phases_of(axis, length, k)
            for axis, length, k in zip(problem.geometry.axes, problem.space, problem.taps, strict=True)
        ]


def _take(w: jax.Array, table: np.ndarray, position: int) -> jax.Array:
    """The taps of an axis as the table has them; its last number stands for a zero."""
    pads = [(0, 0, 0)] * w.ndim
    pads[position] = (0, 1, 0)
    return jnp.take(lax.pad(w, np.zeros((), w.dtype), pads), table.astype(np.int32), axis=position, mode="clip")


@dataclasses.dataclass(frozen=True)
class Dilation(Rewrite):
    """Dilation: the outputs n = q·dilation + r read only samples of one phase; phases are items of the batch."""

    def problem(self, problem: Problem) -> Problem | None:
        if not any(self._steps(problem)):
            return None
        counts = self._counts(problem)
        axes, space = [], []
        for axis, count, padded in zip(problem.geometry.axes, counts, problem.padded, strict=True):
            axes.append(dataclasses.replace(extended(Geometry((axis,))).axes[0], dilation=axis.dilation // count))
            space.append(-(-padded // count))
        return dataclasses.replace(
            problem,
            geometry=Geometry(tuple(axes), problem.geometry.groups),
            signal=(problem.signal[0] * math.prod(counts), problem.signal[1], *space),
        )

    def weights(self, w: jax.Array, problem: Problem) -> jax.Array:
        return w

    def signal(self, x: jax.Array, problem: Problem) -> jax.Array:
        counts, rank = self._counts(problem), problem.geometry.rank
        x = _split(extend(x, problem.geometry), counts)
        # (batch, channel, space, phase, …) → (batch · phases, channel, *space)
        x = lax.transpose(x, (0, *range(3, 3 + 2 * rank, 2), 1, *range(2, 2 + 2 * rank, 2)))
        return x.reshape(-1, *x.shape[1 + rank :])

    def result(self, y: jax.Array, problem: Problem) -> jax.Array:
        counts, rank = self._counts(problem), problem.geometry.rank
        y = y.reshape(problem.signal[0], *counts, *y.shape[1:])
        order = [0, 1 + rank]
        for number in range(rank):
            order += [2 + rank + number, 1 + number]
        return _merge(lax.transpose(y, order), problem)

    def _steps(self, problem: Problem) -> list[bool]:
        return [
            axis.dilation > 1 and axis.stride == axis.input_dilation == 1 and k > 1
            for axis, k in zip(problem.geometry.axes, problem.taps, strict=True)
        ]

    def _counts(self, problem: Problem) -> tuple[int, ...]:
        steps = zip(problem.geometry.axes, self._steps(problem), strict=True)
        return tuple(axis.dilation if step else 1 for axis, step in steps)


@dataclasses.dataclass(frozen=True)
class Stride(Rewrite):
    """Stride: sample n·stride + m of the signal and tap j·stride + m go together; phases are channels in."""

    def problem(self, problem: Problem) -> Problem | None:
        counts = self._counts(problem)
        if math.prod(counts) == 1:
            return None
        axes, space, taps = [], [], []
        for axis, count, padded, k in zip(problem.geometry.axes, counts, problem.padded, problem.taps, strict=True):
            axes.append(Axis(stride=axis.stride // count, dilation=axis.dilation))
            space.append(-(-padded // count))
            taps.append(-(-k // count))
        phases = math.prod(counts)
        return dataclasses.replace(
            problem,
            geometry=Geometry(tuple(axes), problem.geometry.groups),
            signal=(problem.signal[0], problem.signal[1] * phases, *space),
            weights=(problem.weights[0], problem.weights[1] * phases, *taps),
        )

    def weights(self, w: jax.Array, problem: Problem) -> jax.Array:
        return self._channels(w, problem)

    def signal(self, x: jax.Array, problem: Problem) -> jax.Array:
        return self._channels(extend(x, problem.geometry), problem)

    def result(self, y: jax.Array, problem: Problem) -> jax.Array:
        return lax.slice(y, (0,) * y.ndim, (*y.shape[:2], *problem.out))

    def _channels(self, a: jax.Array, problem: Problem) -> jax.Array:
        """(first, channel, *space) → (first, channel · phases, *space / stride)."""
        counts, rank = self._counts(problem), problem.geometry.rank
        a = _split(a, counts)
        a = lax.transpose(a, (0, 1, *range(3, 3 + 2 * rank, 2), *range(2, 2 + 2 * rank, 2)))
        return a.reshape(a.shape[0], -1, *a.shape[2 + rank :])

    def _counts(self, problem: Problem) -> tuple[int, ...]:
        return tuple(axis.stride if axis.dilation == axis.input_dilation == 1 else 1 for axis in problem.geometry.axes)


def _split(a: jax.Array, counts: tuple[int, ...]) -> jax.Array:
    """Zero-pad each spatial axis to a multiple of its count, and cut it in (length / count, count)."""
    pads = [(0, 0, 0), (0, 0, 0)] + [(0, -n % count, 0) for n, count in zip(a.shape[2:], counts, strict=True)]
    a = lax.pad(a, np.zeros((), a.dtype), pads)
    shape = [size for n, count in zip(a.shape[2:], counts, strict=True) for size in (n // count, count)]
    return a.reshape(*a.shape[:2], *shape)


def _merge(y: jax.Array, problem: Problem) -> jax.Array:
    """(batch, out, space, phase, …) → (batch, out, *out), cut to the outputs there are."""
    y = y.reshape(*y.shape[:2], *(y.shape[i] * y.shape[i + 1] for i in range(2, y.ndim, 2)))
    return lax.slice(y, (0,) * y.ndim, (*y.shape[:2], *problem.out))
