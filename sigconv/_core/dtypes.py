"""The one dtype and precision policy.

Operands are promoted as JAX promotes arrays, whatever promotion setting is on. float16 and bfloat16 are computed in
float32 and rounded once, at the end; everything else is computed in its own type. Integers stay integers and wrap
around as NumPy's do. Precision is "highest" unless the caller says otherwise.
"""

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import DTypeError, OptionError, lookup

PRECISIONS: Mapping[str, lax.Precision] = {
    "default": lax.Precision.DEFAULT,
    "high": lax.Precision.HIGH,
    "highest": lax.Precision.HIGHEST,
}


def as_operand(argument: str, value: ArrayLike) -> jax.Array:
    """The value as a JAX array; `DTypeError` if it is not numeric."""
    if not isinstance(value, jax.Array):
        try:
            value = np.asarray(value)
        except (TypeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise DTypeError(f"`{argument}` must be a numeric array; got {type(value).__name__} ({reason}).") from None
    check_numeric(argument, value.dtype)
    if isinstance(value, np.ndarray):
        _check_range(argument, value)
    try:
        return jnp.asarray(value)
    except TypeError:
        raise DTypeError(f"`{argument}` must have a dtype that JAX has; got {value.dtype}. Cast it.") from None


def _check_range(argument: str, value: np.ndarray) -> None:
    """`DTypeError` where JAX would cut integers off to fit its present settings, and say nothing."""
    dtype = jax.dtypes.canonicalize_dtype(value.dtype) if value.dtype.kind in "iu" else value.dtype
    if dtype != value.dtype and value.size:
        limits = jnp.iinfo(dtype)
        if value.min() < limits.min or value.max() > limits.max:
            raise DTypeError(
                f"`{argument}` must hold integers that fit {dtype} unless jax_enable_x64 is on; got "
                f"{value.min()} to {value.max()}. Turn it on, or cast to a float type."
            )


def check_numeric(argument: str, dtype: np.dtype) -> None:
    """`DTypeError` unless arrays of this dtype can be filtered."""
    if not jnp.issubdtype(dtype, jnp.number):
        advice = "Cast it to an integer type to count" if dtype == bool else "Convert it to a numeric array first"
        raise DTypeError(f"`{argument}` must hold integers, floats or complex numbers; got {dtype}. {advice}.")


def resolve_dtype(dtype: DTypeLike) -> np.dtype:
    """The dtype that an array of `dtype` has under JAX's present settings."""
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise DTypeError(f"`dtype` must be a dtype; got {dtype!r}.") from None
    check_numeric("dtype", kind)
    return jax.dtypes.canonicalize_dtype(kind)


def promoted(first: np.dtype, second: np.dtype) -> np.dtype:
    """The dtype of a product, as JAX promotes by default, also where the user asks for strict promotion."""
    try:
        with jax.numpy_dtype_promotion("standard"):
            return jnp.promote_types(first, second)
    except (TypeError, ValueError):
        raise DTypeError(
            f"`kernel` must have a dtype that mixes with the signal's; got {second} for {first}. Cast one."
        ) from None


def common(*values: Any) -> np.dtype:
    """The dtype that arrays or dtypes are promoted to together, also where the user asks for strict promotion."""
    kinds = (value if isinstance(value, type) else getattr(value, "dtype", value) for value in values)
    return functools.reduce(promoted, map(np.dtype, kinds))


def floating(*values: Any) -> np.dtype:
    """`common`, and a float type of at least 32 bits."""
    return common(*values, np.float32)


def as_scalar(factor: ArrayLike, like: np.dtype) -> jax.Array:
    """A number as an array; a Python number takes the precision of `like`."""
    if isinstance(factor, int | float):
        return jnp.asarray(factor, floating(like))
    if isinstance(factor, complex):
        return jnp.asarray(factor, common(like, np.complex64))
    return jnp.asarray(factor)


def computed_in(dtype: np.dtype) -> np.dtype:
    """The dtype to multiply and add in."""
    is_short = jnp.issubdtype(dtype, jnp.floating) and np.dtype(dtype).itemsize < 4
    return np.dtype("float32") if is_short else np.dtype(dtype)


def is_exact(dtype: np.dtype) -> bool:
    """Whether arithmetic in this dtype has no rounding: integers."""
    return jnp.issubdtype(dtype, jnp.integer)


def is_complex(dtype: np.dtype) -> bool:
    return jnp.issubdtype(dtype, jnp.complexfloating)


def resolve_precision(precision: object) -> lax.Precision:
    if precision is None:
        return lax.Precision.HIGHEST
    if isinstance(precision, lax.Precision):
        return precision
    if not isinstance(precision, str):
        raise OptionError(f"`precision` must be a name or a jax.lax.Precision; got {precision!r}.")
    return lookup("precision", precision, PRECISIONS)
