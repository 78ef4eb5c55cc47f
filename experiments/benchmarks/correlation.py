"""Is `auto` ever worse than the better of JAX's two, and what does it gain where JAX's own choice is wrong?"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
import jax.scipy.signal
import numpy as np
import scipy.fft
import scipy.signal

import sigconv
from experiments.benchmarks.guard import Guard
from experiments.benchmarks.harness import Candidate, Effort, Row, measure
from experiments.benchmarks.setting import Setting, core_count

OURS = "sigconv"
EAGER = "sigconv eager"
FORCED = ("sigconv direct", "sigconv shift_add", "sigconv fft", "sigconv overlap")
"""Each where it can do the case."""
JAX_AUTO = "jax convolve"
JAX_FFT = "jax fftconvolve"
RIVALS = (JAX_AUTO, JAX_FFT, "scipy fftconvolve", "scipy oaconvolve", "np.convolve")


@dataclasses.dataclass(frozen=True)
class Case:
    """A convolution to time."""

    signal: tuple[int, ...]
    kernel: tuple[int, ...]
    mode: Literal["full", "same"]

    @property
    def name(self) -> str:
        if len(set(self.signal)) == len(set(self.kernel)) == 1 and len(self.signal) == 2:
            return f"{self.signal[0]}², K = {self.kernel[0]}"
        return f"n = {_joined(self.signal)}, k = {_joined(self.kernel)}"

    @property
    def outputs(self) -> int:
        grows = self.mode == "full"
        return math.prod(n + k - 1 if grows else n for n, k in zip(self.signal, self.kernel, strict=True))


@dataclasses.dataclass(frozen=True)
class Result:
    """A case measured.

    Attributes:
        case: What was convolved.
        chosen: The method that `auto` picked.
        limit: Seconds that memory alone would take.
        row: The timings.
    """

    case: Case
    chosen: str
    limit: float
    row: Row


CASES = (
    *(Case((n,), (k,), "full") for n in (10**3, 10**4, 10**5, 10**6) for k in (8, 64, 512, 4096) if k <= n),
    *(Case((n, n), (k, k), "same") for n in (512, 2048) for k in (3, 5, 11, 31, 63)),
)
QUICK = (Case((1000,), (8,), "full"), Case((100_000,), (512,), "full"), Case((512, 512), (11, 11), "same"))


def measure_case(case: Case, setting: Setting, guard: Guard, effort: Effort) -> Result:
    """Time every rival on white noise, and compare it with SciPy in float64."""
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape, dtype=np.float32) for shape in (case.signal, case.kernel))
    reference = scipy.signal.fftconvolve(x.astype(np.float64), w.astype(np.float64), mode=case.mode)
    chosen = sigconv.select_method(case.signal, case.kernel, mode=case.mode).method
    row = measure(candidates(case, x, w), reference, guard=guard, effort=effort)
    return Result(case, chosen, setting.memory_limit(case.outputs), row)


def candidates(case: Case, x: np.ndarray, w: np.ndarray) -> dict[str, Candidate]:
    """Every rival on these arrays, by name."""
    mode, device = case.mode, (jnp.asarray(x), jnp.asarray(w))
    able = sigconv.select_method(case.signal, case.kernel, mode=mode).costs

    def forced(method: str) -> Callable[..., jax.Array]:
        return lambda x, w: sigconv.convolve(x, w, mode=mode, method=method)

    rivals = {
        OURS: _compiled(lambda x, w: sigconv.convolve(x, w, mode=mode), *device),
        EAGER: Candidate(lambda: jax.block_until_ready(sigconv.convolve(*device, mode=mode))),
        **{f"sigconv {method}": _compiled(forced(method), *device) for method in able},
        JAX_AUTO: _compiled(lambda x, w: jax.scipy.signal.convolve(x, w, mode=mode), *device),
        JAX_FFT: _compiled(lambda x, w: jax.scipy.signal.fftconvolve(x, w, mode=mode), *device),
        "scipy fftconvolve": _all_cores(lambda: scipy.signal.fftconvolve(x, w, mode=mode)),
        "scipy oaconvolve": _all_cores(lambda: scipy.signal.oaconvolve(x, w, mode=mode)),
    }
    if x.ndim == 1:
        rivals["np.convolve"] = Candidate(lambda: np.convolve(x, w, mode))
    return rivals


def _compiled(function: Callable[..., jax.Array], *arguments: Any) -> Candidate:
    call = jax.jit(function)
    return Candidate(
        lambda: jax.block_until_ready(call(*arguments)), lambda: jax.jit(function).lower(*arguments).compile()
    )


def _all_cores(call: Callable[[], np.ndarray]) -> Candidate:
    """SciPy transforms on one core unless told otherwise; JAX uses them all."""
    cores = core_count()

    def with_workers() -> np.ndarray:
        with scipy.fft.set_workers(cores):
            return call()

    return Candidate(with_workers)


def _joined(lengths: tuple[int, ...]) -> str:
    return " × ".join(map(str, lengths))
