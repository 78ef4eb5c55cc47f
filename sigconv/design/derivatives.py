"""`derivative`, `laplacian`, `laplacian_of_gaussian`: differences on small grids, for one axis or more."""

import functools
from collections.abc import Mapping
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import OptionError, front_door, lookup
from sigconv._core.options import is_integer
from sigconv.design._parameters import (
    check_positive,
    constant,
    count,
    known,
    operand,
    parameter,
    radius_of,
    result_dtype,
)
from sigconv.design.smooth import sampled

SMOOTHING: Mapping[str, tuple[int, int, int]] = {
    "central": (0, 1, 0),
    "sobel": (1, 2, 1),
    "prewitt": (1, 1, 1),
    "scharr": (3, 10, 3),
}
"""What each takes across the direction of the derivative."""


@front_door("design.derivative")
def derivative(
    kind: Literal["central", "sobel", "prewitt", "scharr"] = "central",
    *,
    rank: int = 1,
    axis: int = -1,
    normalize: bool = True,
    dtype: DTypeLike | None = None,
) -> jax.Array:
    """Make a first difference (x[n + 1] − x[n − 1])/2 along one axis, smoothed along the others.

    Args:
        kind: What it takes across: 'central' the middle alone, 'sobel' 1 2 1, 'prewitt' 1 1 1, 'scharr' 3 10 3.
        rank: Number of axes.
        axis: The one of the derivative.
        normalize: Whether a ramp of slope 1 gives 1; otherwise the integers of `scipy.ndimage` and OpenCV: for Sobel on
            a plane 8 times as much. (scikit-image's give 2.)
        dtype: A float type.
    Shapes:
        → (3,) * rank, for `convolve`; under `correlate` or a network's convolution the sign changes.
    Raises:
        OptionError: Unknown `kind`, or `axis` is not one of `rank`.
    Example:
        >>> derivative().tolist()
        [0.5, 0.0, -0.5]
        >>> derivative("sobel", rank=2, normalize=False).tolist()
        [[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]
    """
    smoothing, axes, result = np.array(lookup("kind", kind, SMOOTHING)), count("rank", rank), result_dtype(dtype)
    if not is_integer(axis) or not -axes <= axis < axes:
        raise OptionError(f"`axis` must be one of {axes}; got {axis!r}.")
    kernel = np.ones(())
    for here in range(axes):
        factor = np.array([1, 0, -1]) / (2 if normalize else 1) if here == axis % axes else smoothing
        kernel = np.multiply.outer(kernel, factor / (smoothing.sum() if normalize and here != axis % axes else 1))
    return constant(kernel, result).astype(result)


@front_door("design.laplacian")
def laplacian(rank: int = 2, *, dtype: DTypeLike | None = None) -> jax.Array:
    """Make Σ over axes of x[n − 1] − 2x[n] + x[n + 1], `scipy.ndimage.laplace`'s.

    Shapes:
        → (3,) * rank, symmetric.
    Raises:
        OptionError: `rank` is no positive integer.
    Example:
        >>> laplacian().tolist()
        [[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]
    """
    axes, kind = count("rank", rank), result_dtype(dtype)
    kernel = np.zeros((3,) * axes)
    for axis in range(axes):
        kernel += np.reshape([1, -2, 1], [3 if a == axis else 1 for a in range(axes)]) * _middle(axes, axis)
    return constant(kernel, kind).astype(kind)


def _middle(axes: int, axis: int) -> np.ndarray:
    """1 where every axis but one is at its middle."""
    grids = np.indices((3,) * axes)
    return np.all([grids[a] == 1 for a in range(axes) if a != axis], axis=0) if axes > 1 else np.ones(3)


@front_door("design.laplacian_of_gaussian")
def laplacian_of_gaussian(
    sigma: ArrayLike,
    *,
    rank: int = 2,
    radius: int | None = None,
    truncate: float = 4.0,
    dtype: DTypeLike | None = None,
) -> jax.Array:
    """Make the Laplacian of a Gaussian: Σ over axes of g″ along that one and g along the others.

    `scipy.ndimage.gaussian_laplace`'s numbers.

    Args:
        sigma: Standard deviation, one or per axis, in samples. May be traced, if `radius` is given.
        rank: Number of axes.
        radius: Samples to each side, on every axis; `truncate` of the largest `sigma`, rounded, if None.
        truncate: See `radius`.
        dtype: A float type; that of `sigma` if None.
    Shapes:
        sigma () or (rank,) → (2·radius + 1,) * rank, symmetric.
    Raises:
        OptionError: `sigma` is not positive, or is traced without `radius`.
        ShapeError: `sigma` is neither one number nor one per axis.
    Reference:
        Marr & Hildreth, "Theory of edge detection", Proc. R. Soc. B 207, 1980.
    Example:
        >>> print(np.array(laplacian_of_gaussian(1.0, rank=1, radius=1)).round(3))
        [ 0.    -0.452  0.   ]
    """
    axes, kind = count("rank", rank), result_dtype(dtype, sigma)
    check_positive("sigma", sigma)
    check_positive("truncate", truncate)
    shape = () if operand("sigma", sigma).ndim == 0 else (axes,)
    values = known("sigma", sigma)
    sigmas = jnp.broadcast_to(parameter("sigma", sigma, kind, shape), (axes,))
    reach = sigma if values is None else values.max() * truncate + 0.5
    return _laplacian_of_gaussian(radius_of(radius, reach, "sigma"), kind, sigmas)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _laplacian_of_gaussian(radius: int, dtype: np.dtype, sigmas: jax.Array) -> jax.Array:
    axes = sigmas.size
    factors = [(sampled(radius, 0, s), sampled(radius, 2, s)) for s in sigmas]
    total = jnp.zeros((2 * radius + 1,) * axes, sigmas.dtype)
    for bent in range(axes):
        product = jnp.ones((1,) * axes, sigmas.dtype)
        for axis, (bell, second) in enumerate(factors):
            along = second if axis == bent else bell
            product = product * along.reshape([-1 if a == axis else 1 for a in range(axes)])
        total = total + product
    return total.astype(dtype)
