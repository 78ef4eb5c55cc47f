"""`compat.matlab`: GNU Octave's recorded results, MATLAB's documented examples and sizes, errors, JAX's transformations.

tests/golden/record_matlab.py writes the recording anew.
"""

import itertools
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import draw
from golden.matlab_cases import CASES, CLASSES, RESULTS
from jax.test_util import check_grads
from tolerance import assert_correlation

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.compat import matlab as compat

RECORDED = json.loads(RESULTS.read_text())["results"]
NUMBERS = range(len(CASES))
EVERY = 23
"""Every which case runs in `make test`; it shares no factor with the lists of words, borders and lengths."""
MAGIC = np.array([[17, 24, 1, 8, 15], [23, 5, 7, 14, 16], [4, 6, 13, 20, 22], [10, 12, 19, 21, 3], [11, 18, 25, 2, 9]])
SIZES = {
    "full": lambda n, k: max(n + k - 1, n, k),
    "same": lambda n, k: n,
    "valid": lambda n, k: max(n - max(0, k - 1), 0),
}
SCALED = ("biased", "unbiased", "coeff", "normalized")


def label(number):
    return f"{number}-{CASES[number]}"


def recorded(number, ours):
    """Octave's values in the shape of ours: its vectors are rows, and it drops axes of length 1 at the end."""
    result = RECORDED[number]
    parts = [np.array(part, float) for part in result["parts"]]
    values = parts[0] + 1j * parts[1] if len(parts) > 1 else parts[0]
    shape = (1, *ours.shape) if ours.ndim == 1 else ours.shape
    while len(shape) > 2 and shape[-1] == 1:
        shape = shape[:-1]
    assert list(shape) == result["shape"]
    return values.reshape(ours.shape)


def assert_recorded(number):
    """Whole numbers, halves and quarters exactly; what is divided, by the rule for Octave's transforms."""
    case, arrays = CASES[number], CASES[number].arrays()
    result = getattr(compat, case.function)(*arrays, *case.words)
    ours = result[0] if case.function == "xcorr" else result
    kind = np.dtype(CLASSES.get(RECORDED[number]["class"], RECORDED[number]["class"]))
    is_complex = any(map(np.iscomplexobj, arrays))
    assert ours.dtype == jax.dtypes.canonicalize_dtype(np.result_type(kind, np.complex64) if is_complex else kind)
    values = recorded(number, ours)
    if case.function != "xcorr" or not set(case.words) & set(SCALED):
        np.testing.assert_array_equal(ours, values)
        return
    x, y = (np.asarray(array, complex) for array in (arrays[0], arrays[-1]))
    if "biased" in case.words:
        y = y / len(y)
    elif "unbiased" not in case.words:
        x, y = (z / np.linalg.norm(z, axis=0) for z in (x, y))
    assert_correlation(*(np.ravel(a) for a in (ours, values, x, y)), method="fft")


@pytest.mark.parametrize("number", NUMBERS[::EVERY], ids=label)
def test_results_are_those_of_octave(number, x64):
    assert_recorded(number)


@pytest.mark.parametrize("function", sorted({case.function for case in CASES}))
def test_all_results_are_those_of_octave(function, by_definition, x64):
    for number in NUMBERS:
        if CASES[number].function == function:
            assert_recorded(number)


@pytest.mark.full
@pytest.mark.parametrize("number", [number for number in NUMBERS if number % EVERY], ids=label)
def test_all_results_are_those_of_octave_through_the_engine(number, x64):
    assert_recorded(number)


@pytest.mark.parametrize("number", NUMBERS[3 :: 2 * EVERY], ids=label)
def test_doubles_are_float32_without_x64(number):
    assert_recorded(number)


def test_the_recording_has_what_is_owed():
    names = {case.function for case in CASES}
    assert len(RECORDED) == len(CASES)
    assert names == {"conv", "conv2", "convn", "cconv", "xcorr", "xcorr2", "filter2", "imfilter"}
    images = [number for number in NUMBERS if CASES[number].function == "imfilter"]
    for kind, limit in (("uint8", 255), ("uint8", 0), ("int16", 32767), ("int16", -32768)):
        assert any(limit in RECORDED[i]["parts"][0] for i in images if RECORDED[i]["class"] == kind)


# MATLAB's documentation.


