"""What the front doors of designs share: continuous parameters, which may be traced, and the dtypes of results."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import core
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.dtypes import as_operand, common, computed_in, is_complex, resolve_dtype
from sigconv._core.errors import DTypeError, OptionError, ShapeError
from sigconv._core.options import MOST, is_integer


def result_dtype(dtype: DTypeLike | None, *parameters: Any) -> np.dtype:
    """The dtype asked for; else that of the parameters that are float arrays; else JAX's default float."""
    if dtype is not None:
        kind = resolve_dtype(dtype)
        if not jnp.issubdtype(kind, jnp.floating):
            raise DTypeError(f"`dtype` must be a float type; got {kind}.")
        return kind
    leaves = (leaf for leaf in jax.tree.leaves(parameters) if hasattr(leaf, "dtype"))
    kinds = [leaf.dtype for leaf in leaves if jnp.issubdtype(leaf.dtype, jnp.floating)]
    return jax.dtypes.canonicalize_dtype(common(*kinds) if kinds else float)


def operand(argument: str, value: ArrayLike) -> jax.Array:
    """`as_operand`, also of a list or a tuple with traced numbers in it."""
    is_list = isinstance(value, tuple | list)
    if is_list and any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(value)):
        rows = [operand(argument, entry) for entry in value]
        kind = common(*rows)
        if len({row.shape for row in rows}) > 1:
            raise ShapeError(f"`{argument}` must have entries of one shape; got {[row.shape for row in rows]}.")
        return jnp.stack([row.astype(kind) for row in rows])
    return as_operand(argument, value)


def parameter(argument: str, value: ArrayLike, dtype: np.dtype, shape: tuple[int, ...] | None = ()) -> jax.Array:
    """The value as a real array in the type to compute in; `shape` None takes any."""
    array = operand(argument, value)
    if is_complex(array.dtype):
        raise DTypeError(f"`{argument}` must be real; got {array.dtype}.")
    if shape is not None and array.shape != shape:
        wanted = "one number" if shape == () else f"of shape {shape}"
        raise ShapeError(f"`{argument}` must be {wanted}; got shape {array.shape}. Use `jax.vmap` for several designs.")
    return array.astype(computed_in(dtype))


def constant(values: Any, dtype: np.dtype) -> jax.Array:
    """What was worked out in float64, in the type to compute in."""
    return jnp.asarray(values, computed_in(dtype))


def known(argument: str, value: ArrayLike) -> np.ndarray | None:
    """The values as float64 where they can be read, None where they are traced."""
    if any(isinstance(leaf, core.Tracer) for leaf in jax.tree.leaves(value)):
        return None
    try:
        return np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise DTypeError(f"`{argument}` must be made of real numbers; got {value!r}.") from None


def check_positive(argument: str, value: ArrayLike, *, zero: bool = False) -> None:
    """`OptionError` for a known value that is not finite and positive, or 0 where that is allowed."""
    values = known(argument, value)
    if values is not None and not np.all(np.isfinite(values) & ((values > 0) | (zero & (values == 0)))):
        raise OptionError(f"`{argument}` must be finite and {'not negative' if zero else 'positive'}; got {value}.")


def count(argument: str, value: object, least: int = 1) -> int:
    """A number of samples, which a shape depends on."""
    if isinstance(value, core.Tracer):
        raise OptionError(f"`{argument}` must be an integer, not traced: shapes depend on it. Make it static.")
    if not is_integer(value) or not least <= value < MOST:
        raise OptionError(f"`{argument}` must be an integer of at least {least}; got {value!r}.")
    return int(value)


def cycles(argument: str, value: ArrayLike, fs: ArrayLike, dtype: np.dtype, shape: tuple[int, ...] | None = ()) -> Any:
    """Frequencies in cycles per sample, strictly between 0 and Nyquist and increasing where they are known."""
    f, rate = parameter(argument, value, dtype, shape), parameter("fs", fs, dtype)
    check_positive("fs", fs)
    values, rates = known(argument, value), known("fs", fs)
    if values is not None and rates is not None:
        inside = np.all((values > 0) & (values < rates / 2))
        if not inside:
            raise OptionError(
                f"`{argument}` must lie strictly between 0 and Nyquist, {rates / 2:g}; got {values.tolist()}. "
                "Without `fs` it is in cycles/sample; SciPy's default, 1 at Nyquist, is `fs=2`."
            )
        if np.any(np.diff(values.reshape(-1)) <= 0):
            raise OptionError(f"`{argument}` must increase; got {values.tolist()}.")
    return f / rate


def radius_of(radius: object, reach: ArrayLike, why: str) -> int:
    """The radius that is given, or the one that covers `reach` if that is known."""
    if radius is not None:
        return count("radius", radius, 0)
    distance = known(why, reach)
    if distance is None:
        raise OptionError(f"`radius` must be given where `{why}` is traced: shapes depend on it.")
    if not math.isfinite(distance):
        raise OptionError(f"`{why}` must be finite; got {reach}.")
    return int(distance)
