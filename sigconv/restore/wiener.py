"""`wiener`: the linear estimate of a scene that errs least on average, given the noise and how scenes vary."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import core
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, is_complex
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv.operators import spectrum as spectra
from sigconv.restore.least_squares import Effort, divided, effort_of, solve
from sigconv.restore.model import Model, Sight, model_of
from sigconv.restore.penalty import PENALTIES, penalty_of, power_of
from sigconv.restore.request import Arrangement, arranged, checked_number
from sigconv.signal import Boundary

_SCORINGS = 10
_LEAST = 1e-6
"""Of a scene's c over the noise: a constant image has none."""


@front_door("restore.wiener")
def wiener(
    image: ArrayLike,
    kernel: ArrayLike,
    noise: ArrayLike,
    *,
    signal: ArrayLike | None = None,
    boundary: Boundary = "unknown",
    axes: int | tuple[int, ...] | None = None,
    tolerance: float = 1e-4,
    max_iterations: int = 200,
) -> jax.Array:
    """Deconvolve with the least mean squared error: where all is periodic, X = H* Y / (|H|² + noise/signal).

    It is the mean of all scenes that could be, if scene and noise are Gaussian. `tikhonov` leaves the balance to the
    caller.

    Args:
        image, kernel, boundary, axes, tolerance, max_iterations: As in `tikhonov`.
        noise: Variance of a sample of the image, above 0.
        signal: Power spectrum of the scene: E|X(f)|²/N. None takes c/|2 sin πf|², as photographs have, with the c that
            makes the image's spectrum likeliest; then the mean is free. A number is the variance of a scene whose
            samples are independent, and an array in the order of `jnp.fft.fftn` anything else, for periodic
            boundaries; both are about the mean of the image.
    Shapes:
        image (..., *space), kernel (*taps) or (..., *taps), signal () or (*space) → (..., *space).
    Raises:
        ShapeError: As in `tikhonov`, or `signal` has another shape.
        OptionError: As in `tikhonov`, or `signal` is an array and the boundary not 'periodic'.
        DTypeError: An operand is not numeric.
    Reference:
        Wiener, Extrapolation, Interpolation, and Smoothing of Stationary Time Series, 1949; Field, "Relations between
        the statistics of natural images and the response properties of cortical cells", JOSA A 4, 1987.
    Example:
        >>> blurred = jnp.array([0.0, 1.0, 2.0, 1.0, 0.0])
        >>> wiener(blurred, jnp.ones(2), 1e-4, boundary="periodic").round().astype(int).tolist()
        [0, 1, 1, 0, 0]
    """
    x, w, arrangement = arranged(image, kernel, axes, boundary)
    variance = checked_number("noise", noise, "Without noise: `inverse_filter`.")
    power = None if signal is None else _checked_signal(signal, arrangement)
    return _restored(x, w, variance, power, arrangement, effort_of(tolerance, max_iterations))


def _checked_signal(signal: ArrayLike, arrangement: Arrangement) -> jax.Array:
    power, sight = as_operand("signal", signal), arrangement.sight
    if is_complex(power.dtype):
        raise OptionError(f"`signal` must be real, as powers are; got {power.dtype}. Take squares of absolute values.")
    if not power.ndim:
        return checked_number("signal", signal, "It is the variance of the scene.")
    if power.shape != sight.image:
        raise ShapeError(
            f"`signal` must be one number or a spectrum of the image's shape, {sight.image}; got {power.shape}."
        )
    if not sight.is_periodic:
        raise OptionError(
            "`signal` must be a number or None where the boundary is not 'periodic'; got a spectrum. "
            "Elsewhere: `tikhonov` with filters as `penalty`."
        )
    if not isinstance(signal, core.Tracer) and not np.min(np.asarray(signal)) > 0:
        raise OptionError(f"`signal` must be positive at every frequency; got {np.min(np.asarray(signal)):g}.")
    return power


