"""What each statistic is, against NumPy in float64, and what keeps it the same."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gram.definition import definition
from jax.test_util import check_grads

from sigconv import OptionError, ShapeError, style

RNG = np.random.default_rng(5)
X = RNG.standard_normal((3, 6, 7)).astype("f4")
LAGS = ((0, 2), (-1, 1))


def autocorrelation(x, reach, boundary):
    lags = [(a, b) for a in range(-reach[0], reach[0] + 1) for b in range(-reach[1], reach[1] + 1)]
    found = definition(x, lags=lags, boundary=boundary)
    return np.einsum("lcc->cl", found).reshape(len(x), *(2 * r + 1 for r in reach))


def spectrum(x, block):
    blocks = [
        x[:, i : i + block[0], j : j + block[1]]
        for i in range(0, 7 - block[0], block[0])
        for j in range(0, 8 - block[1], block[1])
    ]
    return np.mean([np.abs(np.fft.fft2(b)) ** 2 / b[0].size for b in blocks], 0)


def moments(x):
    flat = x.reshape(len(x), -1).astype(float)
    return flat.mean(1), np.cov(flat, bias=True)


def sorted_projections(x, count, key):
    rows = np.asarray(jax.random.normal(key, (count, len(x))), float)
    return np.sort(rows / np.linalg.norm(rows, axis=1, keepdims=True) @ x.reshape(len(x), -1), axis=1)


KEY = jax.random.key(3)
STATISTICS = {
    "gram": (style.Gram(), lambda x: definition(x)),
    "gram, all": (style.Gram("all", chunk=9), lambda x: definition(x, normalize="all")),
    "centered gram": (style.Gram(centered=True), lambda x: definition(x, centered=True)),
    "lagged gram": (style.LaggedGram(LAGS), lambda x: definition(x, lags=LAGS)),
    "lagged gram, periodic": (
        style.LaggedGram(LAGS, centered=True, boundary="periodic"),
        lambda x: definition(x, lags=LAGS, centered=True, boundary="periodic"),
    ),
    "autocorrelation": (style.Autocorrelation(), lambda x: autocorrelation(x, (2, 3), "zero")),
    "autocorrelation, all": (style.Autocorrelation((5, 6)), lambda x: autocorrelation(x, (5, 6), "zero")),
    "autocorrelation, periodic": (style.Autocorrelation(2, "periodic"), lambda x: autocorrelation(x, (2, 2), "periodic")),
    "spectrum": (style.PowerSpectrum(), lambda x: spectrum(x, (6, 7))),
    "spectrum of blocks": (style.PowerSpectrum((3, 2)), lambda x: spectrum(x, (3, 2))),
    "moments": (style.Moments(), moments),
    "sliced": (style.SlicedWasserstein(5, KEY), lambda x: sorted_projections(x, 5, KEY)),
    "sliced, as many as channels": (style.SlicedWasserstein(), lambda x: sorted_projections(x, 3, jax.random.key(0))),
}  # fmt: skip


@pytest.mark.parametrize(("statistic", "expected"), STATISTICS.values(), ids=STATISTICS)
def test_statistic_is_the_definition(statistic, expected):
    # Sums of at most 42 products of numbers up to 4: 8 · 2⁻²³ · 16 · 42 before they are divided, transforms alike.
    within = {"atol": 8 * 2.0**-23 * 16 * 42}
    found = jax.jit(lambda s, x: s(x))(statistic, X)
    for ours, theirs in zip(jax.tree.leaves(found), jax.tree.leaves(expected(X)), strict=True):
        np.testing.assert_allclose(ours, theirs, **within)


@pytest.mark.parametrize(
    "name", ["lagged gram, periodic", "autocorrelation", "spectrum of blocks", "moments", "sliced"]
)
def test_derivatives_of_a_statistic(name, x64):
    check_grads(jax.jit(STATISTICS[name][0].__call__), (X[:2, :4, :5].astype(float),), 1, modes=["rev"])


@pytest.mark.parametrize("name", ["gram", "autocorrelation", "sliced"])
def test_statistics_run_outside_of_jit_and_mapped_alike(name):
    statistic = STATISTICS[name][0]
    alone, mapped = statistic(jnp.asarray(X)), jax.jit(jax.vmap(lambda s, x: s(x), (None, 0)))(statistic, X[None])
    np.testing.assert_allclose(mapped[0], alone, atol=1e-5)


def test_statistics_are_values():
    """Equal where their parameters are, hashable, and leafless but for a key: static under `jit`, or arguments."""
    assert style.LaggedGram([[0, 2], [-1, 1]]) == style.LaggedGram(LAGS)
    assert hash(style.LaggedGram(LAGS)) == hash(style.LaggedGram(LAGS))
    assert jax.tree.leaves((style.Gram(), style.PowerSpectrum(4), style.SlicedWasserstein())) == []
    compiled = jax.jit(lambda statistic, x: statistic(x), static_argnums=0)
    np.testing.assert_allclose(compiled(style.Gram(), X), style.Gram()(jnp.asarray(X)), atol=1e-6)
    step = jax.jit(lambda key: style.SlicedWasserstein(2, key)(jnp.asarray(X)))
    assert not jnp.array_equal(step(jax.random.key(1)), step(jax.random.key(2)))


def test_statistics_forget_what_they_should():
    x = jnp.asarray(X)
    shuffled = x.reshape(3, -1)[:, RNG.permutation(42)].reshape(x.shape)
    rolled = jnp.roll(x, (2, 3), (1, 2))
    for statistic in (style.Gram(), style.Moments(), style.SlicedWasserstein()):
        for ours, theirs in zip(*(jax.tree.leaves(statistic(a)) for a in (x, shuffled)), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
    for statistic in (
        style.LaggedGram(LAGS, boundary="periodic"),
        style.Autocorrelation(2, "periodic"),
        style.PowerSpectrum(),
    ):
        np.testing.assert_allclose(statistic(x), statistic(rolled), atol=1e-4)
        assert jnp.max(jnp.abs(statistic(x) - statistic(shuffled))) > 0.01


def test_spectrum_and_periodic_autocorrelation_are_each_others_transforms():
    x = jnp.asarray(X[:, :5])
    rolled = jnp.roll(style.Autocorrelation((2, 3), "periodic")(x), (-2, -3), (1, 2))
    np.testing.assert_allclose(jnp.fft.fft2(rolled).real, style.PowerSpectrum()(x), atol=1e-5)


@pytest.mark.parametrize("dtype", ["int32", "float16", "bfloat16"])
def test_statistics_are_at_least_float32(dtype):
    x = jnp.asarray(X).astype(dtype)
    for name in ("gram", "lagged gram", "autocorrelation", "spectrum", "moments", "sliced"):
        statistic = STATISTICS[name][0]
        assert {a.dtype for a in jax.tree.leaves(jax.eval_shape(statistic, x))} == {np.dtype("float32")}


BAD = [
    (lambda: style.Autocorrelation(6)(X), OptionError, r"`reach` must be at most \(5, 6\) for features of \(6, 7\); got 6"),
    (lambda: style.Autocorrelation(3, "periodic")(X), OptionError, r"`reach` must be at most \(2, 3\) for features of \(6, 7\); got 3"),
    (lambda: style.Autocorrelation(-1)(X), OptionError, r"`reach` must be an integer of at least 0"),
    (lambda: style.Autocorrelation(1, "edge")(X), OptionError, r"`boundary` must be one of \['periodic', 'zero'\]; got 'edge'"),
    (lambda: style.PowerSpectrum(0)(X), OptionError, r"`block` must be an integer of at least 1"),
    (lambda: style.PowerSpectrum(7)(X), ShapeError, r"`features` must have a space of at least `block`, \(7, 7\); got \(6, 7\)"),
    (lambda: style.SlicedWasserstein(0), OptionError, r"`projections` must be None or an integer of at least 1; got 0"),
    (lambda: style.LaggedGram((1,))(X), OptionError, r"`lags` must be a list of at least one shift, tuples of 2 integers"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_parameters_are_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
