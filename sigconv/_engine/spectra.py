"""What the methods that transform share: lengths, spectra of kernels, products per frequency."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.dtypes import is_complex, is_exact
from sigconv._core.geometry import Geometry
from sigconv._engine.cost import Machine
from sigconv._engine.method import Problem


def refusal(problem: Problem) -> str | None:
    """Why no transform can do the problem; None when one can."""
    if is_exact(problem.dtype):
        return f"{problem.dtype} results must be exact, and a transform rounds; cast to a float type"
    return None


@functools.lru_cache(maxsize=4096)
def fast_length(least: int) -> int:
    """The smallest even length from `least` on with no prime factor above 7, which every FFT here is good at."""
    if least <= 2:
        return max(least, 1)
    best = 1 << (least - 1).bit_length()
    for sevens in _powers(7, best):
        for fives in _powers(5, best // sevens):
            for threes in _powers(3, best // (sevens * fives)):
                odd = sevens * fives * threes
                length = odd * max(2, 1 << max(-(-least // odd) - 1, 0).bit_length())
                if least <= length < best:
                    best = length
    return best


def _powers(base: int, limit: int) -> list[int]:
    powers = [1]
    while powers[-1] * base <= limit:
        powers.append(powers[-1] * base)
    return powers


def transform(x: jax.Array, lengths: tuple[int, ...]) -> jax.Array:
    """Forward over the spatial axes, zero-padded at the end to `lengths`; a half spectrum where x is real."""
    axes = tuple(range(x.ndim - len(lengths), x.ndim))
    return jnp.fft.fftn(x, lengths, axes) if is_complex(x.dtype) else jnp.fft.rfftn(x, lengths, axes)


def inverse(spectrum: jax.Array, lengths: tuple[int, ...], dtype: np.dtype) -> jax.Array:
    """Back, to data of `dtype`."""
    axes = tuple(range(spectrum.ndim - len(lengths), spectrum.ndim))
    return jnp.fft.ifftn(spectrum, lengths, axes) if is_complex(dtype) else jnp.fft.irfftn(spectrum, lengths, axes)


def spread(w: jax.Array, geometry: Geometry) -> jax.Array:
    """The kernel with the zeros of its dilation written out."""
    gaps = [(0, 0, 0), (0, 0, 0), *((0, 0, axis.dilation - 1) for axis in geometry.axes)]
    return lax.pad(w, np.zeros((), w.dtype), gaps)


def correlation_spectrum(w: jax.Array, lengths: tuple[int, ...]) -> jax.Array:
    """The spectrum by which a signal's is multiplied to correlate with w: conj(F(conj(w)))."""
    return jnp.conj(transform(jnp.conj(w), lengths))


def multiply(x: jax.Array, w: jax.Array, groups: int, precision: lax.Precision) -> jax.Array:
    """Per frequency, the product of each group's (out × in) matrix with its channels.

    Shapes:
        x (batch, channel, *f), w (out, in/groups, *f) → (batch, out, *f).
    """
    batch, _, *frequencies = x.shape
    out, per_group = w.shape[:2]
    x = x.reshape(batch, groups, per_group, *frequencies)
    w = w.reshape(groups, out // groups, per_group, *frequencies)
    if per_group == 1:
        return (x * w[None, :, :, 0]).reshape(batch, out, *frequencies)
    return jnp.einsum("bgc...,goc...->bgo...", x, w, precision=precision).reshape(batch, out, *frequencies)


def transform_cost(problem: Problem, machine: Machine, lengths: tuple[int, ...], count: int) -> float:
    """Predicted seconds of `count` real transforms of these lengths, one way."""
    points = math.prod(lengths)
    single = count == 1 and sum(length > 1 for length in lengths) == 1
    rate = machine.fft_point_long if single else machine.fft_point
    width = problem.dtype.itemsize / 4
    return machine.fft_call + count * points * (math.log2(max(points, 2)) * rate + machine.pass_point) * width
