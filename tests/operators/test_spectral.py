"""Singular values and norms: exact where they can be, certified bounds elsewhere."""

import itertools

import jax
import numpy as np
import pytest
from jax.test_util import check_grads
from operators.dense import circulant_matrix

from sigconv import Filter, OptionError, ShapeError, circulant
from sigconv.operators import Convolution, singular_values, spectral_norm, spectral_norm_bound


@pytest.mark.parametrize(
    ("shape", "taps", "stride", "channels"),
    [((24,), (5,), 3, (2, 3)), ((12,), (3,), 2, (3, 1)), ((6, 4), (3, 2), (3, 2), (2, 2)), ((8,), (3,), 1, (2, 2)), ((10,), (13,), 5, (1, 1))],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("kind", ["real", "complex"])
def test_strided_singular_values_are_those_of_the_matrix(shape, taps, stride, channels, kind, rng):
    w = rng.standard_normal((*channels, *taps))
    if kind == "complex":
        w = w + 1j * rng.standard_normal(w.shape)
    op = Convolution(Filter(w, stride=stride), shape, "periodic")
    matrix, values, norm = jax.jit(lambda op: (op.as_matrix(), singular_values(op), spectral_norm(op)))(op)
    wanted = np.sort(np.linalg.svd(matrix, compute_uv=False))
    np.testing.assert_allclose(np.sort(values.reshape(-1)), wanted, rtol=0, atol=1e-12 * wanted.max())
    np.testing.assert_allclose(norm, wanted[-1], rtol=1e-12)


def gram_iterations(kernel, n, most):
    """The bounds after each iteration of the algorithm of Delattre et al., in plain NumPy, float64."""
    g = np.moveaxis(np.fft.fft2(kernel, (n, n)), (0, 1), (-2, -1))
    logarithm = np.zeros(g.shape[:2])
    for iterations in range(1, most + 1):
        size = np.sqrt((np.abs(g) ** 2).sum((-2, -1)))
        g = g / size[..., None, None]
        logarithm = 2 * (logarithm + np.log(size))
        g = np.conj(np.swapaxes(g, -2, -1)) @ g
        size = np.sqrt((np.abs(g) ** 2).sum((-2, -1)))
        yield np.exp((np.log(size) + logarithm) * 2.0**-iterations).max()


def test_gram_iteration_is_the_published_one():
    """64×64×5×5 on 12×12, NumPy's default_rng(0): the excess shrinks quadratically from 0.7."""
    kernel = np.random.default_rng(0).standard_normal((64, 64, 5, 5))
    op = circulant(kernel, (12, 12))
    wanted = list(gram_iterations(kernel, 12, 8))
    norm, bounds = jax.jit(lambda op: (spectral_norm(op), [spectral_norm_bound(op, i) for i in range(1, 9)]))(op)
    for iterations, (bound, published) in enumerate(zip(bounds, wanted, strict=True), start=1):
        allowance = 1 + 8 * 2.0**-52 * iterations
        np.testing.assert_allclose(bound / allowance, published, rtol=1e-10)
    excess = np.array(bounds) / float(norm) - 1
    single = circulant(kernel.astype("f4"), (12, 12))
    np.testing.assert_allclose(spectral_norm_bound(single, 5), wanted[4], rtol=1e-5)
    assert 0.5 < excess[0] < 0.9
    assert excess[4] < 5e-3
    assert 0 <= excess[7] < 1e-9
    # Quadratic in the end: every step shrinks it by more than the one before.
    shrinking = [after / before for before, after in itertools.pairwise(excess)]
    assert shrinking == sorted(shrinking, reverse=True)


def test_bound_is_never_below_the_norm():
    rng = np.random.default_rng(0)
    kernels = rng.standard_normal((1000, 2, 2, 3))
    bounds, norms = jax.jit(
        jax.vmap(lambda w: (spectral_norm_bound(circulant(w, (4,)), 8), spectral_norm(circulant(w, (4,)))))
    )(kernels)
    dense = [np.linalg.norm(circulant_matrix(w, (4,)), 2) for w in kernels]
    np.testing.assert_allclose(norms, dense, rtol=1e-13)
    assert (np.asarray(bounds) >= dense).all()


@pytest.mark.parametrize(("padding", "stride"), [("same", 1), ("valid", 2), ("full", 1)])
def test_zero_padded_norm_lies_in_the_bracket(padding, stride, rng):
    op = Convolution(Filter(rng.standard_normal((3, 2, 3, 3)), stride=stride), (6, 5), padding=padding)

    @jax.jit
    def results(op):
        return op.as_matrix(), spectral_norm(op, iterations=200), spectral_norm_bound(op, 6)

    matrix, bracket, bound = results(op)
    norm = np.linalg.norm(matrix, 2)
    assert bracket.lower <= norm * (1 + 1e-12)
    assert norm <= bracket.upper * (1 + 1e-12)
    assert bracket.lower > 0.99 * norm
    assert bracket.upper < 2 * norm
    assert bracket.upper <= bound * (1 + 1e-12)


@pytest.mark.full
def test_gradients_are_those_of_the_norm(rng):
    w = rng.standard_normal((2, 2, 2))
    check_grads(jax.jit(lambda w: spectral_norm(circulant(w, (4,)))), (w,), 2)
    check_grads(jax.jit(lambda w: spectral_norm_bound(circulant(w, (4,)), 2)), (w,), 2)
    check_grads(jax.jit(lambda w: spectral_norm(Convolution(Filter(w, stride=2), (4,), "periodic"))), (w,), 1)
    norms = (lambda op: spectral_norm_bound(op, 9), spectral_norm)
    near, exact = (jax.jit(jax.grad(lambda w, f=f: f(circulant(w, (4,)))))(w) for f in norms)
    np.testing.assert_allclose(near, exact, atol=1e-8)


@pytest.mark.parametrize("weights", [np.zeros((2, 2, 3)), np.eye(2)[..., None] * [0, 1, 0]], ids=["zero", "identity"])
def test_degenerate_layers_have_finite_gradients(weights):
    for norm in (
        lambda w: spectral_norm(circulant(w, (4,))),
        lambda w: spectral_norm_bound(circulant(w, (4,)), 5),
        lambda w: spectral_norm(Convolution(Filter(w), (4,))).lower,
    ):
        assert np.isfinite(jax.jit(jax.grad(norm))(weights)).all()


def test_bad_arguments_are_refused(rng):
    f = Filter(rng.standard_normal((2, 2, 3)), stride=2)
    with pytest.raises(ShapeError, match="strides that divide the periodic lengths"):
        singular_values(Convolution(f, (7,), "periodic"))
    with pytest.raises(OptionError, match="must be periodic for its spectrum"):
        singular_values(Convolution(f, (8,)))
    with pytest.raises(OptionError, match="must be periodic or zero-padded"):
        spectral_norm(Convolution(f, (8,), "reflect"))
    with pytest.raises(OptionError, match="`iterations` must be a non-negative integer"):
        spectral_norm_bound(circulant(np.ones(3), (4,)), -1)
