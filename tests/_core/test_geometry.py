"""The algebra of geometries, against the operators they stand for, in integers."""

import itertools

import numpy as np
import pytest
from algebra import apply, check_adjoint, check_composition, composite

from sigconv import OptionError, ShapeError
from sigconv._core.boundary import ZERO, Constant, Rule
from sigconv._core.geometry import Axis, Geometry


@pytest.mark.parametrize("lo", [-1, 0, 2, 5])
@pytest.mark.parametrize(("stride", "dilation", "insert"), list(itertools.product((1, 2, 3), (1, 2), (1, 2))))
def test_adjoint_passes_the_dot_test(lo, stride, dilation, insert):
    for hi, length in itertools.product((-1, 0, 3), (7, 8, 9)):
        axis = Axis(lo, hi, stride, dilation, insert)
        check_adjoint(Geometry((axis,)), (1, 1, length), (1, 1, 3))


def test_adjoint_keeps_groups_and_axes():
    geometry = Geometry((Axis(1, 2, stride=2), Axis(0, 1, dilation=2)), groups=2)
    check_adjoint(geometry, (2, 4, 6, 7), (6, 2, 3, 2))


def test_adjoint_refuses_a_boundary_that_folds():
    with pytest.raises(OptionError, match=r"`boundary` must be 'zero' for the adjoint.*`fold`"):
        Geometry((Axis(1, 1, low=Rule.EDGE, high=Rule.EDGE),)).adjoint((5,), (3,))


STEPS = list(itertools.product((1, 2, 3), (1, 2), (1, 2), (1, 2)))


@pytest.mark.parametrize(("s1", "d1", "s2", "d2"), STEPS)
def test_compose_of_valid_is_the_two_steps(s1, d1, s2, d2):
    for length in (17, 18, 19):
        check_composition(Axis(stride=s1, dilation=d1), Axis(stride=s2, dilation=d2), length)


@pytest.mark.parametrize(("s1", "d1", "s2", "d2"), STEPS)
def test_compose_of_circular_is_the_two_steps(s1, d1, s2, d2):
    reach = 2 * d1
    first = Axis(1, reach - 1, s1, d1, low=Rule.PERIODIC, high=Rule.PERIODIC)
    second = Axis(1, d2 - 1, s2, d2, low=Rule.PERIODIC, high=Rule.PERIODIC)
    check_composition(first, second, 12)


@pytest.mark.parametrize(("lo", "hi", "length"), [(2, 2, 9), (4, 3, 8), (2, 3, 10)])
@pytest.mark.parametrize("stride", [1, 2])
def test_compose_of_full_is_the_two_steps(lo, hi, length, stride):
    hi += (length + lo + hi - 3) % stride
    check_composition(Axis(lo, hi, stride), Axis(3, 2, 2), length)


def test_compose_after_inserted_zeros_is_the_two_steps():
    check_composition(Axis(1, 2, dilation=2), Axis(-1, -1, input_dilation=3, stride=2), 9)
    check_composition(Axis(0, 1, input_dilation=2), Axis(0, -2, input_dilation=2), 6)
    check_composition(Axis(-1, 0, stride=2, input_dilation=2), Axis(), 9)


def test_compose_pads_first_only_when_asked():
    same = Geometry((Axis(1, 1),))
    with pytest.raises(
        OptionError, match=r"`second` must not pad with zeros where the first has cropped.*\(1, 1\).*pad_first"
    ):
        same.compose(same, (9,), (3,))
    both = same.compose(same, (9,), (3,), pad_first=True)
    assert both == Geometry((Axis(2, 2),))
    # Pad-first is the two steps without the crop between them: equal inside, different on the ring.
    rng = np.random.default_rng(0)
    x, w1, w2 = rng.integers(1, 9, (1, 1, 9)), rng.integers(1, 9, (1, 1, 3)), rng.integers(1, 9, (1, 1, 3))
    once = apply(both, x, composite(w2, w1, same.axes[0], same.axes[0]))
    twice = apply(same, apply(same, x, w1), w2)
    np.testing.assert_array_equal(once != twice, [[[True] + [False] * 7 + [True]]])


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            Axis(stride=2),
            Axis(input_dilation=2),
            r"`first` must not stride where the second inserts zeros; got stride 2",
        ),
        (Axis(1, 1, 2, low=Rule.PERIODIC, high=Rule.PERIODIC),) * 2
        + (r"`first` must have a stride that divides.*2 for 9",),
        (Axis(1, 1, low=Rule.EDGE, high=Rule.EDGE), Axis(), r"`boundary` must be 'zero' in both, or 'periodic'"),
    ],
)
def test_compose_refuses_what_is_no_single_geometry(first, second, message):
    with pytest.raises(OptionError, match=message):
        Geometry((second,)).compose(Geometry((first,)), (9,), (3,))


def test_out_shape_refuses_a_kernel_that_does_not_fit():
    with pytest.raises(ShapeError, match=r"`kernel` must fit the padded signal; got extent \(5,\) over \(3,\) samples"):
        Geometry((Axis(0, 1),)).out_shape((3,), (5,))


def test_axis_refuses_inserted_zeros_beside_a_boundary_that_reads():
    with pytest.raises(OptionError, match=r"`boundary` must be 'zero' where `input_dilation` is above 1; got 2"):
        Axis(1, 0, input_dilation=2, low=Rule.EDGE, high=ZERO)
    # What is never read may be anything.
    assert Axis(-1, 0, input_dilation=2, low=Rule.EDGE, high=Constant(3)).is_zero


@pytest.mark.parametrize(("stride", "dilation", "lo"), list(itertools.product((1, 2, 3), (1, 2), (0, 2, 4))))
def test_halo_is_what_a_block_reads_of_its_neighbours(stride, dilation, lo):
    axis, taps, block = Axis(lo, 0, stride, dilation), 3, 12
    low, high = Geometry((axis,)).halo((taps,))[0]
    reads = [n + t * dilation - lo for n in range(0, block, stride) for t in range(taps)]
    assert low == max(-min(reads), 0)
    assert high == max(max(reads) - (block - 1), 0)


def test_geometry_is_a_key():
    assert len({Geometry((Axis(1, 2),)), Geometry((Axis(1, 2),)), Geometry((Axis(1, 3),))}) == 2
