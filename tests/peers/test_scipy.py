"""`compat.scipy` against `scipy.signal`."""

import inspect
import itertools

import numpy as np
import pytest
from cases import draw
from peers.compare import assert_both_raise, assert_same, outcome, sample, table, wide
from scipy import signal

from sigconv import compat

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

NAMES = ("convolve", "correlate")
TRANSFORMS = ("fftconvolve", "oaconvolve")
PLANES = ("convolve2d", "correlate2d")
MODES = ("full", "same", "valid")
BOUNDARIES = ("fill", "wrap", "symm")
KERNELS = range(1, 9)
DTYPES = [
    "bool",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]
SHAPES = [
    ((5, 6), (1, 1)),
    ((7, 8), (3, 2)),
    ((8, 5), (4, 5)),
    ((6, 7), (6, 7)),
    ((2, 9), (5, 2)),
    ((3, 3), (8, 7)),
    ((1, 6), (3, 1)),
    ((4, 3, 5), (2, 3, 4)),
    ((2, 3, 2), (3, 1, 5)),
    ((1, 1, 1), (2, 3, 1)),
]
"""Signal longer than the kernel on every axis, on none, and on some; odd and even."""


def compare(name, in1, in2, *arguments, rule="direct", extra=0, **options):
    """By the rule for direct methods or transforms, or errors on both sides. `extra`: a sample beyond the ends."""
    ours, theirs = getattr(compat.scipy, name), getattr(signal, name)
    actual, native = (outcome(function, in1, in2, *arguments, **options) for function in (ours, theirs))
    if isinstance(native, Exception):
        assert_both_raise(actual, native)
        return
    if isinstance(actual, Exception):
        raise actual
    reference = theirs(wide(in1), wide(in2), *arguments, **options)
    assert_same(actual, native, reference, np.append(in1, extra), in2, rule)


def data(rng, shape, dtype):
    """Whole numbers, so few that no type overflows in a transform; noise in the types that have fractions."""
    if dtype == "bool" or np.dtype(dtype).kind in "iu":
        return rng.integers(0, 2 if dtype == "bool" else 6, shape).astype(dtype)
    return draw(rng, shape, dtype)


@pytest.mark.parametrize(("name", "n", "k", "mode"), table(name=NAMES, n=(1, 4, 8, 9), k=KERNELS, mode=MODES))
def test_vectors_match(name, n, k, mode, rng):
    compare(name, draw(rng, n, "complex128"), draw(rng, k, "complex128"), mode, "direct")


@pytest.mark.parametrize(
    ("name", "n", "k", "mode", "method", "dtype"),
    sample(name=NAMES, n=(1, 3, 8, 9), k=KERNELS, mode=MODES, method=("auto", "fft"), dtype=("float64", "complex128")),
)
def test_methods_match(name, n, k, mode, method, dtype, rng):
    compare(name, draw(rng, n, dtype), draw(rng, k, dtype), mode, method, rule="fft")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("first", "second"), SHAPES, ids=str)
def test_arrays_match(name, mode, first, second, rng):
    compare(name, draw(rng, first, "complex128"), draw(rng, second, "complex128"), mode, "direct")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("first", "second"), SHAPES[1:], ids=str)
def test_arrays_by_fft_match(name, mode, first, second, rng):
    compare(name, draw(rng, first, "float64"), draw(rng, second, "float64"), mode, "fft", rule="fft")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("rank", "method"),
    [
        (1, "direct"),
        (1, "fft"),
        (2, "direct"),
        # A dtype depends on the rank no further, and 'auto' is one of the two.
        *(pytest.param(*both, marks=pytest.mark.full) for both in ((1, "auto"), (2, "fft"), (2, "auto"))),
    ],
)
@pytest.mark.parametrize("first", DTYPES)
def test_dtypes_match(name, rank, method, first, rng):
    for second in DTYPES:
        in1, in2 = data(rng, (5,) * rank, first), data(rng, (3,) * rank, second)
        unsupported = rank == 2 and method != "fft" and np.result_type(in1, in2) in (bool, np.float16)
        noise_is_true = method == "fft" and first == second == "bool"
        if not (unsupported or noise_is_true):
            compare(name, in1, in2, "same", method, rule=method)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["direct", "auto"])
