"""Constants of the cost model, per device kind, as data.

They only decide which method `auto` picks, never what it computes. The CPU row is what `fit_cost.py` in
`experiments/benchmarks` printed, but for the three constants of `shift_add`, which were set from a dozen sizes timed by
hand; the other rows are estimates that nobody has measured yet, and say so.
"""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Machine:
    """What one device kind takes, in seconds.

    Attributes:
        call: A call, whatever its size.
        direct_sample: Per patch of the signal that a direct correlation gathers, however small.
        direct_tap: Per sample of such a patch.
        matrix_tap: Per multiplication of it with an output channel's weights.
        shift_tap: Per multiplication of an unrolled sum of shifted signals of many rows.
        shift_tap_long: Likewise, of one long row.
        shift_fork: Handing such a sum to several cores, which XLA does from some 16,000 multiplications on.
        fft_call: One transform, whatever its size.
        fft_point: Per point and log₂ of the length, in batched or N-d transforms.
        fft_point_long: Likewise, in one long 1-d transform.
        pass_point: Reading or writing one real number in one pass over memory.
        fft_is_accurate: Whether this device's FFT keeps the tolerance rule.
        source: Where the numbers come from.
    """

    call: float
    direct_sample: float
    direct_tap: float
    matrix_tap: float
    shift_tap: float
    shift_tap_long: float
    shift_fork: float
    fft_call: float
    fft_point: float
    fft_point_long: float
    pass_point: float
    fft_is_accurate: bool
    source: str


CPU = Machine(
    call=34e-6,
    direct_sample=33e-9,
    direct_tap=0.26e-9,
    matrix_tap=13e-12,
    shift_tap=0.03e-9,
    shift_tap_long=0.25e-9,
    shift_fork=30e-6,
    fft_call=2.6e-6,
    fft_point=0.132e-9,
    fft_point_long=0.397e-9,
    pass_point=0.353e-9,
    fft_is_accurate=True,
    source="fitted on 2 cores, JAX 0.10.2",
)

MACHINES: Mapping[str, Machine] = {
    "cpu": CPU,
    "gpu": Machine(
        call=10e-6,
        direct_sample=2e-12,
        direct_tap=0.1e-12,
        matrix_tap=0.05e-12,
        shift_tap=0.05e-12,
        shift_tap_long=0.05e-12,
        shift_fork=0.0,
        fft_call=10e-6,
        fft_point=0.3e-12,
        fft_point_long=0.3e-12,
        pass_point=1e-12,
        fft_is_accurate=True,
        source="estimated from the bandwidth and peak rate of a data-centre GPU; not measured",
    ),
    "tpu": Machine(
        call=10e-6,
        direct_sample=2e-12,
        direct_tap=0.1e-12,
        matrix_tap=0.01e-12,
        shift_tap=0.1e-12,
        shift_tap_long=0.1e-12,
        shift_fork=0.0,
        fft_call=50e-6,
        fft_point=10e-12,
        fft_point_long=10e-12,
        pass_point=1e-12,
        fft_is_accurate=False,
        source="estimated; not measured. XLA's FFT on TPU is far outside the tolerance rule",
    ),
}
"""By platform; an unknown one counts as a GPU, as JAX's plugins for other accelerators resemble."""


def machine_of(platform: str) -> Machine:
    return MACHINES.get("gpu" if platform in ("cuda", "rocm") else platform, MACHINES["gpu"])
