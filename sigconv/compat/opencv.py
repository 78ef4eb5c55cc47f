"""OpenCV's linear filters of images: `filter2D` and `sepFilter2D`, with its constants.

OpenCV adds up in float32, or in float64 where the image or the result is. So does this, with every product taken, and
integer results are the sum rounded (a half to the even neighbour) and saturated. OpenCV's own can be one off:

- where the sum is within float rounding of a half, more so for kernels of 50 or 130 taps and more, which it transforms;
- at halves, in sepFilter2D from CV_8U to CV_8U under two symmetric kernels of non-negative multiples of 1/256 that add
  up to 1, which it computes in integers: samples behind the last multiple of 16 in a row (of width × channels) go up.

OpenCV leaves out taps that are 0; here a NaN reaches every window that holds it, also under such a tap. A sum beyond
32 bits saturates here; OpenCV on x86 then gives the lowest value of the depth, as both do for a NaN.
"""

# ruff: noqa: N802, N803 - OpenCV's own names.

import numbers
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.boundary import Constant
from sigconv._core.conventions import CONVENTIONS, Convention
from sigconv._core.conventions.opencv import BORDER_TYPES
from sigconv._core.dtypes import as_operand, is_complex, is_exact
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door, lookup
from sigconv._core.layout import check_not_empty
from sigconv._core.options import is_integer
from sigconv.compat._opencv_match import TM_CCOEFF as TM_CCOEFF
from sigconv.compat._opencv_match import TM_CCOEFF_NORMED as TM_CCOEFF_NORMED
from sigconv.compat._opencv_match import TM_CCORR as TM_CCORR
from sigconv.compat._opencv_match import TM_CCORR_NORMED as TM_CCORR_NORMED
from sigconv.compat._opencv_match import TM_SQDIFF as TM_SQDIFF
from sigconv.compat._opencv_match import TM_SQDIFF_NORMED as TM_SQDIFF_NORMED
from sigconv.compat._opencv_match import matchTemplate as matchTemplate
from sigconv.compat._opencv_phase import phaseCorrelate as phaseCorrelate
from sigconv.compat._through import as_array, product_method
from sigconv.signal import correlate as _correlate

BORDER_CONSTANT, BORDER_REPLICATE, BORDER_REFLECT, BORDER_WRAP, BORDER_REFLECT_101, BORDER_TRANSPARENT = range(6)
BORDER_REFLECT101 = BORDER_DEFAULT = BORDER_REFLECT_101
BORDER_ISOLATED = 16
CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_32F, CV_64F = range(7)

DEPTHS = {
    CV_8U: np.dtype("uint8"),
    CV_16U: np.dtype("uint16"),
    CV_16S: np.dtype("int16"),
    CV_32F: np.dtype("float32"),
    CV_64F: np.dtype("float64"),
}
"""The depths that the filters take or give."""

# The result's depths for each of the image's, in OpenCV 5.0.
FILTER_DEPTHS = {
    "uint8": (CV_8U, CV_16U, CV_16S, CV_32F, CV_64F),
    "uint16": (CV_16U, CV_32F, CV_64F),
    "int16": (CV_16S, CV_32F, CV_64F),
    "float32": (CV_32F,),
    "float64": (CV_64F,),
}
SEPARABLE_DEPTHS = {
    "uint8": (CV_8U, CV_16U, CV_16S, CV_32F, CV_64F),
    "uint16": (CV_8U, CV_16U, CV_16S, CV_32F, CV_64F),
    "int16": (CV_8U, CV_16U, CV_16S, CV_32F, CV_64F),
    "float32": (CV_8U, CV_16U, CV_16S, CV_32F, CV_64F),
    "float64": (CV_8U, CV_16U, CV_16S, CV_64F),
}


