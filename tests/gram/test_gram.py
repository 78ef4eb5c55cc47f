"""Gram matrices and those of two sets of features: the definition, every option, derivatives, what cannot be."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import draw
from gram.definition import assert_gram, definition
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from sigconv import DTypeError, OptionError, ShapeError, correlate, cross_gram, gram

RNG = np.random.default_rng(7)
SPACE = (4, 5)
WEIGHTS = RNG.random(SPACE) * (RNG.random(SPACE) < 0.8)
MASKS = {"bool": WEIGHTS > 0.3, "weights": WEIGHTS.astype("f4")}
KINDS = [("bool", "complex64"), ("weights", "float32")]
OPTIONS = [
    {},
    {"normalize": "none"},
    {"normalize": "all", "centered": True},
    {"centered": True, "chunk": 6},
    {"chunk": 3},
    {"lags": [(0, 0), (1, -2), (-3, 4), (4, 0), (-9, 1)]},
    {"lags": [(0, 0), (1, -2), (-3, 4), (6, 5)], "boundary": "periodic", "normalize": "all", "chunk": 7},
    {"lags": [(2, 1)], "centered": True},
]


def features(dtype="float32", channels=3, space=SPACE, kind="white"):
    return draw(np.random.default_rng(3), (channels, *space), dtype, kind)


def of_definition(options):
    return {name: value for name, value in options.items() if name != "chunk"}


def divisor(x, options):
    return 1 if options.get("normalize") == "none" else x[0].size


@pytest.mark.parametrize(("mask", "dtype"), KINDS)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_gram_is_the_definition(options, mask, dtype):
    x, mask = features(dtype), MASKS[mask]
    assert_gram(
        gram(x, mask=mask, **options), definition(x, mask=mask, **of_definition(options)), x, scale=divisor(x, options)
    )


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_cross_gram_is_the_definition(options):
    x, y = features(), features("complex64", 2)
    expected = definition(x, y, **of_definition(options))
    assert_gram(cross_gram(x, y, **options), expected, x, y, scale=divisor(x, options))


def test_cross_gram_with_itself_is_the_gram():
    x = features("complex64")
    for options in ({}, {"lags": [(1, -2)]}):
        np.testing.assert_allclose(cross_gram(x, x, **options), gram(x, **options), atol=1e-6)


@pytest.mark.parametrize("kind", ["positive", "constant", "offset"])
@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_data_of_every_kind(kind, dtype, x64):
    x = features(dtype, kind=kind)
    for options in ({}, {"chunk": 6}):
        assert_gram(gram(x, **options), definition(x), x, scale=x[0].size)


def test_centered_loses_nothing_to_an_offset():
    """Not the second moment less the product of the means, which would keep no digit."""
    x = features(kind="white") + np.float32(1e4)
    expected = definition(x, centered=True)
    for options in ({}, {"chunk": 6}):
        # Samples are known to half a unit in the last place of 10⁴, 5e-4.
        np.testing.assert_allclose(gram(x, centered=True, **options), expected, atol=2 * 5e-4 * np.abs(x - 1e4).max())


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_short_floats_are_added_up_in_float32_and_do_not_overflow(dtype):
    x = jnp.asarray(draw(RNG, (512, 64, 64), dtype)) * 100 + 1000
    assert x.dtype == dtype
    flat = np.asarray(x, np.float64).reshape(512, -1)
    for options in ({"chunk": 1000}, {"normalize": "none"}):
        found = gram(x, **options)
        assert found.dtype == np.float32
        # Squares here are odd multiples of 64 as often as not, and sums of a few 10⁹ are rounded to multiples of 256,
        # every time to the same side.
        np.testing.assert_allclose(found, flat @ flat.T / divisor(x, options), rtol=128 * 2.0**-23)
    gradient = jax.grad(lambda x: gram(x, chunk=1000).mean() / 1e3)(x)
    assert gradient.dtype == dtype
    expected = 2 * flat.mean(0) / 64**2 / 512 / 1e3
    # Of float16 what is this small is not a normal number any more.
    np.testing.assert_allclose(np.asarray(gradient[0], float).ravel(), expected, rtol=2.0**-7, atol=2.0**-24)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32"])
def test_integers_stay_integers_where_nothing_is_divided(dtype):
    x = features(dtype)
    for options in ({"chunk": 6}, {"lags": [(0, 0), (1, 2)]}, {"mask": MASKS["bool"]}):
        found = gram(x, normalize="none", **options)
        assert found.dtype == dtype
        exact = definition(x.astype(object).astype(float), normalize="none", **of_definition(options))
        modulus = 2 ** (8 * np.dtype(dtype).itemsize)
        np.testing.assert_array_equal(
            np.asarray(found, np.int64) % modulus,
            exact.astype(np.int64) % modulus if dtype != "int32" else wrapped(x, options) % modulus,
        )
        assert gram(x, **options).dtype == np.float32


def wrapped(x, options):
    """In 64-bit integers, modulo 2⁶⁴: sums of products of 32 bits are not exact in float64."""
    x = x.astype(np.int64)
    if "mask" in options:
        x = np.where(options["mask"], x, 0)
    pairs = [(x, x)] if "lags" not in options else [(x, x), (x[:, :3, :3], x[:, 1:, 2:])]
    found = [a.reshape(3, -1) @ b.reshape(3, -1).T for a, b in pairs]
    return np.stack(found) if "lags" in options else found[0]


def test_question_4_both_definitions():
    """F Fᵀ / H / W of a batch, F Fᵀ of a single image; entry (i, j) is their cross-correlation at lag 0."""
    batch = RNG.integers(-9, 10, (2, 3, 4, 5)).astype("int32")
    flat = batch.reshape(2, 3, 20)
    sums = flat @ flat.transpose(0, 2, 1)
    np.testing.assert_array_equal(gram(batch, normalize="none"), sums)
    np.testing.assert_allclose(gram(batch), sums / 4 / 5, rtol=2.0**-22)
    for i, j in np.ndindex(3, 3):
        assert gram(batch[0], normalize="none")[i, j] == correlate(batch[0, i], batch[0, j])[3, 4]


@pytest.mark.parametrize("options", [{}, {"chunk": 6, "mask": MASKS["weights"], "lags": [(1, 2)]}], ids=str)
def test_batches_are_mapped_and_compiled_alike(options):
    batch = RNG.standard_normal((2, 2, 3, *SPACE)).astype("f4")
    each = np.stack([[gram(x, **options) for x in row] for row in batch])
    close = {"atol": 1e-6}
    np.testing.assert_allclose(gram(batch, **options), each, **close)
    np.testing.assert_allclose(jax.jit(jax.vmap(lambda x: gram(x, **options)))(batch), each, **close)
    mapped = jax.vmap(jax.grad(lambda x: jnp.sum(gram(x, **options) ** 2)))(batch[0])
    for x, gradient in zip(batch[0], mapped, strict=True):
        np.testing.assert_allclose(jax.grad(lambda x: jnp.sum(gram(x, **options) ** 2))(x), gradient, **close)


def test_axes_of_two_sets_broadcast_and_masks_may_differ():
    x, y = RNG.standard_normal((2, 1, 3, *SPACE)).astype("f4"), RNG.standard_normal((4, 2, *SPACE)).astype("f4")
    masks = RNG.random((2, 4, *SPACE)) < 0.7
    found = cross_gram(x, y, mask=masks)
    assert found.shape == (2, 4, 3, 2)
    for i, j in np.ndindex(2, 4):
        assert_gram(found[i, j], definition(x[i, 0], y[j], mask=masks[i, j]), x[i, 0], y[j], scale=20)


def test_what_a_mask_leaves_out_may_be_anything():
    x = features()
    mask = MASKS["bool"]
    spoiled = np.where(mask, x, np.nan)
    for options in ({"chunk": 6}, {"centered": True}, {"lags": [(1, 1)]}):
        assert jnp.array_equal(gram(spoiled, mask=mask, **options), gram(x, mask=mask, **options))
        gradient = jax.grad(lambda x, options=options: gram(x, mask=mask, **options).sum())(spoiled)
        assert jnp.all(jnp.isfinite(gradient))
        assert jnp.all(gradient[:, ~mask] == 0)
    nothing = np.zeros(SPACE, bool)
    for normalize in ("none", "spatial", "all"):
        assert jnp.all(gram(x, mask=nothing, normalize=normalize) == 0)
        assert jnp.all(jax.grad(lambda x: gram(x, mask=nothing).sum())(x) == 0)


@pytest.mark.parametrize("shape", [(3, 1), (1, 1), (2, 1, 1, 1)], ids=str)
def test_spaces_of_one_sample(shape):
    x = RNG.standard_normal(shape).astype("f4")
    axis = -len(shape)
    lags = [(0,) * (len(shape) - 1), (1,) * (len(shape) - 1)]
    assert_gram(gram(x, channel_axis=axis), definition(x), x)
    assert_gram(gram(x, channel_axis=axis, lags=lags, chunk=1), definition(x, lags=lags), x)
    assert jnp.all(gram(x, channel_axis=axis, centered=True) == 0)


GRADIENTS = [
    ({}, "float64", 1),
    ({"chunk": 9}, "float64", 2),
    ({"chunk": 9}, "complex128", 1),
    ({"centered": True, "mask": MASKS["bool"], "chunk": 9}, "float64", 1),
    ({"lags": [(1, -2)], "chunk": 8, "mask": WEIGHTS}, "float64", 1),
]


@pytest.mark.parametrize(("options", "dtype", "order"), GRADIENTS, ids=range(len(GRADIENTS)))
def test_derivatives_of_a_gram(options, dtype, order, x64):
    check_grads(jax.jit(lambda x: gram(x, **options)), (features(dtype, 2),), order, modes=["fwd", "rev"])


def test_derivatives_by_both_and_by_weights(x64):
    x, y = features("float64"), features("float64", 2)
    check_grads(jax.jit(lambda x, y: cross_gram(x, y, chunk=9)), (x, y), 1, modes=["fwd", "rev"])
    # At a weight of 0 too, where a root would have no derivative.
    check_grads(jax.jit(lambda w: gram(x, mask=w, chunk=9)), (WEIGHTS,), 1, modes=["fwd", "rev"])
    check_grads(jax.jit(lambda w: gram(x, mask=w, lags=[(1, 0)], centered=True)), (WEIGHTS + 0.1,), 1, modes=["rev"])


def test_reverse_mode_is_one_product_and_keeps_no_blocks():
    x, g = features(channels=4, space=(60,)), jnp.ones((4, 4), "f4")
    for options in ({}, {"chunk": 10}, {"chunk": 10, "mask": np.ones(60, "f4")}):
        _, back = jax.vjp(lambda x, options=options: gram(x, channel_axis=-2, **options), x)
        text = str(jax.make_jaxpr(back)(g))
        assert text.count("dot_general[") == 1
        assert max(leaf.size for leaf in jax.tree.leaves(back)) <= x.size


@pytest.mark.optimised
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_streaming_makes_no_copy_of_the_features(dtype):
    x = jax.ShapeDtypeStruct((16, 50_000), dtype)
    value = jax.jit(lambda x: gram(x, channel_axis=-2, chunk=1000)).lower(x).compile()
    assert value.memory_analysis().temp_size_in_bytes < 0.1 * 16 * 50_000 * 4
    gradient = jax.jit(jax.grad(lambda x: gram(x, channel_axis=-2, chunk=1000).sum())).lower(x).compile()
    # Of short floats the derivative is added up in float32.
    most = 0.1 if dtype == "float32" else 1.1
    assert gradient.memory_analysis().temp_size_in_bytes < most * 16 * 50_000 * 4


def test_gradient_is_the_formula():
    x, g = features("complex64"), RNG.standard_normal((3, 3)).astype("f4")
    flat = x.reshape(3, -1)
    gradient = jax.grad(lambda x: jnp.sum(g * jnp.real(gram(x, normalize="none"))))(x)
    expected = np.conj((g + g.T) @ flat)
    np.testing.assert_allclose(gradient.reshape(3, -1), expected, atol=1e-4)


@pytest.mark.optimised
@pytest.mark.parametrize("samples", [8 * 2**15 // 24, 8 * 2**15 // 24 + 40])
def test_narrow_and_long_is_multiplied_block_by_block(samples):
    x = RNG.standard_normal((2, 24, samples)).astype("f4")
    y = x[::-1, :5]
    for found, other in ((gram(x, channel_axis=-2), x), (cross_gram(x, y, channel_axis=-2), y)):
        for i in range(2):
            assert_gram(found[i], definition_of_products(x[i], other[i]), x[i], other[i], scale=samples)


def definition_of_products(x, y):
    return x.astype(float) @ y.astype(float).T / x.shape[1]


LAGS = [-12, -3, 0, 3, 12]


@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 1.0, 1e6]))
@settings(max_examples=20, deadline=None)
def test_properties_of_a_gram(seed, size):
    draw = np.random.default_rng(seed)
    x = (size * draw.standard_normal((4, 11))).astype("f4")
    within = {"atol": 16 * 2.0**-23 * np.abs(x).max() ** 2}
    found = np.asarray(gram(x, channel_axis=-2, chunk=4), np.float64)
    np.testing.assert_allclose(found, found.T, **within)
    assert np.linalg.eigvalsh((found + found.T) / 2).min() >= -4 * within["atol"]
    shuffled = x[:, draw.permutation(11)]
    np.testing.assert_allclose(gram(shuffled, channel_axis=-2, chunk=4), found, **within)
    for boundary in ("zero", "periodic"):
        lagged = np.asarray(gram(x, channel_axis=-2, lags=LAGS, boundary=boundary))
        np.testing.assert_allclose(lagged, lagged[::-1].transpose(0, 2, 1), **within)
        np.testing.assert_allclose(lagged[2], found, **within)
    rolled = gram(np.roll(x, 3, 1), channel_axis=-2, lags=LAGS, boundary="periodic")
    np.testing.assert_allclose(rolled, lagged, **within)


F = np.ones((3, 4, 5), "f4")
BAD = [
    (lambda: gram(F[0]), ShapeError, r"^`gram`: `features` must be \(…, C, \*space\) with C on axis -3; got shape \(4, 5\). Say channel_axis=-2 if the channels come first"),
    (lambda: gram(F[0, 0], channel_axis=-2), ShapeError, r"`features` must be \(…, C, \*space\) with C on axis -2; got shape \(5,\)\.$"),
    (lambda: gram(F[:, :0]), ShapeError, r"`features` must not be empty; got shape \(3, 0, 5\)"),
    (lambda: gram("x"), DTypeError, r"`features` must"),
    (lambda: gram(F > 0), DTypeError, r"`features` must hold integers, floats or complex numbers; got bool"),
    (lambda: gram(F, channel_axis=-1), OptionError, r"`channel_axis` must be an axis counted from the end with space behind it, -2 or less; got -1"),
    (lambda: gram(F, channel_axis=0), OptionError, r"`channel_axis` must be an axis .* got 0"),
    (lambda: gram(F, normalize="area"), OptionError, r"`normalize` must be one of \['all', 'none', 'spatial'\]; got 'area'"),
    (lambda: gram(F, centered=1), OptionError, r"`centered` must be True or False; got 1"),
    (lambda: gram(F, boundary="edge"), OptionError, r"`boundary` must be one of \['periodic', 'zero'\]; got 'edge'"),
    (lambda: gram(F, chunk=0), OptionError, r"`chunk` must be None or a number of samples of at least 1; got 0"),
    (lambda: gram(F, precision="double"), OptionError, r"`precision` must be one of"),
    (lambda: gram(F, lags=[1]), OptionError, r"`lags` must be a list of at least one shift, tuples of 2 integers; got \[1\]"),
    (lambda: gram(F, lags=[]), OptionError, r"`lags` must be a list of at least one shift, tuples of 2 integers; got \[\]"),
    (lambda: gram(F, channel_axis=-2, lags=[0.5]), OptionError, r"`lags` must be a list of at least one shift, integers; got \[0.5\]"),
    (lambda: gram(F, channel_axis=-2, lags=[2**40]), OptionError, r"`lags` must be below 2³¹; got \[1099511627776\]"),
    (lambda: gram(F, mask=np.ones((5, 4))), ShapeError, r"`mask` must have the shape of the features' space, \(4, 5\); got \(5, 4\)"),
    (lambda: gram(F[None], mask=np.ones((2, 4, 5))), ShapeError, r"`mask` must have the shape of the features' space, \(4, 5\), or \(1, 4, 5\); got \(2, 4, 5\)"),
    (lambda: gram(F, mask=1j * F[0]), DTypeError, r"`mask` must be bool or real; got complex64"),
    (lambda: cross_gram(F, F[:, 1:]), ShapeError, r"^`cross_gram`: `y` must have the space of `x`, \(4, 5\); got \(3, 5\)"),
    (lambda: cross_gram(np.stack([F] * 2), np.stack([F] * 3)), ShapeError, r"`y` must broadcast with `x` along the axes in front of the channels; got \(3, 3, 4, 5\) against \(2, 3, 4, 5\)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
