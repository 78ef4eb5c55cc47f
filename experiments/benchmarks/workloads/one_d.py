"""One-dimensional convolutions: long ones, rows of them, short kernels, and calls so small that dispatch is all."""

import dataclasses

from experiments.benchmarks.workloads.single import Single
from experiments.benchmarks.workloads.workload import Target, Workload

_STATED = tuple(map(Target, ("jax", "scipy", "torch", "numpy")))


def _full(goal: str, n: int, k: int, targets: tuple[Target, ...]) -> Workload:
    return Workload(goal, f"n = {n}, k = {k}", Single((n,), (k,), "full"), targets)


def _rows(k: int, *targets: Target) -> Workload:
    return Workload(f"rows 64 × 16384, k = {k}", f"64 × 16384, k = {k}", Single((64, 16384), (k,), "full"), targets)


_LONG = (
    Target("jax", 2),
    Target("jax fftconvolve", 10),
    Target("scipy", 1.1, 2),
    Target("torch conv", 30),
    Target("torch fft"),
    Target("numpy", 1.6),
)
_SMALL = (Target("jax", 1.4), Target("scipy", 1.2), Target("torch"), Target("numpy"))
_SHORT = (Target("jax", 2.7), Target("scipy", 3), Target("torch", 3), Target("numpy", 0.5, 1))
_SIZES = tuple((n, k) for n in (10**3, 10**4) for k in (8, 64))

WORKLOADS = (
    *(_full("1-d, n = 10³…10⁴, k ≤ 64", n, k, _SMALL) for n, k in _SIZES),
    *(_full("1-d, n ≥ 10⁵, k ≤ 8", n, 8, _SHORT) for n in (10**5, 10**6)),
    *(_full("1-d, n ≥ 10⁵, k ≥ 64", n, k, _LONG) for n in (10**5, 10**6) for k in (64, 512, 4096)),
    _full("1-d, n ≥ 10⁵, k ≥ 64", 10**5, 10**5, _LONG),
    _rows(64, Target("jax", 3.5), Target("scipy", 1.6), Target("torch conv", 4), Target("torch fft")),
    _rows(1024, Target("jax", 3), Target("scipy", 0.85, 1.2), Target("torch conv", 4), Target("torch fft")),
)

SYNCHRONOUS = tuple(
    dataclasses.replace(workload, goal=f"{workload.goal}, asynchronous dispatch off", targets=_STATED)
    for workload in WORKLOADS[: len(_SIZES)]
)
"""To be measured in a process that has asynchronous dispatch off."""
