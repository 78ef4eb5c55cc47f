"""Constants of the cost model, per device kind, as data.

They only decide which method `auto` picks, never what it computes. The CPU row is the geometric mean of two, each
fitted as `fit_cost.py` in `experiments/benchmarks` does it: on a Cascade Lake Xeon to the times of 390 random problems,
and on a newer one with AMX, on which everything is two to five times as fast, to 337. What few of these speak of was
set by hand: `fresh_point`, `plain_tap`, `wide_tap`, `insert_number` on the first, `shift_spill` and those of pairs of
blocks on the second, those of planes and `turn_work` on an AMD EPYC. By the times of 580 problems on that one the
choices were then sharpened, as `fit_cost.py --keep` does it, but with 170 random problems of another seed beside its
own, and the usual ones counted twice.
docs/benchmarks.md has what it chooses, by the times of 300 problems that nothing was fitted to. The other rows are
estimates that nobody has measured yet, and say so.
"""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Machine:
    """What one device kind takes, in seconds unless said otherwise; for float32.

    Attributes:
        call: A call, whatever its size.
        loop: One turn of a compiled loop.
        direct_call: A direct correlation, beside the call.
        direct_sample: Per patch of the signal that a direct correlation gathers, however small.
        direct_moved: Per number of signal and result moved to the order of axes that a direct correlation wants.
        direct_tap: Per number of such a patch.
        matrix_tap: Per multiplication of it with an output channel's weights, of as many as registers hold.
        plain_tap: Per multiplication of a grouped correlation, in plain loops.
        wide_tap: Per multiplication in 64-bit types, for which XLA has no matrix product, over the width of a number.
        mix_tap: Per multiplication of a product of matrices that mixes channels.
        mix_number: Per number of its signal and its result.
        plane_product: Per multiplication of the product of matrices that makes planes, one per channel out and tap.
        plane_tap: Per number of such a plane that is added up to a result.
        plane_spill: Planes at which each costs twice as much; a number, not seconds.
        shift_tap: Per multiplication of an unrolled sum of shifted signals of many rows.
        shift_stride: Times as much with a stride along the last axis; a number, not seconds.
        shift_line: Samples that starting a row costs such a sum; a number, not seconds.
        shift_rest: Times as much for a sample at a row's end that fills no register with others; a number, not seconds.
        shift_spill: Terms at which each costs twice as much, as registers run out; a number, not seconds.
        shift_tap_long: Per multiplication of a sum of many terms over one long row.
        shift_terms_long: Terms of which each costs half as much; a number, not seconds.
        shift_fork: Handing such a sum to several cores, which XLA does from some 16,000 multiplications on.
        tile_call: A convolution of blocks, whatever its size.
        tile_call_dot: A product of matrices, whatever its size.
        tile_product: Per multiplication of a Toeplitz tile by a convolution along one axis.
        tile_product_plane: Likewise along several.
        tile_product_dot: Per multiplication of a Toeplitz tile by a matrix product.
        tile_narrow: Outputs of a tile that it costs to load its inputs; a number, not seconds.
        fft_call: One transform, whatever its size.
        fft_point: Per complex point and log₂ of the length, along the last axis.
        fft_point_across: Likewise, along another axis.
        fft_point_long: Likewise, in one 1-d transform alone.
        fft_mixed: By how much of itself a transform takes longer whose length has no factor 2; a number, not seconds.
        fft_growth: Likewise, per doubling of a row beyond 2¹⁵; a number, not seconds.
        pair_call: A pair of blocks that is worked on by itself, whatever its size.
        pair_work: Times as long as in a batch that it then takes; 1: pairs go in batches; a number, not seconds.
        pair_work_plane: Likewise, of a plane or a volume.
        turn_work: Times as long as a signal's transform takes in a turn of a loop; a number, not seconds.
        product_point: Per complex product of two spectra.
        product_point_matrix: Per complex product where channels are added up by matrix products.
        pass_point: Reading or writing one complex number in one pass over memory.
        far_point: Per complex number of a buffer beyond what a core's cache holds.
        fresh_point: Per complex number of a buffer beyond what the allocator keeps from call to call.
        move_point: Per complex number moved to another order of axes.
        deal_number: Per number that a stride deals out to channels; what follows may be left to one core.
        insert_number: Per number of several channels that zeros are inserted into.
        fused_sample: Per number of an unrolled sum over channels that is worked out where its results are interleaved.
        fft_is_accurate: Whether this device's FFT keeps the tolerance rule.
        source: Where the numbers come from.
    """

    call: float
    loop: float
    direct_call: float
    direct_sample: float
    direct_moved: float
    direct_tap: float
    matrix_tap: float
    plain_tap: float
    wide_tap: float
    mix_tap: float
    mix_number: float
    plane_product: float
    plane_tap: float
    plane_spill: float
    shift_tap: float
    shift_stride: float
    shift_line: float
    shift_rest: float
    shift_spill: float
    shift_tap_long: float
    shift_terms_long: float
    shift_fork: float
    tile_call: float
    tile_call_dot: float
    tile_product: float
    tile_product_plane: float
    tile_product_dot: float
    tile_narrow: float
    fft_call: float
    fft_point: float
    fft_point_across: float
    fft_point_long: float
    fft_mixed: float
    fft_growth: float
    pair_call: float
    pair_work: float
    pair_work_plane: float
    turn_work: float
    product_point: float
    product_point_matrix: float
    pass_point: float
    far_point: float
    fresh_point: float
    move_point: float
    deal_number: float
    insert_number: float
    fused_sample: float
    fft_is_accurate: bool
    source: str


