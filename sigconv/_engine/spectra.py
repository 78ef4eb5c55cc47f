"""What the methods that transform share: cycles, spectra of signals and kernels, products per frequency."""

import dataclasses
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

NEST_FROM = 3 * 2**17
"""Length from which one 1-d transform is slower than the same numbers as a matrix (measured on a CPU)."""
NEST_BLOCK = 1024
MOST_TERMS = 64
"""Channels up to which their products are added up one by one, which XLA fuses, rather than as matrix products."""


@dataclasses.dataclass(frozen=True)
class Cycle:
    """The cyclic lengths in which a correlation is done, and the form in which real rows are transformed.

    Real rows are transformed as complex ones of half the length where no read wraps around, modulo z^L = i in place of
    z^2L = 1 ("right-angle" convolution): the second half of a row is the imaginary part of the first, and both halves
    are rotated by z. A long single row is a matrix of blocks instead, each modulo z^B = i, in a cycle over the blocks.

    Attributes:
        lengths: Per axis.
        fold: The axis that is folded in half; None to transform to a half spectrum.
        nest: Length of the blocks of a long row; 0 where it is not cut.
    Reference:
        Creutzburg et al., "Fast algorithms for right-angle convolution", 1998; Nussbaumer, Fast Fourier Transform and
        Convolution Algorithms, 2nd ed., sections 6 and 7.
    """

    lengths: tuple[int, ...]
    fold: int | None = None
    nest: int = 0

    @property
    def points(self) -> int:
        return math.prod(self.lengths)


