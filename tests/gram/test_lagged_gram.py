"""Lagged Gram matrices at all lags by transforms, and the products of kernels."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import draw
from gram.definition import assert_gram, definition
from jax.test_util import check_grads

from sigconv import OptionError, ShapeError, correlate, correlation_lags, gram, kernel_gram, lagged_gram

RNG = np.random.default_rng(8)
SPACE = (4, 5)
WEIGHTS = RNG.random(SPACE) * (RNG.random(SPACE) < 0.8)
MASKS = {"unmasked": None, "weights": WEIGHTS.astype("f4")}


def features(dtype="float32", channels=3, space=SPACE):
    return draw(np.random.default_rng(4), (channels, *space), dtype)


def every_lag(space, boundary):
    spans = [np.arange(n) if boundary == "periodic" else np.asarray(correlation_lags(n, n)) for n in space]
    grid = np.stack(np.meshgrid(*spans, indexing="ij"), -1)
    return [tuple(map(int, lag)) for lag in grid.reshape(-1, len(space))], grid.shape[:-1]


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("boundary", ["zero", "periodic"])
@pytest.mark.parametrize(("dtype", "normalize"), [("float32", "spatial"), ("complex64", "all"), ("float32", "none")])
def test_all_lags_are_the_definition(normalize, dtype, boundary, mask):
    x = features(dtype)
    lags, shape = every_lag(SPACE, boundary)
    options = {"normalize": normalize, "boundary": boundary, "mask": mask, "centered": normalize == "all"}
    expected = definition(x, lags=lags, **options)
    found = lagged_gram(x, **options)
    assert found.shape == (*shape, 3, 3)
    # Of few pairs the rounding of a whole transform is divided by few.
    pairs = (
        np.ones(len(lags))
        if normalize == "none"
        else definition(np.ones((1, *SPACE)), lags=lags, boundary=boundary, mask=mask, normalize="none").ravel()
    )
    assert_gram(
        np.asarray(found).reshape(-1, 3, 3) * pairs[:, None, None].astype("f4"),
        expected * pairs[:, None, None],
        x,
        method="fft",
    )


@pytest.mark.parametrize("space", [(7,), (1,), (2, 2, 3)], ids=str)
def test_spaces_of_any_number_of_axes(space):
    x = features(space=space)
    axis = -len(space) - 1
    found = lagged_gram(x, normalize="none", channel_axis=axis)
    lags, shape = every_lag(space, "zero")
    assert found.shape == (*shape, 3, 3)
    assert_gram(np.asarray(found).reshape(-1, 3, 3), definition(x, normalize="none", lags=lags), x, method="fft")
    direct = lagged_gram(x, lags, normalize="none", channel_axis=axis)
    np.testing.assert_allclose(np.asarray(found).reshape(-1, 3, 3), direct, atol=1e-5)


def test_lag_zero_is_the_gram_and_entries_are_correlations():
    x = features()
    found = lagged_gram(x, normalize="none")
    middle = tuple(n - 1 for n in SPACE)
    np.testing.assert_allclose(found[middle], gram(x, normalize="none"), atol=1e-5)
    np.testing.assert_allclose(lagged_gram(x)[middle], gram(x), atol=1e-6)
    for i, j in np.ndindex(3, 3):
        np.testing.assert_allclose(found[..., i, j], correlate(x[j], x[i]), atol=1e-5)
    np.testing.assert_array_equal(lagged_gram(x, [(0, 0)])[0], gram(x))


def test_batches_types_and_compilation():
    batch = RNG.standard_normal((2, 3, *SPACE)).astype("f4")
    each = np.stack([lagged_gram(x) for x in batch])
    for found in (lagged_gram(batch), jax.jit(jax.vmap(lagged_gram))(batch)):
        np.testing.assert_allclose(found, each, atol=1e-5)
    assert lagged_gram(batch.astype("f2")).dtype == np.float32
    assert lagged_gram(batch.astype("i4"), normalize="none").dtype == np.float32
    assert lagged_gram(batch.astype("i4"), [(0, 1)], normalize="none").dtype == np.int32


def test_derivatives_at_all_lags(x64):
    check_grads(
        jax.jit(lambda x: lagged_gram(x, mask=WEIGHTS, centered=True)),
        (features("float64", 2),),
        1,
        modes=["fwd", "rev"],
    )
    periodic = jax.jit(lambda x: lagged_gram(x, boundary="periodic", channel_axis=-2))
    check_grads(periodic, (features("complex128", 2, (5,)),), 2, modes=["rev"])


# Kernels


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
@pytest.mark.parametrize("stride", [1, 2, (1, 3)], ids=str)
def test_kernel_gram_is_that_of_filters_moved(stride, dtype):
    w = draw(RNG, (3, 2, 4, 3), dtype)
    steps = (stride, stride) if isinstance(stride, int) else stride
    spans = [range(-((k - 1) // s * s), k, s) for k, s in zip((4, 3), steps, strict=True)]
    lags = [(a, b) for a in spans[0] for b in spans[1]]
    expected = sum(definition(w[:, c], normalize="none", lags=lags) for c in range(2))
    found = kernel_gram(w, stride=stride)
    assert found.shape == (*map(len, spans), 3, 3)
    assert_gram(np.asarray(found).reshape(-1, 3, 3), expected, w)
    flat = kernel_gram(w)
    np.testing.assert_allclose(found[tuple(len(s) // 2 for s in spans)], flat, atol=1e-5)
    np.testing.assert_allclose(flat, w.reshape(3, -1) @ w.reshape(3, -1).conj().T, atol=1e-5)


def test_an_orthogonal_layer_has_the_identity():
    """A layer of stride 2 whose filters are an orthonormal basis of 2 × 2 blocks, and of that with stride 1 not."""
    w = np.linalg.qr(RNG.standard_normal((4, 4)))[0].astype("f4").reshape(4, 1, 2, 2)
    np.testing.assert_allclose(kernel_gram(w, stride=2), np.eye(4)[None, None], atol=1e-6)
    apart = np.asarray(kernel_gram(w, stride=1))
    np.testing.assert_allclose(apart[1, 1], np.eye(4), atol=1e-6)
    assert np.abs(apart[0, 1]).max() > 0.1


def test_kernel_grams_have_derivatives_and_dtypes(x64):
    w = RNG.standard_normal((2, 2, 3))
    for stride in (None, 2):
        check_grads(jax.jit(lambda w, stride=stride: kernel_gram(w, stride=stride)), (w,), 1, modes=["fwd", "rev"])
    assert kernel_gram(w.astype("i4")).dtype == np.int32
    assert (
        kernel_gram(jnp.ones((2, 2, 3), "bfloat16"), stride=1).dtype
        == kernel_gram(jnp.ones((2, 2, 3), "bfloat16")).dtype
    )


BAD = [
    (lambda: lagged_gram(np.ones((3, 4, 5)), chunk=4), OptionError, r"^`lagged_gram`: `chunk` must be None unless `lags` are given; got 4"),
    (lambda: lagged_gram(np.ones((3, 4, 5)), [4]), OptionError, r"^`lagged_gram`: `lags` must be a list of at least one shift, tuples of 2 integers; got \[4\]"),
    (lambda: lagged_gram(np.ones((3, 4))), ShapeError, r"^`lagged_gram`: `features` must be"),
    (lambda: kernel_gram(np.ones(3)), ShapeError, r"^`kernel_gram`: `weights` must be \(c_out, c_in, \*taps\); got shape \(3,\)"),
    (lambda: kernel_gram(np.ones((3, 2)), stride=1), ShapeError, r"`weights` must be \(c_out, c_in, \*taps\) with at least one axis of taps for a stride; got shape \(3, 2\)"),
    (lambda: kernel_gram(np.ones((3, 2, 0))), ShapeError, r"`weights` must not be empty; got shape \(3, 2, 0\)"),
    (lambda: kernel_gram(np.ones((3, 2, 3)), stride=0), OptionError, r"`stride` must be an integer of at least 1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
