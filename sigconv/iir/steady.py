"""`lfilter_zi`, `sosfilt_zi`: the states in which a constant signal leaves a filter at once as it will for ever."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, common, computed_in, floating, is_exact
from sigconv._core.errors import OptionError, front_door
from sigconv.iir.stability import check_polynomial, check_sections, concrete


@front_door("lfilter_zi")
def lfilter_zi(b: ArrayLike, a: ArrayLike) -> jax.Array:
    """The state of `lfilter` after a step of 1 has lasted for ever: z[i] = Σ_{k>i} (b[k] − a[k] Σb/Σa), for a₀ = 1.

    Times a signal's first sample it is the `initial` state without a transient.

    Args:
        b, a: Numerator and denominator.
    Shapes:
        b (..., K + 1), a (..., M + 1) → (..., max(K, M)).
    Raises:
        ShapeError: `b` or `a` is empty or a scalar.
        OptionError: Known coefficients with a₀ = 0, or a pole at 1, where nothing is steady.
        DTypeError: They are not numeric.
    Example:
        >>> lfilter_zi([1.0], [1.0, -0.5]).tolist()
        [1.0]
    """
    numerator, denominator = as_operand("b", b), as_operand("a", a)
    check_polynomial("b", numerator.shape)
    check_polynomial("a", denominator.shape)
    _check_steady("a", denominator)
    dtype, working = _dtypes(numerator, denominator)
    width = max(numerator.shape[-1], denominator.shape[-1])
    numerator, denominator = (
        jnp.pad(c.astype(working), [(0, 0)] * (c.ndim - 1) + [(0, width - c.shape[-1])])
        for c in (numerator, denominator)
    )
    rank = max(numerator.ndim, denominator.ndim)
    numerator, denominator = (c.reshape((1,) * (rank - c.ndim) + c.shape) for c in (numerator, denominator))
    return _steady(numerator, denominator)[0].astype(dtype)


@front_door("sosfilt_zi")
def sosfilt_zi(sos: ArrayLike) -> jax.Array:
    """The state of `sosfilt` after a step of 1 has lasted for ever, as `lfilter_zi`'s.

    Args:
        sos: The sections.
    Shapes:
        sos (..., S, 6) → (..., S, 2).
    Raises:
        ShapeError: `sos` has not six columns, or is empty.
        OptionError: Known coefficients with an a₀ = 0, or a pole at 1, where nothing is steady.
        DTypeError: They are not numeric.
    Example:
        >>> sosfilt_zi([[1.0, 0.0, 0.0, 1.0, -0.5, 0.0]]).tolist()
        [[1.0, 0.0]]
    """
    sections = as_operand("sos", sos)
    check_sections(sections.shape)
    _check_steady("sos", sections[..., 3:])
    dtype, working = _dtypes(sections)
    state, gain = _steady(*jnp.split(sections.astype(working), 2, axis=-1))
    # What reaches a section is 1 times the gains of those before it.
    reaching = jnp.concatenate([jnp.ones_like(gain[..., :1]), jnp.cumprod(gain, axis=-1)[..., :-1]], axis=-1)
    return (state * reaching[..., None]).astype(dtype)


def _steady(b: jax.Array, a: jax.Array) -> tuple[jax.Array, jax.Array]:
    """State and gain, of padded coefficients."""
    b, a = b / a[..., :1], a / a[..., :1]
    gain = jnp.sum(b, axis=-1) / jnp.sum(a, axis=-1)
    each = b - a * gain[..., None]
    return jnp.flip(jnp.cumsum(jnp.flip(each, -1), axis=-1), -1)[..., 1:], gain


def _check_steady(argument: str, a: jax.Array) -> None:
    known = concrete(a)
    if known is None:
        return
    if np.any(known[..., 0] == 0):
        raise OptionError(f"`{argument}` must not have a₀ = 0; got {known[..., 0].ravel().tolist()}.")
    if np.any(known.sum(-1) == 0):
        raise OptionError(f"`{argument}` must have no pole at 1, where a constant signal has no steady state; got one.")


def _dtypes(*coefficients: jax.Array) -> tuple[np.dtype, np.dtype]:
    kind = common(*coefficients)
    kind = floating(kind) if is_exact(kind) else kind
    return kind, computed_in(kind)
