"""`biquad` and `butterworth`: recursive filters as second-order sections, from traced cut-offs and damping."""

import functools
import math
from collections.abc import Callable, Mapping
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv.design._parameters import check_positive, count, cycles, known, operand, parameter, result_dtype

Biquad = Literal["lowpass", "highpass", "bandpass", "notch", "allpass", "peaking", "lowshelf", "highshelf"]
Band = Literal["lowpass", "highpass", "bandpass", "bandstop"]

BUTTERWORTH_Q = 1 / math.sqrt(2)


@front_door("design.biquad")
def biquad(
    kind: Biquad,
    frequency: ArrayLike,
    *,
    q: ArrayLike = BUTTERWORTH_Q,
    gain: ArrayLike = 0.0,
    fs: ArrayLike = 1.0,
    dtype: DTypeLike | None = None,
) -> jax.Array:
    """Design one section H(z) = (b₀ + b₁z⁻¹ + b₂z⁻²)/(1 + a₁z⁻¹ + a₂z⁻²), as the audio EQ cookbook has it.

    Args:
        kind: 'lowpass', 'highpass', 'bandpass' (1 at its peak), 'notch', 'allpass', 'peaking', 'lowshelf', 'highshelf'.
        frequency: Cut-off, centre or middle of the slope, in cycles/sample or in the unit of `fs`; SciPy's default, 1
            at Nyquist, is `fs=2`. May be traced; it is then not checked, and outside of (0, Nyquist) the filter is
            unstable. Keep it inside by learning p with `frequency = 0.5 * jax.nn.sigmoid(p)`.
        q: 1/(2 · damping ratio): 1/√2 is Butterworth's; centre over width at −3 dB of the band kinds. May be traced,
            and has to stay positive for the filter to be stable.
        gain: In dB, of 'peaking' and the shelves; the others do not read it. May be traced.
        fs: Sampling rate.
        dtype: A float type; that of the parameters if None.
    Shapes:
        → (1, 6), rows b₀ b₁ b₂ 1 a₁ a₂ as SciPy's `sos`; `jnp.concatenate` makes cascades.
    Raises:
        OptionError: Unknown `kind`, `frequency` outside of (0, Nyquist), `q` not positive.
    Reference:
        Bristow-Johnson, Cookbook formulae for audio equalizer biquad filter coefficients; W3C note, 2021.
    Example:
        >>> print(np.array(biquad("lowpass", 0.25)).round(3))
        [[0.293 0.586 0.293 1.    0.    0.172]]
    """
    lookup("kind", kind, BIQUADS)
    out = result_dtype(dtype, frequency, q, gain, fs)
    f = cycles("frequency", frequency, fs, out)
    check_positive("q", q)
    decibels = known("gain", gain)
    if decibels is not None and not np.all(np.isfinite(decibels)):
        raise OptionError(f"`gain` must be finite; got {gain}.")
    return _biquad(kind, out, f, parameter("q", q, out), parameter("gain", gain, out))


@functools.partial(jax.jit, static_argnums=(0, 1))
def _biquad(kind: str, dtype: np.dtype, f: jax.Array, q: jax.Array, gain: jax.Array) -> jax.Array:
    return section(kind, f, q, gain)[None].astype(dtype)


def section(kind: str, f: jax.Array, q: jax.Array, gain: jax.Array) -> jax.Array:
    """The six numbers, in the type to compute in."""
    cos, alpha = jnp.cos(2 * math.pi * f), jnp.sin(2 * math.pi * f) / (2 * q)
    # (1 ∓ cos)/2 as squares of half the angle: the difference would leave nothing of a low cut-off in float32.
    low, high = jnp.sin(math.pi * f) ** 2, jnp.cos(math.pi * f) ** 2
    b, a = BIQUADS[kind](cos, alpha, low, high, jnp.exp(gain * (math.log(10) / 40)))
    b, a = ([jnp.broadcast_to(jnp.asarray(v, cos.dtype), ()) for v in row] for row in (b, a))
    return jnp.stack([*b, *a]) / a[0]


Row = tuple[jax.Array | float, jax.Array | float, jax.Array | float]
Formula = Callable[[jax.Array, jax.Array, jax.Array, jax.Array, jax.Array], tuple[Row, Row]]


def _plain(cos: jax.Array, alpha: jax.Array) -> Row:
    return 1 + alpha, -2 * cos, 1 - alpha


def _shelf(cos: jax.Array, alpha: jax.Array, a: jax.Array, sign: int) -> tuple[Row, Row]:
    """Low with sign 1, high with −1; a is the root of the gain."""
    root = 2 * jnp.sqrt(a) * alpha
    up, down, c = a + 1, a - 1, sign * cos
    b = (a * (up - down * c + root), sign * 2 * a * (down - up * c), a * (up - down * c - root))
    return b, (up + down * c + root, -sign * 2 * (down + up * c), up + down * c - root)


BIQUADS: Mapping[str, Formula] = {
    "lowpass": lambda cos, alpha, low, high, a: ((low, 2 * low, low), _plain(cos, alpha)),
    "highpass": lambda cos, alpha, low, high, a: ((high, -2 * high, high), _plain(cos, alpha)),
    "bandpass": lambda cos, alpha, low, high, a: ((alpha, 0.0, -alpha), _plain(cos, alpha)),
    "notch": lambda cos, alpha, low, high, a: ((1.0, -2 * cos, 1.0), _plain(cos, alpha)),
    "allpass": lambda cos, alpha, low, high, a: ((1 - alpha, -2 * cos, 1 + alpha), _plain(cos, alpha)),
    "peaking": lambda cos, alpha, low, high, a: (_plain(cos, alpha * a), _plain(cos, alpha / a)),
    "lowshelf": lambda cos, alpha, low, high, a: _shelf(cos, alpha, a, 1),
    "highshelf": lambda cos, alpha, low, high, a: _shelf(cos, alpha, a, -1),
}


