"""scikit-image's `phase_cross_correlation`, as of 0.26."""

import functools
import math
import numbers

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import is_complex
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door, lookup
from sigconv._core.layout import check_not_empty
from sigconv.compat._through import as_array
from sigconv.matching.ambiguity import unwrapped
from sigconv.matching.padfield import masked_scores


@front_door("compat.skimage.phase_cross_correlation")
def phase_cross_correlation(
    reference_image: ArrayLike,
    moving_image: ArrayLike,
    *,
    upsample_factor: float = 1,
    space: str = "real",
    disambiguate: bool = False,
    reference_mask: ArrayLike | None = None,
    moving_mask: ArrayLike | None = None,
    overlap_ratio: float = 0.3,
    normalization: str | None = "phase",
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """`skimage.registration.phase_cross_correlation`: (shift, error, phasediff).

    Shifted by that, in the order of axes, `moving_image` lies on the reference, as for `sigconv.phase_correlation`.
    The values are scikit-image's, also where they are of little use: with normalization='phase' smooth images are found
    unshifted (#6456) and the error is 1 (#7078); see `sigconv.phase_correlation`. Where an image holds NaN the shift is
    whatever it is and the error NaN; scikit-image raises.

    Args:
        reference_image, moving_image: Real or complex, or for space='fourier' their spectra.
        upsample_factor: Points per sample of the grid that the shift is on.
        space: 'real' or 'fourier'.
        disambiguate: Also decide between shifts that differ by whole images.
        reference_mask, moving_mask: Samples that count; one alone must be `reference_mask`, and counts for both. The
            masked correlation is taken then, and upsample_factor, space, disambiguate and normalization are not used.
        overlap_ratio: With masks, the least part of the largest overlap.
        normalization: 'phase' or None.
    Shapes:
        both (*space) → (rank,), (), ().
    Raises:
        ShapeError: Images are empty, or shapes differ.
        OptionError: An option is none of those above.
        DTypeError: An image is not numeric, or with masks not real.
    """
    x, y = as_array("reference_image", reference_image), as_array("moving_image", moving_image)
    for argument, a in (("reference_image", x), ("moving_image", y)):
        check_not_empty(argument, a.shape)
    if reference_mask is not None or moving_mask is not None:
        return _masked(x, y, reference_mask, moving_mask, overlap_ratio)
    if x.shape != y.shape or not x.ndim:
        raise ShapeError(f"`moving_image` must have the shape of the reference, {x.shape}; got {y.shape}.")
    if not isinstance(upsample_factor, numbers.Real) or isinstance(upsample_factor, bool) or upsample_factor < 1:
        raise OptionError(f"`upsample_factor` must be a number of at least 1; got {upsample_factor!r}.")
    is_spectrum = lookup("space", space.lower() if isinstance(space, str) else space, {"real": False, "fourier": True})
    if normalization not in ("phase", None):
        raise OptionError(f"`normalization` must be 'phase' or None; got {normalization!r}.")
    x, y = (a.astype(_float_type(a.dtype, allow_complex=True)) for a in (x, y))
    return _register(x, y, float(upsample_factor), is_spectrum, bool(disambiguate), normalization == "phase")


def _float_type(dtype: np.dtype, *, allow_complex: bool = False) -> np.dtype:
    """What scikit-image computes in."""
    if is_complex(dtype) and not allow_complex:
        raise DTypeError(f"`reference_image` and `moving_image` must be real where there are masks; got {dtype}.")
    if dtype in (np.float16, jnp.bfloat16):
        return np.dtype("float32")
    is_float = jnp.issubdtype(dtype, jnp.inexact)
    return np.dtype(dtype) if is_float else jax.dtypes.canonicalize_dtype(np.float64)


@functools.partial(jax.jit, static_argnames=("factor", "is_spectrum", "disambiguate", "is_phase"))
def _register(
    x: jax.Array, y: jax.Array, factor: float, is_spectrum: bool, disambiguate: bool, is_phase: bool
) -> tuple[jax.Array, jax.Array, jax.Array]:
    spectra = (x, y) if is_spectrum else (jnp.fft.fftn(x), jnp.fft.fftn(y))
    dtype = np.result_type(*(np.result_type(a.dtype, np.complex64) for a in spectra))
    of_x, of_y = (a.astype(dtype) for a in spectra)
    shape, real = x.shape, jnp.finfo(dtype).dtype
    product = of_x * jnp.conj(of_y)
    if is_phase:
        product = product / jnp.maximum(jnp.abs(product), 100 * float(jnp.finfo(real).eps)).astype(dtype)
    c = jnp.fft.ifftn(product)
    top = jnp.stack(jnp.unravel_index(jnp.argmax(jnp.abs(c)), shape))
    peak = c[tuple(top)]
    powers = [jnp.sum(jnp.abs(a) ** 2) for a in (of_x, of_y)]
    lengths = jnp.asarray(shape, top.dtype)
    shift = jnp.where(top > lengths // 2, top - lengths, top).astype(real)
    if factor == 1:
        powers = [power / x.size for power in powers]
    else:
        shift = jnp.round(shift * factor) / factor
        size = math.ceil(1.5 * factor)
        # The grid's points, in samples from the shift.
        side = jnp.asarray((np.arange(size) - size // 2) / factor, real)
        fine = product
        for axis, n in enumerate(shape):
            places = shift[axis] + side
            turn = places[:, None] * jnp.asarray(2 * math.pi * np.fft.fftfreq(n), real)[None]
            rotations = lax.complex(jnp.cos(turn), jnp.sin(turn))
            fine = jnp.moveaxis(jnp.tensordot(rotations, fine, axes=(1, 0), precision=lax.Precision.HIGHEST), 0, -1)
        top = jnp.stack(jnp.unravel_index(jnp.argmax(jnp.abs(fine)), fine.shape))
        peak = fine[tuple(top)]
        shift = shift + side[top]
    shift = jnp.where(lengths == 1, 0, shift)
    if disambiguate:
        shift = unwrapped(*((jnp.fft.ifftn(x), jnp.fft.ifftn(y)) if is_spectrum else (x, y)), shift)
    ratio = jnp.abs(peak) ** 2 / (powers[0] * powers[1])
    return shift, jnp.sqrt(jnp.abs(1 - ratio)), jnp.angle(peak)


def _masked(
    x: jax.Array, y: jax.Array, x_mask: ArrayLike | None, y_mask: ArrayLike | None, overlap: object
) -> tuple[jax.Array, jax.Array, jax.Array]:
    if x_mask is None:
        raise OptionError("`reference_mask` must be given where `moving_mask` is; got None.")
    if y_mask is None and x.shape != y.shape:
        raise ShapeError(f"`moving_mask` must be given where shapes differ; got {x.shape} and {y.shape}.")
    masks = [
        as_array(n, m).astype(bool)
        for n, m in (("reference_mask", x_mask), ("moving_mask", x_mask if y_mask is None else y_mask))
    ]
    for argument, mask, a in zip(("reference_mask", "moving_mask"), masks, (x, y), strict=True):
        if mask.shape != a.shape:
            raise ShapeError(f"`{argument}` must have the shape of its image, {a.shape}; got {mask.shape}.")
    if not isinstance(overlap, numbers.Real) or isinstance(overlap, bool) or not 0 <= float(overlap) <= 1:
        raise OptionError(f"`overlap_ratio` must be a fraction between 0 and 1; got {overlap!r}.")
    dtype = np.result_type(_float_type(x.dtype), _float_type(y.dtype))
    return _register_masked(*(a.astype(dtype) for a in (x, y, *masks)), float(overlap))


@functools.partial(jax.jit, static_argnames="overlap")
def _register_masked(
    x: jax.Array, y: jax.Array, x_mask: jax.Array, y_mask: jax.Array, overlap: float
) -> tuple[jax.Array, jax.Array, jax.Array]:
    rho = jnp.clip(masked_scores(x, y, x_mask, y_mask, overlap=overlap), -1, 1)
    is_top = (rho == jnp.max(rho)).astype(x.dtype)
    # The mean of all that are highest, as scikit-image takes it, and its middle for images of different shapes.
    lags = []
    for axis, (n, k) in enumerate(zip(x.shape, y.shape, strict=True)):
        at = jnp.arange(n + k - 1, dtype=np.int32) - (k - 1)
        along = jnp.sum(is_top, axis=tuple(a for a in range(x.ndim) if a != axis))
        lags.append(jnp.sum(along * at.astype(x.dtype)) / jnp.sum(is_top) + (k - n) / 2)
    nothing = jnp.asarray(jnp.nan, x.dtype)
    return jnp.stack(lags), nothing, nothing
