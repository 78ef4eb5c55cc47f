"""`scipy.signal`'s convolutions and correlations, recursive and polyphase filters, and designs of FIR filters."""

import numbers
import timeit
from collections.abc import Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import core, lax
from jax.typing import ArrayLike

from sigconv._core.boundary import Constant
from sigconv._core.conventions import CONVENTIONS
from sigconv._core.dtypes import is_complex, is_exact
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door, lookup
from sigconv._core.layout import check_not_empty, resolve_axes
from sigconv._core.options import is_integer
from sigconv.compat._scipy_design import firls as firls
from sigconv.compat._scipy_design import firwin as firwin
from sigconv.compat._scipy_design import get_window as get_window
from sigconv.compat._scipy_design import kaiser_atten as kaiser_atten
from sigconv.compat._scipy_design import kaiser_beta as kaiser_beta
from sigconv.compat._scipy_design import kaiserord as kaiserord
from sigconv.compat._scipy_design import minimum_phase as minimum_phase
from sigconv.compat._scipy_design import savgol_coeffs as savgol_coeffs
from sigconv.compat._scipy_iir import filtfilt as filtfilt
from sigconv.compat._scipy_iir import lfilter as lfilter
from sigconv.compat._scipy_iir import lfilter_zi as lfilter_zi
from sigconv.compat._scipy_iir import lfiltic as lfiltic
from sigconv.compat._scipy_iir import sosfilt as sosfilt
from sigconv.compat._scipy_iir import sosfilt_zi as sosfilt_zi
from sigconv.compat._scipy_iir import sosfiltfilt as sosfiltfilt
from sigconv.compat._scipy_resample import resample_poly as resample_poly
from sigconv.compat._scipy_resample import upfirdn as upfirdn
from sigconv.compat._scipy_savgol import savgol_filter as savgol_filter
from sigconv.compat._scipy_wiener import wiener as wiener
from sigconv.compat._through import as_array, numpy_dtype, through
from sigconv.signal import select_method

Mode = Literal["full", "same", "valid"]
MODES = {"full": "full", "same": "same", "valid": "valid"}
METHODS = {"auto": "auto", "direct": "direct", "fft": "fft"}
TRANSFORMS = ("fft", "overlap")


@front_door("compat.scipy.convolve")
def convolve(in1: ArrayLike, in2: ArrayLike, mode: Mode = "full", method: str = "auto") -> jax.Array:
    """`scipy.signal.convolve`: flips in2; 'same' is centred on 'full' and has in1's shape.

    Integers are always computed directly, and exactly; `method='fft'`, which SciPy rounds back, gives the same.

    Shapes:
        in1, in2 of one rank → SciPy's.
    Raises:
        ShapeError: An operand is empty, the ranks differ, or in 'valid' neither is at least as long on every axis.
        OptionError: Unknown `mode` or `method`.
    """
    return _filter("scipy.signal.convolve", in1, in2, mode, method)


@front_door("compat.scipy.correlate")
def correlate(in1: ArrayLike, in2: ArrayLike, mode: Mode = "full", method: str = "auto") -> jax.Array:
    """`scipy.signal.correlate`: conjugates in2; 'same' sits at tap K//2.

    Shapes:
        in1, in2 of one rank → SciPy's.
    Raises:
        ShapeError: An operand is empty, the ranks differ, or in 'valid' neither is at least as long on every axis.
        OptionError: Unknown `mode` or `method`.
    """
    return _filter("scipy.signal.correlate", in1, in2, mode, method)


@front_door("compat.scipy.fftconvolve")
def fftconvolve(
    in1: ArrayLike, in2: ArrayLike, mode: Mode = "full", axes: int | tuple[int, ...] | None = None
) -> jax.Array:
    """`scipy.signal.fftconvolve`: `convolve` by one FFT, along `axes`, broadcasting over the others; floats come back.

    Shapes:
        in1, in2 of one rank → SciPy's.
    Raises:
        ShapeError: The ranks differ, the other axes do not broadcast, or in 'valid' neither is at least as long.
        OptionError: Unknown `mode`, or `axes` that are not the signal's.
    """
    return _transformed("scipy.signal.fftconvolve", in1, in2, mode, axes, "fft")


@front_door("compat.scipy.oaconvolve")
def oaconvolve(
    in1: ArrayLike, in2: ArrayLike, mode: Mode = "full", axes: int | tuple[int, ...] | None = None
) -> jax.Array:
    """`scipy.signal.oaconvolve`: `fftconvolve`, block by block.

    Shapes:
        in1, in2 of one rank → SciPy's.
    Raises:
        ShapeError: The ranks differ, the other axes do not broadcast, or in 'valid' neither is at least as long.
        OptionError: Unknown `mode`, or `axes` that are not the signal's.
    """
    return _transformed("scipy.signal.oaconvolve", in1, in2, mode, axes, "overlap")


