"""`Kernel`: weights as an array, or one kernel by its factors; and what a method makes of them."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

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
    return method.prepare(_operand(w, problem, method), problem)


def correlate(x: jax.Array, w: Kernel, problem: Problem, method: Method, precision: lax.Precision) -> jax.Array:
    """What the method makes of a signal and a kernel."""
    return method.correlate(x, _operand(w, problem, method), problem, precision)


def _operand(w: Kernel, problem: Problem, method: Method) -> Kernel:
    """The kernel in the form that the method takes."""
    if not isinstance(w, tuple):
        return w.astype(problem.dtype)
    factors = tuple(factor.astype(problem.dtype) for factor in w)
    if method.takes_factors:
        return factors
    full = functools.reduce(lambda left, right: jnp.outer(left, right).reshape(-1), factors[1:], factors[0])
    return full.reshape(problem.weights)
