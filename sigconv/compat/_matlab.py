"""What MATLAB's front doors share: classes of results, lengths, ranks, borders and casts."""

import functools
import math
import numbers
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.boundary import ZERO, Constant, Reads, Rule
from sigconv._core.conventions import Convention
from sigconv._core.dtypes import is_complex, is_exact, promoted
from sigconv._core.errors import DTypeError, OptionError, ShapeError, lookup
from sigconv._core.options import is_integer
from sigconv.compat._through import as_array, product_method
from sigconv.signal import convolve, correlate

SIZES: Mapping[str, Callable[[int, int], int]] = {
    "full": lambda n, k: max(n + k - 1, n, k),
    "same": lambda n, k: n,
    "valid": lambda n, k: max(n - max(k - 1, 0), 0),
}
"""The documented lengths, which hold for empty operands too."""


def shaped(row: Convention, x: jax.Array, w: jax.Array, shape: str, axes: tuple[int, ...] | None = None) -> jax.Array:
    """Filter along `axes`, one for each of the kernel's; None is all."""
    lookup("shape", shape, row.modes)
    axes = tuple(range(x.ndim)) if axes is None else axes
    dtype, result, lengths = result_class(x, w), list(x.shape), []
    for axis, k in zip(axes, w.shape, strict=True):
        lengths.append((x.shape[axis], k))
        result[axis] = SIZES[shape](x.shape[axis], k)
    if not (x.size and w.size and math.prod(result)):
        return jnp.zeros(result, dtype)
    pads = [row.padding(n, k, mode=shape) for n, k in lengths]
    return filtered(row, x.astype(dtype), w.astype(dtype), pads, axes=axes)


def filtered(
    row: Convention,
    x: jax.Array,
    w: jax.Array,
    pads: list[tuple[int, int]],
    reads: Reads = ZERO,
    axes: tuple[int, ...] | None = None,
    rounds: bool = False,
) -> jax.Array:
    """Filter with the row's flip and conjugate; `rounds` where the result will be rounded to integers."""
    boundary = reads.value if isinstance(reads, Rule) else reads
    method = product_method(x, w, mode=pads, boundary=boundary, axes=axes) if rounds else "auto"
    if row.flips:
        return convolve(x, w, mode=pads, boundary=boundary, axes=axes, method=method)
    kernel = w if row.conjugates else jnp.conj(w)
    return correlate(x, kernel, mode=pads, boundary=boundary, axes=axes, method=method)


def result_class(*arrays: jax.Array) -> np.dtype:
    """The narrowest of the float types; complex if any is. Integers and logicals count as double."""
    floats = [np.dtype(array.dtype) for array in arrays if jnp.issubdtype(array.dtype, jnp.inexact)]
    narrow = [dtype for dtype in floats if dtype not in (np.float64, np.complex128)]
    dtype = functools.reduce(promoted, narrow or floats or [jax.dtypes.canonicalize_dtype(float)])
    return promoted(dtype, np.dtype(np.complex64)) if any(map(is_complex, floats)) else dtype


def image_class(image: jax.Array, kernel: jax.Array) -> np.dtype:
    """The image's own; complex if the kernel is."""
    dtype = np.dtype(image.dtype)
    if not is_complex(kernel.dtype):
        return dtype
    if dtype == bool or is_exact(dtype):
        raise DTypeError(f"`h` must be real where A is {dtype}; got {kernel.dtype}. Make A a float array first.")
    return promoted(dtype, np.dtype(np.complex64))


def fill(value: Any, dtype: np.dtype) -> Constant:
    """The number in the image's class."""
    is_real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not (is_real or isinstance(value, complex | np.complexfloating)):
        raise OptionError(
            f"`options` must be words or a number; got {type(value).__name__}. If it is a traced number, pad A instead."
        )
    if is_complex(dtype):
        return Constant(complex(value))  # pyright: ignore[reportArgumentType]
    if not is_real:
        raise OptionError(f"`options` must be words or a real number where A is real; got {value}. Make A complex.")
    number = int(value) if is_integer(value) else float(value)  # pyright: ignore[reportArgumentType]
    if dtype == bool:
        return Constant(int(number != 0))
    if is_exact(dtype):
        limits = jnp.iinfo(dtype)
        inside = 0 if number != number else min(max(number, limits.min), limits.max)
        return Constant(int(Decimal(inside).to_integral_value(ROUND_HALF_UP)))
    with np.errstate(over="ignore"):
        return Constant(float(np.asarray(number, dtype)))


def cast(y: jax.Array, dtype: np.dtype) -> jax.Array:
    """As MATLAB casts: integers rounded, halves away from zero, saturated, and 0 for NaN."""
    if dtype == bool:
        return y >= 0.5
    if not is_exact(dtype):
        return y.astype(dtype)
    limits = jnp.iinfo(dtype)
    whole = jnp.where(jnp.isnan(y), 0, lax.round(y, lax.RoundingMethod.AWAY_FROM_ZERO))
    # The limits of wide integers are rounded up in floating point: what reaches them must not be cast.
    low, high = (jnp.asarray(limit, dtype) for limit in (limits.min, limits.max))
    inside = jnp.where(whole >= float(limits.max), high, whole.astype(dtype))
    return jnp.where(whole <= float(limits.min), low, inside)


def of_rank(rank: int, argument: str, value: ArrayLike) -> jax.Array:
    """The array; `ShapeError` if it has another number of axes."""
    array = as_array(argument, value)
    if array.ndim != rank:
        kind = "a vector (1-d)" if rank == 1 else "a matrix (2-d)"
        raise ShapeError(f"`{argument}` must be {kind}; got shape {array.shape}. Reshape it.")
    return array


def same_rank(first: jax.Array, second: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Axes of length 1 behind the last, as MATLAB's arrays have without end."""
    rank = max(first.ndim, second.ndim, 1)
    first, second = (array.reshape(array.shape + (1,) * (rank - array.ndim)) for array in (first, second))
    return first, second