def test_conv_same_is_the_documented_one():
    y = compat.conv([-1, 2, 3, -2, 0, 1, 2], [2, 4, -1, 1], "same")
    assert y.tolist() == [15, 5, -9, 7, 6, 7, -1]


@pytest.mark.parametrize(
    ("n", "k", "shape"),
    [*itertools.product((0,), (0, 3), SIZES), *((3, 0, shape) for shape in SIZES), (2, 5, "valid")],
)
def test_empty_operands_and_results_have_the_documented_sizes(n, k, shape):
    """Sizes of conv2's documentation; Octave gives [] for every empty operand."""
    size = SIZES[shape](n, k)
    assert compat.conv(np.ones(n), np.ones(k), shape).tolist() == [0] * size
    assert compat.conv2(np.ones((2, n)), np.ones((1, k)), shape).tolist() == [[0] * size] * 2
    assert compat.filter2(np.ones((1, k)), np.ones((2, n)), shape).tolist() == [[0] * size] * 2
    assert compat.convn(np.ones((2, n)), np.ones((1, k)), shape).dtype == "float32"


def test_nan_stays_where_it_is_read():
    x = np.array([1, 2, np.nan, 4, 5, 6], "float32")
    assert np.isnan(compat.conv(x, [1, 1])).tolist() == [False, False, True, True, False, False, False]
    assert np.isnan(compat.imfilter(x, [1.0, 1, 1])).tolist() == [False, True, True, True, False, False]


# The calls that MATLAB knows besides.


def test_xcorr_tells_its_arguments_by_what_they_are():
    x, y = np.array([1.0, 2, 3]), np.array([3.0, 1, 2])
    for call, full in [
        ((x, 1), (x, None, 1)),
        ((x, "biased"), (x, None, None, "biased")),
        ((x, 1, "biased"), (x, None, 1, "biased")),
        ((x, "biased", 1), (x, None, 1, "biased")),
        ((x, y, "biased"), (x, y, None, "biased")),
        ((x, y, "biased", 1), (x, y, 1, "biased")),
        ((x, y, np.int64(1), "none"), (x, y, 1)),
    ]:
        for ours, wanted in zip(compat.xcorr(*call), compat.xcorr(*full), strict=True):
            np.testing.assert_array_equal(ours, wanted)


def test_xcorr_gives_the_lags_and_one_at_lag_zero():
    r, lags = compat.xcorr(np.array([1.0, 2, 3]), scaleopt="coeff")
    assert lags.tolist() == [-2, -1, 0, 1, 2]
    assert jnp.issubdtype(lags.dtype, jnp.integer)
    assert r[2] == 1
    assert compat.xcorr([2.0], 3)[0].tolist() == [0, 0, 0, 4, 0, 0, 0]


def test_xcorr_peaks_at_the_delay_of_its_first_argument():
    y = np.array([0, 3, -1, 2, 0, 0, 0], "float32")
    r, lags = compat.xcorr(np.roll(y, 2), y)
    assert lags[jnp.argmax(r)] == 2


def test_xcorr_of_more_axes_goes_down_the_first():
    x = np.arange(12.0).reshape(3, 2, 2) * 5 % 7
    np.testing.assert_array_equal(compat.xcorr(x, 1)[0], compat.xcorr(x.reshape(3, 4), 1)[0])


def test_conv2_takes_its_shape_in_third_place():
    for shape in ("full", "same", "valid"):
        assert compat.conv2(MAGIC, np.eye(2), shape).tolist() == compat.conv2(MAGIC, np.eye(2), shape=shape).tolist()


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        ("float32", "float64", "float32"),
        ("float32", "complex128", "complex64"),
        ("int32", "complex64", "complex64"),
        ("bool", "bool", "float64"),
        ("uint8", "int16", "float64"),
        ("int64", "float32", "float32"),
        ("float16", "float64", "float16"),
        ("uint8", "float16", "float16"),
    ],
)
def test_single_wins_and_integers_are_double(first, second, result, x64):
    x, w = np.ones((2, 2), first), np.ones((1, 2), second)
    assert compat.conv2(x, w).dtype == result
    assert compat.cconv(x[0], w[0], 3).dtype == result
    assert compat.xcorr(x[0], w[0])[0].dtype == result
    assert compat.conv2(w[0], w[0], x).dtype == result


# JAX's transformations.

