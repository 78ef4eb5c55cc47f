"""OpenCV's `phaseCorrelate`: the shift between two images, from the centroid about the peak.

OpenCV pads images with zeros to lengths of factors 2, 3 and 5, and so does this. Where such a length is odd OpenCV
5.0 takes the middle of the correlation to be half a sample further than it is, and gives 0.5 for images that are alike;
here that is 0. OpenCV also leaves the window on the images it was given.
"""

# ruff: noqa: N802 - OpenCV's own name.

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand
from sigconv._core.errors import DTypeError, ShapeError, front_door
from sigconv._core.layout import check_not_empty

_REACH = 2
"""Samples to either side of the peak that the centroid is taken over."""


@front_door("compat.opencv.phaseCorrelate")
def phaseCorrelate(
    src1: ArrayLike, src2: ArrayLike, window: ArrayLike | None = None
) -> tuple[tuple[jax.Array, jax.Array], jax.Array]:
    """`cv2.phaseCorrelate`: ((x, y), response) with src2[n] = src1[n − (y, x)].

    That is the opposite sign of `sigconv.phase_correlation` and of scikit-image, and the opposite order of axes. Where
    OpenCV's transform has an odd length, 15 or 27, its result is half a sample more along that axis; not here.

    Args:
        src1, src2: Images of float32 or float64, of one shape and type.
        window: Weights of both, of the same shape and type.
    Shapes:
        src1, src2, window (H, W) → (((), ()), ()).
    Raises:
        ShapeError: The images are empty, not (H, W), or shapes differ.
        DTypeError: The images are neither of float32 nor of float64, or their types differ.
    """
    x, y = as_operand("src1", src1), as_operand("src2", src2)
    weights = None if window is None else as_operand("window", window)
    check_not_empty("src1", x.shape)
    if x.ndim != 2:
        raise ShapeError(f"`src1` must be (H, W); got shape {x.shape}.")
    if x.dtype not in (np.float32, np.float64):
        raise DTypeError(f"`src1` must be of float32 or float64, as for OpenCV; got {x.dtype}. Cast it.")
    for argument, a in (("src2", y), ("window", weights)):
        if a is not None and a.shape != x.shape:
            raise ShapeError(f"`{argument}` must have the shape of src1, {x.shape}; got {a.shape}.")
        if a is not None and a.dtype != x.dtype:
            raise DTypeError(f"`{argument}` must have the type of src1, {x.dtype}; got {a.dtype}. Cast one.")
    return _correlate(x, y, weights)


@jax.jit
def _correlate(x: jax.Array, y: jax.Array, weights: jax.Array | None) -> tuple[tuple[jax.Array, jax.Array], jax.Array]:
    eps = float(jnp.finfo(x.dtype).eps)
    if weights is not None:
        x, y = x * weights, y * weights
    shape = tuple(map(_optimal_length, x.shape))
    product = jnp.fft.rfft2(x, shape) * jnp.conj(jnp.fft.rfft2(y, shape))
    size = jnp.abs(product)
    c = jnp.fft.irfft2(product * (size / (size * size + eps)).astype(product.dtype), shape)
    middle = tuple(n // 2 for n in shape)
    c = jnp.roll(c, middle, (0, 1))
    peak = jnp.unravel_index(jnp.argmax(c), shape)
    grids = [lax.broadcasted_iota(np.int32, shape, axis) - place.astype(np.int32) for axis, place in enumerate(peak)]
    near = functools.reduce(jnp.logical_and, (jnp.abs(grid) <= _REACH for grid in grids))
    c = jnp.where(near, c, 0)
    response = jnp.sum(c)
    total = response + float(jnp.finfo(np.float64).eps) / c.size
    down, across = (
        (m - p).astype(c.dtype) - jnp.sum(grid.astype(c.dtype) * c) / total
        for m, p, grid in zip(middle, peak, grids, strict=True)
    )
    return (across, down), response


def _optimal_length(least: int) -> int:
    """`cv2.getOptimalDFTSize`: the next length of factors 2, 3 and 5."""
    length = least
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 1
