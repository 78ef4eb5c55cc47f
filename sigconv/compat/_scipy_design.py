"""`scipy.signal`'s designs of FIR filters and windows: SciPy's names, arguments and units over `sigconv.design`."""

from typing import Any, Literal

import jax
from jax.typing import ArrayLike

from sigconv import design
from sigconv._core.errors import OptionError, front_door, lookup
from sigconv.design.windows import WINDOWS, Taper

_ALIASES = {
    "barthann": ("brthan", "bth"),
    "bartlett": ("bart", "brt"),
    "blackman": ("black", "blk"),
    "blackmanharris": ("blackharr", "bkh"),
    "bohman": ("bman", "bmn"),
    "boxcar": ("box", "ones", "rect", "rectangular"),
    "chebwin": ("cheb",),
    "cosine": ("halfcosine",),
    "exponential": ("poisson",),
    "flattop": ("flat", "flt"),
    "gaussian": ("gauss", "gss"),
    "general_cosine": ("general cosine",),
    "general_gaussian": ("general gaussian", "general gauss", "general_gauss", "ggs"),
    "general_hamming": ("general hamming",),
    "hamming": ("hamm", "ham"),
    "hann": ("han",),
    "kaiser": ("ksr",),
    "kaiser_bessel_derived": ("kaiser bessel derived", "kbd"),
    "lanczos": ("sinc",),
    "nuttall": ("nutl", "nut"),
    "parzen": ("parz", "par"),
    "triang": ("triangle", "tri"),
    "tukey": ("tuk",),
}
_NAMES = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases)}


@front_door("compat.scipy.get_window")
def get_window(window: Taper, Nx: int, fftbins: bool = True) -> jax.Array:  # noqa: N803
    """`scipy.signal.get_window`: periodic unless `fftbins` is False; parameters may be traced.

    All of SciPy's but 'dpss' and 'taylor'.

    Shapes:
        → (Nx,).
    Raises:
        OptionError: Unknown `window`, or `Nx` is no positive integer.
    """
    named, is_periodic = named_window(window, fftbins)
    return design.window(named, Nx, periodic=is_periodic)


@front_door("compat.scipy.firwin")
def firwin(
    numtaps: int,
    cutoff: ArrayLike,
    *,
    width: ArrayLike | None = None,
    window: Taper = "hamming",
    pass_zero: bool | str = True,
    scale: bool = True,
    fs: ArrayLike | None = None,
) -> jax.Array:
    """`scipy.signal.firwin`: `design.windowed_sinc`, where frequencies are in units of Nyquist unless `fs` is given.

    Shapes:
        cutoff () or (edges,) → (numtaps,).
    Raises:
        OptionError: As `design.windowed_sinc`.
    """
    named, _ = named_window(window, False)
    rate = 2.0 if fs is None else fs
    kind: Any = pass_zero
    return design.windowed_sinc(numtaps, cutoff, kind=kind, window=named, width=width, scale=scale, fs=rate)


@front_door("compat.scipy.firls")
def firls(
    numtaps: int,
    bands: ArrayLike,
    desired: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    fs: ArrayLike | None = None,
) -> jax.Array:
    """`scipy.signal.firls`: `design.least_squares`, where frequencies are in units of Nyquist unless `fs` is given.

    Shapes:
        bands and desired (2·b,) or (b, 2), weight (b,) → (numtaps,).
    Raises:
        OptionError, ShapeError: As `design.least_squares`.
    """
    return design.least_squares(numtaps, bands, desired, weight=weight, fs=2.0 if fs is None else fs)


@front_door("compat.scipy.savgol_coeffs")
def savgol_coeffs(
    window_length: int,
    polyorder: int,
    deriv: int = 0,
    delta: ArrayLike = 1.0,
    pos: ArrayLike | None = None,
    use: Literal["conv", "dot"] = "conv",
) -> jax.Array:
    """`scipy.signal.savgol_coeffs`: `design.savitzky_golay`; for `use` 'dot' in the order of the signal.

    Shapes:
        → (window_length,).
    Raises:
        OptionError: As `design.savitzky_golay`, or unknown `use`.
    """
    is_flipped = lookup("use", use, {"conv": False, "dot": True})
    taps = design.savitzky_golay(window_length, polyorder, derivative=deriv, spacing=delta, position=pos)
    return taps[::-1] if is_flipped else taps


@front_door("compat.scipy.kaiser_beta")
def kaiser_beta(a: ArrayLike) -> jax.Array:
    """`scipy.signal.kaiser_beta`: `design.kaiser_beta`.

    Shapes:
        → ().
    """
    return design.kaiser_beta(a)


@front_door("compat.scipy.kaiser_atten")
def kaiser_atten(numtaps: int, width: ArrayLike) -> jax.Array:
    """`scipy.signal.kaiser_atten`: `design.kaiser_attenuation` of a width in units of Nyquist.

    Shapes:
        → ().
    Raises:
        OptionError: As `design.kaiser_attenuation`.
    """
    return design.kaiser_attenuation(numtaps, width, fs=2.0)


@front_door("compat.scipy.kaiserord")
def kaiserord(ripple: float, width: float) -> tuple[int, float]:
    """`scipy.signal.kaiserord`: `design.kaiser_order` of a width in units of Nyquist.

    Raises:
        OptionError: As `design.kaiser_order`.
    """
    return design.kaiser_order(ripple, width, fs=2.0)


@front_door("compat.scipy.minimum_phase")
def minimum_phase(
    h: ArrayLike, method: Literal["homomorphic"] = "homomorphic", n_fft: int | None = None, *, half: bool = True
) -> jax.Array:
    """`scipy.signal.minimum_phase`, with its default method, 'homomorphic', alone.

    Shapes:
        h (n,) → ((n + 1)//2,), or (n,) without `half`.
    Raises:
        OptionError, ShapeError, DTypeError: As `design.minimum_phase`, or another `method`.
    """
    lookup("method", method, {"homomorphic": True})
    return design.minimum_phase(h, half=half, points=n_fft)


def named_window(window: Any, fftbins: bool) -> tuple[Any, bool]:
    """sigconv's name and parameters, and whether it is periodic."""
    if not isinstance(fftbins, bool):
        raise OptionError(f"`fftbins` must be True or False; got {fftbins!r}.")
    if not isinstance(window, str | tuple):
        return window, fftbins
    word, parameters = (window, ()) if isinstance(window, str) else (window[0], window[1:])
    for ending, is_periodic in (("_symmetric", False), ("_periodic", True)):
        if isinstance(word, str) and word.endswith(ending):
            word, fftbins = word.removesuffix(ending), is_periodic
    name = _NAMES[word] if word in _NAMES else lookup("window", word, WINDOWS) and word
    if name == "exponential" and parameters:
        # SciPy's first parameter is a centre, which its own symmetric windows refuse.
        if parameters[0] is not None:
            raise OptionError(f"`window` 'exponential' must have None as its centre; got {parameters[0]!r}.")
        parameters = parameters[1:]
    return ((name, *parameters) if parameters else name), fftbins
