"""Trigonometric polynomials between their samples, by products with small matrices: c(d) = Σ_k C[k] exp(2πi k·d/N).

A zero-padded transform gives all of a fine grid; this gives the few points of it that are near a peak. At the highest
frequency of an even length, which is as much a positive as a negative one, the wave is a cosine.

Reference:
    Guizar-Sicairos, Thurman & Fienup, "Efficient subpixel image registration algorithms", Optics Letters 33 (2), 2008.
"""

import dataclasses
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sigconv._core.dtypes import is_complex
from sigconv._core.pytree import STATIC, pytree
from sigconv.matching.newton import uphill

_STEPS = 4
"""Newton steps: from the nearest point of a grid they square the distance to the top each time."""


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Waves:
    """The coefficients C[k]: of a real c half of them along the last axis, where they stand for their conjugates too.

    Attributes:
        values: (*frequencies,).
        shape: N, of the grid of samples.
        is_real: Whether c is.
    """

    values: jax.Array
    shape: tuple[int, ...] = dataclasses.field(metadata=STATIC)
    is_real: bool = dataclasses.field(metadata=STATIC)


def waves(x: jax.Array, shape: tuple[int, ...] | None = None) -> Waves:
    """Those of samples on a grid, with zeros behind them if it is larger."""
    shape = x.shape if shape is None else shape
    values = (jnp.fft.fftn if is_complex(x.dtype) else jnp.fft.rfftn)(x, shape)
    return Waves(values / math.prod(shape), shape, not is_complex(x.dtype))


def samples(wave: Waves) -> jax.Array:
    """c on the grid."""
    inverse = jnp.fft.irfftn if wave.is_real else jnp.fft.ifftn
    return inverse(wave.values, wave.shape) * math.prod(wave.shape)


