"""`dwt` and `idwt` against their formulas, and what they owe as functions of JAX."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from tolerance import EPS
from wavelets.definition import MODES, analyse, reach, synthesise

from sigconv import design, wavelets
from sigconv.design import Wavelet
from sigconv.design.wavelets import named_filters

CASES = [("db2", 7), ("bior2.2", 8), ("bior2.2", 3), ("haar", 1)]
"""Odd and even, longer and shorter than the filter."""


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def bank(name):
    return tuple(map(np.asarray, named_filters(name)))


def bound(eps, scale, *filters):
    """Of sums of at most 64 products, one after the other."""
    return 8 * eps * scale * np.prod([np.abs(taps).sum() for taps in filters])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "n"), CASES)
def test_bands_match_the_definition(name, n, mode, rng):
    low, high, *_ = bank(name)
    x = rng.standard_normal((2, n)).astype("float32")
    bands = wavelets.dwt(x, name, mode=mode)
    for band, f in zip(bands, (low, high), strict=True):
        wanted = np.array([analyse(row.astype(float), f, mode) for row in x])
        assert band.shape == wanted.shape
        # A boundary written out is one more sum.
        assert abs(band - wanted).max() <= 2 * bound(EPS["float32"], reach(x, len(f), mode), f)


@pytest.mark.parametrize("mode", ["symmetric", "periodization"])
@pytest.mark.parametrize(("name", "count"), [("db2", 5), ("bior2.2", 4), ("db5", 5), ("haar", 1)])
def test_inverse_matches_the_definition(name, count, mode, rng):
    """Of any coefficients, also of those that no signal has."""
    *_, low, high = bank(name)
    a, d = rng.standard_normal((2, 3, count)).astype("float32")
    x = wavelets.idwt((a, d), name, mode=mode)
    wanted = np.array([synthesise(p, low, mode) + synthesise(q, high, mode) for p, q in zip(a, d, strict=True)])
    assert x.shape == wanted.shape
    assert abs(x - wanted).max() <= bound(EPS["float32"], max(abs(a).max(), abs(d).max()), abs(low) + abs(high))


def test_axes_are_taken_one_after_the_other_and_letters_are_in_their_order(rng):
    x = rng.standard_normal((3, 5, 2, 4)).astype("float32")
    names, modes, axes = ("db2", "haar"), ("antireflect", "periodization"), (-1, 1)
    bands = wavelets.dwt(x, names, mode=modes, axes=axes)
    assert list(bands) == ["aa", "ad", "da", "dd"]
    for key, band in bands.items():
        wanted = x.astype(float)
        for letter, name, mode, axis in zip(key, names, modes, axes, strict=True):
            f = bank(name)["ad".index(letter)]
            wanted = np.apply_along_axis(analyse, axis, wanted, f, mode)
        filters = [bank(name)[0] for name in names]
        assert abs(band - wanted).max() <= 2 * bound(EPS["float32"], 3 * abs(x).max(), *filters)
    back = wavelets.idwt(bands, names, mode=modes, axes=axes, shape=x.shape)
    assert abs(back - x).max() <= 2 * bound(EPS["float32"], 3 * abs(x).max(), *filters, *filters)


def test_a_tuple_of_one_axis_gives_a_dict(rng):
    x = rng.standard_normal(6).astype("float32")
    pair, named = wavelets.dwt(x, "haar"), wavelets.dwt(x, "haar", axes=(0,))
    np.testing.assert_array_equal(pair[1], named["d"])
    np.testing.assert_array_equal(wavelets.idwt(pair, "haar"), wavelets.idwt(named, "haar", axes=(0,)))


def test_bands_left_out_are_zero(rng):
    x = rng.standard_normal((6, 8)).astype("float32")
    bands = wavelets.dwt(x, "db2", axes=(0, 1))
    zeros = {key: band if key == "ad" else jnp.zeros_like(band) for key, band in bands.items()}
    for some in ({"ad": bands["ad"]}, {"ad": bands["ad"], "dd": None}):
        np.testing.assert_array_equal(wavelets.idwt(some, "db2", axes=(0, 1)), wavelets.idwt(zeros, "db2", axes=(0, 1)))
    low, _ = wavelets.dwt(x, "db2")
    np.testing.assert_array_equal(wavelets.idwt((low, None), "db2"), wavelets.idwt((low, 0 * low), "db2"))


def transform(x, w, mode="smooth"):
    return wavelets.dwt(x, w, mode=mode, axes=(-1, 0))


def test_jit_and_vmap_change_nothing(rng):
    x, w = jnp.asarray(rng.standard_normal((5, 6)), "float32"), design.wavelet("db2")
    eager = transform(x, w)
    inside = jax.jit(lambda x, w: (transform(x, w), wavelets.idwt(transform(x, w), w, mode="smooth", axes=(-1, 0))))
    bands, back = inside(x, w)
    for key, band in bands.items():
        np.testing.assert_allclose(band, eager[key], rtol=0, atol=4e-6)
    assert back.shape == (6, 6)
    mapped = jax.vmap(transform, (0, None))(x[None], w)
    for key, band in mapped.items():
        np.testing.assert_allclose(band[0], eager[key], rtol=0, atol=4e-6)
    several = jax.tree.map(lambda *taps: jnp.stack(taps), w, design.wavelet("sym2"))
    assert jax.vmap(transform, (None, 0))(x, several)["aa"].shape == (2, *eager["aa"].shape)


@pytest.mark.parametrize(
    ("mode", "order"),
    [(mode, 1) if mode == "smooth" else pytest.param(mode, 1, marks=pytest.mark.full) for mode in MODES]
    + [("periodization", 2), pytest.param("antireflect", 2, marks=pytest.mark.full)],
)
def test_adjoints_and_derivatives(mode, order, x64, rng):
    """To signal and filters, forwards and backwards."""
    x, w = jnp.asarray(rng.standard_normal(7)), design.wavelet("db2")

    @jax.jit
    def forward(x, w):
        return wavelets.dwt(x, w, mode=mode)

    there = lambda x: forward(x, w)  # noqa: E731
    bands = there(x)
    other = jax.tree.map(lambda band: jnp.asarray(rng.standard_normal(band.shape)), bands)
    (back,) = jax.linear_transpose(there, x)(other)
    left = sum(float(jnp.vdot(p, q)) for p, q in zip(bands, other, strict=True))
    assert abs(left - float(jnp.vdot(x, back))) < 1e-12
    check_grads(forward, (x, w), order, ["fwd", "rev"])


def test_derivatives_of_the_inverse(x64, rng):
    w = design.wavelet("db2")
    bands = wavelets.dwt(jnp.asarray(rng.standard_normal(8)), w, mode="periodization")
    check_grads(jax.jit(lambda c, w: wavelets.idwt(c, w, mode="periodization")), (bands, w), 1, ["fwd", "rev"])


def test_complex_signals_are_two_real_ones(rng):
    x, y = rng.standard_normal((2, 9)).astype("float32")
    for mode in ("smooth", "reflect"):
        whole = wavelets.dwt((x + 1j * y).astype("complex64"), "db2", mode=mode)
        parts = zip(wavelets.dwt(x, "db2", mode=mode), wavelets.dwt(y, "db2", mode=mode), strict=True)
        for band, (re, im) in zip(whole, parts, strict=True):
            assert band.dtype == "complex64"
            np.testing.assert_allclose(band, np.asarray(re) + 1j * np.asarray(im), rtol=0, atol=1e-5)
    back = wavelets.idwt(whole, "db2", mode=mode, shape=(9,))
    np.testing.assert_allclose(back, x + 1j * y, rtol=0, atol=1e-5)


def test_complex_filters(x64, rng):
    w = Wavelet.from_low_pass(jnp.asarray(bank("db2")[0] * np.exp(0.7j)))
    x = rng.standard_normal(9)
    bands = wavelets.dwt(x, w)
    wanted = analyse(x, np.asarray(w.analysis_low), "symmetric")
    np.testing.assert_allclose(bands[0], wanted, rtol=0, atol=1e-14)
    np.testing.assert_allclose(wavelets.idwt(bands, w, shape=x.shape), x, rtol=0, atol=1e-14)


def test_dtypes_are_those_of_the_signal(rng):
    x = rng.standard_normal((4, 8)).astype("float32")
    exact = wavelets.dwt(x, "db2", axes=(0, 1))["aa"]
    for dtype in ("bfloat16", "float16"):
        half = jnp.asarray(x).astype(dtype)
        band = wavelets.dwt(half, "db2", axes=(0, 1))["aa"]
        assert band.dtype == dtype
        # Rounded twice: the signal and the result.
        assert abs(band.astype("float32") - exact).max() <= 2 * EPS[dtype] * abs(exact).max() + EPS[dtype] * 8
        wide = wavelets.dwt(half, design.wavelet("db2"), axes=(0, 1))
        assert wide["aa"].dtype == "float32"
        assert wavelets.idwt(wavelets.dwt(half, "db2"), "db2").dtype == dtype
    assert wavelets.dwt(np.arange(8), "haar")[0].dtype == "float32"


def test_named_filters_are_as_wide_as_the_signal(x64, rng):
    for dtype in ("float32", "float64"):
        x = rng.standard_normal(8).astype(dtype)
        low, _ = wavelets.dwt(x, "db3")
        assert low.dtype == dtype
        wanted = analyse(x.astype(float), bank("db3")[0], "symmetric")
        assert abs(np.asarray(low) - wanted).max() < bound(EPS[dtype], abs(x).max(), bank("db3")[0])


def test_every_letter_has_its_band():
    keys = list(wavelets.dwt(np.ones((2, 2, 2)), "haar", axes=(0, 1, 2)))
    assert keys == ["".join(letters) for letters in itertools.product("ad", repeat=3)]
