"""Spectra of circular operators: a matrix per frequency, of which real operators need half.

Reference:
    Sedghi, Gupta & Long, "The singular values of convolutional layers", ICLR 2019.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.dtypes import is_complex
from sigconv._engine.spectra import wrapped


def to_spectrum(kernel: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """The spectrum of taps on a grid, wrapped around where they are more than the grid has.

    Shapes:
        kernel (out, in, *taps) → (*frequencies, out, in); for real taps the last axis of frequencies is half.
    """
    kernel = wrapped(kernel, shape)
    axes = tuple(range(2, kernel.ndim))
    values = (jnp.fft.fftn if is_complex(kernel.dtype) else jnp.fft.rfftn)(kernel, shape, axes)
    return jnp.moveaxis(values, (0, 1), (-2, -1))


def to_kernel(spectrum: jax.Array, shape: tuple[int, ...], *, real: bool) -> jax.Array:
    """Back to taps on the whole grid.

    Shapes:
        spectrum (*frequencies, out, in) → (out, in, *shape).
    """
    return inverse(jnp.moveaxis(spectrum, (-2, -1), (0, 1)), shape, real=real)


def forward(x: jax.Array, shape: tuple[int, ...], *, real: bool) -> jax.Array:
    """Of signals over their last axes; half where operator and signal are real."""
    return (jnp.fft.rfftn if real else jnp.fft.fftn)(x, shape, _last(x, shape))


def inverse(values: jax.Array, shape: tuple[int, ...], *, real: bool) -> jax.Array:
    """Back from `forward`."""
    return (jnp.fft.irfftn if real else jnp.fft.ifftn)(values, shape, _last(values, shape))


def _last(x: jax.Array, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(x.ndim - len(shape), x.ndim))


def half_length(length: int) -> int:
    """Frequencies 0 … length/2 of a real spectrum."""
    return length // 2 + 1


def multiplicity(shape: tuple[int, ...], *, real: bool) -> np.ndarray:
    """How many of the N frequencies each kept one stands for.

    Shapes:
        → (*frequencies,).
    """
    if not real:
        return np.ones(shape)
    last = shape[-1]
    counts = np.full(half_length(last), 2.0)
    counts[0] = 1
    if last % 2 == 0:
        counts[-1] = 1
    return np.broadcast_to(counts, (*shape[:-1], half_length(last)))


def whole(values: jax.Array, shape: tuple[int, ...], *, real: bool, conjugate: bool = True) -> jax.Array:
    """Values of all N frequencies from those of half of them: F(−f) = conj F(f).

    Shapes:
        values (*frequencies, …) → (*shape, …).
    """
    if not real:
        return values
    last, rank = shape[-1], len(shape)
    kept = half_length(last)
    mirrored = lax.slice_in_dim(values, 1, 1 + last - kept, axis=rank - 1)
    mirrored = lax.rev(mirrored, (rank - 1,))
    for axis in range(rank - 1):
        # −f along the other axes: 0 stays, the rest is reversed.
        mirrored = jnp.roll(lax.rev(mirrored, (axis,)), 1, axis)
    return lax.concatenate([values, jnp.conj(mirrored) if conjugate else mirrored], rank - 1)


def total(values: jax.Array, shape: tuple[int, ...], *, real: bool) -> jax.Array:
    """The sum over all N frequencies of a real quantity that is the same at f and −f."""
    weights = multiplicity(shape, real=real)
    return (values * jnp.asarray(weights, values.dtype)).sum()