def cycles(shape: tuple[int, ...], *, is_real: bool) -> list[np.ndarray]:
    """k along each axis, integers; half of them along the last one of real samples."""
    whole = [np.rint(np.fft.fftfreq(n) * n).astype(np.int32) for n in shape]
    if is_real:
        whole[-1] = np.arange(shape[-1] // 2 + 1, dtype=np.int32)
    return whole


def moved(wave: Waves, base: jax.Array) -> Waves:
    """c(base + d) as a function of d, for integers base within the grid; exact in its phases.

    Shapes:
        base (rank,).
    """
    values = wave.values
    for axis, (k, n) in enumerate(zip(cycles(wave.shape, is_real=wave.is_real), wave.shape, strict=True)):
        turn = _product_modulo(k, base[axis], n).astype(jnp.finfo(values.dtype).dtype) * (2 * math.pi / n)
        values = values * _along(lax.complex(jnp.cos(turn), jnp.sin(turn)), axis, values.ndim)
    return dataclasses.replace(wave, values=values)


def value(wave: Waves, at: jax.Array) -> jax.Array:
    """c at one place.

    Shapes:
        at (rank,) → ().
    """
    return between(wave, list(at[:, None])).reshape(())


def height(c: jax.Array) -> jax.Array:
    """What is to be largest: c, or |c|² of a complex one."""
    return lax.square(jnp.real(c)) + lax.square(jnp.imag(c)) if is_complex(c.dtype) else c


def top(wave: Waves, *, half: bool = False, allowed: jax.Array | None = None) -> tuple[jax.Array, jax.Array]:
    """The sample where c is highest, or the half sample, if these are asked for: the integer, and 0 or ½ to add.

    Shapes:
        allowed (*shape), bools → (rank,), (rank,).
    """
    heights, sides = [], list(itertools.product((0.0, 0.5) if half else (0.0,), repeat=len(wave.shape)))
    for side in sides:
        c = height(samples(_nudged(wave, side)))
        heights.append((c if allowed is None else jnp.where(allowed, c, -jnp.inf)).reshape(-1))
    index = jnp.stack([jnp.argmax(c) for c in heights])
    best = jnp.argmax(jnp.stack([c[i] for c, i in zip(heights, index, strict=True)]))
    place = jnp.stack(jnp.unravel_index(index[best], wave.shape)).astype(np.int32)
    return place, jnp.asarray(sides, jnp.finfo(wave.values.dtype).dtype)[best]


def climbed(wave: Waves, start: jax.Array, upsampling: int, reach: float) -> jax.Array:
    """Where c is highest within `reach` of a start: on a grid of 1/upsampling, and from there by Newton's method.

    Of equal points of the grid the start is taken. The last two steps are differentiated: at the top the error of one
    is the square of how far the top has moved; after two the derivatives of its place are right up to the third.

    Shapes:
        start (rank,) → (rank,).
    """
    fixed = jax.tree.map(lax.stop_gradient, wave)
    most = 1 / upsampling
    count = math.ceil(reach * upsampling)
    side = np.array(sorted(range(-count, count + 1), key=abs)) * most
    points = [start[axis] + jnp.asarray(side, start.dtype) for axis in range(len(wave.shape))]
    heights = height(between(fixed, points))
    index = jnp.unravel_index(jnp.argmax(heights), heights.shape)
    grid = lax.stop_gradient(jnp.stack([p[i] for p, i in zip(points, index, strict=True)]))

    def step(wave: Waves, at: jax.Array) -> jax.Array:
        return grid + jnp.clip(at - grid + uphill(*_bends(wave, at), most), -most, most)

    at = lax.stop_gradient(lax.fori_loop(0, _STEPS - 2, lambda _, at: step(fixed, at), grid))
    return step(wave, step(wave, at))


def _bends(wave: Waves, at: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Gradient and Hessian of the height at a place."""
    rank = len(wave.shape)
    powers = between(wave, list(at[:, None]), orders=3)

    def derivative(*axes: int) -> jax.Array:
        return powers[tuple(axes.count(axis) for axis in range(rank))]

    c = derivative()
    gradient = [derivative(a) for a in range(rank)]
    hessian = [[derivative(a, b) for b in range(rank)] for a in range(rank)]
    if is_complex(c.dtype):
        # Of |c|²: 2 Re(c̄ c_a), and 2 Re(c̄_a c_b + c̄ c_ab).
        hessian = [
            [2 * jnp.real(jnp.conj(p) * q + jnp.conj(c) * h) for q, h in zip(gradient, row, strict=True)]
            for p, row in zip(gradient, hessian, strict=True)
        ]
        gradient = [2 * jnp.real(jnp.conj(c) * p) for p in gradient]
    return jnp.stack(gradient), jnp.stack([jnp.stack(row) for row in hessian])


def between(wave: Waves, points: list[jax.Array], orders: int = 1) -> jax.Array:
    """c at the products of points on every axis, or at one point its derivatives of order 0 … orders − 1 on every axis.

    Shapes:
        points (p₁,), …, (p_r,) → (p₁, …, p_r), or (orders, …, orders).
    """
    c = wave.values * _along(multiplicity(wave).astype(wave.values.dtype), -1, wave.values.ndim)
    for axis, (k, n) in enumerate(zip(cycles(wave.shape, is_real=wave.is_real), wave.shape, strict=True)):
        rotations = _rotations(k, n, points[axis], orders)
        # The axis in front goes, and its points come last, so that after all of them the order is the same.
        c = jnp.moveaxis(jnp.tensordot(rotations, c, axes=(1, 0), precision=lax.Precision.HIGHEST), 0, -1)
    return jnp.real(c) if wave.is_real else c


def multiplicity(wave: Waves) -> jax.Array:
    """How many frequencies each coefficient stands for, along the last axis.

    Shapes:
        → (frequencies,).
    """
    n = wave.shape[-1]
    counts = np.ones(wave.values.shape[-1])
    if wave.is_real:
        counts[1 : (n + 1) // 2] = 2
    return jnp.asarray(counts, jnp.finfo(wave.values.dtype).dtype)


def _rotations(k: np.ndarray, n: int, points: jax.Array, orders: int) -> jax.Array:
    """exp(2πi k d/N), and derivatives by d in further rows.

    Shapes:
        k (frequencies,), points (p,) → (p · orders, frequencies).
    """
    rate = jnp.asarray(2 * math.pi * k / n, points.dtype)
    turn = points[:, None] * rate[None]
    is_highest = jnp.asarray(2 * np.abs(k) == n)
    real, imaginary = jnp.cos(turn), jnp.sin(turn)
    rows = []
    for _ in range(orders):
        rows.append(lax.complex(real, jnp.where(is_highest[None], 0, imaginary)))
        real, imaginary = -rate[None] * imaginary, rate[None] * real
    return jnp.concatenate(rows)


def _nudged(wave: Waves, offset: tuple[float, ...]) -> Waves:
    """c(offset + d), for half samples."""
    values = wave.values
    for axis, (k, n) in enumerate(zip(cycles(wave.shape, is_real=wave.is_real), wave.shape, strict=True)):
        if offset[axis]:
            turns = np.exp(2j * math.pi * k / n * offset[axis])
            turns = np.where(2 * np.abs(k) == n, np.real(turns), turns)
            values = values * _along(jnp.asarray(turns, values.dtype), axis, values.ndim)
    return dataclasses.replace(wave, values=values)


def _along(vector: jax.Array, axis: int, rank: int) -> jax.Array:
    return vector.reshape(*(-1 if a == axis % rank else 1 for a in range(rank)))


def _product_modulo(k: np.ndarray, factor: jax.Array, n: int) -> jax.Array:
    """k · factor mod n in 32 bits: the factor's digits in turn, of as many bits as leave room for k."""
    bits = max(1, 31 - int(n).bit_length())
    left = jnp.mod(factor, n).astype(np.uint32)
    residues = jnp.asarray(k % n, np.uint32)
    digits = -(-int(n).bit_length() // bits)
    total = jnp.zeros(k.shape, np.uint32)
    for digit in reversed(range(digits)):
        part = (left >> np.uint32(digit * bits)) & np.uint32(2**bits - 1)
        total = ((total << np.uint32(bits)) + residues * part) % np.uint32(n)
    return total
