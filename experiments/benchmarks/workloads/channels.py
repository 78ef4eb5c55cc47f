"""Multi-channel convolutions, forward: large kernels, long ones, and what networks are made of."""

from experiments.benchmarks.workloads.multi import Multi
from experiments.benchmarks.workloads.workload import Target, Workload

_IMAGE = (4, 32, 64, 64)
_LARGE = ("jax conv", "jax conv channels-last", "torch conv", "torch fft")
_COMPLAINT = (Target("jax", 10, shown_by="torch"), Target("torch", 1.0))

WORKLOADS = (
    Workload(
        "depthwise 31×31, (4, 32, 64, 64)",
        "depthwise 31×31, (4, 32, 64, 64)",
        Multi(_IMAGE, (32, 1, 31, 31), groups=32, rivals=_LARGE),
        (Target("jax", 60), Target("torch conv", 20), Target("torch fft", 0.5, 1)),
    ),
    Workload(
        "dense 31×31, 32 → 32",
        "dense 31×31, (4, 32, 64, 64) → 32",
        Multi(_IMAGE, (32, 32, 31, 31), rivals=_LARGE),
        (Target("jax", 8), Target("torch conv", 4), Target("torch fft", 0.5, 1)),
    ),
    Workload(
        "depthwise 1-d, (8, 128, 4096), k = 4096",
        "depthwise 1-d causal, (8, 128, 4096), k = 4096",
        Multi(
            (8, 128, 4096),
            (128, 1, 4096),
            padding=((4095, 0),),
            groups=128,
            flips=True,
            rivals=("jax rfft", "torch fft"),
        ),
        (Target("jax", 1.5), Target("torch fft", 1.0)),
    ),
    Workload(
        "3×3 dense, (8, 64, 56, 56)",
        "3×3 dense, (8, 64, 56, 56) → 64",
        Multi((8, 64, 56, 56), (64, 64, 3, 3), is_product=True),
        (Target("jax", 1.0), Target("torch conv")),
    ),
    Workload(
        "3×3 dense without padding",
        "3×3 dense without padding, (8, 64, 58, 58) → 64",
        Multi((8, 64, 58, 58), (64, 64, 3, 3), padding=((0, 0), (0, 0)), is_product=True),
        (Target("jax"), Target("torch conv")),
    ),
    Workload(
        "3×3 dense in a loop",
        "3×3 dense, (8, 64, 56, 56) → 64, by `lax.map`",
        Multi((8, 64, 56, 56), (64, 64, 3, 3), is_product=True, is_scanned=True, rivals=("jax conv", "torch conv")),
        (Target("jax"), Target("torch conv")),
    ),
    Workload(
        "depthwise 3×3 (jax#23713)",
        "depthwise 3×3, (1, 64, 124, 124)",
        Multi((1, 64, 124, 124), (64, 1, 3, 3), groups=64),
        (Target("jax"), Target("torch")),
    ),
    *(
        Workload(
            "depthwise 1-d, dilated (jax#26266)",
            f"depthwise 1-d, (32, 64, 1024), k = 5, dilation {dilation}",
            Multi((32, 64, 1024), (64, 1, 5), dilation=dilation, groups=64),
            _COMPLAINT,
        )
        for dilation in (1, 16)
    ),
)
