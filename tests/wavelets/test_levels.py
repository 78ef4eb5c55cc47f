"""`wavedec`, `waverec` and how many levels there are."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from wavelets.definition import analyse, stationary

from sigconv import design, wavelets
from sigconv.design.wavelets import named_filters

ATOL = 32 * 2.0**-23
"""Of normal numbers through four levels of filters with gains below 2."""


@pytest.fixture
def x():
    return np.random.default_rng(5).standard_normal((2, 29)).astype("float32")


def bank(name):
    return tuple(map(np.asarray, named_filters(name)))


def test_levels_are_transforms_of_the_approximation(x):
    low, high, *_ = bank("db2")
    found = wavelets.wavedec(x, "db2", mode="reflect", level=3)
    for row in range(2):
        here = x[row].astype(float)
        for band in found[:0:-1]:
            np.testing.assert_allclose(band[row], analyse(here, high, "reflect"), rtol=0, atol=ATOL)
            here = analyse(here, low, "reflect")
        np.testing.assert_allclose(found[0][row], here, rtol=0, atol=ATOL)


def test_levels_along_two_axes_are_dicts(x):
    found = wavelets.wavedec(x[:, :8], "haar", axes=(0, 1))
    assert [sorted(band) if isinstance(band, dict) else band.shape for band in found] == [(1, 4), ["ad", "da", "dd"]]
    one = wavelets.dwt(x[:, :8], "haar", axes=(0, 1))
    for key in ("ad", "da", "dd"):
        np.testing.assert_allclose(found[1][key], one[key], rtol=0, atol=ATOL)
    assert wavelets.wavedec(x, "haar", level=0)[0] is not None
    np.testing.assert_array_equal(wavelets.waverec(wavelets.wavedec(x, "haar", level=0), "haar"), x)


def test_lengths_are_told_by_the_next_level_or_the_shape(x):
    c = wavelets.wavedec(x, "db2", level=2)
    assert [band.shape[-1] for band in c] == [9, 9, 16]
    assert wavelets.waverec(c, "db2").shape == (2, 30)
    np.testing.assert_allclose(wavelets.waverec(c, "db2")[:, :29], x, rtol=0, atol=ATOL)
    np.testing.assert_allclose(wavelets.waverec(tuple(c), "db2", shape=x.shape), x, rtol=0, atol=ATOL)


def test_details_left_out_are_zero(x):
    c = wavelets.wavedec(x, "db2", level=2)
    zero = [c[0], jnp.zeros_like(c[1]), jnp.zeros_like(c[2])]
    smooth = wavelets.waverec(zero, "db2", shape=x.shape)
    np.testing.assert_allclose(wavelets.waverec([c[0], None, None], "db2", shape=x.shape), smooth, rtol=0, atol=ATOL)
    assert wavelets.waverec([c[0], None, None], "db2").shape == (2, 30)
    assert wavelets.waverec([c[0], None, c[2]], "db2").shape == (2, 30)
    image = np.outer(x[0], x[1])
    d = wavelets.wavedec(image, "db2", level=1, axes=(0, 1))
    some = wavelets.waverec([d[0], {"ad": d[1]["ad"]}], "db2", axes=(0, 1), shape=image.shape)
    none = {key: band if key == "ad" else 0 * band for key, band in d[1].items()}
    full = wavelets.waverec([d[0], none], "db2", axes=(0, 1), shape=image.shape)
    np.testing.assert_allclose(some, full, rtol=0, atol=ATOL)


@pytest.mark.parametrize(
    ("length", "taps", "most"), [(1000, 8, 7), (7, 8, 0), (14, 8, 1), (1, 2, 0), (16, 2, 4), (3, 8, 0)]
)
def test_most_levels(length, taps, most):
    assert wavelets.dwt_max_level(length, taps) == most
    if taps == 8:
        assert wavelets.dwt_max_level(length, "db4") == wavelets.dwt_max_level(length, design.wavelet("db4")) == most
    if length < 10:
        assert len(wavelets.wavedec(np.ones(length), f"db{taps // 2}")) == most + 1


def test_most_stationary_levels():
    assert [wavelets.swt_max_level(n) for n in (1, 7, 12, 64)] == [0, 0, 2, 6]


@pytest.mark.parametrize("norm", [False, True])
def test_stationary_bands_match_the_definition(norm, x):
    low, high, *_ = bank("bior2.2")
    found = wavelets.swt(x[:, :12], "bior2.2", norm=norm)
    assert len(found) == 3
    gain = 2**-0.5 if norm else 1.0
    for row in range(2):
        here = x[row, :12].astype(float)
        for level, band in enumerate(found[:0:-1]):
            np.testing.assert_allclose(band[row], gain * stationary(here, high, 2**level), rtol=0, atol=ATOL)
            here = gain * stationary(here, low, 2**level)
        np.testing.assert_allclose(found[0][row], here, rtol=0, atol=ATOL)
    np.testing.assert_allclose(wavelets.iswt(found, "bior2.2", norm=norm), x[:, :12], rtol=0, atol=ATOL)


def test_stationary_transforms_move_with_the_signal_and_hold_every_decimated_one(x):
    image = np.outer(x[0, :8], x[1, :8])
    options = dict(axes=(0, 1), level=1)
    moved = wavelets.swt(np.roll(image, (3, 1), (0, 1)), "db2", **options)
    still = wavelets.swt(image, "db2", **options)
    for one, two in zip(jax.tree.leaves(moved), jax.tree.leaves(still), strict=True):
        np.testing.assert_allclose(one, np.roll(two, (3, 1), (0, 1)), rtol=0, atol=ATOL)
    decimated = wavelets.dwt(image, "db2", mode="periodization", axes=(0, 1))
    np.testing.assert_allclose(still[0][::2, ::2], decimated["aa"], rtol=0, atol=ATOL)
    np.testing.assert_allclose(wavelets.iswt(still, "db2", axes=(0, 1)), image, rtol=0, atol=ATOL)
    np.testing.assert_allclose(
        wavelets.iswt([still[0], None], "db2", axes=(0, 1)),
        wavelets.iswt([still[0], {key: 0 * band for key, band in still[1].items()}], "db2", axes=(0, 1)),
        rtol=0,
        atol=ATOL,
    )


def test_the_inverse_is_the_mean_of_the_inverses_of_all_shifts(x):
    """Of any coefficients, as after a threshold."""
    a, d = np.random.default_rng(6).standard_normal((2, 8)).astype("float32")
    even, odd = (wavelets.idwt((a[start::2], d[start::2]), "db2", mode="periodization") for start in (0, 1))
    mean = (np.asarray(even) + np.roll(np.asarray(odd), 1)) / 2
    np.testing.assert_allclose(wavelets.iswt([a, d], "db2"), mean, rtol=0, atol=ATOL)


def test_normed_stationary_transforms_keep_the_energy_and_invert_by_their_adjoint(x):
    def transform(x):
        return wavelets.swt(x, "db3", level=2, norm=True)

    c = transform(x[0, :16])
    assert abs(sum(float((band**2).sum()) for band in c) / float((x[0, :16] ** 2).sum()) - 1) < ATOL
    (back,) = jax.linear_transpose(transform, jnp.asarray(x[0, :16]))(c)
    np.testing.assert_allclose(back, x[0, :16], rtol=0, atol=ATOL)


def test_stationary_derivatives(x64, x):
    """To signal, coefficients and filters, forwards and backwards."""
    w = design.wavelet("bior2.2")

    @jax.jit
    def there_and_back(x, w, threshold):
        first, *details = wavelets.swt(x, w, level=2)
        return first, wavelets.iswt([first, *(jnp.tanh(threshold * band) for band in details)], w)

    check_grads(there_and_back, (jnp.asarray(x[0, :8], float), w, 0.7), 1, ["fwd", "rev"])


def test_under_jit_vmap_and_grad(x):
    """A step of learning a bank and a threshold, with everything traced."""

    @jax.jit
    @jax.value_and_grad
    def loss(parameters, x):
        w, threshold = parameters
        first, *details = wavelets.wavedec(x, w, level=2, mode="periodization")
        shrunk = [jnp.sign(d) * jnp.maximum(abs(d) - threshold, 0) for d in details]
        return (wavelets.waverec([first, *shrunk], w, mode="periodization", shape=x.shape) ** 2).sum()

    value, (w, threshold) = loss((design.wavelet("db2"), jnp.float32(0.5)), jnp.asarray(x[:, :20]))
    assert value < (x**2).sum()
    assert threshold < 0
    assert all(bool(jnp.isfinite(taps).all()) for taps in jax.tree.leaves(w))
    mapped = jax.vmap(lambda x: wavelets.swt(x, "haar", level=1))(jnp.asarray(x[:, :8]))
    np.testing.assert_allclose(mapped[1], wavelets.swt(x[:, :8], "haar", level=1)[1], rtol=0, atol=ATOL)
    assert wavelets.swt(jnp.ones(8, "bfloat16"), "haar")[0].dtype == "bfloat16"
    assert wavelets.wavedec(jnp.ones(8, "complex64"), "haar")[0].dtype == "complex64"
