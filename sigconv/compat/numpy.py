"""NumPy's `convolve` and `correlate`."""

from typing import Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv._core.conventions import CONVENTIONS
from sigconv._core.errors import ShapeError, front_door
from sigconv.compat._through import as_array, through

Mode = Literal["full", "same", "valid"]


@front_door("compat.numpy.convolve")
def convolve(a: ArrayLike, v: ArrayLike, mode: Mode = "full") -> jax.Array:
    """`numpy.convolve`: flips v; 'same' has the length of the longer.

    Shapes:
        a (N,), v (K,), or numbers for one sample → 'full' (N + K − 1,), 'same' (max(N, K),), 'valid' (abs(N − K) + 1,).
    Raises:
        ShapeError: An operand is empty or has more than one axis.
        OptionError: Unknown `mode`.
    Example:
        >>> convolve([1, 2, 3], [0, 1]).tolist()
        [0, 1, 2, 3]
    """
    x, w = (_vector(argument, jnp.atleast_1d(as_array(argument, value))) for argument, value in (("a", a), ("v", v)))
    return through(CONVENTIONS["numpy.convolve"], x, w, mode)


@front_door("compat.numpy.correlate")
def correlate(a: ArrayLike, v: ArrayLike, mode: Mode = "valid") -> jax.Array:
    """`numpy.correlate`: conjugates v; 'same' has the length of the longer.

    Shapes:
        a (N,), v (K,) → 'full' (N + K − 1,), 'same' (max(N, K),), 'valid' (abs(N − K) + 1,).
    Raises:
        ShapeError: An operand is empty or is not a vector.
        OptionError: Unknown `mode`.
    Example:
        >>> correlate([1, 2, 3], [0, 1]).tolist()
        [2, 3]
    """
    x, w = (_vector(argument, as_array(argument, value)) for argument, value in (("a", a), ("v", v)))
    return through(CONVENTIONS["numpy.correlate"], x, w, mode)


def _vector(argument: str, array: jax.Array) -> jax.Array:
    if array.ndim != 1 or not array.size:
        raise ShapeError(f"`{argument}` must be a vector with at least one sample; got shape {array.shape}.")
    return array