def test_bool_and_half_planes_are_computed_where_scipy_has_no_loop(name, method, rng):
    for dtype, like in (("bool", "int64"), ("float16", "float32")):
        in1, in2 = data(rng, (5, 4), dtype), data(rng, (3, 2), dtype)
        with pytest.raises(ValueError, match="Unsupported type"):
            getattr(signal, name)(in1, in2, "full", method)
        reference = getattr(signal, name)(in1.astype(like), in2.astype(like), "full", "direct")
        actual = getattr(compat.scipy, name)(in1, in2, "full", method)
        assert_same(actual, reference.astype(dtype), wide(reference), in1, in2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["direct", "fft", "auto"])
def test_scalars_match(name, method):
    for in1, in2 in ((3, 4), (2 + 1j, 3 - 2j), (True, False), (2.5, 2)):
        compare(name, in1, in2, "full", method)


@pytest.mark.parametrize("name", [*NAMES, *TRANSFORMS])
@pytest.mark.parametrize(
    "arguments",
    [(1.0, [2.0]), ([1.0], [[1.0]]), ([1.0, 2.0], [1.0], "circular"), ([[1.0, 2.0]] * 3, [[1.0] * 3] * 2, "valid")],
    ids=str,
)
def test_what_scipy_refuses_is_refused(name, arguments):
    functions = (getattr(module, name) for module in (compat.scipy, signal))
    assert_both_raise(*(outcome(function, *arguments) for function in functions))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("arguments", [([], [1.0]), ([1.0], []), ([1.0], [1.0], "full", "overlap")], ids=str)
def test_empty_arrays_and_unknown_methods_are_refused(name, arguments):
    functions = (getattr(module, name) for module in (compat.scipy, signal))
    assert_both_raise(*(outcome(function, *arguments) for function in functions))


@pytest.mark.parametrize(("name", "n", "k", "mode"), table(name=TRANSFORMS, n=(1, 3, 8), k=KERNELS, mode=MODES))
def test_transforms_of_vectors_match(name, n, k, mode, rng):
    compare(name, draw(rng, n, "complex128"), draw(rng, k, "complex128"), mode, rule="fft")


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("n", "k"), [(500, 7), (8, 333), (100, 100)])
def test_transforms_of_long_vectors_match(name, mode, n, k, rng):
    compare(name, draw(rng, n, "float64"), draw(rng, k, "float64"), mode, rule="fft")


AXES = [
    ((5, 6), (3, 2), None),
    ((5, 6), (2, 7), None),
    ((5, 6), (5, 2), -1),
    ((5, 6), (5, 2), (1,)),
    ((5, 6), (3, 2), (1, 0)),
    ((5, 6), (1, 3), 1),
    ((1, 6), (5, 3), 1),
    ((1, 6), (4, 3), [-1]),
    ((1, 6), (4, 3), None),
    ((1, 6), (5, 1), None),
    ((1, 6), (5, 1), 0),
    ((4, 1, 6), (4, 3, 2), (0, 2)),
    ((4, 3, 6), (2, 1, 7), (-1, 0)),
    ((2, 5, 3), (2, 8, 1), 1),
    ((5, 6), (4, 2), 1),
    ((5, 6), (3, 2), 2),
    ((5, 6), (3, 2), (0, 0)),
    ((5, 6), (3, 2), ()),
    ((0, 3), (2, 2), None),
    ((2, 2), (2, 0), None),
    ((), (), None),
]
"""Shapes and axes: broadcasting, an axis of one sample in `axes` and not, and some that SciPy refuses."""


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("first", "second", "axes"), AXES, ids=str)
def test_transforms_along_axes_match(name, mode, first, second, axes, rng):
    compare(name, draw(rng, first, "complex128"), draw(rng, second, "float64"), mode, axes, rule="fft")


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("first", DTYPES)
def test_dtypes_of_transforms_match(name, first, rng):
    for second in DTYPES:
        compare(name, data(rng, (7,), first), data(rng, (3,), second), "same", rule="fft")
        compare(name, data(rng, (), first), data(rng, (), second))


