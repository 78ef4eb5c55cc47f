"""`compat.ndimage`: a few cases of every kind; tests/peers has the rest."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import draw
from jax.test_util import check_grads
from peers.compare import assert_same, wide
from scipy import ndimage

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.compat import ndimage as compat

VECTORS = ["correlate1d", "convolve1d"]
ARRAYS = ["correlate", "convolve"]
NAMES = [*VECTORS, *ARRAYS]
MODES = ["reflect", "grid-mirror", "constant", "grid-constant", "nearest", "mirror", "wrap", "grid-wrap"]


def compare(name, x, w, **options):
    ours, theirs = getattr(compat, name), getattr(ndimage, name)
    native = theirs(x, w, **options)
    reference = native if native.dtype.kind in "iub" else theirs(wide(x), wide(w), **{**options, "output": None})
    assert_same(ours(x, w, **options), native, reference, np.append(x, options.get("cval", 0)), w)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("mode", MODES)
def test_results_are_scipys(name, mode, rng):
    for kernel in ((2, 3), (7, 8)):
        compare(name, draw(rng, (3, 5), "float32"), draw(rng, kernel, "float32"), mode=mode, cval=1.5)


@pytest.mark.parametrize("name", VECTORS)
def test_origin_of_even_kernels_is_scipys(name, rng):
    x, w = draw(rng, (2, 6), "complex64"), draw(rng, 4, "complex64")
    for origin in range(-2, 2):
        compare(name, x, w, origin=origin, axis=-1)


@pytest.mark.parametrize("name", ARRAYS)
def test_axes_and_origins_pair_as_scipys(name, rng):
    x, w = draw(rng, (4, 5, 6), "float32"), draw(rng, (2, 3), "float32")
    for axes, origin in (((0, 2), (-1, 1)), ((2, 0), (1, -1)), ((1, 2), 0)):
        compare(name, x, w, axes=axes, origin=origin)


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("dtype", ["uint8", "int16", "bool"])
@pytest.mark.parametrize("output", [None, "uint8", np.int16, bool, "float32"], ids=str)
def test_outputs_truncate_and_wrap_as_scipys(name, dtype, output, rng):
    x = rng.integers(0, 2, 9).astype(bool) if dtype == "bool" else draw(rng, 9, dtype)
    for weights in ([3, -1, 2], [0.75, -0.5], [256]):
        compare(name, x, weights, output=output)


@pytest.mark.parametrize("name", VECTORS)
def test_fractional_fill_under_integers_is_scipys(name):
    compare(name, np.arange(5, dtype="uint8"), [1, 1, 1], mode="constant", cval=0.5)
    compare(name, np.arange(5, dtype="uint8"), [1, 1, 1], mode="constant", cval=-3)


def test_a_sum_beyond_the_integers_is_right_in_a_float_output():
    large = np.full(3, 2**30, "int32")
    assert compat.correlate1d(large, [4, 4, 4], output="float32").tolist() == [12.0 * 2**30] * 3


def test_real_data_in_complex_outputs_is_complex():
    """SciPy has no loop for that."""
    assert compat.correlate1d([1.0, 2.0], [3.0], output="complex64").tolist() == [3 + 0j, 6 + 0j]


def test_one_mode_per_axis_applies_to_its_axis():
    x = np.arange(4.0).reshape(2, 2)
    y = compat.correlate(x, np.eye(3), mode=["nearest", "wrap"])
    reference = np.pad(np.pad(x, ((1, 1), (0, 0)), "edge"), ((0, 0), (1, 1)), "wrap")
    assert y.tolist() == (reference[:2, :2] + reference[1:3, 1:3] + reference[2:, 2:]).tolist()


def test_empty_and_scalar_inputs_come_back_as_scipys():
    for name in ARRAYS:
        assert getattr(compat, name)(np.ones((0, 3)), np.ones((2, 2))).shape == (0, 3)
        assert getattr(compat, name)(3.0, 2.0).item() == getattr(ndimage, name)(3.0, 2.0)


@pytest.mark.parametrize("name", NAMES)
def test_transformations_of_jax_change_nothing(name, rng):
    shapes = ((5,), (4,)) if name in VECTORS else ((3, 5), (2, 4))
    x, w = (jnp.asarray(draw(rng, (3, *shape), "float32")) for shape in shapes)
    function = getattr(compat, name)
    alone = np.stack([function(*pair) for pair in zip(x, w, strict=True)])
    np.testing.assert_array_equal(jax.jit(function)(x[0], w[0]), alone[0])
    for y, reference, *operands in zip(jax.vmap(function)(x, w), alone, x, w, strict=True):
        assert_same(y, reference, wide(reference), *operands)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_right(name, rng, x64):
    shapes = ((5,), (4,)) if name in VECTORS else ((3, 4), (2, 3))
    arguments = [draw(rng, shape, "float64") for shape in shapes]
    mode = "reflect" if name in VECTORS else "constant"
    check_grads(jax.jit(lambda x, w: getattr(compat, name)(x, w, mode=mode, cval=2.0)), arguments, order=1)


WEIGHTS = "`weights` must not be empty and have one axis for each of"
NOT_COMPLEX = "`output` must be complex where the input or the weights are; got float32"
COMMON = [
    ({"mode": "symmetric"}, OptionError, r"`mode` must be one of \['constant', 'grid-constant', .* got 'symmetric'"),
    ({"mode": ("wrap",) * 3}, OptionError, "`mode` must be one name, or one for each of the . axes; got"),
    ({"cval": "0"}, OptionError, "`cval` must be a number; got str"),
    ({"cval": 1j}, OptionError, "`cval` must be real where the input is; got 1j"),
    ({"origin": 2}, OptionError, r"`origin` must keep the centre within the weights, of shape \(3,.*; got \(2"),
    ({"origin": -9}, OptionError, "`origin` must be an integer of at least -3, or one for each of the . axes; got -9"),
    ({"origin": 0.5}, OptionError, "`origin` must be an integer .* got 0.5"),
    ({"output": np.zeros(4)}, OptionError, r"`output` must be a dtype or None; got an array of shape \(4,\)"),
    ({"output": jnp.zeros(4)}, OptionError, "`output` must be a dtype or None; got an array .* use the value"),
    ({"output": "float33"}, OptionError, "`output` must be a dtype or None; got 'float33'"),
    ({"weights": [1j] * 3, "output": "float32"}, OptionError, NOT_COMPLEX),
    ({"input": [1j] * 4, "output": "float32"}, OptionError, NOT_COMPLEX),
    ({"weights": []}, ShapeError, rf"{WEIGHTS} .; got shape \(0,\)"),
    ({"weights": 1.0}, ShapeError, rf"{WEIGHTS} .; got shape \(\)"),
    ({"weights": [[[1.0]]]}, ShapeError, rf"{WEIGHTS} .; got shape \(1, 1, 1\)"),
    ({"weights": np.array([1, 2], object)}, DTypeError, "`weights` must hold integers, .* got object"),
    ({"input": ["a"]}, DTypeError, "`input` must hold integers, .* got <U1"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("options", "error", "message"), COMMON)
def test_bad_arguments_are_named(name, options, error, message):
    given = {"input": np.ones(4), "weights": np.ones(3), **options}
    with pytest.raises(error, match=f"^`compat.ndimage.{name}`: {message}"):
        getattr(compat, name)(**given)


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("axis", [1, -2, None, (0,), 0.0])
def test_axis_must_be_one_of_the_inputs(name, axis):
    with pytest.raises(OptionError, match="`axis` must be one of the input's 1; got"):
        getattr(compat, name)(np.ones(4), np.ones(3), axis=axis)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    ("axes", "message"),
    [(2, "must be axes of"), ((0, -2), "must name each axis once"), ((), "must be an integer or a sequence")],
)
def test_axes_must_be_different_ones_of_the_inputs(name, axes, message):
    with pytest.raises(OptionError, match=f"^`compat.ndimage.{name}`: `axes` {message}"):
        getattr(compat, name)(np.ones((4, 4)), np.ones(3), axes=axes)


def test_traced_fill_values_are_refused_in_words():
    with pytest.raises(OptionError, match=r"`cval` must be a number; got .*Tracer. If it is traced, pad the input"):
        jax.jit(lambda v: compat.correlate1d(np.ones(4), np.ones(3), mode="constant", cval=v))(1.0)


def test_checks_need_shapes_only():
    with pytest.raises(OptionError, match="`origin` must keep the centre"):
        jax.eval_shape(lambda x, w: compat.convolve(x, w, origin=2), jnp.ones(4), jnp.ones(3))


@pytest.mark.parametrize("output", ["U3", np.longdouble])
def test_output_that_jax_cannot_hold_is_refused(output):
    with pytest.raises(OptionError, match=r"`compat.ndimage.correlate`: `output` must be a numeric dtype that JAX has"):
        compat.correlate(np.ones(3), np.ones(2), output=output)


def test_single_numbers_are_conjugated_as_longer_arrays_are():
    assert complex(compat.correlate(np.array(3j), np.array(2j))) == 6
    assert complex(compat.convolve(np.array(3j), np.array(2j))) == -6
