"""`LinearOperator`: what every operator view can do, and the lazy sums and products of any two.

An operator takes arrays of `in_shape`, (channel, *space) or (*space), and gives arrays of `out_shape`.
"""

import abc
import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, as_scalar, common
from sigconv._core.errors import ShapeError
from sigconv._core.pytree import STATIC, pytree


class LinearOperator(abc.ABC):
    """A linear map of arrays that is never written out; a pytree."""

    @property
    @abc.abstractmethod
    def in_shape(self) -> tuple[int, ...]:
        """Of the arrays it takes."""

    @property
    @abc.abstractmethod
    def out_shape(self) -> tuple[int, ...]:
        """Of the arrays it gives."""

    @property
    @abc.abstractmethod
    def dtype(self) -> np.dtype:
        """Of its entries."""

    @abc.abstractmethod
    def mv(self, x: jax.Array) -> jax.Array:
        """The product with an array of `in_shape`."""

    @abc.abstractmethod
    def transpose(self) -> "LinearOperator":
        """Aᵀ, without conjugation."""

    @abc.abstractmethod
    def conj(self) -> "LinearOperator":
        """The operator with conjugated entries."""

    def adjoint(self) -> "LinearOperator":
        """Aᴴ: ⟨Ax, y⟩ = ⟨x, Aᴴy⟩."""
        return self.transpose().conj()

    @property
    def T(self) -> "LinearOperator":  # noqa: N802
        """The transpose."""
        return self.transpose()

    @property
    def H(self) -> "LinearOperator":  # noqa: N802
        """The adjoint."""
        return self.adjoint()

    def __call__(self, x: ArrayLike) -> jax.Array:
        """The product with an array; `ShapeError` if it does not have `in_shape`."""
        array = as_operand("x", x)
        if array.shape != self.in_shape:
            raise ShapeError(
                f"`x` must have the operator's shape {self.in_shape}; got {array.shape}. "
                "Map over the axes in front with `jax.vmap`."
            )
        return self.mv(array)

    def as_matrix(self) -> jax.Array:
        """The dense matrix, rows and columns in the order of the arrays' elements: for tests and small cases.

        Shapes:
            → (∏ out_shape, ∏ in_shape).
        """
        size = math.prod(self.in_shape)
        columns = jax.vmap(self.mv)(jnp.eye(size, dtype=self.dtype).reshape(size, *self.in_shape))
        return columns.reshape(size, -1).T

    def __add__(self, other: Any) -> "LinearOperator":
        return plus(self, other) if isinstance(other, LinearOperator) else NotImplemented

    def __sub__(self, other: Any) -> "LinearOperator":
        return self + -1 * other if isinstance(other, LinearOperator) else NotImplemented

    def __neg__(self) -> "LinearOperator":
        return -1 * self

    def __mul__(self, factor: Any) -> "LinearOperator":
        """The operator times a number."""
        if isinstance(factor, LinearOperator) or jnp.ndim(factor) != 0:
            return NotImplemented
        return Scaled(self, as_scalar(factor, self.dtype))

    def __rmul__(self, factor: Any) -> "LinearOperator":
        return self * factor

    def __truediv__(self, divisor: Any) -> "LinearOperator":
        return self * (1 / as_scalar(divisor, self.dtype))

    def __matmul__(self, other: Any) -> Any:
        """The product with another operator, applied first, or with an array."""
        return times(self, other) if isinstance(other, LinearOperator) else self(other)


def plus(one: LinearOperator, two: LinearOperator) -> LinearOperator:
    """The lazy sum."""
    if (one.in_shape, one.out_shape) != (two.in_shape, two.out_shape):
        raise ShapeError(
            f"`other` must take and give the same shapes; got {two.in_shape} → {two.out_shape} for "
            f"{one.in_shape} → {one.out_shape}."
        )
    return Sum(one, two)


def times(second: LinearOperator, first: LinearOperator) -> LinearOperator:
    """The lazy product: `first` is applied first."""
    if second.in_shape != first.out_shape:
        raise ShapeError(
            f"`other` must give the shape that the operator takes, {second.in_shape}; got {first.out_shape}."
        )
    return Product(second, first)


def _promoted(*operators: LinearOperator) -> np.dtype:
    return common(*(operator.dtype for operator in operators))


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Sum(LinearOperator):
    """one + two."""

    one: LinearOperator
    two: LinearOperator

    @property
    def in_shape(self) -> tuple[int, ...]:
        return self.one.in_shape

    @property
    def out_shape(self) -> tuple[int, ...]:
        return self.one.out_shape

    @property
    def dtype(self) -> np.dtype:
        return _promoted(self.one, self.two)

    def mv(self, x: jax.Array) -> jax.Array:
        y, z = self.one.mv(x), self.two.mv(x)
        dtype = common(y, z)
        return y.astype(dtype) + z.astype(dtype)

    def transpose(self) -> LinearOperator:
        return Sum(self.one.transpose(), self.two.transpose())

    def conj(self) -> LinearOperator:
        return Sum(self.one.conj(), self.two.conj())


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Product(LinearOperator):
    """`second` after `first`; `positive` if it is known to be positive semi-definite, as `normal(op)` is."""

    second: LinearOperator
    first: LinearOperator
    positive: bool = dataclasses.field(default=False, metadata=STATIC)

    @property
    def in_shape(self) -> tuple[int, ...]:
        return self.first.in_shape

    @property
    def out_shape(self) -> tuple[int, ...]:
        return self.second.out_shape

    @property
    def dtype(self) -> np.dtype:
        return _promoted(self.second, self.first)

    def mv(self, x: jax.Array) -> jax.Array:
        return self.second.mv(self.first.mv(x))

    def transpose(self) -> LinearOperator:
        return Product(self.first.transpose(), self.second.transpose())

    def conj(self) -> LinearOperator:
        return Product(self.second.conj(), self.first.conj())


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Scaled(LinearOperator):
    """An operator times a number."""

    operator: LinearOperator
    factor: jax.Array

    @property
    def in_shape(self) -> tuple[int, ...]:
        return self.operator.in_shape

    @property
    def out_shape(self) -> tuple[int, ...]:
        return self.operator.out_shape

    @property
    def dtype(self) -> np.dtype:
        return common(self.operator.dtype, self.factor)

    def mv(self, x: jax.Array) -> jax.Array:
        y = self.operator.mv(x)
        dtype = common(y, self.factor)
        return y.astype(dtype) * self.factor.astype(dtype)

    def transpose(self) -> LinearOperator:
        return Scaled(self.operator.transpose(), self.factor)

    def conj(self) -> LinearOperator:
        return Scaled(self.operator.conj(), jnp.conj(self.factor))
