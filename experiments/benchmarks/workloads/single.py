"""A convolution of one kernel with a signal or with rows of signals, by everybody who can do it."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
import jax.scipy.signal
import numpy as np
import scipy.signal

import sigconv
from experiments.benchmarks.harness import Candidate
from experiments.benchmarks.workloads.noise import white_noise
from experiments.benchmarks.workloads.rivals import (
    Function,
    Gradient,
    is_installed,
    on_host,
    peer,
    with_jax,
    with_torch,
)
from experiments.benchmarks.workloads.spectral import convolve_with_torch, cyclic
from experiments.benchmarks.workloads.tolerance import allowed_error
from experiments.benchmarks.workloads.workload import OURS, Bout

_MOST_PRODUCTS = {"torch conv": 2e9, "jax convolve": 2e10, "numpy convolve": 2e10}
"""Multiplications above which a direct rival is left out: torch unfolds one channel into memory, all take seconds."""


@dataclasses.dataclass(frozen=True)
class Single:
    """`convolve`, of float32; a signal with one axis more than the kernel is rows."""

    signal: tuple[int, ...]
    kernel: tuple[int, ...]
    mode: Literal["full", "same"]
    gradient: Gradient | None = None

    @property
    def is_rows(self) -> bool:
        return len(self.signal) > len(self.kernel)

    @property
    def space(self) -> tuple[int, ...]:
        return self.signal[len(self.signal) - len(self.kernel) :]

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        """Of the correlation with the flipped kernel; 'same' is the middle of 'full'."""
        if self.mode == "full":
            return tuple((k - 1, k - 1) for k in self.kernel)
        return tuple((k // 2, (k - 1) // 2) for k in self.kernel)

    @property
    def out(self) -> tuple[int, ...]:
        lengths = (n + lo + hi - k + 1 for n, k, (lo, hi) in zip(self.space, self.kernel, self.pads, strict=True))
        return (*self.signal[: self.is_rows], *lengths)

    @property
    def products(self) -> int:
        return math.prod(self.out) * math.prod(self.kernel)

    def build(self) -> Bout:
        x, w = white_noise(self.signal, self.kernel)
        wants = self.gradient is not None
        method = sigconv.select_method(self.signal, self.kernel, mode=self.mode, gradient=wants).method
        results = self.reference(x, w)
        if self.gradient is None:
            moved = 4 * (x.size + w.size + math.prod(self.out))
            rows, taps = x.reshape(-1, 1, *self.space), w.reshape(1, 1, *self.kernel)
            allowed = allowed_error(rows, taps, results[0], method)
            return Bout(self.candidates(x, w), results[0], method, moved, allowed=allowed)
        return Bout(self.candidates(x, w), results, method, 8 * (x.size + w.size))

    def reference(self, x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, ...]:
        """In float64: the output, or the sum of its squares and its gradients by both arguments."""
        x, w = x.astype(np.float64), w.astype(np.float64)
        axes = tuple(range(x.ndim - w.ndim, x.ndim))
        y = scipy.signal.fftconvolve(x, w[(None,) * self.is_rows], self.mode, axes=axes)
        if self.gradient is None:
            return (y,)
        # Both gradients are correlations of 2 y, put back where it was in 'full'.
        around = [(k - 1 - lo, k - 1 - hi) for k, (lo, hi) in zip(self.kernel, self.pads, strict=True)]
        full = np.pad(2 * y, around)
        return np.asarray(np.sum(y * y)), *(scipy.signal.fftconvolve(full, np.flip(other), "valid") for other in (w, x))

    def candidates(self, x: np.ndarray, w: np.ndarray) -> dict[str, Candidate]:
        """Every rival on these arrays that is installed and does not take minutes."""
        found = self.jax_candidates(x, w)
        if is_installed("torch"):
            found |= self._torch_candidates(x, w)
        if self.gradient is None:
            found |= {name: on_host(call) for name, call in self._host_calls(x, w).items()}
        return {name: rival for name, rival in found.items() if self.is_worth_it(name)}

    def is_worth_it(self, name: str) -> bool:
        """Whether a rival is at hand before long."""
        return self.products <= _MOST_PRODUCTS.get(name, math.inf)

    def jax_candidates(self, x: np.ndarray, w: np.ndarray) -> dict[str, Candidate]:
        device = (jnp.asarray(x), jnp.asarray(w))
        return {name: with_jax(function, device, self.gradient) for name, function in self.jax_functions().items()}

    def jax_functions(self) -> dict[str, Function]:
        """Ours, and what a JAX user has today."""
        mode = self.mode

        def by_row(function: Function) -> Function:
            return jax.vmap(function, (0, None)) if self.is_rows else function

        return {
            OURS: lambda x, w: sigconv.convolve(x, w, mode=mode),
            "jax convolve": by_row(lambda x, w: jax.scipy.signal.convolve(x, w, mode)),
            "jax fftconvolve": by_row(lambda x, w: jax.scipy.signal.fftconvolve(x, w, mode)),
        }

    def _torch_candidates(self, x: np.ndarray, w: np.ndarray) -> dict[str, Candidate]:
        torch, plan = peer("torch"), cyclic(self.space, self.kernel, self.pads)
        rank, before = len(self.kernel), tuple(lo for lo, _ in self.pads)
        axes = tuple(range(-rank, 0))
        conv = (torch.nn.functional.conv1d, torch.nn.functional.conv2d)[rank - 1]

        def direct(x: Any, w: Any) -> Any:
            y = conv(x.reshape(-1, 1, *self.space), w, padding=before)
            return y.reshape(self.out)

        def flipped(w: Any) -> Any:
            return w.flip(axes)[None, None]

        return {
            "torch conv": with_torch(direct, flipped, (x, w), self.gradient),
            "torch fft": with_torch(
                lambda x, w: convolve_with_torch(x, w, plan, torch), lambda w: w, (x, w), self.gradient
            ),
        }

    def _host_calls(self, x: np.ndarray, w: np.ndarray) -> dict[str, Callable[[], Any]]:
        mode, axes = self.mode, tuple(range(self.is_rows, x.ndim))
        taps = w[(None,) * self.is_rows]
        calls: dict[str, Callable[[], Any]] = {
            "scipy fftconvolve": lambda: scipy.signal.fftconvolve(x, taps, mode, axes),
            "scipy oaconvolve": lambda: scipy.signal.oaconvolve(x, taps, mode, axes),
        }
        if x.ndim == 1:
            calls["numpy convolve"] = lambda: np.convolve(x, w, mode)
        if w.ndim == 2 and mode == "same" and is_installed("cv2"):
            cv2, turned = peer("cv2"), np.ascontiguousarray(np.flip(w))
            calls["opencv filter2D"] = lambda: cv2.filter2D(x, -1, turned, borderType=cv2.BORDER_CONSTANT)
        return calls
