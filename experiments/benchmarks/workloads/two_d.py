"""Two-dimensional convolutions of one channel, 'same'."""

from experiments.benchmarks.workloads.single import Single
from experiments.benchmarks.workloads.workload import Target, Workload

_LARGE = (
    Target("jax", 1.5),
    Target("scipy", 1.0, 1.3),
    Target("torch fft"),
    Target("torch conv"),
    Target("opencv", 0.5, 1),
)


def _small(opencv: float) -> tuple[Target, ...]:
    others = (Target("jax", 10), Target("scipy", 6), Target("torch conv", 4), Target("torch fft"))
    return (*others, Target("opencv", opencv, 1))


def _same(goal: str, n: int, k: int, targets: tuple[Target, ...]) -> Workload:
    return Workload(goal, f"{n}², K = {k}", Single((n, n), (k, k), "same"), targets)


WORKLOADS = (
    *(_same("2-d, 512², K ≤ 5", 512, k, _small(0.4)) for k in (3, 5)),
    *(_same("2-d, 2048², K ≤ 5", 2048, k, _small(0.85)) for k in (3, 5)),
    *(_same("2-d, K = 11…127", n, k, _LARGE) for n in (512, 2048) for k in (11, 31, 63, 127)),
)
