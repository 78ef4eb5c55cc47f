"""`frequency_response`, `sos_response`: what a designed filter does to a wave; SciPy's `freqz` and `freqz_sos`."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.dtypes import common, computed_in
from sigconv._core.errors import ShapeError, front_door
from sigconv.design._parameters import check_positive, operand, parameter, result_dtype


@front_door("design.frequency_response")
def frequency_response(
    taps: ArrayLike, frequencies: ArrayLike, *, denominator: ArrayLike | None = None, fs: ArrayLike = 1.0
) -> jax.Array:
    """Find H(f) = Σ_n b[n] e^(−2πifn) / Σ_n a[n] e^(−2πifn): the response of a filter whose first tap has delay 0.

    Args:
        taps: b, of a convolution; real or complex.
        frequencies: In cycles/sample, or in the unit of `fs`: SciPy's `freqz` has radians/sample, `fs=2 * jnp.pi`.
            May be traced, as everything.
        denominator: a, of a recursive filter; none if None.
        fs: Sampling rate.
    Shapes:
        taps (n,), frequencies (*points), denominator (m,) → (*points), complex.
    Raises:
        ShapeError: `taps` or `denominator` has not one axis, or is empty.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 5.1.
    Example:
        >>> print(np.array(abs(frequency_response([0.5, 0.5], [0.0, 0.25, 0.5]))).round(3))
        [1.    0.707 0.   ]
    """
    rows = [operand("taps", taps)]
    if denominator is not None:
        rows.append(operand("denominator", denominator))
    for argument, row in zip(("taps", "denominator"), rows, strict=False):
        if row.ndim != 1 or not row.size:
            raise ShapeError(f"`{argument}` must have one axis and not be empty; got shape {row.shape}.")
    turns, kind = _turns(frequencies, fs, *rows)
    return _quotient(turns, tuple(row.astype(kind) for row in rows))


@front_door("design.sos_response")
def sos_response(sos: ArrayLike, frequencies: ArrayLike, *, fs: ArrayLike = 1.0) -> jax.Array:
    """Find the product over the sections of (b₀ + b₁z⁻¹ + b₂z⁻²)/(a₀ + a₁z⁻¹ + a₂z⁻²) at z = e^(2πif).

    Args:
        sos: Rows b₀ b₁ b₂ a₀ a₁ a₂.
        frequencies, fs: As of `frequency_response`.
    Shapes:
        sos (sections, 6), frequencies (*points) → (*points), complex.
    Raises:
        ShapeError: `sos` is not (sections, 6).
    Example:
        >>> print(np.array(abs(sos_response([[0.5, 0.5, 0.0, 1.0, 0.0, 0.0]] * 2, [0.0, 0.25, 0.5]))).round(3))
        [1.  0.5 0. ]
    """
    rows = operand("sos", sos)
    if rows.ndim != 2 or rows.shape[1] != 6 or not rows.shape[0]:
        raise ShapeError(f"`sos` must be (sections, 6), with at least one section; got shape {rows.shape}.")
    turns, kind = _turns(frequencies, fs, rows)
    wide = rows.astype(kind)
    return _cascade(turns, wide)


def _turns(frequencies: ArrayLike, fs: ArrayLike, *rows: jax.Array) -> tuple[jax.Array, np.dtype]:
    """The frequencies in cycles/sample, and the complex dtype to compute in."""
    check_positive("fs", fs)
    real = result_dtype(None, frequencies, fs, *(jnp.real(row) for row in rows))
    f = parameter("frequencies", frequencies, real, None) / parameter("fs", fs, real)
    return f, common(computed_in(real), np.complex64)


def _polynomial(turns: jax.Array, row: jax.Array) -> jax.Array:
    # Whole turns are taken off before the angle is multiplied by 2π.
    angle = (
        2
        * math.pi
        * jnp.mod(turns[..., None] * jnp.arange(row.size, dtype=turns.dtype).reshape((1,) * turns.ndim + (-1,)), 1.0)
    )
    wave = jax.lax.complex(jnp.cos(angle), -jnp.sin(angle))
    return jnp.matmul(wave, row, precision="highest")


@jax.jit
def _quotient(turns: jax.Array, rows: tuple[jax.Array, ...]) -> jax.Array:
    top, *below = (_polynomial(turns, row) for row in rows)
    return top / below[0] if below else top


@jax.jit
def _cascade(turns: jax.Array, sos: jax.Array) -> jax.Array:
    each = jax.vmap(lambda row: _polynomial(turns, row[:3]) / _polynomial(turns, row[3:]))(sos)
    return functools.reduce(jnp.multiply, each)
