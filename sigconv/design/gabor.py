"""`gabor`, `gabor_bank`: waves under a Gaussian, one or for several frequencies and angles."""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv.design._parameters import check_positive, constant, count, known, operand, parameter, result_dtype

Radius = int | tuple[int, int]
_PREFACTOR = math.sqrt(math.log(2) / 2) / math.pi
"""σ·frequency of a Gaussian whose width at half height is an infinite number of octaves."""


@front_door("design.gabor")
def gabor(
    frequency: ArrayLike,
    angle: ArrayLike = 0.0,
    *,
    bandwidth: ArrayLike = 1.0,
    sigma: ArrayLike | None = None,
    phase: ArrayLike = 0.0,
    radius: Radius | None = None,
    deviations: float = 3.0,
    zero_mean: bool = False,
) -> jax.Array:
    """Make g[y, x] = exp(−(u²/σ₁² + v²/σ₂²)/2 + i(2πfu + phase))/(2πσ₁σ₂), u = x cos θ + y sin θ, v across it.

    scikit-image's `gabor_kernel`. With `phase` 0, g[−n] = conj(g[n]): `convolve` and `correlate` with it are one.

    Args:
        frequency: f, in cycles/sample, below 0.5. All parameters may be traced, if `radius` is given.
        angle: θ of the wave, from the columns' axis towards the rows'.
        bandwidth: Full width at half height in octaves, which gives σ where `sigma` is None.
        sigma: Standard deviation in samples, one, or along and across the wave.
        phase: Of the wave at the middle.
        radius: Samples to each side, or one per axis; `deviations` standard deviations if None.
        deviations: See `radius`.
        zero_mean: Whether as much of the envelope is taken away as makes the sum 0: a true band-pass filter.
    Shapes:
        sigma () or (2,) → (2·r₀ + 1, 2·r₁ + 1), complex.
    Raises:
        OptionError: `frequency` outside of (0, 0.5), `bandwidth` or `sigma` not positive, no `radius` where one is due.
    Reference:
        Daugman, "Uncertainty relation for resolution in space, spatial frequency, and orientation", JOSA A 2, 1985.
    Example:
        >>> print(np.array(gabor(0.25, sigma=0.8, radius=(0, 1)).imag).round(3))
        [[-0.114  0.     0.114]]
    """
    f, angles, deviation, phases = _parameters(frequency, angle, bandwidth, sigma, phase, ((), ()))
    radii = _radii(radius, (frequency, angle, bandwidth, sigma), deviations)
    return _gabor(radii, bool(zero_mean), f, angles, deviation, phases)


@front_door("design.gabor_bank")
def gabor_bank(
    frequencies: ArrayLike,
    angles: ArrayLike | int,
    *,
    bandwidth: ArrayLike = 1.0,
    sigma: ArrayLike | None = None,
    phase: ArrayLike = 0.0,
    radius: Radius | None = None,
    deviations: float = 3.0,
    zero_mean: bool = True,
) -> jax.Array:
    """Make a Gabor filter for every frequency and angle, on one grid: an oriented band-pass bank.

    Args:
        frequencies: In cycles/sample. All parameters may be traced, if `radius` is given.
        angles: Of the waves; or how many, spread evenly from 0 to π.
        bandwidth, sigma, phase, radius, deviations, zero_mean: As of `gabor`; the default radius is the largest's.
    Shapes:
        frequencies (f,), angles (a,) → (f, a, 2·r₀ + 1, 2·r₁ + 1), complex.
    Raises:
        OptionError, ShapeError: As `gabor`; or an operand has not one axis.
    Reference:
        Jain & Farrokhnia, "Unsupervised texture segmentation using Gabor filters", Pattern Recognition 24, 1991.
    Example:
        >>> gabor_bank([0.1, 0.2], 4, radius=8).shape
        (2, 4, 17, 17)
    """
    if isinstance(angles, int | np.integer):
        angles = np.arange(count("angles", angles)) * math.pi / angles
    shapes = tuple(operand(name, v).shape for name, v in (("frequencies", frequencies), ("angles", angles)))
    for name, shape in zip(("frequencies", "angles"), shapes, strict=True):
        if len(shape) != 1 or not shape[0]:
            raise ShapeError(f"`{name}` must have one axis and not be empty; got shape {shape}.")
    f, turned, deviation, phases = _parameters(frequencies, angles, bandwidth, sigma, phase, shapes)
    radii = _radii(radius, (frequencies, angles, bandwidth, sigma), deviations)
    # A σ that follows the frequency is one per frequency.
    rows = 0 if sigma is None else None
    one = functools.partial(_gabor, radii, bool(zero_mean))
    along = jax.vmap(one, (None, 0, None, None))
    return jax.vmap(along, (0, None, rows, None))(f, turned, deviation, phases)


