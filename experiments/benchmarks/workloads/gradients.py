"""The sum of the squares of the output, and its gradients by both arguments."""

from experiments.benchmarks.workloads.multi import Multi
from experiments.benchmarks.workloads.rivals import Gradient
from experiments.benchmarks.workloads.single import Single
from experiments.benchmarks.workloads.workload import Target, Workload

_ONE_D = (Target("jax", 1.8), Target("jax fftconvolve", 14), Target("torch fft", 3), Target("torch conv"))
_TWO_D = {3: (5, 2.5), 5: (5, 1.5), 11: (1.8, 1.2), 63: (1.7, 0.9)}
"""By K, how far ahead of JAX and of torch.fft."""

WORKLOADS = (
    *(
        Workload("value and gradient, 1-d", f"n = {n}, k = {k}", Single((n,), (k,), "full", Gradient()), _ONE_D)
        for n, k in ((10**5, 64), (10**6, 512))
    ),
    *(
        Workload(
            f"value and gradient, 2-d 512², K = {k}",
            f"512², K = {k}",
            Single((512, 512), (k, k), "same", Gradient()),
            (Target("jax", jax), Target("torch fft", torch), Target("torch conv")),
        )
        for k, (jax, torch) in _TWO_D.items()
    ),
    Workload(
        "depthwise 1-d, value and gradient (jax#13800)",
        "depthwise 1-d, (8, 512, 1024), k = 5",
        Multi((8, 512, 1024), (512, 1, 5), groups=512, gradient=Gradient(), rivals=("jax conv", "torch conv")),
        (Target("jax", 10, shown_by="torch"), Target("torch", 1.0)),
    ),
    Workload(
        "3×3 dense, value and gradient",
        "3×3 dense, (8, 64, 56, 56) → 64",
        Multi((8, 64, 56, 56), (64, 64, 3, 3), is_product=True, gradient=Gradient(), rivals=("jax conv", "torch conv")),
        (Target("jax"), Target("torch conv")),
    ),
)
