"""The only file that imports lineax: our operators as lineax's, and a solver that divides spectra.

It is imported when `as_lineax` or `Spectral` is called, and not before.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import lineax as lx

from sigconv._core.errors import OptionError
from sigconv.operators.circulant import Circulant
from sigconv.operators.operator import LinearOperator


class Operator(lx.AbstractLinearOperator):
    """One of our operators, with the tags that are known of it."""

    operator: LinearOperator
    tags: frozenset[object] = eqx.field(static=True)

    def mv(self, vector: Any) -> Any:
        return self.operator.mv(vector)

    def as_matrix(self) -> Any:
        return self.operator.as_matrix()

    def transpose(self) -> "Operator":
        return Operator(self.operator.transpose(), lx.transpose_tags(self.tags))

    def in_structure(self) -> Any:
        return jax.ShapeDtypeStruct(self.operator.in_shape, self.operator.dtype)

    def out_structure(self) -> Any:
        return jax.ShapeDtypeStruct(self.operator.out_shape, self.operator.dtype)


def wrapped(operator: LinearOperator, tags: frozenset[object]) -> Operator:
    """The operator with these tags and those that its class knows."""
    known = set(tags)
    if getattr(operator, "positive", False):
        known.add(lx.positive_semidefinite_tag)
    return Operator(operator, frozenset(known))


def _any_of(*tags: object) -> Any:
    return lambda operator: any(tag in operator.tags for tag in tags)


for _check, *_tags in (
    (lx.is_diagonal, lx.diagonal_tag),
    (lx.is_tridiagonal, lx.tridiagonal_tag, lx.diagonal_tag),
    (lx.has_unit_diagonal, lx.unit_diagonal_tag),
    (lx.is_lower_triangular, lx.lower_triangular_tag, lx.diagonal_tag),
    (lx.is_upper_triangular, lx.upper_triangular_tag, lx.diagonal_tag),
    (lx.is_positive_semidefinite, lx.positive_semidefinite_tag),
    (lx.is_negative_semidefinite, lx.negative_semidefinite_tag),
):
    _check.register(Operator)(_any_of(*_tags))


@lx.is_symmetric.register(Operator)
def _is_symmetric(operator: Operator) -> bool:
    if {lx.symmetric_tag, lx.diagonal_tag} & operator.tags:
        return True
    is_real = not jnp.issubdtype(operator.operator.dtype, jnp.complexfloating)
    return is_real and bool({lx.positive_semidefinite_tag, lx.negative_semidefinite_tag} & operator.tags)


@lx.linearise.register(Operator)
def _linearise(operator: Operator) -> Operator:
    return operator


@lx.materialise.register(Operator)
def _materialise(operator: Operator) -> Any:
    ours = operator.operator
    blocks = operator.as_matrix().reshape(*ours.out_shape, *ours.in_shape)
    return lx.PyTreeLinearOperator(blocks, operator.out_structure(), operator.tags)


@lx.diagonal.register(Operator)
def _diagonal(operator: Operator) -> Any:
    return jnp.diag(operator.as_matrix())


@lx.tridiagonal.register(Operator)
def _tridiagonal(operator: Operator) -> Any:
    matrix = operator.as_matrix()
    return tuple(jnp.diag(matrix, k) for k in (0, -1, 1))


@lx.conj.register(Operator)
def _conj(operator: Operator) -> Operator:
    return Operator(operator.operator.conj(), operator.tags)


class SpectralSolver(lx.AbstractLinearSolver[Circulant]):
    """Solves with a circulant by a division, or a small inverse, per frequency."""

    well_posed: bool = eqx.field(static=True, default=False)
    rcond: float | None = eqx.field(static=True, default=None)

    def init(self, operator: Any, options: dict[str, Any]) -> Circulant:
        del options
        ours = operator.operator if isinstance(operator, Operator) else None
        if not isinstance(ours, Circulant):
            raise OptionError(
                "`operator` must be `as_lineax(circulant)`: only a circulant has a spectrum; got "
                f"{type(operator if ours is None else ours).__name__}. `circulant(filter, shape)` makes one."
            )
        if self.well_posed and ours.in_shape != ours.out_shape:
            raise OptionError(
                f"`well_posed` must be False unless the operator is square; got {ours.in_shape} → {ours.out_shape}."
            )
        return ours

    def compute(self, state: Circulant, vector: Any, options: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
        del options
        inverse = state.inverse() if self.well_posed else state.pseudo_inverse(self.rcond)
        return inverse.mv(vector), lx.RESULTS.successful, {}

    def transpose(self, state: Circulant, options: dict[str, Any]) -> tuple[Circulant, dict[str, Any]]:
        del options
        return state.transpose(), {}

    def conj(self, state: Circulant, options: dict[str, Any]) -> tuple[Circulant, dict[str, Any]]:
        del options
        return state.conj(), {}

    def assume_full_rank(self) -> bool:
        return self.well_posed
