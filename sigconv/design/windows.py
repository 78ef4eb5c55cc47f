"""`window`: tapers of a given length, by SciPy's names and to SciPy's numbers."""

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import OptionError, front_door, lookup
from sigconv.design._parameters import check_positive, constant, count, parameter, result_dtype

Taper = str | tuple[Any, ...] | ArrayLike
"""A name, a name with its parameters as ('kaiser', 8.6), or the β of a Kaiser window."""


@dataclasses.dataclass(frozen=True)
class _Window:
    """One entry of the table.

    Attributes:
        taper: From the length m and the parameters to m samples.
        parameters: Their names.
        defaults: Of the last ones.
        positive: Whether the parameters must be.
    """

    taper: Callable[..., Any]
    parameters: tuple[str, ...] = ()
    defaults: tuple[float, ...] = ()
    positive: bool = False


@front_door("design.window")
def window(name: Taper, length: int, *, periodic: bool = False, dtype: DTypeLike | None = None) -> jax.Array:
    """Make a window: w[n], symmetric about (length − 1)/2, or one period of a window of length + 1.

    Args:
        name: One of SciPy's, as 'hann'; with parameters as ('kaiser', beta), ('gaussian', std), ('tukey', alpha),
            ('chebwin', attenuation), ('general_hamming', alpha), ('general_gaussian', p, sigma), ('exponential', tau),
            ('general_cosine', coefficients), ('kaiser_bessel_derived', beta), which may be traced; or the β of a
            Kaiser window alone.
        length: Number of samples.
        periodic: For spectra, as SciPy's `get_window` has it by default; filters want it symmetric.
        dtype: A float type; that of the parameters if None.
    Shapes:
        → (length,).
    Raises:
        OptionError: Unknown `name`, parameters it does not have, or `length` is no positive integer.
    Reference:
        Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66, 1978.
    Example:
        >>> window("hann", 5).tolist()
        [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    word, parameters = parse(name)
    kind = result_dtype(dtype, parameters)
    samples = count("length", length)
    values = as_parameters(word, parameters, kind)
    if word == "kaiser_bessel_derived" and (samples % 2 or periodic):
        raise OptionError(f"`length` of a kaiser_bessel_derived window must be even and not periodic; got {length}.")
    return _window(word, samples, bool(periodic), kind, values)


def parse(name: object, argument: str = "name") -> tuple[str, tuple[Any, ...]]:
    """The name and the parameters, with defaults filled in."""
    if isinstance(name, str):
        word, parameters = name, ()
    elif isinstance(name, tuple | list) and name:
        word, parameters = name[0], tuple(name[1:])
    else:
        word, parameters = "kaiser", (name,)
    row = lookup(argument, word, WINDOWS)
    missing = len(row.parameters) - len(parameters)
    if missing and missing <= len(row.defaults):
        parameters = (*parameters, *row.defaults[len(row.defaults) - missing :])
    if len(parameters) != len(row.parameters):
        wanted = f"with ({', '.join(row.parameters)})" if row.parameters else "without parameters"
        raise OptionError(f"`{argument}` must give {word!r} {wanted}, as in ('kaiser', 8.6); got {name!r}.")
    return word, parameters


def as_parameters(word: str, parameters: tuple[Any, ...], dtype: np.dtype) -> tuple[jax.Array, ...]:
    """The parameters as arrays, checked where they are known."""
    row = WINDOWS[word]
    for label, value in zip(row.parameters, parameters, strict=True):
        if row.positive:
            check_positive(label, value)
    shape = None if word == "general_cosine" else ()
    return tuple(parameter(label, value, dtype, shape) for label, value in zip(row.parameters, parameters, strict=True))


@functools.partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _window(word: str, length: int, periodic: bool, dtype: np.dtype, parameters: tuple[jax.Array, ...]) -> jax.Array:
    # One sample is 1, periodic or not, as SciPy has it.
    extended = length + (periodic and length > 1)
    return taper(word, extended, dtype, parameters)[:length].astype(dtype)


def taper(word: str, length: int, dtype: np.dtype, parameters: tuple[jax.Array, ...]) -> jax.Array:
    """The symmetric window, in the type to compute in."""
    if length == 1:
        return constant(np.ones(1), dtype)
    return constant(WINDOWS[word].taper(length, *parameters), dtype)


def _places(m: int) -> np.ndarray:
    """From −1 at the first sample to 1 at the last."""
    return np.linspace(-1, 1, m)


def _weighted(x: np.ndarray, like: jax.Array) -> jax.Array:
    return jnp.asarray(x, like.dtype)


def _cosines(*coefficients: float) -> Callable[[int], np.ndarray]:
    """Σ_k a_k cos(πkx): from the middle outwards, alternating in sign from the ends inwards."""
    return lambda m: sum(a * np.cos(k * np.pi * _places(m)) for k, a in enumerate(coefficients))  # type: ignore[return-value]


def _general_cosine(m: int, coefficients: jax.Array) -> jax.Array:
    waves = np.cos(np.pi * np.arange(coefficients.size)[:, None] * _places(m)[None])
    return jnp.sum(coefficients.reshape(-1, 1) * _weighted(waves, coefficients), 0)


def _general_hamming(m: int, alpha: jax.Array) -> jax.Array:
    return alpha + (1 - alpha) * _weighted(np.cos(np.pi * _places(m)), alpha)


def _triangle(m: int) -> np.ndarray:
    return 1 - np.abs(np.arange(m) - (m - 1) / 2) / ((m + m % 2) / 2)


def _parzen(m: int) -> np.ndarray:
    u = np.abs(np.arange(m) - (m - 1) / 2) / (m / 2)
    return np.where(np.abs(np.arange(m) - (m - 1) / 2) <= (m - 1) / 4, 1 - 6 * u**2 + 6 * u**3, 2 * (1 - u) ** 3)


def _bohman(m: int) -> np.ndarray:
    u = np.abs(_places(m))
    w = (1 - u) * np.cos(np.pi * u) + np.sin(np.pi * u) / np.pi
    w[[0, -1]] = 0
    return w


def _barthann(m: int) -> np.ndarray:
    u = np.abs(_places(m)) / 2
    return 0.62 - 0.48 * u + 0.38 * np.cos(2 * np.pi * u)


def _kaiser(m: int, beta: jax.Array) -> jax.Array:
    """I₀(βs)/I₀(β), without overflow, and with the derivative 0 that it has at β = 0."""
    s = np.sqrt(np.maximum(1 - _places(m) ** 2, 0))
    # Not `abs`, which has a slope at 0.
    fall = jnp.exp(-beta * jnp.sign(beta) * _weighted(1 - s, beta))
    return lax.bessel_i0e(beta * _weighted(s, beta)) * fall / lax.bessel_i0e(beta)


def _kaiser_bessel_derived(m: int, beta: jax.Array) -> jax.Array:
    sums = jnp.cumsum(_kaiser(m // 2 + 1, beta))
    half = jnp.sqrt(sums[:-1] / sums[-1])
    return jnp.concatenate([half, half[::-1]])


def _gaussian(m: int, std: jax.Array) -> jax.Array:
    return jnp.exp(-0.5 * (_weighted(np.arange(m) - (m - 1) / 2, std) / std) ** 2)


def _general_gaussian(m: int, p: jax.Array, sigma: jax.Array) -> jax.Array:
    distance = np.abs(np.arange(m) - (m - 1) / 2)
    # At the middle log 0 would make the derivative NaN.
    inside = _weighted(np.where(distance > 0, distance, 1), p)
    power = jnp.exp(2 * p * jnp.log(inside / sigma))
    return jnp.where(jnp.asarray(distance > 0), jnp.exp(-0.5 * power), 1)


def _exponential(m: int, tau: jax.Array) -> jax.Array:
    return jnp.exp(-_weighted(np.abs(np.arange(m) - (m - 1) / 2), tau) / tau)


def _tukey(m: int, alpha: jax.Array) -> jax.Array:
    """Cosines over the outer shares α/2, flat between; all flat at α ≤ 0, Hann's at α ≥ 1."""
    share = jnp.clip(alpha, 0, 1)
    u = _weighted((1 - np.abs(_places(m))), alpha)
    rise = jnp.minimum(u / jnp.where(share > 0, share, 1), 1)
    return jnp.where(share > 0, jnp.sin(jnp.pi / 2 * rise) ** 2, 1)


