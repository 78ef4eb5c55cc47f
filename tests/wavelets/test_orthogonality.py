"""Orthogonal transforms are orthogonal matrices, as operators say; and what a network's convolution makes of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tolerance import EPS

from sigconv import Filter, correlate_channels, design, wavelets
from sigconv.operators import Convolution

ATOL = 16 * EPS["float32"]


def operator(w, length):
    """One level with 'periodization', as a filter with two channels on signals of one."""
    taps = jnp.stack([w.analysis_low, w.analysis_high])[:, None]
    half = w.taps // 2
    bank = Filter(taps, stride=2, kind="convolution", lo=half - 1)
    return Convolution(bank, (length,), "periodic", padding=[(half - 1, half - 1)])


@pytest.mark.parametrize("name", ["db4", *(pytest.param(name, marks=pytest.mark.full) for name in ("haar", "coif1"))])
def test_operator_is_orthogonal(name):
    w = design.wavelet(name)
    op = operator(w, 16)
    x = np.random.default_rng(0).standard_normal(16).astype("float32")
    there = jax.jit(lambda op: (op(x[None]), op.H(op(x[None]))[0], op.as_matrix(), (op @ op.H).as_matrix()))
    bands, back, matrix, product = there(op)
    pair = wavelets.dwt(x, w, mode="periodization")
    np.testing.assert_allclose(bands, jnp.stack(pair), rtol=0, atol=ATOL)
    np.testing.assert_allclose(back, x, rtol=0, atol=ATOL)
    np.testing.assert_allclose(wavelets.idwt(pair, w, mode="periodization"), x, rtol=0, atol=ATOL)
    np.testing.assert_allclose(np.asarray(matrix) @ np.asarray(matrix).T, np.eye(16), rtol=0, atol=ATOL)
    np.testing.assert_allclose(product, np.eye(16), rtol=0, atol=ATOL)


def test_operator_of_a_biorthogonal_wavelet_is_not():
    matrix = np.asarray(operator(design.wavelet("bior2.2"), 16).as_matrix(), float)
    assert abs(matrix @ matrix.T - np.eye(16)).max() > 0.1


def test_several_levels_along_two_axes_are_orthogonal():
    def transform(x):
        leaves = jax.tree.leaves(wavelets.wavedec(x, "db2", mode="periodization", axes=(0, 1)))
        return jnp.concatenate([leaf.reshape(-1) for leaf in leaves])

    matrix = np.asarray(jax.jacobian(transform)(jnp.zeros((8, 8))), float).reshape(64, 64)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(64), rtol=0, atol=ATOL)


def relative(x, y):
    return float(np.linalg.norm(np.asarray(x) - y) / np.linalg.norm(y))


def network(x, w):
    """What a network's convolution, which does not flip, makes of the analysis filters."""
    taps = jnp.stack([w.analysis_low, w.analysis_high])[:, None]
    lo = w.taps - 2
    return correlate_channels(x[None], taps, padding=[(lo, w.taps - 1)], stride=2, boundary="symmetric")


@pytest.mark.parametrize("name", ["haar", "db2", "db4", "bior2.2", "bior4.4"])
def test_filters_that_are_not_flipped_do_not_reconstruct(name):
    w = design.wavelet(name)
    x = np.random.default_rng(4).standard_normal(256).astype("float32")
    bands = wavelets.dwt(x, w)
    assert relative(wavelets.idwt(tuple(bands), w), x) < ATOL
    wrong = network(jnp.asarray(x), w)
    assert wrong.shape == (2, *bands[0].shape)
    assert relative(wavelets.idwt(tuple(wrong), w), x) > 0.3
    flipped = jax.tree.map(lambda taps: taps[::-1], w)
    np.testing.assert_allclose(network(jnp.asarray(x), flipped), jnp.stack(bands), rtol=0, atol=ATOL)


def test_haar_unflipped_only_changes_the_sign_of_the_details():
    w = design.wavelet("haar")
    x = np.random.default_rng(4).standard_normal(16).astype("float32")
    low, high = network(jnp.asarray(x), w)
    approximation, detail = wavelets.dwt(x, w)
    np.testing.assert_allclose(low, approximation, rtol=0, atol=ATOL)
    np.testing.assert_allclose(high, -detail, rtol=0, atol=ATOL)
