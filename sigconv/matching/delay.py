"""`delay`: how much later one signal is than another, between the samples, by generalized cross-correlation."""

import functools
import math
from collections.abc import Mapping
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, computed_in, floating
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.layout import check_not_empty
from sigconv._core.options import is_integer
from sigconv._engine.spectra import fast_length
from sigconv.matching import upsampled
from sigconv.matching.cross_spectrum import Band, cross_spectrum, resolve_normalization
from sigconv.matching.lags import broadcast

_GRID = 8
"""Points per sample at which the interpolant is looked at before it is climbed."""

WEIGHTINGS: Mapping[str, Band | None] = {"none": None, "phat": Band(0.5)}


@front_door("delay")
def delay(
    signal: ArrayLike,
    reference: ArrayLike,
    *,
    weighting: Literal["none", "phat"] | Band = "none",
    max_delay: int | None = None,
) -> jax.Array:
    """Find the delay d, in samples, at which signal[n] = reference[n − d]: where their correlation is highest.

    Positive where the signal is later, as the lags of `correlate(signal, reference)` are. It is the top of the
    band-limited interpolant of that correlation, and has its derivatives. Offsets are not taken out.

    Args:
        signal, reference: Real or complex, 0 beyond their ends; their last axes are compared, and the others broadcast.
        weighting: Of frequencies: 'none' by their power, best against white noise; 'phat' all alike, for echoes, as
            'phase' of `phase_correlation`; `Band(cutoff)` the low ones alike, and no others.
        max_delay: Look no further than so many samples to either side.
    Shapes:
        signal (..., L), reference (..., K) → (...).
    Raises:
        ShapeError: An operand is empty or has no axis, or shapes do not broadcast.
        OptionError: Unknown `weighting`, or `max_delay` is no integer of at least 0.
        DTypeError: An operand is not numeric.
    Reference:
        Knapp & Carter, "The generalized correlation method for estimation of time delay", IEEE Trans. ASSP 24, 1976.
    Example:
        >>> x = jnp.sin(jnp.arange(32.0)) * jnp.hanning(32)
        >>> round(float(delay(jnp.pad(x, (3, 0)), x)), 3)
        3.0
    """
    x, r = as_operand("signal", signal), as_operand("reference", reference)
    for argument, a in (("signal", x), ("reference", r)):
        check_not_empty(argument, a.shape)
        if not a.ndim:
            raise ShapeError(f"`{argument}` must have at least one axis; got a scalar.")
    front = broadcast("reference", x, r)
    band = resolve_normalization("weighting", weighting, WEIGHTINGS)
    if max_delay is not None and (not is_integer(max_delay) or max_delay < 0):
        raise OptionError(f"`max_delay` must be None or an integer of at least 0; got {max_delay!r}.")
    return _delay(x, r, front, band, None if max_delay is None else int(max_delay))


@functools.partial(jax.jit, static_argnames=("front", "band", "most"))
def _delay(x: jax.Array, r: jax.Array, front: tuple[int, ...], band: Band | None, most: int | None) -> jax.Array:
    dtype = computed_in(floating(x, r))
    x, r = (jnp.broadcast_to(a, (*front, a.shape[-1])).reshape(math.prod(front), -1).astype(dtype) for a in (x, r))
    return jax.vmap(functools.partial(_of_pair, band=band, most=most))(x, r).reshape(front)


def _of_pair(x: jax.Array, r: jax.Array, band: Band | None, most: int | None) -> jax.Array:
    n, k = x.shape[0], r.shape[0]
    points = fast_length(n + k - 1)
    wave = cross_spectrum(x, r, band, (points,))
    lags = np.arange(points)
    lags = np.where(lags < n, lags, lags - points)
    allowed = (lags > -k) & (np.abs(lags) <= (points if most is None else most))
    fixed = jax.tree.map(lax.stop_gradient, wave)
    place, beyond = upsampled.top(fixed, half=True, allowed=jnp.asarray(allowed))
    here = upsampled.moved(wave, place)
    offset = upsampled.climbed(here, beyond, _GRID, 0.5)
    base = jnp.asarray(lags, np.int32)[place[0]].astype(offset.dtype)
    found = base + offset[0]
    return jnp.where(jnp.isnan(jnp.real(upsampled.value(here, offset))), jnp.nan, found)
