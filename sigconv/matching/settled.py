"""`settled`: a result that is worked out once and kept, where XLA would rather work it out again for every use of it.

XLA on CPUs fuses a slice of an intermediate array into its use, and with it the work behind it, once per slice: sums by
doubling then cost 2ⁿ times as much after n steps. Nor does it keep the loops of an array that is reshaped later. It
drops `lax.optimization_barrier` before that; what is done in a branch of a conditional it leaves alone.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax import lax

T = TypeVar("T")


def settled(function: Callable[..., T], *trees: Any, anchor: jax.Array | None = None) -> T:
    """`function(*trees)`, trees of floats.

    The anchor is any float array; if given, the function may be transposed as a linear one of all others.
    """
    if jax.default_backend() != "cpu":
        return function(*trees)
    shapes = jax.eval_shape(function, *trees)
    some = lax.stop_gradient((jax.tree.leaves(trees)[0] if anchor is None else anchor).ravel()[0])
    # True, which the compiler does not know.
    is_number = jnp.isnan(some) | (some <= jnp.inf)
    return lax.cond(is_number, function, lambda *_: jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes), *trees)
