"""`phase_correlation`: how far one image is shifted against another, between the samples too."""

import dataclasses
import functools
import numbers
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import core, lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, computed_in, floating, is_complex
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door, lookup
from sigconv._core.layout import check_not_empty, resolve_axes
from sigconv._core.options import is_integer
from sigconv._core.pytree import pytree
from sigconv.matching import upsampled
from sigconv.matching.ambiguity import unwrapped
from sigconv.matching.cross_spectrum import NORMALIZATIONS, Band, cross_spectrum, resolve_normalization
from sigconv.matching.padfield import masked_shift
from sigconv.matching.peaks import in_front
from sigconv.matching.tapers import WINDOWS, centred, shared

Normalization = Literal["phase", "none", "band"]
_REACH = 0.75
"""How far the top can be from the highest of the samples and half samples."""


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Registration:
    """How one image lies on another; made by `phase_correlation`.

    Attributes:
        shift: In samples, in the order of `axes`: reference[n] = moving[n − shift].
        score: The size of the correlation there: 1 if the images are shifted copies, 0 if nothing agrees.
        phase: Of a complex correlation there, in radians: that of the reference less that of the moving image.
    Shapes:
        shift (..., rank), score (...), phase (...).
    """

    shift: jax.Array
    score: jax.Array
    phase: jax.Array


@front_door("phase_correlation")
def phase_correlation(
    reference: ArrayLike,
    moving: ArrayLike,
    *,
    normalization: Normalization | Band = "phase",
    window: Literal["hann", "tukey"] | ArrayLike | None = "hann",
    upsampling: int = 1,
    reference_mask: ArrayLike | None = None,
    moving_mask: ArrayLike | None = None,
    overlap: float = 0.3,
    disambiguate: bool = False,
    axes: int | tuple[int, ...] | None = None,
) -> Registration:
    """Find the shift d at which reference[n] = moving[n − d]: where their periodic correlation is highest.

    d is what to shift `moving` by, in the order of `axes`, and the lag at which `correlate(reference, moving)` peaks.
    scikit-image's `phase_cross_correlation` has the same sign; OpenCV's `phaseCorrelate` the opposite one, and (x, y).

    Args:
        reference, moving: Real or complex images; axes that are not in `axes` are a batch.
        normalization: 'phase': all frequencies count alike, if they have 1 % of the mean power, else less. 'band' or
            `Band(cutoff)`: low ones alone. 'none': by their power.
        window: Takes both to 0 at their ends: 'hann', 'tukey' or weights, one per sample; with a name and `upsampling`,
            once more over what they share. None for images that are periodic.
        upsampling: 1 for whole samples. Otherwise from a grid of 1/upsampling to the top of the interpolant, within
            1/(2·upsampling) of the shift and with derivatives.
        reference_mask, moving_mask: Which samples count. With masks the correlation is not periodic and is normalized
            over what lies on each other (Padfield); `normalization` and `window` must then be left out.
        overlap: With masks, the least part of the largest overlap.
        disambiguate: Also find which of the shifts that differ by whole images, by the parts that overlap.
    Shapes:
        reference and moving (..., *space) → `Registration`: shift (..., rank), score and phase (...).
    Raises:
        ShapeError: The images are empty, or their shapes, the window's or the masks' differ.
        OptionError: An option is none of those above.
        DTypeError: An image is not numeric, or a window or a masked image not real.
    Reference:
        Kuglin & Hines, 1975; Guizar-Sicairos, Thurman & Fienup, Optics Letters 33 (2), 2008; Padfield, 2012.
    Example:
        >>> x = jnp.zeros((8, 8)).at[2:4, 3:6].set(1.0)
        >>> phase_correlation(jnp.roll(x, (1, -2), (0, 1)), x, window=None).shift.tolist()
        [1.0, -2.0]
    """
    x, y = as_operand("reference", reference), as_operand("moving", moving)
    check_not_empty("reference", x.shape)
    if not x.ndim:
        raise ShapeError("`reference` must have at least one axis; got a scalar.")
    if y.shape != x.shape:
        raise ShapeError(f"`moving` must have the shape of the reference, {x.shape}; got {y.shape}.")
    space = resolve_axes(axes, x.ndim, x.ndim)
    band = resolve_normalization("normalization", normalization, NORMALIZATIONS)
    if not is_integer(upsampling) or upsampling < 1:
        raise OptionError(f"`upsampling` must be a positive integer; got {upsampling!r}.")
    if not isinstance(disambiguate, bool):
        raise OptionError(f"`disambiguate` must be True or False; got {disambiguate!r}.")
    if not isinstance(overlap, numbers.Real) or isinstance(overlap, bool) or not 0 <= float(overlap) <= 1:
        raise OptionError(f"`overlap` must be a fraction between 0 and 1; got {overlap!r}.")
    masks = tuple(
        None if mask is None else _mask(argument, mask, a, space)
        for argument, mask, a in (("reference_mask", reference_mask, x), ("moving_mask", moving_mask, y))
    )
    name, weights = _window(window, tuple(x.shape[axis] for axis in space))
    has_masks = masks != (None, None)
    if has_masks and (normalization != "phase" or name != "hann" or disambiguate):
        raise OptionError(
            "`normalization`, `window` and `disambiguate` must be left out where there are masks; got "
            f"{normalization!r}, {window!r} and {disambiguate!r}. Masked images are not taken to be periodic."
        )
    dtype = computed_in(floating(x, y))
    asked = _Request(space, band, name, int(upsampling), float(overlap), disambiguate, dtype)
    return _register_masked(x, y, *masks, asked) if has_masks else _register(x, y, weights, asked)


