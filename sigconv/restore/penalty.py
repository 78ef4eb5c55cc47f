"""`Penalty`: what makes one scene less likely than another: the squares of what filters give."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, is_complex
from sigconv._core.errors import DTypeError, ShapeError, lookup
from sigconv._core.pytree import STATIC, pytree
from sigconv.filter import Filter
from sigconv.operators import Convolution, LinearOperator
from sigconv.restore.model import Sight, centred

PenaltyName = Literal["identity", "gradient", "laplacian"]


def _identity(rank: int) -> list[np.ndarray]:
    return [np.ones((1,) * rank)]


def _gradient(rank: int) -> list[np.ndarray]:
    return [np.reshape([1.0, -1.0], [2 if i == axis else 1 for i in range(rank)]) for axis in range(rank)]


def _laplacian(rank: int) -> list[np.ndarray]:
    cross = np.zeros((3,) * rank)
    for axis in range(rank):
        cross[tuple(slice(None) if i == axis else 1 for i in range(rank))] += [-1, 2, -1]
    return [cross]


PENALTIES: Mapping[str, Callable[[int], list[np.ndarray]]] = {
    "identity": _identity,
    "gradient": _gradient,
    "laplacian": _laplacian,
}
"""Filters by the number of axes."""


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Penalty:
    """Σ_i ‖d_i ∗ x‖² of a scene x.

    Attributes:
        filters: The d_i.
        spectrum: Σ_i |D_i|², if the scene were a cycle.
    """

    filters: tuple[LinearOperator, ...]
    spectrum: jax.Array
    sight: Sight = dataclasses.field(metadata=STATIC)

    def gradient(self, x: jax.Array) -> jax.Array:
        """Half the derivative: Σ_i d_iᴴ d_i x."""
        return sum((d.adjoint().mv(d.mv(x)) for d in self.filters), jnp.zeros_like(x))


def resolve_filters(
    penalty: PenaltyName | ArrayLike | Sequence[ArrayLike], rank: int, dtype: np.dtype
) -> tuple[jax.Array, ...]:
    """The filters that a name stands for, or those that are given, for a computation in `dtype`."""
    if isinstance(penalty, str):
        return tuple(jnp.asarray(taps, np.float32) for taps in lookup("penalty", penalty, PENALTIES)(rank))
    is_list = isinstance(penalty, tuple | list) and len(penalty) > 0 and np.ndim(penalty[0]) == rank
    several = penalty if is_list else (penalty,)
    filters = tuple(as_operand("penalty", taps) for taps in several)  # type: ignore[arg-type]
    for taps in filters:
        if taps.ndim != rank or 0 in taps.shape:
            raise ShapeError(
                f"`penalty` must be one of {sorted(PENALTIES)}, or taps with one axis for each that is restored "
                f"({rank}), or a list of such; got shape {taps.shape}."
            )
        if is_complex(taps.dtype) and not is_complex(dtype):
            raise DTypeError(
                f"`penalty` must be real where image and kernel are; got {taps.dtype}. Give its real and its imaginary "
                "part as two filters."
            )
    return filters


def penalty_of(filters: tuple[jax.Array, ...], sight: Sight, dtype: np.dtype) -> Penalty:
    """The filters on a scene. Where its ends do not meet it is mirrored there, so that no step is seen."""
    operators, total = [], None
    for taps in filters:
        taps = taps.astype(dtype)
        operators.append(
            Convolution(Filter(taps, kind="convolution", channels=False), sight.scene, boundary=sight.mirrored)
        )
        power = power_of(centred(taps, sight.scene).spectrum)
        total = power if total is None else total + power
    assert total is not None, "there is a filter at least"
    return Penalty(tuple(operators), total, sight)


def power_of(spectrum: jax.Array) -> jax.Array:
    """|H|² of a circulant without channels."""
    values = spectrum[..., 0, 0]
    return jnp.square(jnp.real(values)) + jnp.square(jnp.imag(values))
