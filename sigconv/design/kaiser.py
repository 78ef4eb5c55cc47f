"""Kaiser's design rules: the β and the number of taps for an attenuation and a width of transition."""

import math

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv.design._parameters import check_positive, count, known, parameter, result_dtype


@front_door("design.kaiser_beta")
def kaiser_beta(attenuation: ArrayLike, *, dtype: DTypeLike | None = None) -> jax.Array:
    """Find the β of the Kaiser window whose filters attenuate so many dB: 0.1102(A − 8.7) above 50, 0 below 21.

    Between the two it is 0.5842(A − 21)^0.4 + 0.07886(A − 21), whose slope at 21 is infinite.

    Args:
        attenuation: A, in dB and positive; ripple in the pass band too. May be traced.
        dtype: A float type; that of the parameter if None.
    Shapes:
        → ().
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 7.5.3.
    Example:
        >>> round(float(kaiser_beta(60.0)), 4)
        5.6533
    """
    kind = result_dtype(dtype, attenuation)
    return beta_for(parameter("attenuation", attenuation, kind)).astype(kind)


@front_door("design.kaiser_attenuation")
def kaiser_attenuation(taps: int, width: ArrayLike, *, fs: ArrayLike = 1.0) -> jax.Array:
    """Find what a Kaiser filter attenuates, in dB: A = 2.285(taps − 1)·2π·width + 7.95.

    Args:
        taps: Their number.
        width: Of the transition, in cycles/sample, or in the unit of `fs`; SciPy's default unit is `fs=2`.
        fs: Sampling rate.
    Shapes:
        → ().
    Raises:
        OptionError: `taps` is no positive integer, or `width` or `fs` is not positive.
    Example:
        >>> round(float(kaiser_attenuation(31, 0.1)), 2)
        51.02
    """
    kind = result_dtype(None, width, fs)
    for argument, value in (("width", width), ("fs", fs)):
        check_positive(argument, value)
    relative = parameter("width", width, kind) / parameter("fs", fs, kind)
    return attenuation_of(count("taps", taps), relative).astype(kind)


@front_door("design.kaiser_order")
def kaiser_order(attenuation: float, width: float, *, fs: float = 1.0) -> tuple[int, float]:
    """Find the number of taps and the β of a Kaiser filter: taps − 1 = (A − 7.95)/(2.285·2π·width), rounded up.

    Args:
        attenuation: A, in dB; its sign does not count.
        width: Of the transition, in cycles/sample, or in the unit of `fs`; SciPy's default unit is `fs=2`.
        fs: Sampling rate.
    Raises:
        OptionError: An argument is traced (a number of taps is a shape), A is below 8, or the others are not positive.
        ShapeError: An argument is not one number.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 7.5.3.
    Example:
        >>> kaiser_order(60.0, 0.05)
        (74, 5.65326)
    """
    for argument, value in (("attenuation", attenuation), ("width", width), ("fs", fs)):
        number = known(argument, value)
        if number is None:
            raise OptionError(f"`{argument}` must not be traced: the number of taps, a shape, depends on it.")
        if number.ndim:
            raise ShapeError(f"`{argument}` must be one number; got shape {number.shape}.")
    for argument, value in (("width", width), ("fs", fs)):
        check_positive(argument, value)
    decibels = abs(float(attenuation))
    if not 8 <= decibels < math.inf:
        raise OptionError(f"`attenuation` must be at least 8 dB for Kaiser's formula; got {attenuation}.")
    taps = math.ceil((decibels - 7.95) / (2.285 * 2 * math.pi * float(width) / float(fs)) + 1)
    if decibels > 50:
        return taps, 0.1102 * (decibels - 8.7)
    return taps, 0.5842 * (decibels - 21) ** 0.4 + 0.07886 * (decibels - 21) if decibels > 21 else 0.0


def attenuation_of(taps: int, width: jax.Array) -> jax.Array:
    """In dB, from a width in cycles/sample."""
    return 2.285 * (taps - 1) * 2 * math.pi * width + 7.95


def beta_for(attenuation: jax.Array) -> jax.Array:
    """From dB, with finite derivatives everywhere but at 21 dB from above."""
    above = attenuation - 21
    # Powers and their derivatives only of what is positive.
    is_above = above > 0
    inside = jnp.where(is_above, above, 1)
    middle = jnp.where(is_above, 0.5842 * inside**0.4 + 0.07886 * inside, 0)
    return jnp.where(attenuation > 50, 0.1102 * (attenuation - 8.7), middle)