@front_door("compat.scipy.convolve2d")
def convolve2d(
    in1: ArrayLike, in2: ArrayLike, mode: Mode = "full", boundary: str = "fill", fillvalue: complex = 0
) -> jax.Array:
    """`scipy.signal.convolve2d`: a 2-d `convolve` that reads `fillvalue`, mirrored or wrapped samples beyond the edges.

    Shapes:
        in1 (H, W), in2 (K, L) → SciPy's.
    Raises:
        ShapeError: An operand is not 2-d or empty, or in 'valid' neither is at least as long on both axes.
        OptionError: Unknown `mode` or `boundary`, or a `fillvalue` the data cannot hold.
        DTypeError: Both operands are bool.
    """
    return _filter_2d("scipy.signal.convolve2d", in1, in2, mode, boundary, fillvalue)


@front_door("compat.scipy.correlate2d")
def correlate2d(
    in1: ArrayLike, in2: ArrayLike, mode: Mode = "full", boundary: str = "fill", fillvalue: complex = 0
) -> jax.Array:
    """`scipy.signal.correlate2d`: conjugates in2; 'same' sits at tap (K−1)//2, one beside `correlate` for even K.

    Where in2 is the larger, 'valid' gives the conjugate of what `correlate` gives: SciPy's own omission.

    Shapes:
        in1 (H, W), in2 (K, L) → SciPy's.
    Raises:
        ShapeError: An operand is not 2-d or empty, or in 'valid' neither is at least as long on both axes.
        OptionError: Unknown `mode` or `boundary`, or a `fillvalue` the data cannot hold.
        DTypeError: Both operands are bool.
    """
    return _filter_2d("scipy.signal.correlate2d", in1, in2, mode, boundary, fillvalue)


@front_door("compat.scipy.choose_conv_method")
def choose_conv_method(
    in1: ArrayLike, in2: ArrayLike, mode: Mode = "full", measure: bool = False
) -> str | tuple[str, Mapping[str, float]]:
    """`scipy.signal.choose_conv_method`: 'direct' or 'fft', whichever sigconv expects to be faster here.

    The choice is that of sigconv's engine on this device, so it can differ from SciPy's; 'fft' stands for its
    overlap-save too. With `measure`, both are compiled and timed, and the seconds are returned as well.

    Raises:
        ShapeError: An operand is empty or the ranks differ.
        OptionError: Unknown `mode`, or `measure` under `jit`, where there is nothing to time.
    """
    x, w = as_array("in1", in1), as_array("in2", in2)
    lookup("mode", mode, MODES)
    _check_ranks(x, w)
    _check_not_empty(x, w)
    if measure:
        if isinstance(x, core.Tracer) or isinstance(w, core.Tracer):
            raise OptionError("`measure` must be False inside jit, grad and vmap; got True. Measure outside.")
        seconds = {method: _seconds(x, w, mode, method) for method in ("fft", "direct")}
        return min(seconds, key=lambda method: seconds[method]), seconds
    dtype = numpy_dtype(x.dtype, w.dtype)
    if dtype == bool or is_exact(dtype):
        return "direct"
    return "fft" if select_method(x.shape, w.shape, dtype=dtype).method in TRANSFORMS else "direct"


@front_door("compat.scipy.correlation_lags")
def correlation_lags(in1_len: int, in2_len: int, mode: Mode = "full") -> jax.Array:
    """`scipy.signal.correlation_lags`, which for odd in1_len and even in2_len is one off SciPy's own 'same'.

    `sigconv.correlation_lags` gives the lags that `correlate` really returns.

    Shapes:
        → (out,), integers.
    Raises:
        ShapeError: A length is not positive.
        OptionError: Unknown `mode`.
    """
    for argument, length in (("in1_len", in1_len), ("in2_len", in2_len)):
        if not is_integer(length) or length < 1:
            raise ShapeError(f"`{argument}` must be a positive number of samples; got {length!r}.")
    lookup("mode", mode, MODES)
    if mode == "valid":
        surplus = in1_len - in2_len
        return jnp.asarray(np.arange(min(surplus, 0), max(surplus, 0) + 1))
    first = (in1_len + in2_len - 1) // 2 - in1_len // 2 if mode == "same" else 0
    lags = np.arange(1 - in2_len, in1_len)[first:]
    return jnp.asarray(lags[:in1_len] if mode == "same" else lags)


def _filter(name: str, in1: ArrayLike, in2: ArrayLike, mode: str, method: str) -> jax.Array:
    x, w, row = as_array("in1", in1), as_array("in2", in2), CONVENTIONS[name]
    lookup("method", method, METHODS)
    _check_ranks(x, w)
    if not x.ndim:
        return _product(x, jnp.conj(w) if row.conjugates else w, numpy_dtype(x.dtype, w.dtype))
    _check_not_empty(x, w)
    return through(row, x, w, mode, method=method)


