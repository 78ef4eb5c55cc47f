"""Operators: Toeplitz and circulant solves and products beside SciPy's, singular values beside NumPy's."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg

from experiments.benchmarks.harness import Candidate
from experiments.benchmarks.workloads.rivals import is_installed, on_host, peer, with_jax
from experiments.benchmarks.workloads.workload import OURS, Bout, Target, Workload
from sigconv import circulant
from sigconv.operators import Toeplitz

_TOLERANCE = 1e-6
_MOST_LEVINSON = 100_000
"""Unknowns above which Levinson's n² would take minutes."""


def _column(n: int) -> np.ndarray:
    """A symmetric positive-definite matrix of moderate condition: a₀ = 2, a_k = (1 + k)^−1.1 (R. Chan & M. Ng)."""
    column = (1.0 + np.arange(n)) ** -1.1
    column[0] = 2
    return column.astype(np.float32)


@dataclasses.dataclass(frozen=True)
class _Line:
    """A square matrix of n unknowns that its first column gives."""

    n: int

    @property
    def signal(self) -> tuple[int, ...]:
        return (self.n,)

    @property
    def kernel(self) -> tuple[int, ...]:
        return (self.n,)


@dataclasses.dataclass(frozen=True)
class ToeplitzSolve(_Line):
    """Ax = b of n unknowns, to a relative residual of 1e-6 in float32; Levinson solves in float64."""

    def build(self) -> Bout:
        column = _column(self.n)
        b = np.random.default_rng(0).standard_normal(self.n).astype(np.float32)

        def solve(column: jax.Array, b: jax.Array) -> jax.Array:
            return Toeplitz.from_column(column).solve(b, tolerance=_TOLERANCE)

        found = {OURS: with_jax(solve, (jnp.asarray(column), jnp.asarray(b)))}
        reference = None
        if self.n <= _MOST_LEVINSON:
            reference = scipy.linalg.solve_toeplitz(column.astype(np.float64), b.astype(np.float64))
            found["scipy solve_toeplitz"] = on_host(lambda: scipy.linalg.solve_toeplitz(column, b))
        return Bout(found, reference, "PCG", 4 * 3 * self.n)


@dataclasses.dataclass(frozen=True)
class ToeplitzProduct(_Line):
    """Ax, of an operator that was made before."""

    def build(self) -> Bout:
        column = _column(self.n)
        x = np.random.default_rng(0).standard_normal(self.n).astype(np.float32)
        found = {
            OURS: with_jax(lambda op, x: op(x), (Toeplitz.from_column(column), jnp.asarray(x))),
            "scipy matmul_toeplitz": on_host(lambda: scipy.linalg.matmul_toeplitz(column, x, workers=None)),
        }
        reference = scipy.linalg.matmul_toeplitz(column.astype(np.float64), x.astype(np.float64))
        return Bout(found, reference, "embedding", 4 * 4 * self.n)


@dataclasses.dataclass(frozen=True)
class CirculantSolve(_Line):
    """Cx = b of n unknowns, from the first column."""

    def build(self) -> Bout:
        column = _column(self.n)
        column[1:] += column[:0:-1]
        column[0] += column[1:].sum()
        b = np.random.default_rng(0).standard_normal(self.n).astype(np.float32)

        def solve(column: jax.Array, b: jax.Array) -> jax.Array:
            return circulant(column, (self.n,)).solve(b)

        found = {
            OURS: with_jax(solve, (jnp.asarray(column), jnp.asarray(b))),
            "scipy solve_circulant": on_host(lambda: scipy.linalg.solve_circulant(column, b)),
        }
        reference = scipy.linalg.solve_circulant(column.astype(np.float64), b.astype(np.float64))
        return Bout(found, reference, "spectrum", 4 * 3 * self.n)


@dataclasses.dataclass(frozen=True)
class SingularValues:
    """All singular values of a periodic layer."""

    weights: tuple[int, int, int, int]
    shape: tuple[int, int]

    @property
    def signal(self) -> tuple[int, ...]:
        return (self.weights[1], *self.shape)

    @property
    def kernel(self) -> tuple[int, ...]:
        return self.weights

    def build(self) -> Bout:
        w = np.random.default_rng(0).standard_normal(self.weights).astype(np.float32)

        def ours(w: jax.Array) -> jax.Array:
            return circulant(w, self.shape).singular_values()

        def by_numpy() -> Any:
            spectrum = np.moveaxis(np.fft.fft2(w, self.shape), (0, 1), (-2, -1)).astype(np.complex64)
            return np.linalg.svd(spectrum, compute_uv=False)

        found = {OURS: with_jax(ours, (jnp.asarray(w),)), "numpy fft, svd": on_host(by_numpy)}
        if is_installed("torch"):
            found["torch fft, svd"] = Candidate(_torch_singular_values(w, self.shape))
        wide = np.moveaxis(np.fft.fft2(w.astype(np.float64), self.shape), (0, 1), (-2, -1))
        count = math.prod(self.shape) * min(self.weights[:2])
        return Bout(found, np.linalg.svd(wide, compute_uv=False), "spectrum", 4 * (w.size + count))


def _torch_singular_values(w: np.ndarray, shape: tuple[int, int]) -> Callable[[], Any]:
    torch = peer("torch")
    weights = torch.from_numpy(w)

    def call() -> Any:
        with torch.inference_mode():
            return torch.linalg.svdvals(torch.fft.fft2(weights, s=shape).permute(2, 3, 0, 1))

    return call


WORKLOADS = (
    *(
        Workload("Toeplitz solve", f"solve, n = {n}", ToeplitzSolve(n), (Target("scipy", 1.0 if n >= 2000 else None),))
        for n in (1000, 2000, 10_000, 100_000, 2**20)
    ),
    *(
        Workload("Toeplitz product", f"product, n = {n}", ToeplitzProduct(n), (Target("scipy"),))
        for n in (1000, 10_000, 100_000)
    ),
    *(
        Workload("circulant solve", f"circulant solve, n = {n}", CirculantSolve(n), (Target("scipy"),))
        for n in (1000, 10_000, 100_000)
    ),
    Workload(
        "singular values of 64×64×3×3 at 32²",
        "singular values, 64×64×3×3 at 32²",
        SingularValues((64, 64, 3, 3), (32, 32)),
        (Target("numpy", 1.0), Target("torch", 1.0)),
    ),
)
