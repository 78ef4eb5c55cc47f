"""What is read beyond the ends."""

import decimal
import fractions

import jax
import jax.numpy as jnp
import numpy as np
import oracle
import pytest

from sigconv import Constant, OptionError, Sides
from sigconv._core.boundary import BOUNDARIES, LIBRARY_BOUNDARIES, ZERO, Rule, check_fill, resolve_boundary
from sigconv._core.extend import MOST_RUNS, extend, fold
from sigconv._core.geometry import Axis, Geometry

NUMPY = {Rule.EDGE: "edge", Rule.REFLECT: "reflect", Rule.SYMMETRIC: "symmetric", Rule.PERIODIC: "wrap"}


@pytest.mark.parametrize("rule", Rule, ids=str)
@pytest.mark.parametrize("length", [1, 2, 3, 6])
def test_extend_pads_as_numpy_does(rule, length):
    x = np.arange(1.0, length + 1, dtype="f4")
    for lo, hi in [(0, 0), (1, 2), (length, 0), (0, 3 * length), (5, 7), (2 * MOST_RUNS * length, 3)]:
        y = extend(jnp.asarray(x)[None, None], Geometry((Axis(lo, hi, low=rule, high=rule),)))
        np.testing.assert_array_equal(y[0, 0], np.pad(x, (lo, hi), NUMPY[rule]))


def test_extend_reads_each_side_by_its_own_rule():
    axis = Axis(2, 3, low=Constant(9), high=Rule.PERIODIC)
    y = extend(jnp.asarray([[[1.0, 2.0, 3.0]]]), Geometry((axis,)))
    assert y[0, 0].tolist() == [9, 9, 1, 2, 3, 1, 2, 3]


def test_extend_crops_what_a_negative_pad_says():
    for rule in (ZERO, *Rule):
        y = extend(jnp.arange(8.0)[None, None], Geometry((Axis(-2, 1, low=rule, high=ZERO),)))
        assert y[0, 0].tolist() == [2, 3, 4, 5, 6, 7, 0]


GEOMETRIES = [
    Geometry((Axis(4, 3, low=low, high=high), Axis(-1, 2, low=high, high=low)))
    for low, high in [
        (ZERO, ZERO),
        (Rule.EDGE, Rule.REFLECT),
        (Rule.SYMMETRIC, Rule.PERIODIC),
        (Constant(2), Rule.EDGE),
    ]
]


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=range(len(GEOMETRIES)))
def test_fold_is_the_transpose_of_extend(geometry, x64):
    space = (4, 5)
    rng = np.random.default_rng(0)
    x = rng.integers(-9, 9, (2, 3, *space)).astype(float)
    offset = extend(jnp.zeros((2, 3, *space)), geometry)
    wide = extend(jnp.asarray(x), geometry)
    y = rng.integers(-9, 9, wide.shape).astype(float)
    folded = fold(jnp.asarray(y), geometry, space)
    assert folded.shape == x.shape
    # Whole numbers: the dot test is exact.
    assert jnp.vdot(wide - offset, y) == jnp.vdot(x, folded)


def test_fold_adds_every_padded_sample_to_the_one_it_was_read_from():
    geometry = Geometry((Axis(4, 2, low=Rule.EDGE, high=Rule.REFLECT),))
    assert fold(jnp.ones((1, 1, 11)), geometry, (5,))[0, 0].tolist() == [5, 1, 2, 2, 1]


def test_oracle_reads_as_numpy_does():
    for rule, name in NUMPY.items():
        x = np.arange(1.0, 5)
        axis = Axis(9, 11, low=rule, high=rule)
        np.testing.assert_array_equal([oracle.read(x, i, axis) for i in range(-9, 15)], np.pad(x, (9, 11), name))


def test_resolve_boundary_takes_names_constants_sides_and_one_per_axis():
    assert resolve_boundary("edge", 2) == ((Rule.EDGE, Rule.EDGE),) * 2
    assert resolve_boundary(Constant(3), 1) == ((Constant(3), Constant(3)),)
    assert resolve_boundary(Sides("zero", Constant(1)), 1) == ((ZERO, Constant(1)),)
    assert resolve_boundary(["edge", Sides("reflect", "periodic")], 2) == (
        (Rule.EDGE, Rule.EDGE),
        (Rule.REFLECT, Rule.PERIODIC),
    )


@pytest.mark.parametrize(
    ("boundary", "rank", "message"),
    [
        ("wrap", 1, r"`boundary` must be one of .*'zero'\]; got 'wrap'.*numpy.pad.*our 'periodic'"),
        ("mirror", 1, r"got 'mirror'.*scipy.ndimage: our 'reflect'"),
        ("fill", 1, r"got 'fill'.*scipy.signal.convolve2d: our 'zero'"),
        (0.5, 1, r"`boundary` must be one of .*; got 0.5.*sigconv.Constant\(value\)"),
        (("edge",), 2, r"`boundary` must have one entry per axis \(2\); got 1"),
        (Sides("zero", "nearest"), 1, r"got 'nearest'.*scipy.ndimage: our 'edge'"),
    ],
)
def test_resolve_boundary_refuses_and_translates(boundary, rank, message):
    with pytest.raises(OptionError, match=message):
        resolve_boundary(boundary, rank)


def test_library_tables_name_only_rules_that_exist_here():
    for table in LIBRARY_BOUNDARIES.values():
        assert set(table.values()) <= set(BOUNDARIES.values())


@pytest.mark.parametrize("value", ["1", None, True, np.zeros(2), [1], decimal.Decimal(1)])
def test_constant_refuses_what_is_no_number(value):
    with pytest.raises(OptionError, match=r"`Constant.value` must be a Python or NumPy number; got"):
        Constant(value)


def test_constant_refuses_a_traced_value():
    with pytest.raises(OptionError, match=r"traced value cannot be a boundary"):
        jax.jit(lambda v: Constant(v))(1.0)


def test_constant_takes_numpy_numbers_and_is_hashable():
    assert Constant(np.float32(2)) == Constant(2.0)
    assert hash(Constant(np.int64(2))) == hash(Constant(2))
    assert Constant(fractions.Fraction(1, 2)).value == 0.5
    assert isinstance(Constant(1 + 0j).value, float)


@pytest.mark.parametrize(
    ("value", "dtype", "message"),
    [
        (1j, "float32", r"`boundary` must be real for float32 data; got 1j"),
        (1j, "int32", r"`boundary` must be real for int32 data"),
        (0.5, "int32", r"`boundary` must be an integer that fits int32; got 0.5"),
        (float("nan"), "int8", r"`boundary` must be an integer that fits int8; got nan"),
        (300, "uint8", r"`boundary` must be an integer that fits uint8; got 300"),
    ],
)
def test_check_fill_refuses_what_the_data_cannot_hold(value, dtype, message):
    with pytest.raises(OptionError, match=message):
        check_fill(value, np.dtype(dtype))


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(0.5, "float32"), (1j, "complex64"), (255, "uint8"), (float("nan"), "float16"), (0.5, jnp.bfloat16)],
)
def test_check_fill_accepts_what_the_data_can_hold(value, dtype):
    assert check_fill(value, np.dtype(dtype)) is None
