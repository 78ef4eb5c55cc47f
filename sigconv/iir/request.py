"""`Request`: what the caller of a filter gave, as arrays of one layout and a static plan of how they are laid out."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np

from sigconv._core.dtypes import common, computed_in, floating, is_exact
from sigconv._core.errors import OptionError, ShapeError
from sigconv._core.layout import check_not_empty
from sigconv._core.options import is_integer


@dataclasses.dataclass(frozen=True)
class Plan:
    """How arrays become rows, groups of which have coefficients of their own.

    Attributes:
        axis: The signal's axis of time, not negative.
        front: The shape of all other axes, those of coefficients and signal broadcast.
        varying: Those of `front` along which coefficients vary.
        method: One of METHODS, and not 'auto'.
        result: The result's dtype.
    """

    axis: int
    front: tuple[int, ...]
    varying: tuple[int, ...]
    method: str
    result: np.dtype

    @property
    def working(self) -> np.dtype:
        """What is computed in."""
        return computed_in(self.result)

    @property
    def order(self) -> tuple[int, ...]:
        """The axes of `front`, those along which coefficients vary first."""
        return self.varying + tuple(axis for axis in range(len(self.front)) if axis not in self.varying)

    @property
    def groups(self) -> int:
        """How many filters there are."""
        return math.prod(self.front[axis] for axis in self.varying)

    def coefficients(self, c: jax.Array) -> jax.Array:
        """(*lead, S, K) → (groups, S, K)."""
        lead = (1,) * (len(self.front) - (c.ndim - 2)) + c.shape[:-2]
        shape = tuple(self.front[axis] if axis in self.varying else 1 for axis in range(len(self.front)))
        c = jnp.broadcast_to(c.reshape(*lead, *c.shape[-2:]), (*shape, *c.shape[-2:]))
        return c.astype(self.working).reshape(self.groups, *c.shape[-2:])

    def rows(self, x: jax.Array, kept: int = 1) -> jax.Array:
        """(*front or what broadcasts to it, *kept) → (groups, rows, *kept)."""
        rank = len(self.front)
        x = x.reshape((1,) * (rank + kept - x.ndim) + x.shape)
        x = jnp.broadcast_to(x, (*self.front, *x.shape[rank:])).astype(self.working)
        x = x.transpose(*self.order, *range(rank, rank + kept))
        return x.reshape(self.groups, math.prod(self.front) // self.groups, *x.shape[rank:])

    def restored(self, y: jax.Array) -> jax.Array:
        """(groups, rows, *kept) → (*front, *kept)."""
        rank = len(self.front)
        y = y.reshape(*(self.front[axis] for axis in self.order), *y.shape[2:])
        return y.transpose(*np.argsort(self.order), *range(rank, y.ndim)).astype(self.result)


def plan(
    signal: jax.Array, coefficients: tuple[tuple[str, jax.Array], ...], axis: object, initial: jax.Array | None
) -> Plan:
    """The plan, but for its method.

    Args:
        signal, axis: As the caller gave them.
        coefficients: (*lead, S, K) with the arguments' names.
        initial: If there is one, for its dtype.
    """
    check_not_empty("signal", signal.shape)
    if not signal.ndim:
        raise ShapeError("`signal` must have at least one axis; got a scalar.")
    if not is_integer(axis) or not -signal.ndim <= axis < signal.ndim:
        raise OptionError(f"`axis` must be one of the signal's {signal.ndim}; got {axis!r}.")
    along = int(axis) % signal.ndim
    front = tuple(n for i, n in enumerate(signal.shape) if i != along)
    leads = [c.shape[:-2] for _, c in coefficients]
    try:
        lead = np.broadcast_shapes(*leads)
        front = np.broadcast_shapes(front, lead)
    except ValueError:
        names = " and ".join(f"`{name}`" for name, _ in coefficients)
        raise ShapeError(
            f"{names} must broadcast with the signal along all axes but that of time; got {leads} in front of the "
            f"coefficients against {front}."
        ) from None
    if len(lead) > signal.ndim - 1 and along != signal.ndim - 1:
        raise OptionError(
            f"`axis` must be the last where coefficients have more axes in front than the signal has; got {axis!r}."
        )
    first = len(front) - len(lead)
    varying = tuple(first + i for i, n in enumerate(lead) if n > 1)
    arrays = [c for _, c in coefficients] + [signal] + ([] if initial is None else [initial])
    kind = common(*arrays)
    axis_of_time = along if len(lead) < signal.ndim else len(front)
    return Plan(axis_of_time, tuple(front), varying, "", floating(kind) if is_exact(kind) else kind)


def initial_state(initial: jax.Array, plan: Plan, sections: int | None, order: int) -> jax.Array:
    """The caller's state, SciPy's layout, as (*front or ones, S, M).

    Args:
        initial: (*shape with `order` along the axis of time), with the sections in front if there are any; what has
            length 1 broadcasts. Or one state alone, for all.
        sections: How many; None where the filter is not in sections and the state has no axis for them.
        order: M.
    """
    rank = len(plan.front)
    lone = initial.ndim == (1 if sections is None else 2)
    expected = (*plan.front[: plan.axis], order, *plan.front[plan.axis :])
    z = initial[None] if sections is None else initial
    if lone:
        z = z.reshape(z.shape[0], *(1,) * plan.axis, z.shape[-1], *(1,) * (rank - plan.axis))
    fits = z.ndim == rank + 2 and z.shape[0] == (sections or 1) and z.shape[plan.axis + 1] == order
    if not fits or any(n not in (1, m) for n, m in zip(z.shape[1:], expected, strict=True)):
        whole = expected if sections is None else (sections, *expected)
        alone = (order,) if sections is None else (sections, order)
        raise ShapeError(f"`initial` must have shape {whole}, or {alone} for all; got {initial.shape}.")
    return jnp.moveaxis(jnp.moveaxis(z, plan.axis + 1, -1), 0, -2)


def final_state(z: jax.Array, plan: Plan, is_sectioned: bool) -> jax.Array:
    """(*front, S, M) in SciPy's layout."""
    z = jnp.moveaxis(jnp.moveaxis(z, -2, 0), -1, plan.axis + 1)
    return z if is_sectioned else z[0]