def _chebwin(m: int, attenuation: jax.Array) -> jax.Array:
    """The transform of a Chebyshev polynomial whose side lobes all lie `attenuation` dB below the main one."""
    order = m - 1
    height = jnp.exp(jnp.abs(attenuation) * (math.log(10) / 20))
    k = np.arange(m)
    x = jnp.cosh(jnp.arccosh(height) / order) * _weighted(np.cos(np.pi * k / m), attenuation)
    # Each branch sees only arguments at which it and its derivative are finite.
    is_beyond = jnp.abs(x) > 1
    sign = jnp.where(x < 0, (-1) ** order, 1).astype(x.dtype)
    beyond = sign * jnp.cosh(order * jnp.arccosh(jnp.where(is_beyond, jnp.abs(x), 2)))
    within = jnp.cos(order * jnp.arccos(jnp.where(is_beyond, 0, x)))
    spectrum = jnp.where(is_beyond, beyond, within)
    shift = np.pi * k / m if m % 2 == 0 else np.zeros(m)
    wave = lax.complex(spectrum * _weighted(np.cos(shift), x), spectrum * _weighted(np.sin(shift), x))
    w = jnp.real(jnp.fft.fft(wave))
    half = w[: (m + 1) // 2] if m % 2 else w[1 : m // 2 + 1]
    whole = jnp.concatenate([half[:0:-1], half] if m % 2 else [half[::-1], half])
    return whole / jnp.max(whole)


WINDOWS: Mapping[str, _Window] = {
    "boxcar": _Window(np.ones),
    "triang": _Window(_triangle),
    "bartlett": _Window(lambda m: 1 - np.abs(_places(m))),
    "parzen": _Window(_parzen),
    "bohman": _Window(_bohman),
    "barthann": _Window(_barthann),
    "cosine": _Window(lambda m: np.sin(np.pi / m * (np.arange(m) + 0.5))),
    "lanczos": _Window(lambda m: np.sinc(_places(m))),
    "hann": _Window(_cosines(0.5, 0.5)),
    "hamming": _Window(_cosines(0.54, 0.46)),
    "blackman": _Window(_cosines(0.42, 0.5, 0.08)),
    "nuttall": _Window(_cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411)),
    "blackmanharris": _Window(_cosines(0.35875, 0.48829, 0.14128, 0.01168)),
    "flattop": _Window(_cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368)),
    "general_cosine": _Window(_general_cosine, ("coefficients",)),
    "general_hamming": _Window(_general_hamming, ("alpha",)),
    "kaiser": _Window(_kaiser, ("beta",)),
    "kaiser_bessel_derived": _Window(_kaiser_bessel_derived, ("beta",)),
    "gaussian": _Window(_gaussian, ("std",), positive=True),
    "general_gaussian": _Window(_general_gaussian, ("p", "sigma"), positive=True),
    "exponential": _Window(_exponential, ("tau",), (1.0,), positive=True),
    "tukey": _Window(_tukey, ("alpha",), (0.5,)),
    "chebwin": _Window(_chebwin, ("attenuation",), positive=True),
}
