"""`Circulant` against its dense matrix, in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from jax.scipy.sparse.linalg import bicgstab, cg, gmres
from jax.test_util import check_grads
from operators.dense import circulant_matrix, drawn

from sigconv import Filter, OptionError, ShapeError, circulant, convolve
from sigconv.operators import Circulant, Convolution, normal

CASES = {
    "1-d": ((7,), (3,), ()),
    "1-d even": ((8,), (4,), ()),
    "wrapped": ((4,), (11,), ()),
    "2-d": ((4, 5), (2, 3), ()),
    "3-d": ((3, 2, 4), (2, 2, 2), ()),
    "channels": ((6,), (3,), (2, 2)),
    "2-d channels": ((3, 4), (2, 2), (2, 2)),
}
EITHER = pytest.mark.parametrize("kind", ["real", "complex"])
EACH = pytest.mark.parametrize(
    ("case", "kind"), [*((case, "real") for case in CASES), ("1-d even", "complex"), ("2-d channels", "complex")]
)
FEW = pytest.mark.parametrize("case", ["1-d even", "2-d channels"])
close = dict(rtol=0, atol=1e-11)
MADE = jax.jit(circulant, static_argnames="shape")
MATRIX = jax.jit(lambda op: op.as_matrix())
"""Compiled once for all the operators of one grid."""


def made(case, kind, rng):
    shape, taps, channels = CASES[case]
    a = drawn(rng, (*channels, *taps), kind)
    # Away from singular: a unit on the diagonal, larger than the rest together.
    centre = (*(0 for _ in taps),)
    for c in range(channels[0] if channels else 1):
        a[(c, c, *centre) if channels else centre] += 2 * np.abs(a).sum()
    return MADE(a, shape), circulant_matrix(a, shape)


@EACH
def test_products_are_those_of_the_matrix(case, kind, rng):
    op, dense = made(case, kind, rng)
    x, y = drawn(rng, op.in_shape, "real"), drawn(rng, op.out_shape, "complex")

    @jax.jit
    def results(op, x, y):
        related = (op, op.transpose(), op.adjoint(), op.conj())
        return op(x).reshape(-1), op(y).reshape(-1), *(each.as_matrix() for each in related)

    wanted = (dense @ x.reshape(-1), dense @ y.reshape(-1), dense, dense.T, dense.conj().T, dense.conj())
    for found, matrix in zip(results(op, x, y), wanted, strict=True):
        np.testing.assert_allclose(found, matrix, **close)
    assert op.dtype == dense.dtype


@EITHER
@FEW
def test_algebra_is_that_of_the_matrices(case, kind, rng):
    one, a = made(case, kind, rng)
    two, b = made(case, "real", rng)
    for op, matrix in (
        (one @ two, a @ b),
        (one + two, a + b),
        (one - two, a - b),
        (2.5 * one, 2.5 * a),
        ((1 + 2j) * one, (1 + 2j) * a),
        (one / 4, a / 4),
        (one**3, np.linalg.matrix_power(a, 3)),
        (one**0, np.eye(len(a))),
        (one**-2, np.linalg.inv(a @ a)),
        (one.inverse(), np.linalg.inv(a)),
        ((0.1 * one).expm(), scipy.linalg.expm(0.1 * a)),
        (one.tikhonov_inverse(0.5), np.linalg.solve(a.conj().T @ a + 0.5 * np.eye(len(a)), a.conj().T)),
        (one.pseudo_inverse(), np.linalg.pinv(a)),
        (normal(one), a.conj().T @ a),
    ):
        assert isinstance(op, Circulant)
        np.testing.assert_allclose(MATRIX(op), matrix, rtol=0, atol=1e-11 * max(1, np.abs(matrix).max()))


@EACH
def test_spectrum_is_that_of_the_matrix(case, kind, rng):
    op, dense = made(case, kind, rng)
    results = jax.jit(lambda op: (op.eigenvalues(), op.singular_values(), op.logdet(), op.trace()))(op)
    eigenvalues, singular_values, logdet, trace = map(np.asarray, results)
    found, wanted = eigenvalues.reshape(-1), np.linalg.eigvals(dense)
    distance = np.abs(found[:, None] - wanted[None])
    assert distance.min(0).max() < 1e-10
    assert distance.min(1).max() < 1e-10
    values = np.sort(singular_values.reshape(-1))
    np.testing.assert_allclose(values, np.sort(np.linalg.svd(dense, compute_uv=False)), **close)
    np.testing.assert_allclose(logdet, np.linalg.slogdet(dense)[1], rtol=1e-12)
    np.testing.assert_allclose(trace, np.trace(dense), rtol=1e-12)


@pytest.mark.parametrize(
    ("case", "kind"), [("1-d", "real"), ("1-d even", "complex"), ("wrapped", "real"), ("3-d", "real")]
)
def test_functions_of_one_channel(case, kind, rng):
    op, dense = made(case, kind, rng)
    functions = (op.sqrt(), op.power(-0.3), op.sqrt() @ op.sqrt())
    wanted = (scipy.linalg.sqrtm(dense), scipy.linalg.fractional_matrix_power(dense, -0.3), dense)
    for found, matrix in zip(functions, wanted, strict=True):
        np.testing.assert_allclose(MATRIX(found), matrix, rtol=0, atol=1e-9)


@EITHER
@FEW
def test_solves(case, kind, rng):
    op, dense = made(case, kind, rng)
    y, x = drawn(rng, op.out_shape, kind), drawn(rng, op.in_shape, kind)

    @jax.jit
    def solved(op, y, x):
        either = (solver(op, op(x), tol=1e-12)[0] for solver in (gmres, bicgstab))
        return op.solve(y), *either, cg(normal(op), normal(op)(x), tol=1e-13)[0]

    directly, by_gmres, by_bicgstab, by_cg = solved(op, y, x)
    np.testing.assert_allclose(dense @ np.asarray(directly).reshape(-1), y.reshape(-1), **close)
    np.testing.assert_allclose(by_gmres, x, rtol=0, atol=1e-8)
    np.testing.assert_allclose(by_bicgstab, x, rtol=0, atol=1e-8)
    np.testing.assert_allclose(by_cg, x, rtol=0, atol=1e-7)


@EITHER
@pytest.mark.parametrize("channels", [(), (3, 2), (2, 3), (2, 2)], ids=str)
def test_singular_operators_have_pseudo_inverses(channels, kind, rng):
    a = drawn(rng, (*channels, 3), kind)
    a -= a.mean(-1, keepdims=True)
    op, dense = circulant(a, (6,)), circulant_matrix(a, (6,))
    wanted = np.linalg.pinv(dense, rcond=1e-10)
    y = drawn(rng, op.out_shape, kind)
    inverse, x = jax.jit(lambda op, y: (op.pseudo_inverse(1e-10).as_matrix(), op.solve(y, rcond=1e-10)))(op, y)
    np.testing.assert_allclose(inverse, wanted, rtol=0, atol=1e-9)
    np.testing.assert_allclose(x.reshape(-1), wanted @ y.reshape(-1), rtol=0, atol=1e-9)


def test_singular_operators_without_an_rcond_are_not_finite():
    op = circulant(np.array([1.0, -2.0, 1.0]), (4,))
    assert not np.isfinite(op.solve(np.arange(4.0))).all()
    assert op.logdet() == -np.inf
    assert np.isinf(op.power(-1.0).spectrum).any()
    assert np.isfinite(op.power(0.0).spectrum).all()


def test_kernel_of_a_product_is_the_convolution(rng):
    """V(M(a) @ M(b)) = convolve(a, b): question 3's argument in a line."""
    a, b = rng.standard_normal(4), rng.standard_normal(3)
    np.testing.assert_allclose((circulant(a, (6,)) @ circulant(b, (6,))).kernel, convolve(a, b), **close)


