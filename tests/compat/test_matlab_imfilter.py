"""`compat.matlab.imfilter` beyond what Octave has: MATLAB's definition, classes, borders and options."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sigconv import DTypeError, OptionError
from sigconv.compat import matlab as compat

MAGIC = np.array([[17, 24, 1, 8, 15], [23, 5, 7, 14, 16], [4, 6, 13, 20, 22], [10, 12, 19, 21, 3], [11, 18, 25, 2, 9]])
PADS = {"replicate": "edge", "symmetric": "symmetric", "circular": "wrap"}


@pytest.mark.parametrize("border", [2, *PADS])
@pytest.mark.parametrize(("operation", "size"), [("corr", "same"), ("conv", "same"), ("corr", "full")])
@pytest.mark.parametrize(
    ("shape", "taps"),
    [((3, 4, 2), (2, 3, 4)), ((3, 4), (2, 2, 3)), ((2,), (7,)), ((), (2, 1))],
    ids=str,
)
def test_imfilter_is_the_definition_in_any_rank(shape, taps, operation, size, border):
    """Windows of the padded image; the kernel's centre is floor((K + 1)/2), counted from 1, after the flip if any."""
    rank = max(len(shape), len(taps))
    image = (np.arange(np.prod(shape, dtype=int)) * 7 % 11 - 4.0).reshape(shape)
    h = (np.arange(np.prod(taps)) * 5 % 7 - 2.0).reshape(taps)
    x, w = (a.reshape(a.shape + (1,) * (rank - a.ndim)) for a in (image, h))
    center = [(k + 1) // 2 for k in w.shape]
    ends = [(c - 1, k - c) if size == "same" else (k - 1, k - 1) for c, k in zip(center, w.shape, strict=True)]
    padded = np.pad(x, ends, mode=PADS[border]) if border in PADS else np.pad(x, ends, constant_values=border)
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape)
    wanted = (windows * (np.flip(w) if operation == "conv" else w)).sum(tuple(range(-rank, 0)))
    result = compat.imfilter(image, h, border, operation, size)
    np.testing.assert_array_equal(result, wanted.reshape(shape) if size == "same" else wanted)


def test_imfilter_rounds_halves_away_from_zero_and_saturates():
    image = np.array([-7, -5, -1, 0, 1, 3, 5], "int16")
    assert compat.imfilter(image, [0.5]).tolist() == [-4, -3, -1, 0, 1, 2, 3]
    assert compat.imfilter(image, [0.25]).tolist() == [-2, -1, 0, 0, 0, 1, 1]
    assert compat.imfilter(image, [10000.0]).tolist() == [-32768, -32768, -10000, 0, 10000, 30000, 32767]
    assert compat.imfilter(image, [np.nan]).tolist() == [0] * 7
    assert compat.imfilter(image, [np.inf]).tolist() == [-32768] * 3 + [0] + [32767] * 3


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("kind", ["int32", "uint32", "int64", "uint64"])
def test_imfilter_saturates_at_limits_that_floats_round_up(kind, wide):
    with jax.enable_x64(wide):
        limits = np.iinfo(jax.dtypes.canonicalize_dtype(kind))
        image = np.array([1, 2], kind)
        assert compat.imfilter(image, [2.0**62]).tolist() == [min(2**62, limits.max), min(2**63, limits.max)]
        assert compat.imfilter(image, [2.0**65]).tolist() == [limits.max] * 2
        assert compat.imfilter(image, [-(2.0**65)]).tolist() == [limits.min] * 2


def test_imfilter_of_logicals_is_true_from_one_half_on():
    """As the documentation has it; Octave, and some paths of MATLAB, give true for whatever is not zero."""
    image = np.array([True, False, True, True])
    result = compat.imfilter(image, [0.25, 0, 0.5])
    assert result.dtype == bool
    assert result.tolist() == [False, True, True, False]
    assert compat.imfilter(image, [-1.0]).tolist() == [False] * 4
    assert compat.imfilter(image, [1.0, 0, 0], 0.1).tolist() == [True, True, False, True]


def test_imfilter_casts_its_border_to_the_class_of_the_image():
    def beyond(value, kind):
        return compat.imfilter(np.zeros(1, kind), [0.0, 1.0], value).item()

    for value, wanted in [(300, 255), (-3, 0), (0.5, 1), (2.5, 3), (2.25, 2), (np.nan, 0), (-np.inf, 0), (7, 7)]:
        assert beyond(value, "uint8") == wanted
    assert [beyond(value, "int16") for value in (-2.5, np.float32(-0.25), np.int64(10**6))] == [-3, 0, 32767]
    assert beyond(0.1, "float16") == np.float16(0.1)
    assert beyond(1e300, "float32") == np.inf
    assert beyond(1 - 2j, "complex64") == 1 - 2j


