"""`scipy.signal`'s polyphase filters: `upfirdn` and `resample_poly`."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv import design
from sigconv._core.dtypes import is_complex, is_exact
from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv._core.options import is_integer
from sigconv.compat._scipy_design import named_window
from sigconv.compat._scipy_iir import checked_axis
from sigconv.compat._through import as_array, numpy_dtype
from sigconv.signal import correlate_channels

_NUMPYS = {"symmetric": "even", "reflect": "even", "antireflect": "odd", "wrap": None, "edge": None}
MODES = {name: name for name in ("constant", *_NUMPYS, "antisymmetric", "smooth", "line")}
BACKGROUNDS: Mapping[str, Callable[..., jax.Array]] = {
    "mean": jnp.mean,
    "median": jnp.median,
    "minimum": jnp.min,
    "maximum": jnp.max,
}


@front_door("compat.scipy.upfirdn")
def upfirdn(
    h: ArrayLike,
    x: ArrayLike,
    up: int = 1,
    down: int = 1,
    axis: int = -1,
    mode: str = "constant",
    cval: float = 0,
) -> jax.Array:
    """`scipy.signal.upfirdn`: zeros in between, a convolution with h, and of that every `down`-th sample.

    Only what is kept is computed, and nothing is multiplied by the zeros in between.

    Args:
        h, x, up, down, axis: As SciPy's.
        mode, cval: What x is beyond its ends, by SciPy's names, and the number for 'constant'.
    Shapes:
        h (K,), x (..., N) → (..., ((N − 1)·up + K − 1) // down + 1).
    Raises:
        ShapeError: h is not a vector or is empty, or x is empty.
        OptionError: Unknown `mode`, `up` or `down` no integers of at least 1, or an `axis` that x has not.
    """
    taps, signal = as_array("h", h), as_array("x", x)
    if taps.ndim != 1 or not taps.size:
        raise ShapeError(f"`h` must be a vector of taps; got shape {taps.shape}.")
    steps = _steps(up, down)
    along = checked_axis(axis, signal)
    lookup("mode", mode, MODES)
    count = ((signal.shape[along] - 1) * steps[0] + len(taps) - 1) // steps[1] + 1
    return _polyphase(taps, signal, steps, along, 0, count, mode, cval)


@front_door("compat.scipy.resample_poly")
def resample_poly(
    x: ArrayLike,
    up: int,
    down: int,
    axis: int = 0,
    window: str | tuple[str, float] | ArrayLike = ("kaiser", 5.0),
    padtype: str = "constant",
    cval: float | None = None,
) -> jax.Array:
    """`scipy.signal.resample_poly`: at up/down times the rate, by a linear-phase low-pass.

    Args:
        x, up, down, axis: As SciPy's.
        window: Of the filter, as in `get_window`; or the filter's taps.
        padtype, cval: As SciPy's: a mode of `upfirdn`, or what to subtract first: 'mean', 'median', 'minimum',
            'maximum'.
    Shapes:
        x (..., N) → (..., ⌈N·up/down⌉).
    Raises:
        ShapeError: x is empty, or the taps are not a vector.
        OptionError: Unknown `window` or `padtype`, `up` or `down` no integers of at least 1, a `cval` with another
            padtype than 'constant', or an `axis` that x has not.
    """
    signal = as_array("x", x)
    steps = _steps(up, down)
    along = checked_axis(axis, signal)
    if cval is not None and padtype != "constant":
        raise OptionError(f"`cval` must be None unless `padtype` is 'constant'; got {cval!r} with {padtype!r}.")
    lookup("padtype", padtype, MODES | dict.fromkeys(BACKGROUNDS, ""))
    common = math.gcd(*steps)
    steps = steps[0] // common, steps[1] // common
    if steps == (1, 1):
        return signal
    taps = _taps(window, max(steps), signal.dtype)
    half = (len(taps) - 1) // 2
    count = -(-signal.shape[along] * steps[0] // steps[1])
    taps = taps * jnp.asarray(steps[0], taps.dtype)
    if padtype not in BACKGROUNDS:
        return _polyphase(taps, signal, steps, along, half, count, padtype, cval or 0)
    signal = signal.astype(_result(signal.dtype, taps.dtype))
    background = BACKGROUNDS[padtype](signal, axis=along, keepdims=True)
    return _polyphase(taps, signal - background, steps, along, half, count, "constant", 0) + background


def _steps(up: object, down: object) -> tuple[int, int]:
    for argument, value in (("up", up), ("down", down)):
        if not is_integer(value) or value < 1:
            raise OptionError(f"`{argument}` must be an integer of at least 1; got {value!r}.")
    return int(up), int(down)  # type: ignore[call-overload]


def _result(*dtypes: np.dtype) -> np.dtype:
    dtype = numpy_dtype(*dtypes)
    return jax.dtypes.canonicalize_dtype(float) if dtype == bool or is_exact(dtype) else dtype


def _taps(window: Any, rate: int, dtype: np.dtype) -> jax.Array:
    """The taps that were given, or a low-pass up to 1/rate of the Nyquist frequency, ten lobes to either side."""
    dtype = _result(dtype)
    if isinstance(window, str | tuple):
        name, _ = named_window(window, False)
        real = jnp.finfo(dtype).dtype
        return design.windowed_sinc(20 * rate + 1, 1 / rate, window=name, fs=2.0, dtype=real).astype(dtype)
    taps = as_array("window", window)
    if taps.ndim != 1 or not taps.size:
        raise ShapeError(f"`window` must be a vector of taps, if it is an array; got shape {taps.shape}.")
    return taps.astype(_result(taps.dtype))


def _polyphase(
    h: jax.Array,
    x: jax.Array,
    steps: tuple[int, int],
    axis: int,
    offset: int,
    count: int,
    mode: str,
    cval: float,
) -> jax.Array:
    """y[n] = Σ_t h[t] x̃[n·down + offset − t], x̃ with `up − 1` zeros in between."""
    up, down = steps
    dtype = _result(h.dtype, x.dtype)
    h, x = h.astype(dtype), jnp.moveaxis(x, axis, -1).astype(dtype)
    length = x.shape[-1]
    low = len(h) - 1 - offset
    high = (count - 1) * down + len(h) - 1 - low - (length - 1) * up
    if mode != "constant" or not (isinstance(cval, int | float | complex) and cval == 0):
        # Whole samples: as many as cover the taps that reach beyond the ends.
        before, after = max(-(-low // up), 0), max(-(-high // up), 0)
        x = _beyond(x, before, after, mode, cval)
        low, high = low - before * up, high - after * up
    y = correlate_channels(
        x[..., None, :], jnp.flip(h)[None, None], padding=[(low, high)], stride=down, input_dilation=up
    )
    return jnp.moveaxis(y[..., 0, :], -1, axis)


def _beyond(x: jax.Array, before: int, after: int, mode: str, cval: float) -> jax.Array:
    """The signal with samples in front and behind, by SciPy's names."""
    length = x.shape[-1]
    widths = [(0, 0)] * (x.ndim - 1) + [(before, after)]
    if mode == "constant":
        fill = as_array("cval", cval)
        if fill.ndim or (is_complex(fill.dtype) and not is_complex(x.dtype)):
            raise OptionError(f"`cval` must be one number, and real where the signal is; got {cval!r}.")
        return jnp.pad(x, widths, constant_values=fill.astype(x.dtype))
    places = np.arange(-before, length + after)
    if mode == "antisymmetric":
        signs = np.where(places // length % 2 == 0, 1, -1)
        return jnp.pad(x, widths, "symmetric") * jnp.asarray(signs, x.dtype).reshape((1,) * (x.ndim - 1) + (-1,))
    if length == 1 or mode == "edge":
        return jnp.pad(x, widths, "edge")
    if mode not in ("smooth", "line"):
        reflect = _NUMPYS[mode]
        if reflect is None:
            return jnp.pad(x, widths, mode)
        return jnp.pad(x, widths, mode.removeprefix("anti"), reflect_type=reflect)
    first, last = x[..., :1], x[..., -1:]
    slope = (last - first) / (length - 1)
    slopes = (slope, slope) if mode == "line" else (x[..., 1:2] - first, last - x[..., -2:-1])
    shape = (1,) * (x.ndim - 1) + (-1,)
    down = jnp.asarray(np.arange(-before, 0), x.dtype).reshape(shape)
    up = jnp.asarray(np.arange(1, after + 1), x.dtype).reshape(shape)
    return jnp.concatenate([first + down * slopes[0], x, last + up * slopes[1]], axis=-1)