@pytest.mark.parametrize(("name", "mode", "boundary"), table(name=PLANES, mode=MODES, boundary=BOUNDARIES))
@pytest.mark.parametrize(("first", "second"), [s for s in SHAPES if len(s[0]) == 2], ids=str)
def test_planes_match(name, mode, boundary, first, second, rng):
    compare(name, draw(rng, first, "complex128"), draw(rng, second, "complex128"), mode, boundary)


@pytest.mark.parametrize(("name", "mode"), table(name=PLANES, mode=MODES))
@pytest.mark.parametrize(
    ("dtype", "fillvalue"),
    [
        ("float64", 2.5),
        ("float32", np.float32(-3)),
        ("float64", True),
        ("float64", 1j),
        ("complex128", 1.5 - 2j),
        ("complex64", 4),
        ("int64", -3),
        ("int16", 1.9),
        ("int16", -1.9),
        ("uint8", 200),
        ("uint8", 300),
        ("uint8", -1),
        ("int32", np.int8(7)),
        ("int32", 2j),
        ("int32", float("nan")),
    ],
    ids=str,
)
def test_fill_values_match(name, mode, dtype, fillvalue, rng):
    extra = fillvalue if isinstance(fillvalue, complex | float | int) else 0
    extra = np.asarray(extra).astype(complex)
    compare(name, draw(rng, (4, 5), dtype), draw(rng, (3, 2), dtype), mode, "fill", fillvalue, extra=extra)


@pytest.mark.parametrize("name", PLANES)
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("k", KERNELS)
def test_planes_of_every_kernel_length_match(name, boundary, k, rng):
    for n in (2, 5):
        compare(name, draw(rng, (n, 6), "float64"), draw(rng, (k, 9 - k), "float64"), "same", boundary)


@pytest.mark.parametrize("name", PLANES)
@pytest.mark.parametrize("first", DTYPES)
def test_dtypes_of_planes_match(name, first, rng):
    for second in DTYPES:
        if np.result_type(first, second) != np.float16:
            compare(name, data(rng, (5, 4), first), data(rng, (3, 2), second), "same", "symm")


@pytest.mark.parametrize("name", PLANES)
@pytest.mark.parametrize("arguments", [([1.0], [[1.0]]), ([[1.0]], [[[1.0]]])], ids=str)
@pytest.mark.parametrize("options", [{}, {"mode": "circular"}, {"boundary": "reflect"}], ids=str)
def test_what_scipy_refuses_of_planes_is_refused(name, arguments, options):
    arguments = ([[1.0]], [[1.0]]) if options else arguments
    functions = (getattr(module, name) for module in (compat.scipy, signal))
    assert_both_raise(*(outcome(function, *arguments, **options) for function in functions))


@pytest.mark.parametrize("mode", MODES)
def test_correlation_lags_match(mode):
    for n, k in itertools.product(range(1, 10), repeat=2):
        ours, theirs = (module.correlation_lags(n, k, mode) for module in (compat.scipy, signal))
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs, err_msg=f"{n}, {k}")


@pytest.mark.parametrize("mode", MODES)
def test_choose_conv_method_answers_as_scipys(mode, rng):
    in1, in2 = draw(rng, (40,), "float64"), draw(rng, (7,), "float64")
    assert compat.scipy.choose_conv_method(in1, in2, mode) in ("direct", "fft")
    theirs = signal.choose_conv_method(in1, in2, mode, measure=True)
    choice, seconds = compat.scipy.choose_conv_method(in1, in2, mode, measure=True)
    assert set(seconds) == set(theirs[1])
    assert choice == min(seconds, key=seconds.get)


def test_choose_conv_method_takes_integers_directly_as_scipy(rng):
    in1, in2 = rng.integers(0, 2**62, (2, 300)), rng.integers(0, 2**62, (2, 300))
    assert compat.scipy.choose_conv_method(in1, in2) == signal.choose_conv_method(in1, in2) == "direct"


@pytest.mark.parametrize("name", [*NAMES, *TRANSFORMS, *PLANES, "correlation_lags", "choose_conv_method"])
def test_signatures_match(name):
    ours, theirs = (inspect.signature(getattr(module, name)) for module in (compat.scipy, signal))
    assert [(p.name, p.default, p.kind) for p in ours.parameters.values()] == [
        (p.name, p.default, p.kind) for p in theirs.parameters.values()
    ]
