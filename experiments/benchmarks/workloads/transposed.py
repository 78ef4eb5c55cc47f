"""Transposed convolutions: `correlate_channels` over a signal with zeros inserted, as the issues about them have it."""

from experiments.benchmarks.workloads.multi import Multi
from experiments.benchmarks.workloads.rivals import Gradient
from experiments.benchmarks.workloads.workload import Target, Workload

_TARGETS = (Target("jax", 10, shown_by="torch"), Target("torch", 1.0))
_RIVALS = ("jax conv", "torch conv")


def _upsampled(signal: tuple[int, ...], kernel: tuple[int, ...], step: int) -> Workload:
    taps = "×".join(map(str, kernel[2:]))
    return Workload(
        "transposed convolution (jax#23783)",
        f"{signal} → {kernel[0]}, {taps} taps, stride {step}",
        Multi(signal, kernel, "full", input_dilation=step, rivals=_RIVALS),
        _TARGETS,
    )


WORKLOADS = (
    _upsampled((1, 256, 256), (1, 256, 512), 128),
    _upsampled((4, 64, 256), (64, 64, 8), 4),
    _upsampled((4, 64, 32, 32), (64, 64, 4, 4), 2),
    *(
        Workload(
            "transposed 3-d, mean and its gradient by the weights (jax#31662)",
            f"(1, 64, 64, 64, 32) → 1, 3×3×3 taps, stride 2, {dtype}",
            Multi(
                (1, 64, 64, 64, 32),
                (1, 64, 3, 3, 3),
                ((1, 2),) * 3,
                input_dilation=2,
                gradient=Gradient("mean", (1,)),
                dtype=dtype,
                rivals=_RIVALS,
            ),
            _TARGETS,
        )
        for dtype in ("float32", "bfloat16")
    ),
)
