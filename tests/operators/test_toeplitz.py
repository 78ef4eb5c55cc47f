"""`Toeplitz` against its dense matrix, and the iteration counts of preconditioned conjugate gradients."""

import jax
import numpy as np
import pytest
import scipy.linalg
from jax.scipy.sparse.linalg import cg
from jax.test_util import check_grads
from operators.dense import drawn, toeplitz_matrix

from sigconv import OptionError, ShapeError, convolve
from sigconv.operators import Toeplitz, toeplitz

CASES = {
    "short": ((9,), (3,), ()),
    "long": ((4,), (9,), ()),
    "2-d": ((4, 5), (3, 2), ()),
    "3-d": ((2, 3, 3), (2, 2, 3), ()),
    "channels": ((6,), (3,), (2, 3)),
    "2-d channels": ((3, 4), (2, 3), (3, 2)),
}
MODES = {"full": lambda k: 0, "same": lambda k: (k - 1) // 2, "valid": lambda k: k - 1}
close = dict(rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    ("case", "mode", "kind"),
    [
        *((case, mode, "real") for case in ("short", "2-d channels") for mode in MODES),
        *(("long", mode, "real") for mode in ("full", "valid")),
        ("2-d", "same", "real"),
        ("3-d", "valid", "real"),
        ("channels", "full", "real"),
        ("channels", "valid", "complex"),
    ],
)
def test_products_are_those_of_the_matrix(case, mode, kind, rng):
    shape, taps, channels = CASES[case]
    if mode == "valid" and case == "long":
        shape, taps = taps, shape
    a = drawn(rng, (*channels, *taps), kind)
    op = Toeplitz(a, shape, mode)
    out = op.out_shape[len(channels) // 2 :]
    matrix = toeplitz_matrix(a, shape, [MODES[mode](k) for k in taps], out)
    x = drawn(rng, op.in_shape, "real")

    @jax.jit
    def results(op, x):
        back = op.H if kind == "complex" else op.T
        return op.as_matrix(), back.as_matrix(), op(x)

    forward, back, y = results(op, x)
    np.testing.assert_allclose(forward, matrix, **close)
    np.testing.assert_allclose(back, matrix.conj().T, **close)
    np.testing.assert_allclose(y.reshape(-1), matrix @ x.reshape(-1), **close)
    if not channels:
        window = tuple(slice(MODES[mode](k), MODES[mode](k) + n) for k, n in zip(taps, out, strict=False))
        np.testing.assert_allclose(y, np.asarray(convolve(x, a))[window], **close)


def test_from_column_is_scipys(rng):
    c, r = rng.standard_normal(5), rng.standard_normal(7)
    np.testing.assert_allclose(
        Toeplitz.from_column(c, r).as_matrix(), scipy.linalg.toeplitz(c, np.r_[c[0], r[1:]]), **close
    )
    z = c + 1j * rng.standard_normal(5)
    z[0] = 1
    np.testing.assert_allclose(Toeplitz.from_column(z).as_matrix(), scipy.linalg.toeplitz(z), **close)


def coefficients(name, n):
    """Column of the symmetric Toeplitz matrix of a generating function, by exact integrals."""
    k = np.arange(n, dtype=float)
    sign = np.where(k % 2, -1.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        if name == "θ⁴+1":
            c = sign * (4 * np.pi**2 / k**2 - 24 / k**4)
            c[0] = np.pi**4 / 5 + 1
        elif name == "|θ|³+0.01":
            c = sign * 3 * np.pi / k**2 + 6 * (1 - sign) / (np.pi * k**4)
            c[0] = np.pi**3 / 4 + 0.01
        elif name == "θ²":
            c = sign * 2 / k**2
            c[0] = np.pi**2 / 3
    if name == "(1+k)^-1.1":
        c = (1 + k) ** -1.1
        c[0] = 2
    elif name == "2-2cos":
        c = np.zeros(n)
        c[:2] = 2, -1
    return c


TABLE = {
    "θ⁴+1": {32: (19, 5, 7), 64: (36, 5, 7), 128: (55, 5, 6), 256: (66, 5, 6), 512: (70, 5, 6), 1024: (71, 5, 5)},
    "|θ|³+0.01": {
        32: (21, 8, 13), 64: (52, 6, 15), 128: (130, 6, 18), 256: (271, 6, 15), 512: (394, 6, 12), 1024: (430, 7, 10)
    },
    "(1+k)^-1.1": {32: (8, 4, 4), 64: (10, 4, 4), 128: (12, 5, 5), 256: (13, 5, 5), 512: (14, 5, 5), 1024: (15, 5, 5)},
    "2-2cos": {32: (16, None, 8), 64: (32, None, 10), 128: (64, None, 13), 256: (128, None, 15), 512: (256, None, 18), 1024: (512, None, 24)},
    "θ²": {32: (16, None, 10), 64: (37, None, 12), 128: (82, None, 14), 256: (176, None, 17), 512: (371, None, 22), 1024: (765, None, 28)},
}  # fmt: skip


def iterations(op, inverse, most):
    """After how many iterations of JAX's cg, from 0, on ones, ‖b − Ax‖ ≤ 1e-7·‖b‖ for the first time; float64."""
    b = np.ones(op.in_shape)
    solve = jax.jit(lambda count: cg(op.mv, b, tol=1e-30, maxiter=count, M=None if inverse is None else inverse.mv)[0])

    def is_done(count):
        return np.linalg.norm(b - op(solve(count))) <= 1e-7 * np.linalg.norm(b)

    low, high = 0, most
    assert is_done(high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_done(middle) else (middle, high)
    return high


@pytest.mark.parametrize("n", [256])
@pytest.mark.parametrize("name", TABLE)
def test_iterations_are_those_of_the_table(name, n):
    op = Toeplitz.from_column(coefficients(name, n))
    plain, strang, chan = TABLE[name][n]
    assert iterations(op, op.circulant("chan").inverse(), chan + 3) <= chan + 3
    if strang is not None:
        assert iterations(op, op.circulant("strang").inverse(), strang + 3) <= strang + 3
    assert abs(iterations(op, None, int(1.25 * plain)) - plain) <= 0.25 * plain


@pytest.mark.parametrize("name", TABLE)
def test_solve_chooses_a_preconditioner_that_works(name):
    n = 256
    column = coefficients(name, n)
    op = Toeplitz.from_column(column)
    most = min(number for number in TABLE[name][n][1:] if number) + 4
    x = op.solve(np.ones(n), tolerance=1e-7, max_iterations=most)
    assert np.linalg.norm(op(x) - 1) <= 2e-7 * np.sqrt(n)
    np.testing.assert_allclose(
        op.solve(np.ones(n), tolerance=1e-12), scipy.linalg.solve_toeplitz(column, np.ones(n)), rtol=1e-5
    )


@pytest.mark.parametrize("preconditioner", ["auto", "strang", "chan", "none"])
def test_solves_of_every_kind(preconditioner, rng):
    a = rng.standard_normal((2, 2, 5)) * 0.1
    a[0, 0, 2] += 3
    a[1, 1, 2] += 2
    op = Toeplitz(a, (60,))
    x = rng.standard_normal(op.in_shape)
    found = op.solve(op(x), tolerance=1e-12, hermitian=False, preconditioner=preconditioner)
    np.testing.assert_allclose(found, x, atol=1e-8)
    small = Toeplitz(a, (6,))
    x = rng.standard_normal(small.in_shape)
    np.testing.assert_allclose(small.solve(small(x)), x, atol=1e-10)


def test_solve_is_compiled_once(monkeypatch):
    """For every column and right-hand side of the same length."""
    traced = []
    build = toeplitz._PRECONDITIONERS["chan"]
    monkeypatch.setitem(toeplitz._PRECONDITIONERS, "chan", lambda *given: traced.append(1) or build(*given))
    for last in (0.1, 0.2):
        column = np.r_[2.0, np.zeros(75), last]
        op = Toeplitz.from_column(column)
        x = op.solve(np.ones(77), preconditioner="chan", tolerance=1e-10)
        np.testing.assert_allclose(x, scipy.linalg.solve_toeplitz(column, np.ones(77)), atol=1e-8)
    assert len(traced) == 1


def test_solve_differentiates(rng):
    c, b = np.exp(-np.arange(70.0)), rng.standard_normal(70)
    c[0] = 3

    @jax.jit
    def solve(c, b):
        return Toeplitz.from_column(c).solve(b, tolerance=1e-13)

    check_grads(solve, (c, b), 1, modes=["rev"], rtol=1e-4)
    check_grads(jax.jit(lambda b: solve(c, b)), (b,), 2)


def test_bad_arguments_are_refused():
    with pytest.raises(ShapeError, match=r"`operators.Toeplitz`: `kernel` must have as many axes as `shape`"):
        Toeplitz(np.ones((2, 3)), (4,))
    with pytest.raises(OptionError, match="`mode` must be one of"):
        Toeplitz(np.ones(3), (4,), "circular")
    with pytest.raises(ShapeError, match="`kernel` must not be longer"):
        Toeplitz(np.ones(5), (4,), "valid")
    with pytest.raises(ShapeError, match=r"`Toeplitz.solve`: `solve` must be asked of a square operator"):
        Toeplitz(np.ones(3), (4,), "full").solve(np.ones(6))
    with pytest.raises(ShapeError, match="`y` must have the operator's shape"):
        Toeplitz(np.ones(3), (4,)).solve(np.ones(5))
    with pytest.raises(OptionError, match="`preconditioner` must be one of"):
        Toeplitz(np.ones(3), (4,)).solve(np.ones(4), preconditioner="jacobi")
    with pytest.raises(ShapeError, match="`column` must have one axis"):
        Toeplitz.from_column(np.ones((2, 2)))
