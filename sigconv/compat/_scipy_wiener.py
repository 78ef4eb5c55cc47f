"""`scipy.signal.wiener`: a local Wiener filter."""

import functools
import math

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv._core.conventions import CONVENTIONS
from sigconv._core.dtypes import is_complex
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door
from sigconv._core.options import per_axis
from sigconv.compat._through import as_array, through


@front_door("compat.scipy.wiener")
def wiener(im: ArrayLike, mysize: int | tuple[int, ...] | None = None, noise: ArrayLike | None = None) -> jax.Array:
    """`scipy.signal.wiener`: μ + (x − μ)(1 − noise/σ²), or μ where σ² < noise; means over a box, 0 beyond the ends.

    SciPy's variance, a difference of mean squares, is taken here about the image's mean, so that it survives float32.
    Where it is 0, and the noise too, the result is μ and not SciPy's NaN.

    Args:
        im: Real.
        mysize: The box, per axis or for all; 3 if None.
        noise: Its power; the mean of all σ² if None.
    Shapes:
        im (*shape) → (*shape).
    Raises:
        ShapeError: `im` is empty or a scalar.
        OptionError: `mysize` is not made of positive integers.
        DTypeError: `im` is complex.
    """
    image = as_array("im", im)
    if not image.ndim or not image.size:
        raise ShapeError(f"`im` must have samples; got shape {image.shape}.")
    if is_complex(image.dtype):
        raise DTypeError(f"`im` must be real; got {image.dtype}. Filter its parts.")
    sizes = per_axis("mysize", 3 if mysize is None else mysize, image.ndim)
    power = None if noise is None else as_array("noise", noise)
    if power is not None and power.ndim:
        raise OptionError(f"`noise` must be one number; got shape {power.shape}.")
    x = image.astype(jax.dtypes.canonicalize_dtype(float))
    mean_of = functools.partial(_local_mean, sizes=sizes)
    centre = jnp.mean(x)
    about = x - centre
    part = mean_of(jnp.ones_like(x))
    local, square = mean_of(about), mean_of(about**2)
    mean = local + centre * part
    variance = square - local**2 + (2 * centre * local + centre**2 * part) * (1 - part)
    level = jnp.mean(variance) if power is None else power.astype(x.dtype)
    is_flat = (variance < level) | (variance == 0)
    kept = 1 - level / jnp.where(is_flat, jnp.ones_like(variance), variance)
    return jnp.where(is_flat, mean, (x - mean) * kept + mean)


def _local_mean(x: jax.Array, sizes: tuple[int, ...]) -> jax.Array:
    for axis, size in enumerate(sizes):
        shape = [1] * x.ndim
        shape[axis] = size
        x = through(CONVENTIONS["scipy.signal.correlate"], x, jnp.ones(shape, x.dtype), "same", method="direct")
    return x / math.prod(sizes)
