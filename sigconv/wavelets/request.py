"""What the caller asks for, per axis: wavelets and modes by name, axes, and the dtypes to compute and answer in."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sigconv._core.dtypes import common, computed_in, floating, is_complex
from sigconv._core.errors import OptionError, lookup
from sigconv._core.layout import resolve_axes
from sigconv.design.wavelets import Wavelet, named_filters
from sigconv.wavelets.bank import Bank
from sigconv.wavelets.boundaries import MODES, Mode
from sigconv.wavelets.levels import taps_of

Axes = int | tuple[int, ...]
Named = str | Wavelet | Sequence[str | Wavelet]


@dataclasses.dataclass(frozen=True)
class Request:
    """All of a call but its arrays; hashable.

    Attributes:
        axes: Along which to transform, in this order.
        modes, taps: Per axis.
        is_single: Whether the axis was given as a number: bands are then a pair, and a dict otherwise.
        computed, result: The dtypes of the arithmetic and of what comes out.
    """

    axes: tuple[int, ...]
    modes: tuple[Mode, ...]
    taps: tuple[int, ...]
    is_single: bool
    computed: np.dtype
    result: np.dtype


def requested(arrays: Sequence[jax.Array], wavelet: Named, mode: object, axes: Axes) -> tuple[Request, list[Wavelet]]:
    """The request for arrays of one rank, and the wavelet of each axis."""
    resolved = resolve_axes(axes, arrays[0].ndim, 0)
    rank = len(resolved)
    wavelets = _per_axis("wavelet", wavelet, rank)
    taps = tuple(map(taps_of, wavelets))
    modes = tuple(lookup("mode", word, MODES) for word in _per_axis("mode", mode, rank))
    data = common(*arrays)
    data = data if jnp.issubdtype(data, jnp.inexact) else floating(data)
    result = common(data, *(filters.dtype for filters in wavelets if isinstance(filters, Wavelet)))
    computed = computed_in(result)
    # Named filters take the precision of the data, and stay real.
    kind = jnp.finfo(computed).dtype
    return Request(resolved, modes, taps, not isinstance(axes, tuple | list), computed, result), [
        filters if isinstance(filters, Wavelet) else _named(filters, kind) for filters in wavelets
    ]


def analysis(wavelets: Sequence[Wavelet], request: Request) -> tuple[Bank, ...]:
    """The filters of the transform, per axis, in the dtype of the arithmetic."""
    return tuple(_cast((w.analysis_low, w.analysis_high), request.computed) for w in wavelets)


def synthesis(wavelets: Sequence[Wavelet], request: Request) -> tuple[Bank, ...]:
    """The filters of the inverse."""
    return tuple(_cast((w.synthesis_low, w.synthesis_high), request.computed) for w in wavelets)


def _cast(bank: Bank, dtype: np.dtype) -> Bank:
    low, high = (taps if is_complex(taps.dtype) else taps.astype(jnp.finfo(dtype).dtype) for taps in bank)
    return low, high


def _named(name: str, dtype: np.dtype) -> Wavelet:
    return Wavelet(*(jnp.asarray(np.asarray(taps), dtype) for taps in named_filters(name)))


def _per_axis(argument: str, value: Any, rank: int) -> tuple[Any, ...]:
    if not isinstance(value, tuple | list):
        return (value,) * rank
    if len(value) != rank:
        raise OptionError(f"`{argument}` must be one for all axes, or one for each of the {rank}; got {len(value)}.")
    return tuple(value)
