"""`scipy.ndimage`'s convolutions, correlations, and the smoothing and derivatives made of them.

SciPy computes in float64 and then casts to the output's type, truncating and wrapping for integers. So does this, in
the widest type that JAX is set up for: float32 unless `jax_enable_x64` is on. Integer weights on integer images are
exact; with fractions, a sum within rounding of a whole number can be truncated to the one below, here or there.
"""

import jax
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import front_door
from sigconv.compat._ndimage import filtered, only
from sigconv.compat._ndimage_edges import gaussian_gradient_magnitude as gaussian_gradient_magnitude
from sigconv.compat._ndimage_edges import gaussian_laplace as gaussian_laplace
from sigconv.compat._ndimage_edges import laplace as laplace
from sigconv.compat._ndimage_edges import prewitt as prewitt
from sigconv.compat._ndimage_edges import sobel as sobel
from sigconv.compat._ndimage_smooth import gaussian_filter as gaussian_filter
from sigconv.compat._ndimage_smooth import gaussian_filter1d as gaussian_filter1d
from sigconv.compat._ndimage_smooth import uniform_filter as uniform_filter
from sigconv.compat._ndimage_smooth import uniform_filter1d as uniform_filter1d


@front_door("compat.ndimage.correlate")
def correlate(
    input: ArrayLike,
    weights: ArrayLike,
    output: DTypeLike | None = None,
    mode: str | tuple[str, ...] = "reflect",
    cval: complex = 0.0,
    origin: int | tuple[int, ...] = 0,
    *,
    axes: int | tuple[int, ...] | None = None,
) -> jax.Array:
    """`scipy.ndimage.correlate`: conjugates the weights; a positive origin moves the output towards higher indices.

    Args:
        input, cval, origin, axes: As SciPy's.
        weights: Their axes are in the input's order, whatever the order of `axes`.
        mode: A name of SciPy's, whose 'reflect' is sigconv's 'symmetric'; or, which SciPy lacks here, one for each of
            `axes`.
        output: The result's dtype, or None for the input's. An array to write into is refused: JAX's are immutable.
    Shapes:
        input (*shape), weights with one axis for each of `axes` → (*shape).
    Raises:
        ShapeError: The weights do not have one axis for each of `axes`, or are empty.
        OptionError: Unknown `mode`, an `origin` outside the weights, an `output` that is not a dtype or not complex
            where the result is, or a `cval` that is complex where the input is not.
    """
    return filtered("scipy.ndimage.correlate", input, weights, output, mode, cval, origin, axes)


@front_door("compat.ndimage.convolve")
def convolve(
    input: ArrayLike,
    weights: ArrayLike,
    output: DTypeLike | None = None,
    mode: str | tuple[str, ...] = "reflect",
    cval: complex = 0.0,
    origin: int | tuple[int, ...] = 0,
    *,
    axes: int | tuple[int, ...] | None = None,
) -> jax.Array:
    """`scipy.ndimage.convolve`: flips the weights; a positive origin moves the output towards lower indices.

    Arguments, shapes and errors are those of `correlate`.
    """
    return filtered("scipy.ndimage.convolve", input, weights, output, mode, cval, origin, axes)


@front_door("compat.ndimage.correlate1d")
def correlate1d(
    input: ArrayLike,
    weights: ArrayLike,
    axis: int = -1,
    output: DTypeLike | None = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> jax.Array:
    """`scipy.ndimage.correlate1d`: `correlate` along one axis with a vector of weights.

    Shapes:
        input (*shape), weights (K,) → (*shape).
    Raises:
        ShapeError, OptionError: As `correlate`.
    """
    return filtered("scipy.ndimage.correlate1d", input, weights, output, mode, cval, origin, only(axis, input))


@front_door("compat.ndimage.convolve1d")
def convolve1d(
    input: ArrayLike,
    weights: ArrayLike,
    axis: int = -1,
    output: DTypeLike | None = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> jax.Array:
    """`scipy.ndimage.convolve1d`: `convolve` along one axis with a vector of weights.

    Shapes:
        input (*shape), weights (K,) → (*shape).
    Raises:
        ShapeError, OptionError: As `correlate`.
    """
    return filtered("scipy.ndimage.convolve1d", input, weights, output, mode, cval, origin, only(axis, input))
