"""`compat.numpy`: a few cases of every kind; tests/peers has the rest."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import draw
from jax.test_util import check_grads
from peers.compare import assert_same, wide

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.compat import numpy as compat

NAMES = ["convolve", "correlate"]
LENGTHS = [(9, 4), (8, 5), (3, 6), (1, 1)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("n", "k"), LENGTHS)
@pytest.mark.parametrize("dtype", ["complex64", "int32"])
def test_results_are_numpys(name, mode, n, k, dtype, rng):
    a, v = draw(rng, n, dtype), draw(rng, k, dtype)
    ours, theirs = getattr(compat, name), getattr(np, name)
    with np.errstate(over="ignore"):
        assert_same(ours(a, v, mode), theirs(a, v, mode), theirs(wide(a), wide(v), mode), a, v)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        ("bool", "bool", "bool"),
        ("bool", "int8", "int8"),
        ("uint8", "int8", "int16"),
        ("int32", "float16", "float64"),
        ("int16", "float32", "float32"),
        ("float16", "float16", "float16"),
        ("float32", "complex64", "complex64"),
        ("bfloat16", "float32", "float32"),
        ("bfloat16", "float16", "float32"),
    ],
)
def test_dtypes_are_numpys(name, first, second, result):
    """bfloat16, which NumPy cannot name, promotes with float16 as in JAX."""
    with jax.enable_x64(True):
        y = getattr(compat, name)(jnp.ones(4, first), jnp.ones(2, second), "same")
    assert y.dtype == result


def test_bools_are_combined_by_or_and_and():
    assert compat.convolve([True, True, False], [True, True]).tolist() == [True, True, True, False]


@pytest.mark.parametrize("name", NAMES)
def test_transformations_of_jax_change_nothing(name, rng):
    function = getattr(compat, name)
    a, v = jnp.asarray(draw(rng, (3, 4), "float32")), jnp.asarray(draw(rng, (3, 6), "float32"))
    for mode in ("full", "same", "valid"):
        alone = np.stack([function(x, w, mode) for x, w in zip(a, v, strict=True)])
        compiled = jax.jit(function, static_argnums=2)(a[0], v[0], mode)
        np.testing.assert_array_equal(compiled, alone[0])
        together = jax.vmap(lambda x, w, mode=mode: function(x, w, mode))(a, v)
        assert_same(together, alone, wide(alone), a, v)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_right(name, rng, x64):
    a, v = draw(rng, 3, "float64"), draw(rng, 4, "float64")
    check_grads(jax.jit(lambda x, w: getattr(compat, name)(x, w, "valid")), (a, v), order=1)


BAD = [
    (([], [1]), ShapeError, r"`a` must be a vector with at least one sample; got shape \(0,\)"),
    (([1], []), ShapeError, r"`v` must be a vector with at least one sample; got shape \(0,\)"),
    (([[1]], [1]), ShapeError, r"`a` must be a vector .* got shape \(1, 1\)"),
    (([1], [[1]]), ShapeError, r"`v` must be a vector .* got shape \(1, 1\)"),
    (([1], [1], "circular"), OptionError, r"`mode` must be one of \['full', 'same', 'valid'\]; got 'circular'"),
    (([1], [1], 2), OptionError, r"`mode` must be one of .* got 2"),
    ((["x"], [1]), DTypeError, r"`a` must hold integers, floats or complex numbers; got <U1"),
    (([1], np.array([1], object)), DTypeError, r"`v` must hold integers, .* got object"),
    (([1], [[1], [1, 2]]), DTypeError, r"`v` must be a numeric array; got list"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("arguments", "error", "message"), BAD)
def test_bad_arguments_are_named(name, arguments, error, message):
    with pytest.raises(error, match=f"^`compat.numpy.{name}`: {message}"):
        getattr(compat, name)(*arguments)


def test_correlate_takes_vectors_only():
    with pytest.raises(ShapeError, match=r"`a` must be a vector with at least one sample; got shape \(\)"):
        compat.correlate(1.0, [1.0])
    assert compat.convolve(2.0, [1.0]).tolist() == [2.0]


@pytest.mark.parametrize("name", NAMES)
def test_checks_need_shapes_only(name):
    with pytest.raises(ShapeError, match="`a` must be a vector"):
        jax.eval_shape(getattr(compat, name), jnp.ones((2, 2)), jnp.ones(2))
