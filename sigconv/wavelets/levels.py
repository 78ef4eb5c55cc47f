"""How many levels a transform can have: `dwt_max_level`, `swt_max_level`, and the refusal of more."""

from typing import Any

from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.options import is_integer
from sigconv.design.wavelets import Wavelet, named_filters


@front_door("wavelets.dwt_max_level")
def dwt_max_level(length: int, wavelet: str | Wavelet | int) -> int:
    """The last level with a coefficient that no boundary touches: ⌊log₂(length / (taps − 1))⌋, or 0.

    Args:
        length: Of the signal, in samples.
        wavelet: A name, a `Wavelet`, or its number of taps.
    Raises:
        ShapeError: `length` is not a positive integer.
        OptionError: Unknown `wavelet`, or fewer than 2 taps.
    Reference:
        As `pywt.dwt_max_level`.
    Example:
        >>> dwt_max_level(1000, "db4")
        7
    """
    if not is_integer(length) or length < 1:
        raise ShapeError(f"`length` must be a positive number of samples; got {length!r}.")
    if is_integer(wavelet):
        taps = int(wavelet)
        if taps < 2:
            raise OptionError(f"`wavelet` must have at least 2 taps; got {wavelet!r}.")
    else:
        taps = taps_of(wavelet)
    return max(int(length // (taps - 1)).bit_length() - 1, 0)


@front_door("wavelets.swt_max_level")
def swt_max_level(length: int) -> int:
    """The most levels of a stationary transform: the power of 2 in the length.

    Args:
        length: Of the signal, in samples.
    Raises:
        ShapeError: `length` is not a positive integer.
    Reference:
        As `pywt.swt_max_level`.
    Example:
        >>> swt_max_level(48)
        4
    """
    if not is_integer(length) or length < 1:
        raise ShapeError(f"`length` must be a positive number of samples; got {length!r}.")
    return (int(length) & -int(length)).bit_length() - 1


def taps_of(wavelet: Any) -> int:
    """The number of taps of a wavelet or of one that is named."""
    return wavelet.taps if isinstance(wavelet, Wavelet) else len(named_filters(wavelet)[0])


def checked_level(level: object, least: int) -> int | None:
    """The level as an integer, or None; `OptionError` where it is neither."""
    if level is None:
        return None
    if not is_integer(level) or level < least:
        raise OptionError(f"`level` must be None or an integer of at least {least}; got {level!r}.")
    return int(level)


def decimated_level(level: object, lengths: tuple[int, ...], taps: tuple[int, ...]) -> int:
    """The level asked for, or the last one that makes sense; `OptionError` beyond that."""
    most = min(dwt_max_level(length, k) for length, k in zip(lengths, taps, strict=True))
    asked = checked_level(level, 0)
    if asked is not None and asked > most:
        raise OptionError(
            f"`level` must be at most {most} for {_listed(lengths)} samples and {_listed(taps)} taps; got {asked}. "
            "Beyond, every coefficient would be the boundary's: take a shorter wavelet, or go on with `dwt`."
        )
    return most if asked is None else asked


def stationary_level(level: object, lengths: tuple[int, ...], rule: str = "`level` must be") -> int:
    """The level asked for, or the last one; `OptionError` where 2^level does not divide the lengths."""
    most = min(map(swt_max_level, lengths))
    asked = checked_level(level, 1)
    if (1 if asked is None else asked) > most:
        raise OptionError(
            f"{rule} at most {most} for {_listed(lengths)} samples, which 2^level must divide; got {level!r}. "
            f"Pad the signal to a multiple of {2 ** (asked or 1)}."
        )
    return most if asked is None else asked


def _listed(numbers: tuple[int, ...]) -> str:
    return " × ".join(map(str, numbers)) if len(set(numbers)) > 1 else str(numbers[0])
