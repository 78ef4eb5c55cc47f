"""`Convolution`: the exact transpose at every boundary, stride and dilation."""

import jax
import numpy as np
import pytest
from filters import in_correlation
from jax.test_util import check_grads
from oracle import oracle

from sigconv import Constant, Filter, OptionError, ShapeError, Sides
from sigconv.operators import Convolution, LinearOperator, normal

BOUNDARIES = ["zero", "edge", "reflect", "symmetric", "periodic", Sides("edge", "zero")]


def dense(op):
    f = op.filter
    size = int(np.prod(op.in_shape))
    columns = np.eye(size).reshape(size, f.layer.ins, *op.shape)
    return oracle(columns, in_correlation(f), op.geometry).reshape(size, -1).T


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_transpose_is_that_of_the_matrix(boundary, stride, dilation, rng):
    w = rng.standard_normal((2, 3, 4)) + 1j * rng.standard_normal((2, 3, 4))
    op = Convolution(Filter(w, stride=stride, dilation=dilation, lo=3), (11,), boundary)
    matrix = dense(op)
    x = rng.standard_normal(op.in_shape) + 1j * rng.standard_normal(op.in_shape)
    y = rng.standard_normal(op.out_shape) + 1j * rng.standard_normal(op.out_shape)
    close = dict(rtol=0, atol=1e-12)
    forward, transposed, back = map(np.asarray, jax.jit(lambda op, x, y: (op(x), op.T(y), op.H(y)))(op, x, y))
    np.testing.assert_allclose(forward.reshape(-1), matrix @ x.reshape(-1), **close)
    np.testing.assert_allclose(transposed.reshape(-1), matrix.T @ y.reshape(-1), **close)
    np.testing.assert_allclose(back.reshape(-1), matrix.conj().T @ y.reshape(-1), **close)
    assert abs(np.vdot(y, forward) - np.vdot(back, x)) < 1e-10


@pytest.mark.parametrize("padding", ["same", "valid", "full", [(-1, 2), (3, 0)]], ids=str)
@pytest.mark.parametrize("boundary", ["zero", "reflect"])
def test_padding_along_two_axes(padding, boundary, rng):
    f = Filter(rng.standard_normal((4, 1, 2, 3)), groups=2, stride=(1, 2), kind="convolution")
    op = Convolution(f, (5, 7), boundary, padding=padding)
    matrix = dense(op)
    there, back = jax.jit(lambda op: (op.as_matrix(), op.T.as_matrix()))(op)
    np.testing.assert_allclose(there, matrix, rtol=0, atol=1e-12)
    np.testing.assert_allclose(back, matrix.T, rtol=0, atol=1e-12)
    assert op.T.T is op
    assert op.out_shape == op(np.zeros(op.in_shape)).shape


def test_without_channels(rng):
    op = Convolution(Filter(rng.standard_normal((3, 2)), channels=False), (4, 5), "edge")
    assert op.in_shape == op.out_shape == (4, 5)
    np.testing.assert_allclose(op.T.as_matrix(), op.as_matrix().T, rtol=0, atol=1e-12)


def test_normal_is_the_autocorrelation_where_it_is_one(rng):
    f = Filter(rng.standard_normal((2, 3, 3)))
    for op, is_filter in (
        (Convolution(f, (8,), "periodic"), True),
        (Convolution(f, (8,), padding="full"), True),
        (Convolution(f, (8,)), False),
        (Convolution(f, (8,), "reflect"), False),
        (Convolution(Filter(f.weights, stride=2), (8,), "periodic"), False),
    ):
        product = normal(op)
        assert isinstance(product, LinearOperator)
        assert isinstance(product, Convolution) == is_filter
        matrix = dense(op)
        there, back = jax.jit(lambda op: (op.as_matrix(), op.H.as_matrix()))(product)
        np.testing.assert_allclose(there, matrix.T @ matrix, rtol=0, atol=1e-11)
        np.testing.assert_allclose(back, matrix.T @ matrix, rtol=0, atol=1e-11)


def test_differentiates(rng):
    w, x = rng.standard_normal((2, 1, 3)), rng.standard_normal((2, 3))

    def back(w, x):
        return Convolution(Filter(w, stride=2), (6,), "reflect").H(x)

    check_grads(jax.jit(back), (w, x), 2)
    batch = jax.vmap(lambda x: back(w, x))(np.stack([x, 2 * x]))
    np.testing.assert_allclose(batch[1], 2 * batch[0])


def test_bad_arguments_are_refused():
    f = Filter(np.ones((1, 1, 3)))
    with pytest.raises(
        ShapeError,
        match=r"`operators.Convolution`: `shape` must be a tuple of positive lengths, one for each of the 1 axes",
    ):
        Convolution(f, (3, 3))
    with pytest.raises(OptionError, match="no bias"):
        Convolution(Filter(np.ones((1, 1, 3)), bias=np.ones(1)), (3,))
    with pytest.raises(OptionError, match="constant other than zero"):
        Convolution(f, (3,), Constant(1))
    with pytest.raises(ShapeError, match="must fit the padded signal"):
        Convolution(f, (2,), padding="valid")
