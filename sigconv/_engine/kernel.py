"""`Kernel`: weights as an array, or one kernel by its factors; and what a method makes of them."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sigconv._core.dtypes import promoted
from sigconv._engine.method import Method, Problem

Kernel = jax.Array | tuple[jax.Array, ...]
"""(out, in/groups, *taps), or factors of (taps,) each, one per axis."""


def kernel_shape(w: Kernel) -> tuple[int, ...]:
    """(out, in/groups, *taps)."""
    return (1, 1, *(factor.shape[0] for factor in w)) if isinstance(w, tuple) else w.shape


def result_dtype(signal: np.dtype, w: Kernel) -> np.dtype:
    """The promoted dtype of signal and kernel."""
    arrays = w if isinstance(w, tuple) else (w,)
    return functools.reduce(promoted, (array.dtype for array in arrays), signal)


def prepare(w: Kernel, problem: Problem, method: Method) -> Any:
    """What the method makes of the kernel alone, whatever the signal."""
    if not isinstance(w, tuple):
        return method.prepare(w.astype(problem.dtype), problem)
    factors = tuple(factor.astype(problem.dtype) for factor in w)
    if method.takes_factors:
        return method.prepare(factors, problem)
    full = functools.reduce(lambda left, right: jnp.outer(left, right).reshape(-1), factors[1:], factors[0])
    return method.prepare(full.reshape(problem.weights), problem)
