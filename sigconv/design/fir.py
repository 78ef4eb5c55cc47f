"""`windowed_sinc`: filters with linear phase from ideal ones, cut off by a window; SciPy's `firwin`."""

import functools
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv.design import kaiser, windows
from sigconv.design._parameters import check_positive, constant, count, cycles, operand, parameter, result_dtype
from sigconv.design.windows import Taper

Pass = Literal["lowpass", "highpass", "bandpass", "bandstop"]
KINDS = {"lowpass": (True, 1), "highpass": (False, 1), "bandpass": (False, 2), "bandstop": (True, 2)}
"""Whether 0 is passed, and how many cut-offs there are at least: exactly one, or two and more."""


@front_door("design.windowed_sinc")
def windowed_sinc(
    taps: int,
    cutoff: ArrayLike,
    *,
    kind: Pass | bool = "lowpass",
    window: Taper = "hamming",
    width: ArrayLike | None = None,
    scale: bool = True,
    fs: ArrayLike = 1.0,
    dtype: DTypeLike | None = None,
) -> jax.Array:
    """Design a linear-phase filter: h[n] = w[n] Σ ±2f sinc(2f(n − (taps − 1)/2)), SciPy's `firwin`.

    Args:
        taps: Their number; odd where Nyquist is passed.
        cutoff: The half-amplitude frequency, or increasing ones, in cycles/sample or in the unit of `fs`; SciPy's
            default, 1 at Nyquist, is `fs=2`. May be traced; it is then not checked, and beyond Nyquist it is folded
            back. Keep it inside by learning p with `cutoff = 0.5 * jax.nn.sigmoid(p)`.
        kind: 'lowpass', 'highpass', 'bandpass', 'bandstop'; or, for any number of bands, whether 0 is passed.
        window: As of `window`, symmetric; parameters may be traced.
        width: Of the transition, likewise: makes the window Kaiser's that has it. May be traced.
        scale: Whether the response is 1 at the middle of the first pass band: at 0, Nyquist or its centre.
        fs: Sampling rate.
        dtype: A float type; that of the parameters if None.
    Shapes:
        cutoff () or (edges,) → (taps,), symmetric: convolution and correlation with it are one.
    Raises:
        OptionError: Cut-offs outside (0, Nyquist) or not increasing, too many or too few for `kind`, an even number of
            taps where Nyquist is passed, an unknown `kind` or `window`.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 7.5.
    Example:
        >>> print(np.array(windowed_sinc(3, 0.25)).round(3))
        [0.046 0.908 0.046]
    """
    n = count("taps", taps)
    word, parameters = windows.parse(window, "window")
    dtype_out = result_dtype(dtype, cutoff, parameters, width, fs)
    shape = operand("cutoff", cutoff).shape
    if len(shape) > 1:
        raise ShapeError(f"`cutoff` must have at most one axis; got shape {shape}. Use `jax.vmap`.")
    edges = cycles("cutoff", cutoff, fs, dtype_out, shape).reshape(-1)
    passes_zero = _passes_zero(kind, edges.size)
    if passes_zero == (edges.size % 2 == 0) and n % 2 == 0:
        raise OptionError(f"`taps` must be odd where Nyquist is passed, which even numbers cannot; got {taps}.")
    if width is not None:
        check_positive("width", width)
        word, values = "kaiser", ()
        relative = parameter("width", width, dtype_out) / parameter("fs", fs, dtype_out)
    else:
        values, relative = windows.as_parameters(word, parameters, dtype_out), None
    return _windowed_sinc(n, passes_zero, bool(scale), word, dtype_out, edges, values, relative)


def _passes_zero(kind: object, edges: int) -> bool:
    if not edges:
        raise ShapeError("`cutoff` must hold at least one frequency; got none.")
    if isinstance(kind, bool | np.bool_):
        return bool(kind)
    passes_zero, least = lookup("kind", kind, KINDS)
    if edges < least or (least == 1 and edges > 1):
        wanted = "one frequency" if least == 1 else "two frequencies or more"
        raise OptionError(f"`cutoff` must hold {wanted} for {kind!r}; got {edges}.")
    return passes_zero


@functools.partial(jax.jit, static_argnums=(0, 1, 2, 3, 4))
def _windowed_sinc(
    taps: int,
    passes_zero: bool,
    scale: bool,
    word: str,
    dtype: np.dtype,
    edges: jax.Array,
    parameters: tuple[Any, ...],
    width: jax.Array | None,
) -> jax.Array:
    if width is not None:
        parameters = (kaiser.beta_for(kaiser.attenuation_of(taps, width)),)
    m = np.arange(taps) - (taps - 1) / 2
    # An ideal low pass up to f is sin(2πfm)/(πm), 2f in the middle: alternately added and taken away, from the end.
    safe = constant(np.where(m == 0, 1, np.pi * m), dtype)
    offsets, is_middle = constant(2 * np.pi * m, dtype), jnp.asarray(m == 0)
    ideal = jnp.where(is_middle[None], 2 * edges[:, None], jnp.sin(edges[:, None] * offsets[None]) / safe[None])
    below = (-1.0) ** np.arange(edges.size) * (1 if passes_zero else -1)
    h = jnp.sum(constant(below, dtype)[:, None] * ideal, 0)
    if passes_zero == (edges.size % 2 == 0):
        h = h + constant(m == 0, dtype)
    h = h * windows.taper(word, taps, dtype, parameters)
    if scale:
        if passes_zero:
            centre = jnp.zeros((), h.dtype)
        else:
            centre = (edges[0] + edges[1]) / 2 if edges.size > 1 else jnp.full((), 0.5, h.dtype)
        h = h / jnp.sum(h * jnp.cos(centre * offsets))
    return h.astype(dtype)