def _parameters(
    frequency: ArrayLike,
    angle: ArrayLike,
    bandwidth: ArrayLike,
    sigma: ArrayLike | None,
    phase: ArrayLike,
    shapes: Any,
) -> tuple[jax.Array, ...]:
    kind = result_dtype(None, frequency, angle, bandwidth, sigma, phase)
    values = known("frequency", frequency)
    if values is not None and not np.all((values > 0) & (values < 0.5)):
        raise OptionError(f"`frequency` must lie strictly between 0 and 0.5 cycles/sample; got {values.tolist()}.")
    f = parameter("frequency", frequency, kind, shapes[0])
    if sigma is None:
        check_positive("bandwidth", bandwidth)
        two = jnp.exp2(parameter("bandwidth", bandwidth, kind))
        along = _PREFACTOR * (two + 1) / (two - 1) / f
        deviation = jnp.stack([along, along], -1)
    else:
        check_positive("sigma", sigma)
        shape = () if operand("sigma", sigma).ndim == 0 else (2,)
        deviation = jnp.broadcast_to(parameter("sigma", sigma, kind, shape), (2,))
    return f, parameter("angle", angle, kind, shapes[1]), deviation, parameter("phase", phase, kind)


def _radii(radius: object, values: tuple[Any, ...], deviations: float) -> tuple[int, int]:
    if isinstance(radius, tuple | list):
        if len(radius) != 2:
            raise OptionError(f"`radius` must be one integer or one for each of the 2 axes; got {radius!r}.")
        return count("radius", radius[0], 0), count("radius", radius[1], 0)
    if radius is not None:
        whole = count("radius", radius, 0)
        return whole, whole
    check_positive("deviations", deviations)
    names = ("frequency", "angle", "bandwidth", "sigma")
    read = [None if v is None else known(name, v) for name, v in zip(names, values, strict=True)]
    if any(value is not None and now is None for value, now in zip(values, read, strict=True)):
        raise OptionError("`radius` must be given where parameters are traced: shapes depend on it.")
    frequency, angle, bandwidth, sigma = read
    assert frequency is not None
    assert angle is not None
    if sigma is None:
        assert bandwidth is not None
        sigma = _PREFACTOR * (2.0**bandwidth + 1) / (2.0**bandwidth - 1) / frequency.min()
    if not np.all(np.isfinite(angle)):
        raise OptionError(f"`angle` must be finite; got {angle.tolist()}.")
    along, across = np.broadcast_to(sigma, (2,)) * deviations
    cos, sin = np.abs(np.cos(angle)), np.abs(np.sin(angle))
    reach = np.maximum(across * cos, along * sin).max(), np.maximum(along * cos, across * sin).max()
    return math.ceil(max(reach[0], 1)), math.ceil(max(reach[1], 1))


@functools.partial(jax.jit, static_argnums=(0, 1))
def _gabor(
    radii: tuple[int, int],
    zero_mean: bool,
    frequency: jax.Array,
    angle: jax.Array,
    sigma: jax.Array,
    phase: jax.Array,
) -> jax.Array:
    y, x = (constant(grid, sigma.dtype) for grid in np.mgrid[-radii[0] : radii[0] + 1, -radii[1] : radii[1] + 1])
    u, v = x * jnp.cos(angle) + y * jnp.sin(angle), y * jnp.cos(angle) - x * jnp.sin(angle)
    envelope = jnp.exp(-0.5 * ((u / sigma[0]) ** 2 + (v / sigma[1]) ** 2)) / (2 * math.pi * sigma[0] * sigma[1])
    turn = 2 * math.pi * frequency * u + phase
    parts = [envelope * jnp.cos(turn), envelope * jnp.sin(turn)]
    if zero_mean:
        parts = [part - envelope * (jnp.sum(part) / jnp.sum(envelope)) for part in parts]
    return lax.complex(*parts)