def linear_cycle(lengths: tuple[int, ...], dtype: np.dtype, rows: int, is_linear: tuple[bool, ...]) -> Cycle:
    """The cycle of at least these lengths, where wrapping round the axes for which `is_linear` reads nothing."""
    if is_complex(dtype):
        return Cycle(lengths)
    if len(lengths) == 1 and rows == 1 and lengths[0] >= NEST_FROM:
        nested = fast_length(-(-lengths[0] // NEST_BLOCK)) * NEST_BLOCK
        if is_linear[0] or nested == lengths[0]:
            return Cycle((nested,), nest=NEST_BLOCK)
    foldable = [number for number, length in enumerate(lengths) if is_linear[number] and length % 2 == 0]
    return Cycle(lengths, fold=foldable[0] if foldable else None)


def refusal(problem: Problem) -> str | None:
    """Why no transform can do the problem; None when one can."""
    if is_exact(problem.dtype):
        return f"{problem.dtype} results must be exact, and a transform rounds; cast to a float type"
    return None


WIDE_FROM = 3500
"""Length from which one that is not a multiple of 4 takes twice as long (measured on a CPU)."""


@functools.lru_cache(maxsize=4096)
def fast_length(least: int) -> int:
    """The smallest even length from `least` on with no prime factor above 7, which every FFT here is good at.

    Of long ones a multiple of 8, so that half of it is one of 4.
    """
    if least <= 2:
        return max(least, 1)
    best = 1 << (least - 1).bit_length()
    twos = 8 if least >= WIDE_FROM else 2
    for sevens in _powers(7, best):
        for fives in _powers(5, best // sevens):
            for threes in _powers(3, best // (sevens * fives)):
                odd = sevens * fives * threes
                length = odd * max(twos, 1 << max(-(-least // odd) - 1, 0).bit_length())
                if least <= length < best:
                    best = length
    return best


def _powers(base: int, limit: int) -> list[int]:
    powers = [1]
    while powers[-1] * base <= limit:
        powers.append(powers[-1] * base)
    return powers


def transform(x: jax.Array, cycle: Cycle) -> jax.Array:
    """Forward over the spatial axes, zero-padded at the end to the cycle.

    Shapes:
        x (..., *space) → (..., *frequencies), which depend on the form.
    """
    rank = len(cycle.lengths)
    axes = tuple(range(x.ndim - rank, x.ndim))
    if is_complex(x.dtype):
        return jnp.fft.fftn(x, cycle.lengths, axes)
    if cycle.nest:
        blocks = _fit(x, cycle.lengths).reshape(*x.shape[:-1], -1, cycle.nest)
        rotation = _along(_rotation(cycle.nest, x.dtype), blocks.ndim - 1, blocks.ndim)
        return jnp.fft.fft2(lax.complex(blocks, jnp.zeros_like(blocks)) * rotation)
    if cycle.fold is None:
        return jnp.fft.rfftn(x, cycle.lengths, axes)
    position, half = axes[cycle.fold], cycle.lengths[cycle.fold] // 2
    whole = list(cycle.lengths)
    # A row that ends before the middle has no imaginary part.
    whole[cycle.fold] = half if x.shape[position] <= half else 2 * half
    x = _fit(x, tuple(whole))
    low = lax.slice_in_dim(x, 0, half, axis=position)
    high = lax.slice_in_dim(x, half, 2 * half, axis=position) if x.shape[position] > half else jnp.zeros_like(low)
    return jnp.fft.fftn(lax.complex(low, high) * _along(_rotation(half, x.dtype), position, x.ndim), axes=axes)


def inverse(spectrum: jax.Array, cycle: Cycle, dtype: np.dtype, lags: tuple[int, ...] | None = None) -> jax.Array:
    """Back from a product with a `correlation_spectrum`, to data of `dtype`.

    Args:
        lags: How many are wanted along each axis, at least; all if None.
    Shapes:
        spectrum (..., *frequencies) → (..., *cycle), but at least `lags` where half a cycle is enough.
    """
    rank = len(cycle.lengths) + (cycle.nest > 0)
    axes = tuple(range(spectrum.ndim - rank, spectrum.ndim))
    if is_complex(dtype):
        return jnp.fft.ifftn(spectrum, cycle.lengths, axes)
    if cycle.nest:
        rotation = _along(jnp.conj(_rotation(cycle.nest, dtype)), spectrum.ndim - 1, spectrum.ndim)
        y = jnp.fft.ifft2(spectrum) * rotation
        # A lag below 0 of a block comes out as -i times the block before.
        y = lax.real(y) - jnp.roll(lax.imag(y), -1, axis=-2)
        return y.reshape(*y.shape[:-2], -1)
    if cycle.fold is None:
        return jnp.fft.irfftn(spectrum, cycle.lengths, axes)
    position, half = axes[cycle.fold], cycle.lengths[cycle.fold] // 2
    y = jnp.fft.ifftn(spectrum, axes=axes) * _along(jnp.conj(_rotation(half, dtype)), position, spectrum.ndim)
    if lags is not None and lags[cycle.fold] <= half:
        return lax.real(y)
    # Stacked along an axis of their own, XLA writes both halves in one pass.
    y = jnp.stack([lax.real(y), lax.imag(y)], position)
    return y.reshape(*y.shape[:position], 2 * half, *y.shape[position + 2 :])


def _fit(x: jax.Array, lengths: tuple[int, ...]) -> jax.Array:
    """Zero-padded at the end of the last axes."""
    lead = x.ndim - len(lengths)
    pads = [(0, 0, 0)] * lead + [(0, n - m, 0) for n, m in zip(lengths, x.shape[lead:], strict=True)]
    return lax.pad(x, np.zeros((), x.dtype), pads)


def _rotation(half: int, dtype: np.dtype) -> jax.Array:
    """exp(iπ t / 2·half) for t = 0 … half − 1."""
    kind = np.result_type(dtype, np.complex64)

    def turns(steps: np.ndarray) -> np.ndarray:
        return np.exp(0.5j * np.pi * steps / half).astype(kind)

    if half <= 2**14:
        return jnp.asarray(turns(np.arange(half)))
    # A long table would be a large constant of the program: the product of two short ones.
    fine = 2**10
    coarse = turns(np.arange(0, half, fine))
    return jnp.outer(jnp.asarray(coarse), jnp.asarray(turns(np.arange(fine)))).reshape(-1)[:half]


def _along(vector: jax.Array, position: int, rank: int) -> jax.Array:
    return lax.broadcast_in_dim(vector, tuple(len(vector) if i == position else 1 for i in range(rank)), (position,))


def spread(w: jax.Array, geometry: Geometry) -> jax.Array:
    """The kernel with the zeros of its dilation written out."""
    gaps = [(0, 0, 0), (0, 0, 0), *((0, 0, axis.dilation - 1) for axis in geometry.axes)]
    return lax.pad(w, np.zeros((), w.dtype), gaps)


def wrapped(w: jax.Array, lengths: tuple[int, ...]) -> jax.Array:
    """The taps that fall on the same sample of a period shorter than the kernel added up.

    Shapes:
        w (out, in, *taps).
    """
    for position, length in enumerate(lengths, start=2):
        if w.shape[position] > length:
            turns = -(-w.shape[position] // length)
            pads = [(0, 0)] * w.ndim
            pads[position] = (0, turns * length - w.shape[position])
            shape = (*w.shape[:position], turns, length, *w.shape[position + 1 :])
            w = jnp.pad(w, pads).reshape(shape).sum(position)
    return w


def moved_back(w: jax.Array, steps: int, cycle: Cycle, position: int) -> jax.Array:
    """A kernel that begins `steps` before the cycle does: taps at −j stand at its end with other sign, as z^2L = −1.

    Shapes:
        w (out, in, *taps) → as long as the cycle along the axis at `position`, which is the folded one.
    """
    length, taps = cycle.lengths[position - 2], w.shape[position]
    before = lax.slice_in_dim(w, 0, min(steps, taps), axis=position)
    after = lax.slice_in_dim(w, min(steps, taps), taps, axis=position)
    between, behind = list(w.shape), list(w.shape)
    between[position], behind[position] = length - steps - after.shape[position], steps - before.shape[position]
    return lax.concatenate([after, jnp.zeros(between, w.dtype), -before, jnp.zeros(behind, w.dtype)], position)


def correlation_spectrum(w: jax.Array, cycle: Cycle) -> jax.Array:
    """The spectrum by which a signal's is multiplied to correlate with w: conj(F(conj(w)))."""
    return jnp.conj(transform(jnp.conj(w), cycle))


def multiply(x: jax.Array, w: jax.Array, groups: int, precision: lax.Precision) -> jax.Array:
    """Per frequency, the product of each group's (out × in) matrix with its channels.

    Shapes:
        x (batch, channel, *f), w (out, in/groups, *f) → (batch, out, *f).
    """
    batch, _, *frequencies = x.shape
    out, per_group = w.shape[:2]
    x = x.reshape(batch, groups, 1, per_group, *frequencies)
    w = w.reshape(1, groups, out // groups, per_group, *frequencies)
    if per_group <= MOST_TERMS:
        terms = [x[:, :, :, c] * w[:, :, :, c] for c in range(per_group)]
        return sum(terms[1:], terms[0]).reshape(batch, out, *frequencies)
    y = jnp.einsum("bgc...,goc...->bgo...", x[:, :, 0], w[0], precision=precision)
    return y.reshape(batch, out, *frequencies)


def multiply_cost(problem: Problem, machine: Machine, points: int) -> float:
    """Predicted seconds of `multiply` over spectra of `points` complex numbers each."""
    products = problem.signal[0] * problem.kernels * points
    rate = machine.product_point if problem.weights[1] <= MOST_TERMS else machine.product_point_matrix
    return products * rate * problem.width


def transform_cost(
    machine: Machine, lengths: tuple[int, ...], count: int, width: float, *, is_kernel: bool = False
) -> float:
    """Predicted seconds of `count` complex transforms of these lengths, one way, with the passes around them.

    They are laid out in one buffer and transformed into another; a kernel's are conjugated into a third.
    """
    points = count * math.prod(lengths)
    real = [length for length in lengths if length > 1]
    if not real:
        return machine.fft_call + points * machine.pass_point * width
    if len(real) == 1 and count == 1:
        rate = _steps(machine, real[0]) * machine.fft_point_long
    else:
        rate = _steps(machine, real[-1]) * machine.fft_point
        rate += sum(_steps(machine, length) for length in real[:-1]) * machine.fft_point_across
    return machine.fft_call + (points * rate + memory_cost(machine, points, 3 if is_kernel else 2)) * width


def _steps(machine: Machine, length: int) -> float:
    """log₂ of a length, weighted by what its factors and its size cost beside a short power of two."""
    odd = length // (length & -length)
    return (math.log2(length) + machine.fft_mixed * math.log2(odd)) * (
        1 + machine.fft_growth * max(0.0, math.log2(length / 2**15))
    )


NEAR, KEPT = 2**18, 2**20
"""Complex float32s in a core's cache (2 MiB), and in a buffer of which glibc still keeps several from call to call: it
asks the system anew for more than 32 MiB, and XLA for all buffers of a program at once."""


def memory_cost(machine: Machine, points: int, buffers: int = 1) -> float:
    """Predicted seconds to write and read `points` complex float32s once, and to have the buffers for it."""
    return (
        points * machine.pass_point
        + max(0, points - NEAR) * machine.far_point
        + buffers * max(0, points - KEPT) * machine.fresh_point
    )


def row_shape(cycle: Cycle, dtype: np.dtype) -> tuple[int, ...]:
    """Lengths of the complex transform that a row takes; a half spectrum counts as one of half the length."""
    if cycle.nest:
        return (cycle.points // cycle.nest, cycle.nest)
    if is_complex(dtype):
        return cycle.lengths
    halved = len(cycle.lengths) - 1 if cycle.fold is None else cycle.fold
    return tuple(-(-length // 2) if number == halved else length for number, length in enumerate(cycle.lengths))
