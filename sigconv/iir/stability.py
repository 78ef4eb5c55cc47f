"""`is_stable`: whether all poles lie inside the unit circle; and how far beyond it those of known numbers are."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import core
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, computed_in, floating
from sigconv._core.errors import OptionError, ShapeError, front_door


@front_door("is_stable")
def is_stable(a: ArrayLike | None = None, *, sos: ArrayLike | None = None) -> jax.Array:
    """Tell whether a recursive filter is stable: all roots of a₀ zᴹ + … + a_M have |z| < 1.

    By the Schur–Cohn recursion, without roots: k = a_M/a₀, |k| < 1, and so on for (a − k · conj(reversed a)). It works
    under `jit`. Poles on the circle, as an integrator's, are not stable.

    Args:
        a: The denominator, of one filter or of several.
        sos: In place of it, second-order sections, all of which must be stable.
    Shapes:
        a (..., M + 1) or sos (..., S, 6) → (...), bools.
    Raises:
        OptionError: Neither or both are given.
        ShapeError: `a` is empty or a scalar, or `sos` has not six columns.
        DTypeError: They are not numeric.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 11.
    Example:
        >>> is_stable([1.0, -0.5]).item(), is_stable([1.0, -2.0]).item()
        (True, False)
    """
    if (a is None) == (sos is None):
        raise OptionError(f"`a` must be given, or `sos`, and not both; got {'neither' if a is None else 'both'}.")
    if sos is not None:
        sections = as_operand("sos", sos)
        check_sections(sections.shape)
        return jnp.all(_are_inside(_denominators(sections[..., 3:], sos)), axis=-1)
    assert a is not None
    denominator = as_operand("a", a)
    check_polynomial("a", denominator.shape)
    return jnp.asarray(_are_inside(_denominators(denominator, a)))


def check_polynomial(argument: str, shape: tuple[int, ...]) -> None:
    """`ShapeError` unless this is the shape of polynomials."""
    if not shape or 0 in shape:
        raise ShapeError(f"`{argument}` must have coefficients along its last axis; got shape {shape}.")


def check_sections(shape: tuple[int, ...]) -> None:
    """`ShapeError` unless this is the shape of second-order sections."""
    if len(shape) < 2 or shape[-1] != 6 or 0 in shape:
        raise ShapeError(
            f"`sos` must be sections of six coefficients, (..., S, 6), each b₀ b₁ b₂ a₀ a₁ a₂; got shape {shape}."
        )


def concrete(value: Any) -> np.ndarray | None:
    """The numbers in double precision, if they are known now; None while JAX traces them."""
    if isinstance(value, core.Tracer):
        return None
    array = np.asarray(value)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def growth(known: np.ndarray) -> float:
    """The largest |pole| of denominators with a₀ = 1, but no less than 1.

    Shapes:
        known (..., M + 1) → a number.
    """
    if known.shape[-1] < 2 or not np.all(np.isfinite(known)):
        return 1.0
    known = known.reshape(-1, known.shape[-1])
    known = known[~_are_inside(known)]
    order = known.shape[1] - 1
    companion = np.zeros((len(known), order, order), known.dtype)
    companion[:, 0] = -known[:, 1:]
    companion[:, np.arange(1, order), np.arange(order - 1)] = 1
    return float(np.abs(np.linalg.eigvals(companion)).max(initial=1.0))


def _denominators(a: jax.Array, given: Any) -> Any:
    known = None if isinstance(given, core.Tracer) else concrete(given)
    if known is not None:
        return known[..., -a.shape[-1] :]
    return a.astype(computed_in(floating(a)))


def _are_inside(a: Any) -> Any:
    """The Schur–Cohn recursion, on NumPy's arrays or JAX's.

    Shapes:
        a (..., M + 1) → (...).
    """
    xp = jnp if isinstance(a, jax.Array) else np
    inside = xp.abs(a[..., 0]) > 0
    while a.shape[-1] > 1:
        lead = xp.where(a[..., :1] == 0, xp.ones_like(a[..., :1]), a[..., :1])
        k = a[..., -1:] / lead
        inside &= xp.abs(k[..., 0]) < 1
        # What lies outside is told already: zero in its place keeps the rest finite.
        k = xp.where(xp.abs(k) < 1, k, xp.zeros_like(k))
        a = (a - k * xp.conj(a[..., ::-1]))[..., :-1]
    return inside
