"""`Request`: what a Gram matrix is asked for, in numbers, from shapes and dtypes alone."""

import dataclasses
import math
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, common, computed_in, floating, is_complex, is_exact, resolve_precision
from sigconv._core.errors import DTypeError, OptionError, ShapeError, lookup
from sigconv._core.layout import check_not_empty
from sigconv._core.options import MOST, is_integer

NORMALIZATIONS: Mapping[str, Callable[[float], float]] = {
    "none": lambda channels: 0.0,
    "spatial": lambda channels: 1.0,
    "all": lambda channels: channels,
}
"""What each sum over M samples is divided by, as a multiple of M; 0 where it is not divided. For C and D channels,
`channels` is √(C·D)."""
BOUNDARIES: Mapping[str, bool] = {"zero": False, "periodic": True}
"""Whether lags wrap around."""

Lag = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Request:
    """A static argument of `jit`.

    Attributes:
        space: Lengths of the axes that are summed over.
        share: What sums are divided by, as a multiple of the number of samples; 0 if not at all.
        centered: Whether each channel's mean is taken off.
        lags: Shifts, one per axis of space; None for the Gram matrix alone.
        periodic: Whether they wrap around.
        chunk: Samples of a block; None to choose.
        precision: Of products.
        multiplied: The dtype in which samples are multiplied.
        dtype: Of sums and results.
    """

    space: tuple[int, ...]
    share: float
    centered: bool
    lags: tuple[Lag, ...] | None
    periodic: bool
    chunk: int | None
    precision: lax.Precision
    multiplied: np.dtype
    dtype: np.dtype


def resolve_request(
    x: jax.Array,
    y: jax.Array,
    *,
    normalize: str,
    centered: bool,
    lags: object,
    mask: jax.Array | None,
    chunk: int | None,
    precision: str | lax.Precision | None,
    channel_axis: int,
    boundary: str,
    exact: bool = True,
) -> Request:
    """The request for features whose channels and space have been checked; `exact` where integers may stay so."""
    space = x.shape[channel_axis + 1 :]
    share = lookup("normalize", normalize, NORMALIZATIONS)(math.sqrt(x.shape[channel_axis] * y.shape[channel_axis]))
    periodic = lookup("boundary", boundary, BOUNDARIES)
    if not isinstance(centered, bool):
        raise OptionError(f"`centered` must be True or False; got {centered!r}.")
    if chunk is not None and (not is_integer(chunk) or chunk < 1):
        raise OptionError(f"`chunk` must be None or a number of samples of at least 1; got {chunk!r}.")
    kinds = [a.dtype for a in (x, y, mask) if a is not None and a.dtype != bool]
    result = common(*kinds)
    if not (exact and is_exact(result) and not share and not centered):
        result = floating(result)
    shifts = None if lags is None else resolve_lags(lags, len(space))
    # Products of short floats are exact in float32: accelerators multiply them as they are.
    is_short = x.dtype == y.dtype and computed_in(x.dtype) == result != x.dtype
    is_plain = not centered and (mask is None or mask.dtype == bool)
    return Request(
        space,
        share,
        centered,
        shifts,
        periodic,
        None if chunk is None else int(chunk),
        resolve_precision(precision),
        np.dtype(x.dtype if is_short and is_plain else result),
        np.dtype(result),
    )


def checked_features(argument: str, value: ArrayLike, channel_axis: int) -> jax.Array:
    """Features with their channels on that axis, counted from the end, and at least one axis of space behind it."""
    if not is_integer(channel_axis) or channel_axis > -2:
        raise OptionError(
            f"`channel_axis` must be an axis counted from the end with space behind it, -2 or less; got "
            f"{channel_axis!r}."
        )
    x = as_operand(argument, value)
    check_not_empty(argument, x.shape)
    if x.ndim < -channel_axis:
        advice = f" Say channel_axis={-x.ndim} if the channels come first." if x.ndim > 1 else ""
        raise ShapeError(
            f"`{argument}` must be (…, C, *space) with C on axis {channel_axis}; got shape {x.shape}.{advice}"
        )
    return x


def checked_mask(value: ArrayLike | None, front: tuple[int, ...], space: tuple[int, ...]) -> jax.Array | None:
    """A mask (*space), or with the axes in front, as (batch or 1, *space)."""
    if value is None:
        return None
    mask = jnp.asarray(value) if np.result_type(value) == bool else as_operand("mask", value)
    if is_complex(mask.dtype):
        raise DTypeError(f"`mask` must be bool or real; got {mask.dtype}. Take its size.")
    if mask.shape not in (space, (*front, *space)):
        also = f", or {(*front, *space)}" if front else ""
        raise ShapeError(f"`mask` must have the shape of the features' space, {space}{also}; got {mask.shape}.")
    return mask.reshape(-1, *space)


def resolve_lags(lags: object, rank: int) -> tuple[Lag, ...]:
    """Shifts, one integer per axis of space each; plain integers where there is one axis."""
    given = list(lags) if isinstance(lags, list | tuple | range | np.ndarray) else []
    shifts = [(lag,) if rank == 1 and is_integer(lag) else lag for lag in given]
    whole = [
        tuple(map(int, shift))
        for shift in shifts
        if isinstance(shift, tuple | list | np.ndarray) and len(shift) == rank and all(map(is_integer, shift))
    ]
    if not whole or len(whole) < len(given):
        each = "integers" if rank == 1 else f"tuples of {rank} integers"
        raise OptionError(f"`lags` must be a list of at least one shift, {each}; got {lags!r}.")
    if any(abs(step) >= MOST for shift in whole for step in shift):
        raise OptionError(f"`lags` must be below 2³¹; got {lags!r}.")
    return tuple(whole)
