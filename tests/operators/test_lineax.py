"""lineax's solvers on our operators, and ours in lineax; without lineax a clear error."""

import sys

import jax
import numpy as np
import pytest
from jax.test_util import check_grads

from sigconv import Filter, OptionError, circulant
from sigconv.operators import Convolution, Spectral, Toeplitz, as_lineax, normal


@pytest.fixture
def lx():
    return pytest.importorskip("lineax")


def well(rng, channels=2):
    a = rng.standard_normal((channels, channels, 3))
    for c in range(channels):
        a[c, c, 0] += 6
    return circulant(a, (5,))


def test_iterative_solvers_run(lx, rng):
    op = well(rng)
    x = rng.standard_normal(op.in_shape)
    for operator, solver in (
        (as_lineax(normal(op)), lx.CG(1e-12, 1e-12)),
        (as_lineax(op), lx.GMRES(1e-12, 1e-12)),
        (as_lineax(op), lx.LSMR(1e-12, 1e-12)),
        (as_lineax(op), lx.BiCGStab(1e-12, 1e-12)),
    ):
        y = operator.mv(x)
        np.testing.assert_allclose(lx.linear_solve(operator, y, solver).value, x, atol=1e-8)
    layer = Convolution(Filter(rng.standard_normal((3, 2, 3))), (6,), padding="full")
    x = rng.standard_normal(layer.in_shape)
    solved = lx.linear_solve(as_lineax(layer), layer(x), lx.LSMR(1e-12, 1e-12)).value
    np.testing.assert_allclose(solved, x, atol=1e-7)
    toeplitz = Toeplitz.from_column(0.5 ** np.arange(9.0))
    tagged = as_lineax(toeplitz, tags=[lx.positive_semidefinite_tag])
    solved = lx.linear_solve(tagged, np.ones(9), lx.CG(1e-12, 1e-12)).value
    np.testing.assert_allclose(toeplitz(solved), 1, atol=1e-9)


def test_tags_are_those_that_are_known(lx, rng):
    op = well(rng)
    assert lx.is_positive_semidefinite(as_lineax(normal(op)))
    assert lx.is_symmetric(as_lineax(normal(op)))
    assert not lx.is_positive_semidefinite(as_lineax(op))
    assert lx.is_positive_semidefinite(as_lineax(normal(Convolution(Filter(np.ones((1, 1, 3))), (5,)))))
    np.testing.assert_allclose(lx.materialise(as_lineax(op)).as_matrix(), op.as_matrix())
    x = rng.standard_normal(op.in_shape)
    np.testing.assert_allclose(lx.materialise(as_lineax(op)).mv(x), op(x), atol=1e-12)
    np.testing.assert_allclose(as_lineax(op).T.as_matrix(), np.asarray(op.as_matrix()).T, atol=1e-12)


def test_spectral_solves_directly(lx, rng):
    op = well(rng)
    x = rng.standard_normal(op.in_shape)
    for solver in (Spectral(well_posed=False), Spectral(well_posed=True)):
        np.testing.assert_allclose(lx.linear_solve(as_lineax(op), op(x), solver).value, x, atol=1e-10)

    @jax.jit
    def solve(a, y):
        return lx.linear_solve(as_lineax(circulant(a, (5,))), y, solver).value

    check_grads(solve, (np.asarray(op.kernel), rng.standard_normal((2, 5))), 2)


def test_spectral_gives_the_pseudo_inverse(lx, rng):
    op = circulant(np.array([1.0, -1.0]), (6,))
    y = rng.standard_normal(6)
    wanted = np.linalg.pinv(np.asarray(op.as_matrix())) @ y
    np.testing.assert_allclose(lx.linear_solve(as_lineax(op), y, Spectral()).value, wanted, atol=1e-10)
    posed = lx.linear_solve(as_lineax(op), y, Spectral(well_posed=True), throw=False).value
    assert not np.isfinite(posed).all()
    wide = circulant(rng.standard_normal((2, 3, 2)), (4,))
    y = rng.standard_normal(wide.out_shape)
    wanted = np.linalg.pinv(np.asarray(wide.as_matrix())) @ y.reshape(-1)
    np.testing.assert_allclose(lx.linear_solve(as_lineax(wide), y, Spectral()).value.reshape(-1), wanted, atol=1e-10)


def test_spectral_takes_circulants_only(lx):
    with pytest.raises(OptionError, match="only a circulant has a spectrum"):
        lx.linear_solve(as_lineax(Toeplitz(np.ones(3), (4,))), np.ones(4), Spectral())
    with pytest.raises(OptionError, match="`well_posed` must be False"):
        lx.linear_solve(as_lineax(circulant(np.ones((2, 3, 2)), (4,))), np.ones((2, 4)), Spectral(well_posed=True))
    with pytest.raises(OptionError, match=r"`operator` must be one of sigconv.operators"):
        as_lineax(np.eye(3))


def test_without_lineax_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "lineax", None)
    monkeypatch.delitem(sys.modules, "sigconv.operators._lineax", raising=False)
    with pytest.raises(OptionError, match=r"pip install sigconv\[lineax\]"):
        as_lineax(circulant(np.ones(2), (4,)))
    with pytest.raises(OptionError, match="lineax must be installed"):
        Spectral()
    assert jax.numpy.ndim(circulant(np.ones(2), (4,)).kernel) == 1
