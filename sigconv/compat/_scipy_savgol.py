"""`scipy.signal.savgol_filter`: a polynomial fitted to every window, at the ends to the outermost ones."""

from typing import Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv import design
from sigconv._core.dtypes import is_complex
from sigconv._core.errors import DTypeError, ShapeError, front_door, lookup
from sigconv.compat import _ndimage
from sigconv.compat._through import as_array
from sigconv.design._parameters import constant, parameter
from sigconv.design.savitzky_golay import edge_fits

MODES = {name: name for name in ("interp", "mirror", "constant", "nearest", "wrap")}


@front_door("compat.scipy.savgol_filter")
def savgol_filter(
    x: ArrayLike,
    window_length: int,
    polyorder: int,
    deriv: int = 0,
    delta: ArrayLike = 1.0,
    axis: int = -1,
    mode: Literal["interp", "mirror", "constant", "nearest", "wrap"] = "interp",
    cval: float = 0.0,
) -> jax.Array:
    """`scipy.signal.savgol_filter`: smooths, or differentiates `deriv` times, by least-squares polynomials.

    Args:
        x: Real; what is not float32 or float64 is computed in JAX's default float.
        window_length, polyorder, deriv, axis, cval: As SciPy's.
        delta: Of the samples; may be traced.
        mode: 'interp' reads the fits of the first and last windows; the others are `compat.ndimage`'s boundaries.
    Shapes:
        x (*shape) → (*shape).
    Raises:
        OptionError: As `design.savitzky_golay`, unknown `mode`, or an `axis` that x has not.
        ShapeError: x is shorter than the window in 'interp'.
        DTypeError: x is complex.
    """
    signal = as_array("x", x)
    lookup("mode", mode, MODES)
    if is_complex(signal.dtype):
        raise DTypeError(f"`x` must be real; got {signal.dtype}. Filter real and imaginary parts.")
    (along,) = _ndimage.only(axis, signal)
    is_kept = signal.dtype in (jnp.float32, jnp.float64)
    signal = signal if is_kept else signal.astype(jax.dtypes.canonicalize_dtype(float))
    taps = design.savitzky_golay(window_length, polyorder, derivative=deriv, spacing=delta, dtype=float)
    length = signal.shape[along]
    if mode == "interp" and window_length > length:
        raise ShapeError(f"`window_length` must not be above the {length} samples in 'interp'; got {window_length}.")
    boundary = "constant" if mode == "interp" else mode
    y = _ndimage.filtered("scipy.ndimage.convolve1d", signal, taps, None, boundary, cval, 0, (along,))
    half = window_length // 2
    if mode != "interp" or not half:
        return y
    y, ends = jnp.moveaxis(y, along, 0), jnp.moveaxis(signal, along, 0)
    fits = edge_fits(window_length, polyorder, deriv)
    scale = parameter("delta", delta, y.dtype) ** deriv
    first, last = (constant(matrix, y.dtype) for matrix in (fits, (-1) ** deriv * fits[::-1, ::-1]))
    low = jnp.tensordot(first, ends[:window_length], 1, precision="highest") / scale
    high = jnp.tensordot(last, ends[length - window_length :], 1, precision="highest") / scale
    return jnp.moveaxis(jnp.concatenate([low, y[half : length - half], high]), 0, along)
