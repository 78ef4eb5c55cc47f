"""What the NumPy-like front doors share: their dtypes, and the way through a row of the conventions table."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.conventions import Convention
from sigconv._core.dtypes import as_operand, promoted
from sigconv._core.errors import ShapeError, lookup
from sigconv.signal import Boundary, convolve, correlate, select_method

PRODUCTS = ("shift_add", "direct")
"""The methods that take every product."""


def as_array(argument: str, value: ArrayLike) -> jax.Array:
    """The array; bools, which these libraries take, as they are."""
    if not isinstance(value, jax.Array):
        try:
            value = np.asarray(value)
        except (TypeError, ValueError):
            return as_operand(argument, value)  # Which says what is wrong with it.
    return jnp.asarray(value) if value.dtype == bool else as_operand(argument, value)


def numpy_dtype(*dtypes: np.dtype) -> np.dtype:
    """The type NumPy gives a product of arrays of these, or the nearest that JAX is set up to hold."""
    try:
        dtype = np.result_type(*dtypes)
    except TypeError:  # bfloat16 with float16: NumPy has no answer.
        dtype = promoted(dtypes[0], dtypes[-1])
    return jax.dtypes.canonicalize_dtype(dtype)


def product_method(
    signal: jax.Array,
    kernel: jax.Array,
    *,
    mode: list[tuple[int, int]],
    boundary: Boundary,
    axes: tuple[int, ...] | None = None,
) -> str:
    """The cheaper of the methods that take every product: for results that are rounded to integers.

    A transform would turn halves, and with them the way they are rounded, into almost halves.
    """
    given = {"mode": mode, "boundary": boundary, "axes": axes, "dtype": signal.dtype}
    costs = select_method(signal.shape, kernel.shape, **given).costs
    return min((name for name in PRODUCTS if name in costs), key=lambda name: costs[name])


def through(
    row: Convention,
    signal: jax.Array,
    kernel: jax.Array,
    mode: str,
    *,
    axes: tuple[int, ...] | None = None,
    boundary: Boundary = "zero",
    method: str = "auto",
    dtype: np.dtype | None = None,
) -> jax.Array:
    """Filter as the row says, in the type NumPy gives: with swapped operands where the library swaps, bools by or/and.

    Shapes:
        signal and kernel have one rank, and broadcast along the axes that are not in `axes` → the library's.
    """
    lookup("mode", mode, row.modes)
    axes = tuple(range(signal.ndim)) if axes is None else axes
    lengths = [(signal.shape[axis], kernel.shape[axis]) for axis in axes]
    dtype = numpy_dtype(signal.dtype, kernel.dtype) if dtype is None else dtype
    working = np.dtype("int32") if dtype == bool else dtype
    method = "auto" if jnp.issubdtype(working, jnp.integer) else method
    signal, kernel = signal.astype(working), kernel.astype(working)
    swaps = mode in row.swaps and any(n < k for n, k in lengths)
    if swaps:
        if mode == "valid" and any(n > k for n, k in lengths):
            raise ShapeError(
                "`mode` must not be 'valid' unless one operand is at least as long as the other on every axis; got "
                f"lengths {lengths}. Use 'full'."
            )
        signal, kernel = kernel, signal
        lengths = [(k, n) for n, k in lengths]
    pads = [row.padding(n, k, mode=mode) for n, k in lengths]
    apply = convolve if row.flips else correlate
    y = apply(signal, kernel, mode=pads, axes=axes, boundary=boundary, method=method)
    if swaps and not row.flips:
        y = jnp.conj(jnp.flip(y, axes))
    return y != 0 if dtype == bool else y.astype(dtype)