CPU = Machine(
    call=1.62e-05,
    loop=4.60e-06,
    direct_call=1.89e-05,
    direct_sample=3.23e-08,
    direct_moved=9.45e-10,
    direct_tap=3.64e-10,
    matrix_tap=1.09e-11,
    plain_tap=3.62e-09,
    wide_tap=2.70e-10,
    mix_tap=3.12e-11,
    mix_number=1.53e-10,
    plane_product=2.18e-11,
    plane_tap=2.18e-10,
    plane_spill=2.16e01,
    shift_tap=2.04e-11,
    shift_stride=2.57e00,
    shift_line=4.49e00,
    shift_rest=6.46e00,
    shift_spill=4.16e01,
    shift_tap_long=8.23e-11,
    shift_terms_long=2.54e01,
    shift_fork=1.13e-05,
    tile_call=1.82e-05,
    tile_call_dot=6.52e-06,
    tile_product=1.93e-11,
    tile_product_plane=4.13e-11,
    tile_product_dot=5.57e-11,
    tile_narrow=1.28e00,
    fft_call=2.95e-06,
    fft_point=4.75e-10,
    fft_point_across=4.41e-10,
    fft_point_long=5.83e-10,
    fft_mixed=2.27e-01,
    fft_growth=4.37e-01,
    pair_call=1.60e-05,
    pair_work=6.00e-01,
    pair_work_plane=7.20e-01,
    turn_work=1.15e00,
    product_point=8.43e-10,
    product_point_matrix=4.29e-09,
    pass_point=1.19e-09,
    far_point=3.99e-13,
    fresh_point=1.30e-09,
    move_point=8.68e-10,
    deal_number=2.62e-09,
    insert_number=2.67e-09,
    fused_sample=7.12e-09,
    fft_is_accurate=True,
    source="fitted on 2 cores of a Cascade Lake Xeon and of one with AMX, sharpened on an AMD EPYC, JAX 0.10.2",
)

_GPU = Machine(
    call=10e-6,
    loop=20e-6,
    direct_call=5e-6,
    direct_sample=2e-12,
    direct_moved=2e-12,
    direct_tap=0.05e-12,
    matrix_tap=0.05e-12,
    plain_tap=0.2e-12,
    wide_tap=0.2e-12,
    mix_tap=0.05e-12,
    mix_number=2e-12,
    plane_product=0.05e-12,
    plane_tap=2e-12,
    plane_spill=1e3,
    shift_tap=0.05e-12,
    shift_stride=1.0,
    shift_line=0.0,
    shift_rest=1.0,
    shift_spill=1e3,
    shift_tap_long=0.05e-12,
    shift_terms_long=1e-3,
    shift_fork=0.0,
    tile_call=5e-6,
    tile_call_dot=5e-6,
    tile_product=0.05e-12,
    tile_product_plane=0.05e-12,
    tile_product_dot=0.05e-12,
    tile_narrow=0.0,
    fft_call=10e-6,
    fft_point=0.6e-12,
    fft_point_across=0.6e-12,
    fft_point_long=0.6e-12,
    fft_mixed=0.5,
    fft_growth=0.0,
    pair_call=30e-6,
    pair_work=1.0,
    pair_work_plane=1.0,
    turn_work=1.0,
    product_point=8e-12,
    product_point_matrix=2e-12,
    pass_point=4e-12,
    far_point=0.0,
    fresh_point=0.0,
    move_point=8e-12,
    deal_number=8e-12,
    insert_number=8e-12,
    fused_sample=8e-12,
    fft_is_accurate=True,
    source="estimated from the bandwidth and peak rate of a data-centre GPU; not measured",
)

MACHINES: Mapping[str, Machine] = {
    "cpu": CPU,
    "gpu": _GPU,
    "tpu": dataclasses.replace(
        _GPU,
        matrix_tap=0.01e-12,
        mix_tap=0.01e-12,
        plane_product=0.01e-12,
        shift_tap=0.1e-12,
        shift_tap_long=0.1e-12,
        tile_product=0.01e-12,
        tile_product_plane=0.01e-12,
        tile_product_dot=0.01e-12,
        fft_call=50e-6,
        fft_point=20e-12,
        fft_point_across=20e-12,
        fft_point_long=20e-12,
        fft_is_accurate=False,
        source="estimated; not measured. XLA's FFT on TPU is far outside the tolerance rule",
    ),
}
"""By platform; an unknown one counts as a GPU, as JAX's plugins for other accelerators resemble."""


def machine_of(platform: str) -> Machine:
    return MACHINES.get("gpu" if platform in ("cuda", "rocm") else platform, MACHINES["gpu"])