@front_door("compat.opencv.filter2D")
def filter2D(
    src: ArrayLike,
    ddepth: int,
    kernel: ArrayLike,
    dst: None = None,
    anchor: tuple[int, int] = (-1, -1),
    delta: ArrayLike = 0,
    borderType: int | str = BORDER_DEFAULT,
) -> jax.Array:
    """`cv2.filter2D`: y[n] = Σ_t kernel[t] src[n + t − anchor] + delta, a correlation; the kernel is not flipped.

    Args:
        src: An image of uint8, uint16, int16, float32 or float64.
        ddepth: The result's depth, such as `CV_32F`; negative for the image's.
        kernel: Real taps, the same for every channel. OpenCV reads a vector as a column; here it is refused.
        dst: None. An array to write into is refused: JAX's are immutable.
        anchor: (x, y) of the tap that sits on the pixel; −1 for the middle, K // 2.
        delta: Added before rounding.
        borderType: One of OpenCV's numbers or its name. BORDER_WRAP and BORDER_TRANSPARENT are refused, as by OpenCV;
            the flag BORDER_ISOLATED changes nothing.
    Shapes:
        src (H, W) or (H, W, channels), kernel (K, L) → that of src; one channel alone is dropped.
    Raises:
        ShapeError: The image or the kernel has another number of axes, or is empty.
        OptionError: Unknown `ddepth` or `borderType`, an `anchor` outside the kernel, a `dst`, or a `delta` that is not
            one real number.
        DTypeError: The image has none of these dtypes, or the kernel is complex.
    """
    x, result = _image(src, ddepth, dst, FILTER_DEPTHS)
    w = _taps("kernel", kernel)
    if w.ndim != 2:
        raise ShapeError(f"`kernel` must have 2 axes; got shape {w.shape}. A row of K taps is (1, K).")
    return _filter("cv2.filter2D", x, (w,), ((0, 1),), w.shape, anchor, delta, borderType, result)


@front_door("compat.opencv.sepFilter2D")
def sepFilter2D(
    src: ArrayLike,
    ddepth: int,
    kernelX: ArrayLike,
    kernelY: ArrayLike,
    dst: None = None,
    anchor: tuple[int, int] = (-1, -1),
    delta: ArrayLike = 0,
    borderType: int | str = BORDER_DEFAULT,
) -> jax.Array:
    """`cv2.sepFilter2D`: every row under kernelX, then every column under kernelY, then delta is added.

    Other arguments are those of `filter2D`; here floats may be turned into integers, and CV_16U into CV_8U and so on.

    Shapes:
        src (H, W) or (H, W, channels), kernelX and kernelY (K,), (K, 1) or (1, K) → that of src.
    Raises:
        ShapeError: A kernel is not a vector, or as `filter2D`.
        OptionError, DTypeError: As `filter2D`.
    """
    x, result = _image(src, ddepth, dst, SEPARABLE_DEPTHS)
    vectors = []
    for argument, kernel in (("kernelX", kernelX), ("kernelY", kernelY)):
        w = _taps(argument, kernel)
        if w.ndim not in (1, 2) or w.size != max(w.shape):
            raise ShapeError(f"`{argument}` must be a vector: (K,), (K, 1) or (1, K); got shape {w.shape}.")
        vectors.append(w.ravel())
    shape = (vectors[1].size, vectors[0].size)
    return _filter("cv2.sepFilter2D", x, tuple(vectors), ((1,), (0,)), shape, anchor, delta, borderType, result)


def _image(src: ArrayLike, ddepth: object, dst: object, depths: dict[str, tuple[int, ...]]) -> tuple[Any, np.dtype]:
    """The image, and the dtype of the result."""
    x = as_array("src", src)
    if dst is not None:
        raise OptionError(
            f"`dst` must be None; got {type(dst).__name__}. JAX arrays cannot be written into: use the value that is "
            "returned."
        )
    if x.dtype.name not in depths:
        raise DTypeError(f"`src` must have one of the dtypes {sorted(depths)}, as for OpenCV; got {x.dtype}. Cast it.")
    if x.ndim not in (2, 3):
        raise ShapeError(f"`src` must be (H, W) or (H, W, channels); got shape {x.shape}.")
    check_not_empty("src", x.shape)
    if not is_integer(ddepth):
        raise OptionError(f"`ddepth` must be an integer, such as CV_32F or -1; got {ddepth!r}.")
    if ddepth < 0:
        return x, np.dtype(x.dtype)
    # Without 64-bit types float32 stands for float64 too.
    canonical = {depth: jax.dtypes.canonicalize_dtype(dtype) for depth, dtype in DEPTHS.items()}
    if ddepth not in DEPTHS or canonical[ddepth] not in [canonical[depth] for depth in depths[x.dtype.name]]:
        named = ", ".join(f"{depth} ({DEPTHS[depth]})" for depth in depths[x.dtype.name])
        raise OptionError(f"`ddepth` must be -1 or one of {named} for an image of {x.dtype}; got {ddepth}.")
    return x, canonical[ddepth]


