"""Recursive filters, forward and with gradients, beside a plain scan in JAX, SciPy, and torchaudio's algorithm."""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.signal
from jax import lax

from experiments.benchmarks.harness import Candidate
from experiments.benchmarks.workloads.rivals import Gradient, is_installed, on_host, peer, with_jax, with_torch
from experiments.benchmarks.workloads.workload import OURS, Bout, Target, Workload
from sigconv.iir import sosfilt


@dataclasses.dataclass(frozen=True)
class Sections:
    """A Butterworth low-pass at a fifth of the band, by second-order sections along the last axis.

    Attributes:
        signal: The shape, (rows, samples).
        order: Of the filter, even.
        gradient: Whether the sum of squares of the result is wanted with its gradients by sections and signal.
    """

    signal: tuple[int, int]
    order: int
    gradient: bool = False

    @property
    def kernel(self) -> tuple[int, ...]:
        return (self.order // 2, 6)

    def build(self) -> Bout:
        x = np.random.default_rng(0).standard_normal(self.signal).astype(np.float32)
        sos = np.asarray(scipy.signal.butter(self.order, 0.2, output="sos"), np.float32)
        exact: Any = scipy.signal.sosfilt(sos.astype(np.float64), x.astype(np.float64))
        reference: Any = exact
        if self.gradient:
            # By the signal alone: the filter on reversed time. SciPy has nothing for the coefficients.
            back: Any = scipy.signal.sosfilt(sos.astype(np.float64), 2 * exact[:, ::-1])
            reference = (np.asarray(np.sum(exact**2)), back[:, ::-1])
        moved = 4 * x.size * (3 if self.gradient else 2)
        return Bout(self.candidates(x, sos), reference, "blocked", moved)

    def candidates(self, x: np.ndarray, sos: np.ndarray) -> dict[str, Candidate]:
        """Every rival that is installed."""
        wanted = Gradient() if self.gradient else None
        # Of value and gradients by signal and sections, those that there is a reference for.
        read = {"read": lambda parts: parts[:2]} if self.gradient else {}
        arrays = (jnp.asarray(x), jnp.asarray(sos))
        found = {
            OURS: with_jax(lambda x, s: sosfilt(s, x), arrays, wanted, **read),
            "jax scan": with_jax(_scanned, arrays, wanted, **read),
        }
        if not self.gradient:
            found["scipy sosfilt"] = on_host(lambda: scipy.signal.sosfilt(sos, x))
            if self.order == 2:
                found["scipy lfilter"] = on_host(lambda: scipy.signal.lfilter(sos[0, :3], sos[0, 3:], x))
        if is_installed("torch") and math.prod(self.signal[1:]) <= _LONGEST_LOOP:
            made = with_torch(_torchaudio, lambda w: w, (x, sos), wanted)
            found["torchaudio's loop"] = dataclasses.replace(
                made, **({"read": lambda parts: tuple(np.asarray(p, np.float64) for p in parts[:2])} if read else {})
            )
        return found


_LONGEST_LOOP = 4096
"""Samples up to which torchaudio's loop in Python is run: 10 µs a sample and section."""


def _scanned(x: jax.Array, sos: jax.Array) -> jax.Array:
    """What one writes first: a scan over the samples, all sections in a step."""

    def step(z: jax.Array, u: jax.Array) -> tuple[jax.Array, jax.Array]:
        after = []
        for i in range(sos.shape[0]):
            b0, b1, b2, _, a1, a2 = sos[i]
            y = b0 * u + z[i, 0]
            after.append(jnp.stack([b1 * u - a1 * y + z[i, 1], b2 * u - a2 * y]))
            u = y
        return jnp.stack(after), u

    return lax.scan(step, jnp.zeros((sos.shape[0], 2, x.shape[0]), x.dtype), x.T)[1].T


def _torchaudio(x: Any, sos: Any) -> Any:
    """`torchaudio.functional.lfilter` where its extension in C++ is not: the loop over samples, section by section."""
    torch = peer("torch")

    for b, a in zip(sos[:, :3], sos[:, 3:], strict=True):
        padded = torch.nn.functional.pad(x, (2, 0))
        forced = padded[:, 2:] * b[0] + padded[:, 1:-1] * b[1] + padded[:, :-2] * b[2]
        taps = a.flip(0)[:2]
        # A list and a stack in place of writing into one tensor, through which torch could not differentiate.
        past = [torch.zeros_like(x[:, 0])] * 2
        for n in range(x.shape[1]):
            past.append(forced[:, n] - taps[0] * past[-2] - taps[1] * past[-1])
        x = torch.stack(past[2:], dim=1)
    return x


_LONG, _ROWS, _SHORT = (1, 441_000), (64, 16_384), (1, 4_096)


def _workload(signal: tuple[int, int], order: int, *targets: Target, gradient: bool = False) -> Workload:
    goal = f"{'value and gradients of ' if gradient else ''}sections of order {order}"
    name = f"{'gradients, ' if gradient else ''}{signal[0]} × {signal[1]:,}, order {order}"
    return Workload(goal, name, Sections(signal, order, gradient), targets)


WORKLOADS = (
    *(
        _workload(shape, order, Target("scipy", 1.0), Target("jax", 1.0))
        for shape in (_LONG, _ROWS)
        for order in (2, 12)
    ),
    *(_workload(shape, order, Target("jax", 1.0), gradient=True) for shape in (_LONG, _ROWS) for order in (2, 12)),
    _workload(_SHORT, 2, Target("scipy"), Target("jax"), Target("torchaudio")),
    _workload(_SHORT, 2, Target("jax"), Target("torchaudio"), gradient=True),
)