def _transformed(name: str, in1: ArrayLike, in2: ArrayLike, mode: str, axes: Any, method: str) -> jax.Array:
    x, w = as_array("in1", in1), as_array("in2", in2)
    lookup("mode", mode, MODES)
    _check_ranks(x, w)
    if not x.ndim:
        return _product(x, w, numpy_dtype(x.dtype, w.dtype))
    if not (x.size and w.size):
        return jnp.zeros((0,), jax.dtypes.canonicalize_dtype(float))
    # As SciPy: along an axis on which either has one sample the product broadcasts, and only 'same' crops it.
    spatial = tuple(sorted(a for a in resolve_axes(axes, x.ndim, w.ndim) if 1 not in (x.shape[a], w.shape[a])))
    others = [axis for axis in range(x.ndim) if axis not in spatial]
    for axis in others:
        if x.shape[axis] != w.shape[axis] and 1 not in (x.shape[axis], w.shape[axis]):
            raise ShapeError(
                f"`in1` and `in2` must broadcast along the axes that are not in `axes`; got shapes {x.shape} and "
                f"{w.shape}, and axis {axis}."
            )
    dtype = numpy_dtype(_transform_dtype(x.dtype), _transform_dtype(w.dtype))
    if spatial:
        y = through(CONVENTIONS[name], x, w, mode, axes=spatial, method=method, dtype=dtype)
    else:
        y = _product(x, w, dtype)
    for axis in others if mode == "same" else ():
        first = (y.shape[axis] - x.shape[axis]) // 2
        y = lax.slice_in_dim(y, first, first + x.shape[axis], axis=axis)
    return y


def _filter_2d(name: str, in1: ArrayLike, in2: ArrayLike, mode: str, boundary: str, fillvalue: complex) -> jax.Array:
    x, w = as_array("in1", in1), as_array("in2", in2)
    for argument, array in (("in1", x), ("in2", w)):
        if array.ndim != 2:
            raise ShapeError(f"`{argument}` must be 2-d; got shape {array.shape}.")
    _check_not_empty(x, w)
    dtype = numpy_dtype(x.dtype, w.dtype)
    if dtype == bool:
        raise DTypeError("`in1` or `in2` must not be bool, which SciPy refuses here too; cast one to an integer type.")
    row = CONVENTIONS[name]
    reads = lookup("boundary", boundary, row.boundaries)
    filled = _fill(fillvalue, dtype) if isinstance(reads, Constant) else reads.value
    y = through(row, x, w, mode, boundary=filled, dtype=dtype)
    swapped = mode in row.swaps and any(n < k for n, k in zip(x.shape, w.shape, strict=True))
    # Where SciPy's correlate2d changes the operands' places it does not conjugate back, as its correlate does.
    return jnp.conj(y) if row.conjugates and swapped else y


def _fill(fillvalue: complex, dtype: np.dtype) -> Constant:
    """The constant, cast as SciPy casts it: truncated for integers, refused where that loses more."""
    if not isinstance(fillvalue, numbers.Number):
        raise OptionError(
            f"`fillvalue` must be a number; got {type(fillvalue).__name__}. If it is traced, pad in1 instead."
        )
    value = complex(fillvalue)  # pyright: ignore[reportArgumentType]
    if is_complex(dtype):
        return Constant(value)
    if isinstance(fillvalue, numbers.Complex) and not isinstance(fillvalue, numbers.Real):
        raise OptionError(f"`fillvalue` must be real for {dtype} data; got {fillvalue}. Make in1 complex first.")
    if not is_exact(dtype):
        return Constant(value.real)
    limits = jnp.iinfo(dtype)
    if not limits.min <= value.real <= limits.max:
        raise OptionError(f"`fillvalue` must fit {dtype}; got {fillvalue}. Cast in1 first.")
    return Constant(int(value.real))


def _product(x: jax.Array, w: jax.Array, dtype: np.dtype) -> jax.Array:
    return jnp.multiply(x.astype(dtype), w.astype(dtype))


def _transform_dtype(dtype: np.dtype) -> np.dtype:
    """What SciPy transforms data of this type in."""
    if dtype == bool or is_exact(dtype):
        return jax.dtypes.canonicalize_dtype(float)
    return jnp.dtype("float32") if dtype == jnp.float16 else dtype


def _check_ranks(x: jax.Array, w: jax.Array) -> None:
    if x.ndim != w.ndim:
        raise ShapeError(f"`in1` and `in2` must have the same number of axes; got shapes {x.shape} and {w.shape}.")


def _check_not_empty(x: jax.Array, w: jax.Array) -> None:
    for argument, array in (("in1", x), ("in2", w)):
        check_not_empty(argument, array.shape)


def _seconds(x: jax.Array, w: jax.Array, mode: str, method: str) -> float:
    def call() -> None:
        through(CONVENTIONS["scipy.signal.convolve"], x, w, mode, method=method).block_until_ready()

    call()
    return min(timeit.repeat(call, number=1, repeat=5))