@functools.partial(jax.jit, static_argnames=("arrangement", "effort"))
def _restored(
    x: jax.Array,
    w: jax.Array,
    noise: jax.Array,
    signal: jax.Array | None,
    arrangement: Arrangement,
    effort: Effort,
) -> jax.Array:
    sight, dtype = arrangement.sight, arrangement.dtype
    rank, real = len(sight.image), jnp.finfo(dtype).dtype
    is_natural = signal is None
    variance = noise.astype(real)
    names = PENALTIES["gradient" if is_natural else "identity"](rank)
    penalty = penalty_of(tuple(jnp.asarray(taps, real) for taps in names), sight, dtype)

    def one(kernel: jax.Array, y: jax.Array) -> jax.Array:
        model = model_of(kernel, sight)
        if is_natural:
            strength = 1 / _natural(kernel, y, sight, variance)
            return sight.in_view(solve(model, y, strength, penalty, None, effort))
        assert signal is not None
        level = _level(kernel, y)
        rest = y - model.operator.mv(jnp.full(sight.scene, level, y.dtype))
        powers = signal.astype(real)
        if powers.ndim:
            found = _by_spectrum(model, rest, variance, powers)
        else:
            found = solve(model, rest, variance / powers, penalty, None, effort)
        return sight.in_view(found) + level

    return arrangement.back(arrangement.each(one, arrangement.kernels(w), arrangement.images(x)))


def _natural(kernel: jax.Array, y: jax.Array, sight: Sight, noise: jax.Array) -> jax.Array:
    """The c of a spectrum c/|D|², D = 2 sin πf, under which the image's own spectrum P is likeliest; both over noise.

    With g = |H|²/|D|² and S = c g + 1 that is Σ g (P − S)/S² = 0, by Fisher's scoring. Low frequencies, which have
    most of the power and follow another law, count no more than others.
    """
    shape, axes = sight.image, range(y.ndim)
    taper = jnp.ones(shape, noise.dtype)
    for axis, (n, name) in enumerate(zip(shape, sight.mirrored, strict=True)):
        if name != "periodic":
            window = np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2
            taper = taper * jnp.asarray(window, taper.dtype).reshape([n if i == axis else 1 for i in axes])
    waves = [4 * np.sin(np.pi * np.fft.fftfreq(n)) ** 2 for n in shape]
    squares = functools.reduce(np.add.outer, waves)
    # In units of the noise: squares of others may leave the range of the dtype.
    rest = (y - jnp.mean(y)) / jnp.sqrt(noise).astype(y.dtype) * taper.astype(y.dtype)
    power = _square(jnp.fft.fftn(rest)) / jnp.sum(jnp.square(taper))
    gain = _square(jnp.fft.fftn(kernel, shape))
    inverse = jnp.asarray(np.where(squares > 0, 1 / np.where(squares > 0, squares, 1), 0), noise.dtype)
    g = gain * inverse
    excess = jnp.where(inverse > 0, power - 1, 0)
    size = jnp.sum(jnp.maximum(excess, 0)) / jnp.maximum(jnp.sum(g), jnp.finfo(g.dtype).tiny)
    for _ in range(_SCORINGS):
        weight = jnp.square(g / (jnp.maximum(size, _LEAST) * g + 1))
        found = jnp.sum(jnp.where(g > 0, weight * excess / jnp.where(g > 0, g, 1), 0))
        size = found / jnp.maximum(jnp.sum(weight), jnp.finfo(g.dtype).tiny)
    return jnp.maximum(size, _LEAST)


def _square(values: jax.Array) -> jax.Array:
    return jnp.square(jnp.real(values)) + jnp.square(jnp.imag(values))


def _level(kernel: jax.Array, y: jax.Array) -> jax.Array:
    """The mean of the scene by that of the image; 0 where the kernel does not let it through."""
    total, size = jnp.sum(kernel), jnp.sum(jnp.abs(kernel))
    passes = jnp.abs(total) > jnp.finfo(size.dtype).eps ** 0.5 * size
    return jnp.where(passes, jnp.mean(y) / jnp.where(passes, total, 1), 0)


def _by_spectrum(model: Model, y: jax.Array, noise: jax.Array, signal: jax.Array) -> jax.Array:
    """H* S / (|H|² S + noise), for each frequency."""
    if model.cyclic.real:
        last = len(model.sight.scene) - 1
        signal = jax.lax.slice_in_dim(signal, 0, spectra.half_length(signal.shape[last]), axis=last)
    h = model.cyclic.spectrum[..., 0, 0]
    return divided(
        model.cyclic, jnp.conj(h) * signal.astype(h.dtype), power_of(model.cyclic.spectrum) * signal + noise
    ).mv(y)
