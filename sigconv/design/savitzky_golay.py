"""`savitzky_golay`: the polynomial fitted to a window by least squares, read at a place; SciPy's `savgol_coeffs`."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import OptionError, front_door
from sigconv.design._parameters import check_positive, constant, count, known, parameter, result_dtype


@front_door("design.savitzky_golay")
def savitzky_golay(
    length: int,
    order: int,
    *,
    derivative: int = 0,
    spacing: ArrayLike = 1.0,
    position: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> jax.Array:
    """Make the taps whose convolution fits a polynomial to every window and reads it, or a derivative, at its middle.

    Args:
        length: Samples in a window.
        order: Of the polynomial; below `length`.
        derivative: Which one; 0 smooths. Above `order` it is 0.
        spacing: Of the samples; derivatives scale with spacing^−derivative. May be traced.
        position: Where in the window, from 0 to length − 1 in the order of the signal; its middle if None. May be
            traced, and lie between samples.
        dtype: A float type; that of the parameters if None.
    Shapes:
        → (length,), for `convolve`; flip them for `correlate` or a network's convolution.
    Raises:
        OptionError: `order` is not below `length`, `derivative` is negative, `position` lies outside, `spacing` is not
            positive.
    Reference:
        Savitzky & Golay, "Smoothing and differentiation of data by simplified least squares procedures", 1964.
    Example:
        >>> (savitzky_golay(5, 2) * 35).round(4).tolist()
        [-3.0, 12.0, 17.0, 12.0, -3.0]
    """
    n, degree, nth = count("length", length), count("order", order, 0), count("derivative", derivative, 0)
    if degree >= n:
        raise OptionError(f"`order` must be below `length`, {n}; got {order}.")
    kind = result_dtype(dtype, spacing, position)
    middle = (n - 1) / 2 if position is None else position
    place = known("position", middle)
    if place is not None and not np.all((place >= 0) & (place <= n - 1)):
        raise OptionError(f"`position` must lie in the window, from 0 to {n - 1}; got {position}.")
    check_positive("spacing", spacing)
    return _savitzky_golay(
        n, degree, nth, kind, parameter("spacing", spacing, kind), parameter("position", middle, kind)
    )


@functools.partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _savitzky_golay(
    length: int, order: int, nth: int, dtype: np.dtype, spacing: jax.Array, position: jax.Array
) -> jax.Array:
    if nth > order:
        return jnp.zeros(length, dtype)
    legendre = np.polynomial.legendre
    # The window from −1 to 1; Legendre's polynomials are well conditioned there, powers are not.
    reach = max(length - 1, 1) / 2
    fit = np.linalg.pinv(legendre.legvander((np.arange(length) - (length - 1) / 2) / reach, order))
    coefficients = constant(legendre.legder(fit, nth) / reach**nth, dtype)
    u = (position - (length - 1) / 2) / reach
    values = [jnp.ones_like(u), u]
    for k in range(1, order - nth):
        values.append(((2 * k + 1) * u * values[k] - k * values[k - 1]) / (k + 1))
    at = jnp.stack(values[: order - nth + 1])
    taps = jnp.sum(at[:, None] * coefficients, 0) / spacing**nth
    return taps[::-1].astype(dtype)


def edge_fits(length: int, order: int, nth: int) -> np.ndarray:
    """What reads the polynomial fitted to the first `length` samples at each of the first length // 2.

    Shapes:
        → (length // 2, length), in float64, to be multiplied with the samples; both axes flipped for the last samples,
        with the sign (−1)^nth.
    """
    legendre = np.polynomial.legendre
    reach = max(length - 1, 1) / 2
    u = (np.arange(length) - (length - 1) / 2) / reach
    fit = legendre.legder(np.linalg.pinv(legendre.legvander(u, order)), nth) / reach**nth
    if nth > order:
        return np.zeros((length // 2, length))
    return legendre.legval(u[: length // 2], fit, tensor=True).T