@front_door("design.butterworth")
def butterworth(
    order: int,
    cutoff: ArrayLike,
    *,
    kind: Band = "lowpass",
    fs: ArrayLike = 1.0,
    dtype: DTypeLike | None = None,
) -> jax.Array:
    """Design the maximally flat filter |H|² = 1/(1 + (tan πf/tan πf_c)^2N) as sections; SciPy's `butter`, as `sos`.

    The product of the sections is SciPy's. Each has a gain near 1 of its own where SciPy puts all of it into the
    first, and its zeros in pairs, so that float32 neither overflows nor vanishes.

    Args:
        order: N; band kinds have twice as many poles, as SciPy's.
        cutoff: Where the gain is 1/√2, one frequency, or two for the band kinds; in cycles/sample or in the unit of
            `fs`; SciPy's default, 1 at Nyquist, is `fs=2`. May be traced; it is then not checked, and outside of
            (0, Nyquist) the filter is unstable. Keep it inside, as with `biquad`.
        kind: 'lowpass', 'highpass', 'bandpass' or 'bandstop'.
        fs: Sampling rate.
        dtype: A float type; that of the parameters if None.
    Shapes:
        cutoff () or (2,) → (sections, 6), rows b₀ b₁ b₂ 1 a₁ a₂ as SciPy's `sos`; (N + 1)//2 sections, or N.
    Raises:
        OptionError: Unknown `kind`, cut-offs outside of (0, Nyquist) or not increasing, `order` below 1.
        ShapeError: Not as many cut-offs as `kind` has.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 7.2 and appendix B.
    Example:
        >>> print(np.array(butterworth(2, 0.25)).round(3))
        [[0.293 0.586 0.293 1.    0.    0.172]]
    """
    n, out = count("order", order), result_dtype(dtype, cutoff, fs)
    is_band = lookup("kind", kind, {"lowpass": False, "highpass": False, "bandpass": True, "bandstop": True})
    shape = operand("cutoff", cutoff).shape
    if shape != ((2,) if is_band else ()):
        wanted = "two frequencies" if is_band else "one frequency"
        raise ShapeError(f"`cutoff` must be {wanted} for {kind!r}; got shape {shape}.")
    edges = cycles("cutoff", cutoff, fs, out, shape)
    return _butterworth(n, kind, out, edges)


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _butterworth(order: int, kind: str, dtype: np.dtype, edges: jax.Array) -> jax.Array:
    # The pairs of poles of the prototype by their damping d = 1/Q, the real one first, the least damped last.
    damping = [2 * math.sin((2 * k + 1) * math.pi / (2 * order)) for k in reversed(range(order // 2))]
    if edges.ndim:
        rows = _band_sections(order % 2, damping, kind == "bandstop", edges)
    else:
        rows = [_first_order(kind == "highpass", edges)] * (order % 2)
        rows += [section(kind, edges, jnp.full_like(edges, 1 / d), jnp.zeros_like(edges)) for d in damping]
    return jnp.stack(rows).astype(dtype)


def _first_order(is_high: bool, f: jax.Array) -> jax.Array:
    sin, cos = jnp.sin(math.pi * f), jnp.cos(math.pi * f)
    zero, top = jnp.zeros_like(f), cos if is_high else sin
    whole = sin + cos
    return jnp.stack([top / whole, (-top if is_high else top) / whole, zero, zero + 1, (sin - cos) / whole, zero])


def _band_sections(odd: int, damping: list[float], is_stop: bool, edges: jax.Array) -> list[jax.Array]:
    """A pair s² + ds + 1 of the prototype becomes two pairs (s/w)² + δm^±1 (s/w) + m^±2, with real arithmetic alone.

    With β = (w₂ − w₁)/w and w² = w₁w₂, u = m + 1/m and δ have the product dβ and the sum of squares 4 + β².
    """
    low, high = jnp.tan(math.pi * edges[0]), jnp.tan(math.pi * edges[1])
    w = jnp.sqrt(low * high)
    beta = (high - low) / w
    rows = [_band_section(beta, jnp.ones_like(w), w, beta, is_stop)] * odd
    for d in damping:
        x, y = 4 - beta**2, 2 * beta * math.sqrt(4 - d**2)
        root = jnp.sqrt(x**2 + y**2)
        # u² − 4 = (root − x)/2, without the difference where that would cancel.
        beyond = jnp.where(x > 0, y**2 / (jnp.where(x > 0, root + x, 1)), root - x) / 2
        u = jnp.sqrt(beyond + 4)
        m = (u + jnp.sqrt(beyond)) / 2
        delta = d * beta / u
        rows += [_band_section(delta * k, k, w, beta, is_stop) for k in (1 / m, m)]
    return rows


def _band_section(damping: jax.Array, m: jax.Array, w: jax.Array, beta: jax.Array, is_stop: bool) -> jax.Array:
    """(βs̃ or s̃² + 1)/(s̃² + damping·s̃ + m²) at s̃ = (1 − z⁻¹)/(1 + z⁻¹)/w, with zeros at ±1 or on the circle."""
    square, across, slope = w**2, beta * w, damping * w
    inside = m**2 * square
    b = (1 + square, 2 * (square - 1), 1 + square) if is_stop else (across, jnp.zeros_like(w), -across)
    a = (1 + slope + inside, 2 * (inside - 1), 1 - slope + inside)
    return jnp.stack([*b, *a]) / a[0]