def _taps(argument: str, kernel: ArrayLike) -> jax.Array:
    w = as_array(argument, kernel)
    if is_complex(w.dtype):
        raise DTypeError(f"`{argument}` must be real; got {w.dtype}. Filter with its real and imaginary parts in turn.")
    check_not_empty(argument, w.shape)
    return w


def _filter(
    name: str,
    x: jax.Array,
    kernels: tuple[jax.Array, ...],
    axes: tuple[tuple[int, ...], ...],
    taps: tuple[int, ...],
    anchor: object,
    delta: Any,
    border: Any,
    result: np.dtype,
) -> jax.Array:
    """Each kernel along its axes; `taps` and the pads are those of rows and columns together."""
    row = CONVENTIONS[name]
    word = next((word for word, number in BORDER_TYPES.items() if _is_number(border, number)), border)
    reads = lookup("borderType", word, row.boundaries)
    pads = _padding(row, x.shape, taps, anchor)
    if isinstance(delta, numbers.Real) and not isinstance(delta, bool):
        delta = float(delta)  # Integers beyond 32 bits too.
    offset = as_operand("delta", delta)
    if offset.ndim or is_complex(offset.dtype):
        raise OptionError(f"`delta` must be one real number; got {offset.dtype} of shape {offset.shape}.")
    working = np.promote_types(np.promote_types(x.dtype, np.float32), np.promote_types(result, np.float32))
    boundary = reads if isinstance(reads, Constant) else reads.value
    y = x.astype(working)
    for w, along in zip(kernels, axes, strict=True):
        mode = [pads[axis] for axis in along]
        method = product_method(y, w, mode=mode, boundary=boundary, axes=along) if is_exact(result) else "auto"
        y = _correlate(y, w.astype(working), mode=mode, boundary=boundary, axes=along, method=method)
    y = _saturated(y + offset.astype(working), result)
    return y[..., 0] if y.ndim == 3 and y.shape[2] == 1 else y


def _is_number(border: object, number: int) -> bool:
    return is_integer(border) and border & ~BORDER_ISOLATED == number


def _padding(row: Convention, shape: tuple[int, ...], taps: tuple[int, ...], anchor: object) -> list[tuple[int, int]]:
    """(lo, hi) of rows and columns."""
    places = tuple(anchor) if isinstance(anchor, tuple | list) else ()
    if len(places) != 2 or not all(is_integer(a) and -1 <= a < k for a, k in zip(places, taps[::-1], strict=True)):
        raise OptionError(
            f"`anchor` must be (x, y) within the kernel of {taps[1]} × {taps[0]} taps, or -1 for its middle; got "
            f"{anchor!r}."
        )
    moves = [0 if a == -1 else a - k // 2 for a, k in zip(places[::-1], taps, strict=True)]
    return [row.padding(n, k, origin=move) for n, k, move in zip(shape, taps, moves, strict=False)]


def _saturated(y: jax.Array, dtype: np.dtype) -> jax.Array:
    if not is_exact(dtype):
        return y.astype(dtype)
    limits = jnp.iinfo(dtype)
    # fmax: a NaN becomes the lowest value, as in OpenCV.
    return jnp.minimum(jnp.fmax(jnp.rint(y), limits.min), limits.max).astype(dtype)
