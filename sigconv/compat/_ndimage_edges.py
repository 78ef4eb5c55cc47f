"""`scipy.ndimage`'s derivatives: Sobel, Prewitt, Laplacians, and the magnitude of a smoothed gradient."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.dtypes import computed_in, is_complex, is_exact
from sigconv._core.errors import front_door
from sigconv.compat._ndimage import cast, filtered, only, output_dtype
from sigconv.compat._ndimage_smooth import ROW, Mode, axes_of, check_boundary, gaussian_filter, modes_of
from sigconv.compat._through import as_array


@front_door("compat.ndimage.sobel")
def sobel(
    input: ArrayLike, axis: int = -1, output: DTypeLike | None = None, mode: Mode = "reflect", cval: complex = 0.0
) -> jax.Array:
    """`scipy.ndimage.sobel`: −1 0 1 along one axis, 1 2 1 along every other; on a plane 8 times the slope.

    Shapes:
        input (*shape) → (*shape).
    Raises:
        OptionError: An argument is not one of SciPy's.
    """
    return _difference(input, axis, output, mode, cval, (1, 2, 1))


@front_door("compat.ndimage.prewitt")
def prewitt(
    input: ArrayLike, axis: int = -1, output: DTypeLike | None = None, mode: Mode = "reflect", cval: complex = 0.0
) -> jax.Array:
    """`scipy.ndimage.prewitt`: −1 0 1 along one axis, 1 1 1 along every other; on a plane 6 times the slope.

    Shapes:
        input (*shape) → (*shape).
    Raises:
        OptionError: An argument is not one of SciPy's.
    """
    return _difference(input, axis, output, mode, cval, (1, 1, 1))


@front_door("compat.ndimage.laplace")
def laplace(
    input: ArrayLike,
    output: DTypeLike | None = None,
    mode: Mode = "reflect",
    cval: complex = 0.0,
    *,
    axes: int | tuple[int, ...] | None = None,
) -> jax.Array:
    """`scipy.ndimage.laplace`: 1 −2 1 along each axis, added up.

    Shapes:
        input (*shape) → (*shape).
    Raises:
        OptionError: An argument is not one of SciPy's.
    """
    x = as_array("input", input)

    def second(axis: int, word: str, stage: np.dtype) -> jax.Array:
        return filtered(ROW, x, np.array([1, -2, 1]), stage, word, cval, 0, (axis,))

    return _sum(x, output, mode, cval, axes, second)


@front_door("compat.ndimage.gaussian_laplace")
def gaussian_laplace(
    input: ArrayLike,
    sigma: ArrayLike | tuple[ArrayLike, ...],
    output: DTypeLike | None = None,
    mode: Mode = "reflect",
    cval: complex = 0.0,
    *,
    axes: int | tuple[int, ...] | None = None,
    **kwargs: Any,
) -> jax.Array:
    """`scipy.ndimage.gaussian_laplace`: `gaussian_filter` with order 2 along each axis, added up.

    Args:
        input, sigma, output, mode, cval, axes: As SciPy's.
        kwargs: `truncate` and `radius`, as of `gaussian_filter`.
    Shapes:
        input (*shape) → (*shape).
    Raises:
        OptionError: An argument is not one of SciPy's.
    """
    x = as_array("input", input)
    spatial = axes_of(axes, x.ndim)
    one_each = isinstance(sigma, tuple | list) or np.ndim(sigma) == 1
    given: Any = sigma if one_each else (sigma,) * len(spatial)
    whole: list[Any] = [0.0] * x.ndim
    # As SciPy: the axes that are not asked for are not smoothed either. Numbers that do not fit are refused there.
    if len(given) == len(spatial):
        for axis, s in zip(spatial, given, strict=True):
            whole[axis] = s
    sigmas = tuple(whole) if len(given) == len(spatial) else tuple(given)

    def second(axis: int, word: str, stage: np.dtype) -> jax.Array:
        order = tuple(2 * (a == axis) for a in range(x.ndim))
        return gaussian_filter(x, sigmas, order, stage, word, cval, **kwargs)

    return _sum(x, output, mode, cval, axes, second)


@front_door("compat.ndimage.gaussian_gradient_magnitude")
def gaussian_gradient_magnitude(
    input: ArrayLike,
    sigma: ArrayLike | tuple[ArrayLike, ...],
    output: DTypeLike | None = None,
    mode: Mode = "reflect",
    cval: complex = 0.0,
    *,
    axes: int | tuple[int, ...] | None = None,
    **kwargs: Any,
) -> jax.Array:
    """`scipy.ndimage.gaussian_gradient_magnitude`: the root of the sum of squared slopes; its derivative is 0 at 0.

    Args:
        input, sigma, output, mode, cval, axes: As SciPy's; squares of integers wrap around, as there.
        kwargs: `truncate` and `radius`, as of `gaussian_filter`.
    Shapes:
        input (*shape) → (*shape).
    Raises:
        OptionError: An argument is not one of SciPy's.
    """
    x = as_array("input", input)

    def squared(axis: int, word: str, stage: np.dtype) -> jax.Array:
        order = tuple(int(a == axis) for a in range(x.ndim))
        slope = gaussian_filter(x, sigma, order, stage, word, cval, **kwargs)
        return slope & slope if slope.dtype == bool else slope * slope

    return _sum(x, output, mode, cval, axes, squared, last=_root)


def _difference(
    input: ArrayLike, axis: int, output: DTypeLike | None, mode: Mode, cval: complex, across: tuple[int, int, int]
) -> jax.Array:
    x = as_array("input", input)
    (along,) = only(axis, x)
    words = modes_of(mode, x.ndim)
    result = output_dtype(output, x, jnp.zeros((), np.float32))
    check_boundary(words, cval, x)
    along, stage = along % x.ndim, computed_in(result)
    y = filtered(ROW, x, np.array([-1, 0, 1]), stage, words[along], cval, 0, (along,))
    for other in range(x.ndim):
        if other != along:
            y = filtered(ROW, y, np.array(across), stage, words[other], cval, 0, (other,))
    return cast(y, result)


def _sum(
    x: jax.Array,
    output: DTypeLike | None,
    mode: Mode,
    cval: complex,
    axes: Any,
    each: Callable[[int, str, np.dtype], jax.Array],
    last: Callable[[jax.Array], jax.Array] = lambda y: y,
) -> jax.Array:
    """What `each` gives for every axis, added up in the output's type, as SciPy does."""
    spatial = axes_of(axes, x.ndim)
    words = modes_of(mode, len(spatial))
    result = output_dtype(output, x, jnp.zeros((), np.float32))
    check_boundary(words, cval, x)
    if not spatial:
        return cast(x, result)
    stage = computed_in(result)
    first, *others = (each(axis, word, stage) for axis, word in zip(spatial, words, strict=True))
    for term in others:
        first = first | term if first.dtype == bool else first + term
    return cast(last(first), result)


def _root(y: jax.Array) -> jax.Array:
    if y.dtype == bool or is_complex(y.dtype):
        return y if y.dtype == bool else jnp.sqrt(y)
    if is_exact(y.dtype):
        root = jnp.sqrt(y.astype(jax.dtypes.canonicalize_dtype(float))).astype(y.dtype)
        return root - (root * root > y).astype(y.dtype)
    # Flat places have no slope, and no derivative that is not 0.
    is_sloped = y > 0
    return jnp.where(is_sloped, jnp.sqrt(jnp.where(is_sloped, y, 1)), 0)
