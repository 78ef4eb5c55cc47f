"""scikit-image's `peak_local_max`, as of 0.26. Its result is as long as there are peaks: it is worked out at once."""

import numbers

import jax
import jax.numpy as jnp
import numpy as np
from jax import core
from jax.typing import ArrayLike

from sigconv._core.dtypes import is_complex
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door
from sigconv._core.layout import check_not_empty
from sigconv._core.options import is_integer
from sigconv.compat._through import as_array


@front_door("compat.skimage.peak_local_max")
def peak_local_max(
    image: ArrayLike,
    min_distance: int = 1,
    threshold_abs: float | None = None,
    threshold_rel: float | None = None,
    exclude_border: bool | int | tuple[int, ...] = True,
    num_peaks: float = np.inf,
    footprint: ArrayLike | None = None,
    labels: None = None,
    num_peaks_per_label: float = np.inf,
    p_norm: float = np.inf,
) -> jax.Array:
    """`skimage.feature.peak_local_max`: coordinates of the samples that are the highest of their window, highest first.

    Not under `jit`, where no shape can depend on values: `sigconv.find_peaks` has a fixed number of peaks.

    Args:
        image: A real image.
        min_distance: The window has 2·min_distance + 1 samples; peaks nearer than that to a higher one go.
        threshold_abs, threshold_rel: Peaks are above the first, the lowest sample if None, and above the second times
            the highest.
        exclude_border: Samples at each end without peaks; True for `min_distance`; per axis, or one for all.
        num_peaks: At most so many.
        footprint: The window, where it is another than a box.
        labels, num_peaks_per_label: None, and left out: call it for each region.
        p_norm: Of the distance between peaks, from 1 to inf.
    Shapes:
        image (*space) → (count, rank), integers.
    Raises:
        ShapeError: The image is empty, or the footprint has another number of axes.
        OptionError: An option is none of those above, or the image is traced.
        DTypeError: The image is not real.
    """
    if isinstance(image, core.Tracer):
        raise OptionError(
            "`image` must not be traced: the result is as long as there are peaks. Use sigconv.find_peaks."
        )
    x = np.asarray(as_array("image", image))
    check_not_empty("image", x.shape)
    if is_complex(x.dtype):
        raise DTypeError(f"`image` must be real; got {x.dtype}.")
    if labels is not None or num_peaks_per_label != np.inf:
        raise OptionError("`labels` and `num_peaks_per_label` must be left out. Call it for each region.")
    if not is_integer(min_distance) or min_distance < 0:
        raise OptionError(f"`min_distance` must be an integer of at least 0; got {min_distance!r}.")
    if not (is_integer(num_peaks) or num_peaks == np.inf) or num_peaks < 1:
        raise OptionError(f"`num_peaks` must be a positive integer or inf; got {num_peaks!r}.")
    if not isinstance(p_norm, numbers.Real) or not p_norm >= 1:
        raise OptionError(f"`p_norm` must be a number of at least 1; got {p_norm!r}.")
    border = _border(exclude_border, int(min_distance), x.ndim)
    window = np.ones((2 * int(min_distance) + 1,) * x.ndim, bool) if footprint is None else np.asarray(footprint, bool)
    if window.ndim != x.ndim or not window.any():
        raise ShapeError(f"`footprint` must have some sample and as many axes as the image; got shape {window.shape}.")
    # In float64, as bools and short floats have no other minus infinity.
    wide = x if np.issubdtype(x.dtype, np.integer) else x.astype(np.float64)
    least = wide.min() if threshold_abs is None else threshold_abs
    if threshold_rel is not None:
        least = max(least, threshold_rel * wide.max())
    is_peak = wide > least
    if window.size > 1 and x.size > 1:
        is_highest = wide == _highest(wide, window)
        is_peak &= is_highest & (not is_highest.all())
    for axis, width in enumerate(border):
        at = np.arange(x.shape[axis])
        inside = (at >= width) & (at < x.shape[axis] - width)
        is_peak &= inside.reshape(*(-1 if a == axis else 1 for a in range(x.ndim)))
    places = np.argwhere(is_peak)
    heights = wide[is_peak].astype(np.float64)
    places = places[np.argsort(-heights, kind="stable")]
    if min_distance > 1:
        places = _spaced(places, int(min_distance), float(p_norm), num_peaks)
    kept = places if num_peaks == np.inf else places[: int(num_peaks)]
    return jnp.asarray(kept, jax.dtypes.canonicalize_dtype(np.int64))


def _border(exclude: object, distance: int, rank: int) -> tuple[int, ...]:
    if isinstance(exclude, bool):
        return (distance if exclude else 0,) * rank
    widths = tuple(exclude) if isinstance(exclude, tuple) else (exclude,) * rank
    if len(widths) != rank or not all(is_integer(width) and width >= 0 for width in widths):
        raise OptionError(
            f"`exclude_border` must be True, False, an integer of at least 0 or a tuple of one for each of the {rank} "
            f"axes; got {exclude!r}."
        )
    return tuple(int(width) for width in widths)  # type: ignore[call-overload]


def _highest(x: np.ndarray, window: np.ndarray) -> np.ndarray:
    """The highest sample of the window about each; beyond an end the last one again."""
    wide = np.pad(x, [(k // 2, k - 1 - k // 2) for k in window.shape], mode="edge")
    if window.all():
        for axis, k in enumerate(window.shape):
            wide = np.lib.stride_tricks.sliding_window_view(wide, k, axis).max(-1)
        return wide
    corners = np.argwhere(window)
    parts = (wide[tuple(slice(c, c + n) for c, n in zip(corner, x.shape, strict=True))] for corner in corners)
    return np.maximum.reduce(list(parts))


def _spaced(places: np.ndarray, distance: int, norm: float, most: float) -> np.ndarray:
    """Each place that is not nearer than the distance to one before it that stays."""
    is_left, taken = np.ones(len(places), bool), []
    while is_left.any() and len(taken) < most:
        place = places[np.argmax(is_left)]
        taken.append(place)
        is_left &= np.linalg.norm((places - place).astype(float), norm, axis=1) >= distance
    return np.array(taken).reshape(-1, places.shape[1])
