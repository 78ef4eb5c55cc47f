"""`correlate_lags`: a correlation at the lags asked for, and no others.

For a run of lags both signals are cut into blocks about as long as the run: the spectra of their products are added up
and come back in one inverse transform, so that the cost grows with the signal and the logarithm of the run alone.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import core, lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, common, computed_in, is_complex, is_exact
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door
from sigconv._core.layout import check_not_empty
from sigconv._core.options import MOST
from sigconv._engine.spectra import fast_length
from sigconv.signal import correlate

_FEW = 32
"""Lags that are sooner multiplied out than transformed."""
_SPARSE = 8
"""Lags of a list are taken from the run about them if that is no more than so many times as long."""


@front_door("correlate_lags")
def correlate_lags(signal: ArrayLike, kernel: ArrayLike, lags: range | ArrayLike) -> jax.Array:
    """Cross-correlate at some lags: y[i] = Σ_t conj(w[t]) x[t + lags[i]], with zeros beyond the ends of x.

    Args:
        signal, kernel: Real or complex; their last axes are correlated, and the others broadcast.
        lags: A range, or integers in any order; also traced ones, each of which costs a pass over the kernel.
    Shapes:
        signal (..., L), kernel (..., K), lags (count,) → (..., count).
    Raises:
        ShapeError: An operand is empty, or shapes do not broadcast.
        OptionError: `lags` is empty or has another number of axes than one.
        DTypeError: An operand is not numeric, or a lag no integer.
    Example:
        >>> correlate_lags(jnp.array([1.0, 2.0, 3.0]), jnp.array([1.0, 10.0]), range(0, 2)).tolist()
        [21.0, 32.0]
    """
    x, w = as_operand("signal", signal), as_operand("kernel", kernel)
    for argument, a in (("signal", x), ("kernel", w)):
        check_not_empty(argument, a.shape)
        if not a.ndim:
            raise ShapeError(f"`{argument}` must have at least one axis; got a scalar.")
    front = broadcast("kernel", x, w)
    wanted = _wanted(lags)
    if isinstance(wanted, jax.Array):
        return _each(x, w, wanted, front)
    first, last = int(wanted.min()), int(wanted.max())
    run = last - first + 1
    if wanted.size * _SPARSE < run:
        return _each(x, w, jnp.asarray(wanted, np.int32), front)
    y = _run(x, w, first, run, front)
    if np.array_equal(wanted, np.arange(first, last + 1)):
        return y
    return y[..., jnp.asarray(wanted - first, np.int32)]


def broadcast(argument: str, x: jax.Array, w: jax.Array) -> tuple[int, ...]:
    """The shape that the axes in front of the last one have together."""
    try:
        return np.broadcast_shapes(x.shape[:-1], w.shape[:-1])
    except ValueError:
        raise ShapeError(
            f"`{argument}` must broadcast with the signal along all axes but the last; got {w.shape} against {x.shape}."
        ) from None


def _wanted(lags: object) -> np.ndarray | jax.Array:
    """Known lags as integers of NumPy, traced ones as they are."""
    wanted = lags if isinstance(lags, core.Tracer) else np.asarray(lags)
    if wanted.ndim != 1 or not wanted.size:
        raise OptionError(f"`lags` must be a range or a list of at least one lag; got shape {wanted.shape}.")
    if not jnp.issubdtype(wanted.dtype, jnp.integer):
        raise DTypeError(f"`lags` must be integers; got {wanted.dtype}.")
    if isinstance(wanted, core.Tracer):
        return jnp.asarray(wanted)
    whole = np.asarray(wanted).astype(object)
    if max(map(abs, whole)) >= MOST:
        raise OptionError(f"`lags` must be below 2³¹; got {max(whole, key=abs)}.")
    return np.asarray(wanted, np.int64)


@functools.partial(jax.jit, static_argnames=("first", "run", "front"))
def _run(x: jax.Array, w: jax.Array, first: int, run: int, front: tuple[int, ...]) -> jax.Array:
    """At `run` lags from `first` on."""
    result = common(x, w)
    n, k = x.shape[-1], w.shape[-1]
    if is_exact(result) or run <= _FEW or 2 * run >= min(n, k):
        return _through_correlate(x, w, first, run, front, result)
    x, w = (jnp.broadcast_to(a, (*front, a.shape[-1])).astype(computed_in(result)) for a in (x, w))
    block = fast_length(2 * run) - run + 1
    count = -(-k // block)
    w = _padded(w, 0, count * block).reshape(*front, count, block)
    # Block b of the kernel meets the samples from b·block + first on, as many as its taps and the lags.
    long = block + run - 1
    x = _padded(x, -first, count * block + run - 1)
    starts = np.arange(count)[:, None] * block + np.arange(long)[None]
    forward, inverse = (jnp.fft.fft, jnp.fft.ifft) if is_complex(result) else (jnp.fft.rfft, jnp.fft.irfft)
    products = forward(x[..., starts], long) * jnp.conj(forward(w, long))
    return inverse(jnp.sum(products, axis=-2), long)[..., :run].astype(result)


def _padded(x: jax.Array, before: int, length: int) -> jax.Array:
    """So many zeros in front, or samples less, and as many behind as make up the length."""
    before = min(max(before, -x.shape[-1]), length)
    return lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0)] * (x.ndim - 1) + [(before, length - before - x.shape[-1], 0)])


def _through_correlate(
    x: jax.Array, w: jax.Array, first: int, run: int, front: tuple[int, ...], result: np.dtype
) -> jax.Array:
    """By `correlate`, from the first to the last lag at which the two meet; zeros elsewhere."""
    n, k = x.shape[-1], w.shape[-1]
    low, high = max(first, 1 - k), min(first + run, n)
    if low >= high:
        return jnp.zeros((*front, run), result)
    rank = len(front)
    x = x.reshape(*(1,) * (rank + 1 - x.ndim), *x.shape)
    w = w.reshape(*(1,) * (rank + 1 - w.ndim), *w.shape)
    y = correlate(x, w, mode=[(-low, high - 1 + k - n)], axes=(-1,))
    return _padded(jnp.broadcast_to(y, (*front, high - low)), low - first, run)


@functools.partial(jax.jit, static_argnames="front")
def _each(x: jax.Array, w: jax.Array, lags: jax.Array, front: tuple[int, ...]) -> jax.Array:
    """One dot product per lag."""
    result = common(x, w)
    n, k = x.shape[-1], w.shape[-1]
    x, w = (jnp.broadcast_to(a, (*front, a.shape[-1])).astype(computed_in(result)) for a in (x, w))
    wide = lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0)] * len(front) + [(k, k, 0)])
    starts = jnp.clip(lags, -k, n).astype(np.int32) + k

    def at(start: jax.Array) -> jax.Array:
        return jnp.sum(lax.dynamic_slice_in_dim(wide, start, k, axis=-1) * jnp.conj(w), axis=-1)

    return jnp.moveaxis(lax.map(at, starts), 0, -1).astype(result)