@EACH
def test_spectrum_and_kernel_are_inverse(case, kind, rng):
    op, _ = made(case, kind, rng)
    spectrum = np.asarray(op.spectrum)
    again = Circulant.from_spectrum(spectrum if op.channels else spectrum[..., 0, 0], op.shape, real=op.real)
    np.testing.assert_allclose(MATRIX(again), MATRIX(op), **close)
    np.testing.assert_allclose(MATRIX(MADE(op.kernel, op.shape)), MATRIX(op), **close)


@pytest.mark.parametrize("kind", ["correlation", "convolution"])
@pytest.mark.parametrize("shape", [(7,), (4, 6)], ids=str)
def test_filters_are_circulants_on_periodic_signals(shape, kind, rng):
    weights = rng.standard_normal((4, 2, *(3 for _ in shape)))
    f = Filter(weights, groups=2, dilation=2, lo=1, kind=kind)
    dense = MATRIX(Convolution(f, shape, "periodic"))
    np.testing.assert_allclose(MATRIX(MADE(f, shape)), dense, **close)


def test_operators_with_others_are_lazy(rng):
    op, dense = made("2-d channels", "real", rng)
    other = Convolution(Filter(rng.standard_normal((2, 2, 3, 3))), op.shape)
    np.testing.assert_allclose((op @ other).as_matrix(), dense @ np.asarray(other.as_matrix()), **close)
    np.testing.assert_allclose((other + op).as_matrix(), dense + np.asarray(other.as_matrix()), **close)
    np.testing.assert_allclose((2 * (other @ op)).H.as_matrix(), 2 * (np.asarray(other.as_matrix()) @ dense).T, **close)