CALLS = {
    "conv": (lambda u, v: compat.conv(u, v, "same"), (5,), (4,)),
    "conv2": (lambda A, B: compat.conv2(A, B, "valid"), (3, 4), (2, 2)),
    "conv2-separable": (lambda A, v: compat.conv2(v, v, A), (3, 4), (2,)),
    "convn": (lambda A, B: compat.convn(A, B), (2, 3, 2), (2, 2)),
    "cconv": (lambda a, b: compat.cconv(a, b, 3), (5,), (4,)),
    "xcorr": (lambda x, y: compat.xcorr(x, y, "unbiased")[0], (4,), (4,)),
    "xcorr-columns": (lambda x, y: compat.xcorr(x * y[None], "biased")[0], (4, 2), (2,)),
    "xcorr2": (lambda a, b: compat.xcorr2(a, b), (3, 4), (2, 2)),
    "filter2": (lambda X, H: compat.filter2(H, X), (3, 4), (2, 2)),
    "imfilter": (lambda A, h: compat.imfilter(A, h, "symmetric"), (3, 4), (2, 2)),
}


def whole(name, count=1, kind="float32"):
    """A batch of signals, and a kernel, of small whole numbers."""
    _, shape, taps = CALLS[name]
    batch = np.arange(count * np.prod(shape)).reshape(count, *shape) * 7 % 5 - 2
    return jnp.asarray(batch, kind), jnp.asarray(np.arange(np.prod(taps)).reshape(taps) * 3 % 5 - 1, kind)


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["conv", "conv2-separable", "cconv", "xcorr", "imfilter"])
def test_half_floats_are_rounded_once(name, kind):
    function, (x,), w = CALLS[name][0], *whole(name)
    result = function(x.astype(kind), w.astype(kind))
    assert result.dtype == kind
    np.testing.assert_array_equal(result, function(x, w).astype(kind))


@pytest.mark.parametrize("name", CALLS)
def test_jit_and_vmap_change_nothing(name):
    """Of whole numbers no sum is rounded, and what is divided is rounded once."""
    function, (batch, w) = CALLS[name][0], whole(name, 2)
    each = [function(x, w) for x in batch]
    np.testing.assert_array_equal(jax.jit(function)(batch[0], w), each[0])
    np.testing.assert_array_equal(jax.vmap(function, in_axes=(0, None))(batch, w), jnp.stack(each))


@pytest.mark.parametrize("name", ["conv", "conv2-separable", "cconv", "xcorr", "imfilter"])
def test_gradients_are_right(name, rng, x64):
    function, shape, taps = CALLS[name]
    check_grads(jax.jit(function), (draw(rng, shape, "float64"), draw(rng, taps, "float64")), order=1)


def test_gradients_of_normalized_correlations_are_right(rng, x64):
    operands = [draw(rng, (4,), "float64"), draw(rng, (4,), "float64")]
    check_grads(jax.jit(lambda x, y: compat.xcorr(x, y, 2, "normalized")[0]), operands, order=1)


# What is refused.