@dataclasses.dataclass(frozen=True)
class _Request:
    """All of a call besides its arrays."""

    space: tuple[int, ...]
    band: Band | None
    window: str | None
    upsampling: int
    overlap: float
    disambiguate: bool
    dtype: np.dtype


def _window(window: object, lengths: tuple[int, ...]) -> tuple[str | None, jax.Array | None]:
    """Its name, or its weights."""
    if window is None:
        return None, None
    if isinstance(window, str):
        lookup("window", window, WINDOWS)
        return window, None
    weights = as_operand("window", window)  # type: ignore[arg-type]
    if is_complex(weights.dtype):
        raise DTypeError(f"`window` must be real; got {weights.dtype}.")
    if weights.shape != lengths:
        raise ShapeError(f"`window` must be one of {sorted(WINDOWS)} or of shape {lengths}; got shape {weights.shape}.")
    return None, weights


def _mask(argument: str, value: ArrayLike, image: jax.Array, space: tuple[int, ...]) -> jax.Array:
    """A mask of the image's shape, or of one without its batch."""
    mask = value if isinstance(value, jax.Array) else np.asarray(value)
    mask = jnp.asarray(mask) if mask.dtype == bool else as_operand(argument, mask)
    if is_complex(mask.dtype) or is_complex(image.dtype):
        raise DTypeError(f"`{argument}` must be bool or real, and so its image; got {mask.dtype} for {image.dtype}.")
    if mask.shape not in (image.shape, tuple(image.shape[axis] for axis in sorted(space))):
        raise ShapeError(f"`{argument}` must have the shape of its image, {image.shape}; got {mask.shape}.")
    if not isinstance(mask, core.Tracer) and not np.any(np.asarray(mask)):
        raise OptionError(f"`{argument}` must not be zero everywhere; got {mask.size} zeros. Leave it out.")
    return jnp.broadcast_to(mask, image.shape)


@functools.partial(jax.jit, static_argnames="asked")
def _register(x: jax.Array, y: jax.Array, weights: jax.Array | None, asked: _Request) -> Registration:
    (x, front), (y, _) = (in_front(a.astype(asked.dtype), asked.space) for a in (x, y))
    if weights is not None:
        weights = weights.astype(jnp.finfo(asked.dtype).dtype)
    found = jax.vmap(lambda x, y: _of_pair(x, y, weights, asked))(x, y)
    return jax.tree.map(lambda leaf: leaf.reshape(*front, *leaf.shape[1:]), found)


@functools.partial(jax.jit, static_argnames="asked")
def _register_masked(
    x: jax.Array, y: jax.Array, x_mask: jax.Array | None, y_mask: jax.Array | None, asked: _Request
) -> Registration:
    weights = (jnp.ones(a.shape, bool) if mask is None else mask for a, mask in ((x, x_mask), (y, y_mask)))
    arrays = [in_front(a.astype(asked.dtype), asked.space) for a in (x, y, *(m.astype(bool) for m in weights))]
    front = arrays[0][1]
    find = functools.partial(masked_shift, overlap=asked.overlap, upsampling=asked.upsampling)
    shift, score = jax.vmap(find)(*(a for a, _ in arrays))
    found = Registration(shift, score, jnp.zeros_like(score))
    return jax.tree.map(lambda leaf: leaf.reshape(*front, *leaf.shape[1:]), found)


def _of_pair(x: jax.Array, y: jax.Array, weights: jax.Array | None, asked: _Request) -> Registration:
    """Shapes: x, y and weights (*space)."""
    real = jnp.finfo(x.dtype).dtype
    lengths = jnp.asarray(x.shape, np.int32)

    def correlated(lag: jax.Array) -> upsampled.Waves:
        """Under windows over what both see if they lie `lag` apart."""
        windows = [weights, weights]
        if asked.window is not None:
            windows = [shared(asked.window, x.shape, side * lag, real) for side in (1, -1)]
        return cross_spectrum(centred(x, windows[0]), centred(y, windows[1]), asked.band, x.shape)

    wave = correlated(jnp.zeros_like(lengths))
    place, beyond = upsampled.top(jax.tree.map(lax.stop_gradient, wave), half=asked.upsampling > 1)
    base = jnp.where(place > lengths // 2, place - lengths, place)
    if asked.upsampling > 1 and asked.window is not None:
        wave = correlated(base)
    here = upsampled.moved(wave, place)
    offset = jnp.zeros(lengths.shape, real)
    if asked.upsampling > 1:
        offset = upsampled.climbed(here, beyond, asked.upsampling, _REACH)
    c = upsampled.value(here, offset)
    shift = base.astype(real) + jnp.where(lengths == 1, 0, offset)
    if asked.disambiguate:
        shift = unwrapped(x, y, shift)
    # Where nothing can be said because samples are NaN, nothing is.
    shift = jnp.where(jnp.isnan(jnp.real(c)), jnp.nan, shift)
    return Registration(shift, *_polar(c))


def _polar(c: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Size and phase, with derivatives of 0 at 0."""
    if not is_complex(c.dtype):
        return c, jnp.zeros_like(c)
    is_nothing = c == 0
    safe = jnp.where(is_nothing, 1, c)
    return jnp.where(is_nothing, 0, jnp.abs(safe)), jnp.where(is_nothing, 0, jnp.angle(safe))