@pytest.mark.full
def test_derivatives_to_second_order(rng):
    a, y = rng.standard_normal((2, 2, 3)), rng.standard_normal((2, 5))
    a[0, 0, 0] += 9
    a[1, 1, 0] += 7
    check_grads(jax.jit(lambda a, y: circulant(a, (5,)).solve(y)), (a, y), 2)
    check_grads(jax.jit(lambda a: circulant(a, (5,)).logdet()), (a,), 2)
    check_grads(jax.jit(lambda a: circulant(a, (5,)).pseudo_inverse().kernel), (a,), 2)
    check_grads(jax.jit(lambda a: (circulant(a, (5,)) @ circulant(a, (5,))).kernel), (a,), 2)
    check_grads(jax.jit(lambda a: circulant(a, (5,)).singular_values()[0]), (a,), 1)


def test_degenerate_spectra_have_finite_gradients():
    @jax.jit
    @jax.grad
    def gradient(a):
        op = circulant(a, (4,))
        return op.singular_values().sum() + op.singular_values().max() + (op.pseudo_inverse().kernel ** 2).sum()

    for a in (np.zeros(3), np.array([1.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]), np.eye(2)[..., None]):
        assert np.isfinite(gradient(a)).all()


def test_operators_are_arguments_of_jit_and_vmap(rng):
    op, dense = made("1-d", "real", rng)
    x = rng.standard_normal(7)
    np.testing.assert_allclose(jax.jit(lambda op, x: op(x))(op, x), dense @ x, **close)
    many = jax.vmap(lambda a: circulant(a, (7,)))(rng.standard_normal((3, 2)))
    assert jax.vmap(lambda op: op(x))(many).shape == (3, 7)


def test_bad_arguments_are_refused():
    with pytest.raises(ShapeError, match="`circulant`: `kernel` must have as many axes as the grid"):
        circulant(np.ones((2, 3)), (4,))
    with pytest.raises(ShapeError, match="`shape` must be a tuple of positive lengths"):
        circulant(np.ones(3), (0,))
    with pytest.raises(OptionError, match="`kernel` must be a filter of stride 1"):
        circulant(Filter(np.ones(3), stride=2, channels=False), (4,))
    with pytest.raises(OptionError, match="without bias"):
        circulant(Filter(np.ones(3), bias=1.0, channels=False), (4,))
    with pytest.raises(ShapeError, match="`spectrum` must have shape"):
        Circulant.from_spectrum(np.ones(4), (4,), real=True)
    wide = circulant(np.ones((2, 3, 2)), (4,))
    for step in ("inverse", "eigenvalues", "logdet", "trace", "expm"):
        with pytest.raises(ShapeError, match="as many channels out as in"):
            getattr(wide, step)()
    with pytest.raises(OptionError, match="one channel"):
        circulant(np.ones((2, 2, 1)), (4,)).sqrt()
    with pytest.raises(ShapeError, match="`x` must have the operator's shape"):
        wide(np.ones((2, 4)))
    with pytest.raises(ShapeError, match="`other` must give the shape"):
        wide @ wide
    with pytest.raises(ShapeError, match="`other` must take and give the same shapes"):
        wide + circulant(np.ones((3, 3, 2)), (4,))
    assert jnp.ndim(wide.kernel) == 3