V, M = np.ones(3, "float32"), np.ones((3, 3), "float32")
WORDS = r"must be one of \['full', 'same', 'valid'\]; got 'all'"
VECTOR, MATRIX = r"must be a vector \(1-d\); got shape", r"must be a matrix \(2-d\); got shape"
ONCE = r"`maxlag` and `scaleopt` must be given at most once; got"
LAG = "`maxlag` must be an integer of at least 0, below 2³¹; got"
SCALE = r"`scaleopt` must be one of \['biased', 'coeff', 'none', 'normalized', 'unbiased'\]; got"
PERIOD = "`n` must be a positive integer below 2³¹, or None; got"
ERRORS = [
    ("conv", (M, V), ShapeError, rf"`u` {VECTOR} \(3, 3\)"),
    ("conv", (V, 1.0), ShapeError, rf"`v` {VECTOR} \(\)"),
    ("conv", (V, V, "all"), OptionError, f"`shape` {WORDS}"),
    ("conv", (V.astype(object), V), DTypeError, "`u` must hold integers, .* got object"),
    ("conv2", (V, M), ShapeError, rf"`A` {MATRIX} \(3,\)"),
    ("conv2", (M, V), ShapeError, rf"`B` {MATRIX} \(3,\)"),
    ("conv2", (M, V, M), ShapeError, rf"`A` {VECTOR} \(3, 3\)"),
    ("conv2", (V, M, M), ShapeError, rf"`B` {VECTOR} \(3, 3\)"),
    ("conv2", (V, V, V), ShapeError, rf"`C` {MATRIX} \(3,\)"),
    ("conv2", (M, M, "all"), OptionError, f"`shape` {WORDS}"),
    ("conv2", (V, V, M, "all"), OptionError, f"`shape` {WORDS}"),
    ("conv2", (M, M, "same", "valid"), OptionError, "`shape` must be given once; got 'same' and 'valid'"),
    ("convn", (M, M, "all"), OptionError, f"`shape` {WORDS}"),
    ("cconv", (M, V), ShapeError, rf"`a` {VECTOR} \(3, 3\)"),
    ("cconv", (V, M), ShapeError, rf"`b` {VECTOR} \(3, 3\)"),
    ("cconv", (V[:0], V), ShapeError, r"`a` must not be empty; got shape \(0,\)"),
    ("cconv", (V, V[:0], 2), ShapeError, r"`b` must not be empty; got shape \(0,\)"),
    ("cconv", (V, V, 0), OptionError, f"{PERIOD} 0"),
    ("cconv", (V, V, 2.0), OptionError, f"{PERIOD} 2.0"),
    ("cconv", (V, V, True), OptionError, f"{PERIOD} True"),
    ("cconv", (V, V, 2**70), OptionError, f"{PERIOD} {2**70}"),
    ("xcorr", (V, V, 2**70), OptionError, f"{LAG} {2**70}"),
    ("xcorr", (M[:1],), ShapeError, r"`x` must be 1-d where it is one row, .* got \(1, 3\)"),
    ("xcorr", (V, V, -1), OptionError, f"{LAG} -1"),
    ("xcorr", (V, -2), OptionError, f"{LAG} -2"),
    ("xcorr", (V, V, 1.5), OptionError, f"{LAG} 1.5"),
    ("xcorr", (V, 1, 2), OptionError, rf"{ONCE} \[1, 2\]"),
    ("xcorr", (V, "biased", "coeff"), OptionError, rf"{ONCE} \['biased', 'coeff'\]"),
    ("xcorr", (V, V, None, "all"), OptionError, f"{SCALE} 'all'"),
    ("xcorr", (V, "all"), OptionError, f"{SCALE} 'all'"),
    ("xcorr", (V, V, None, None), OptionError, f"{SCALE} None"),
    ("xcorr", (1.0,), ShapeError, r"`x` must be a vector, or without `y` an array of columns; got shape \(\)"),
    ("xcorr", (M, V), ShapeError, r"`x` must be a vector, .* got shape \(3, 3\)"),
    ("xcorr", (V, M), ShapeError, rf"`y` {VECTOR} \(3, 3\)"),
    ("xcorr", (V, 2.0), ShapeError, rf"`y` {VECTOR} \(\)"),
    ("xcorr", (V[:0],), ShapeError, r"`x` must not be empty; got shape \(0,\)"),
    ("xcorr", (V, V[:0]), ShapeError, r"`y` must not be empty; got shape \(0,\)"),
    (
        "xcorr",
        (V, V[:2], "biased"),
        ShapeError,
        "`y` must have the length of `x` unless `scaleopt` is 'none'; got 2 for 3",
    ),
    ("xcorr2", (V,), ShapeError, rf"`a` {MATRIX} \(3,\)"),
    ("xcorr2", (M, V), ShapeError, rf"`b` {MATRIX} \(3,\)"),
    ("filter2", (V, M), ShapeError, rf"`H` {MATRIX} \(3,\)"),
    ("filter2", (M, V), ShapeError, rf"`X` {MATRIX} \(3,\)"),
    ("filter2", (M, M, "all"), OptionError, f"`shape` {WORDS}"),
]


@pytest.mark.parametrize(("name", "arguments", "error", "message"), ERRORS)
def test_bad_arguments_are_named(name, arguments, error, message):
    with pytest.raises(error, match=f"^`compat.matlab.{name}`: {message}"):
        getattr(compat, name)(*arguments)


def test_checks_need_shapes_only():
    with pytest.raises(ShapeError, match="`y` must have the length of `x`"):
        jax.eval_shape(lambda x, y: compat.xcorr(x, y, "coeff"), jnp.asarray(V), jnp.asarray(V[:2]))