def test_imfilter_takes_options_in_any_order_and_the_last_of_a_kind():
    image, h = MAGIC.astype("float32"), np.array([[1.0, 2.0], [3.0, 4.0]])
    wanted = compat.imfilter(image, h, "replicate", "full", "conv").tolist()
    for words in itertools.permutations(("replicate", "full", "conv")):
        assert compat.imfilter(image, h, *words).tolist() == wanted
        assert compat.imfilter(image, h, options=words).tolist() == wanted
    assert compat.imfilter(image, h, 5, "corr", "same", "replicate", "full", "conv").tolist() == wanted
    assert compat.imfilter(image, h, "replicate", "full", "conv", 0).tolist() != wanted


def test_imfilter_of_complex_operands_conjugates_nothing():
    image, h = np.array([1, 2j, 3], "complex64"), np.array([1j])
    assert compat.imfilter(image, h).tolist() == [1j, -2, 3j]
    assert compat.imfilter(np.ones(1, "float16"), h).dtype == "complex64"
    assert compat.imfilter(image, [1.0]).dtype == "complex64"


def test_imfilter_of_a_magic_square_is_the_documented_one():
    correlated = [
        [24, -16, -16, 14, -8],
        [5, -16, 9, 9, -14],
        [6, 9, 14, 9, -20],
        [12, 9, 9, -16, -21],
        [18, 14, -16, -16, -2],
    ]
    h = np.array([[-1.0, 0.0, 1.0]])
    assert compat.imfilter(MAGIC.astype("float32"), h).tolist() == correlated
    assert compat.imfilter(MAGIC.astype("float32"), h, "conv").tolist() == (-np.array(correlated)).tolist()


@pytest.mark.parametrize("kind", ["uint8", "bool", "float32"])
def test_imfilter_of_empty_operands_has_the_documented_sizes(kind):
    empty, image, h = np.ones((0, 3), kind), np.ones((2, 3), kind), np.ones((2, 2))
    for result, shape in [
        (compat.imfilter(empty, h), (0, 3)),
        (compat.imfilter(empty, h, "full"), (1, 4)),
        (compat.imfilter(image, h[:0]), (2, 3)),
        (compat.imfilter(image, h[:0], "full"), (1, 4)),
        (compat.imfilter(empty, h[:0], "full"), (0, 4)),
    ]:
        assert result.shape == shape
        assert result.dtype == kind
        assert not result.any()


@pytest.mark.parametrize("kind", ["uint8", "bool"])
def test_jit_and_vmap_keep_classes_of_images(kind):
    batch, w = jnp.asarray(np.arange(24).reshape(2, 3, 4) * 20, kind), jnp.array([[0.5, 1.0]])
    each = [compat.imfilter(image, w, "circular") for image in batch]
    mapped = jax.jit(jax.vmap(lambda image: compat.imfilter(image, w, "circular")))(batch)
    assert mapped.dtype == kind
    np.testing.assert_array_equal(mapped, jnp.stack(each))


M = np.ones((3, 3), "float32")
OPTION = "`options` must be"
ERRORS = [
    (
        (M, M, "reflect"),
        OptionError,
        rf"{OPTION} one of \['circular', 'conv', 'corr', 'full', 'replicate', 'same', 'symmetric'\]; got 'reflect'",
    ),
    ((M, M, None), OptionError, f"{OPTION} words or a number; got NoneType"),
    ((M, M, True), OptionError, f"{OPTION} words or a number; got bool"),
    ((M, M, "conv", M), OptionError, f"{OPTION} words or a number; got ndarray"),
    ((M, M, 1j), OptionError, rf"{OPTION} words or a real number where A is real; got 1j"),
    (
        (M.astype("uint8"), M.astype("complex64")),
        DTypeError,
        "`h` must be real where A is uint8; got complex64",
    ),
    ((M > 0, M.astype("complex64")), DTypeError, "`h` must be real where A is bool; got complex64"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), ERRORS)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=f"^`compat.matlab.imfilter`: {message}"):
        compat.imfilter(*arguments)


def test_a_traced_border_is_refused():
    with pytest.raises(OptionError, match=r"If it is a traced number, pad A instead\."):
        jax.jit(lambda value: compat.imfilter(jnp.asarray(M), M, value))(1.0)
