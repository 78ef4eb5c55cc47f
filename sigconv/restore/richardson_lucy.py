"""`richardson_lucy`: the scene under which counted photons are likeliest, by steps that keep it positive."""

import functools
from typing import Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, is_complex
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door, lookup
from sigconv.restore.iteration import Derivative, repeat
from sigconv.restore.lucy import Steps
from sigconv.restore.model import Model, model_of
from sigconv.restore.request import (
    Arrangement,
    arranged,
    check_intensities,
    check_not_negative,
    check_point_spread,
    checked_count,
    checked_mask,
    checked_number,
)
from sigconv.signal import Boundary

DERIVATIVES = {"unrolled": "unrolled", "implicit": "implicit"}


@front_door("restore.richardson_lucy")
def richardson_lucy(
    image: ArrayLike,
    kernel: ArrayLike,
    *,
    iterations: int = 30,
    boundary: Boundary = "unknown",
    mask: ArrayLike | None = None,
    background: ArrayLike = 0.0,
    damping: ArrayLike | None = None,
    total_variation: ArrayLike | None = None,
    acceleration: bool = False,
    initial: ArrayLike | None = None,
    axes: int | tuple[int, ...] | None = None,
    derivative: Literal["unrolled", "implicit"] = "unrolled",
) -> jax.Array:
    """Deconvolve counts: x ← x · Aᵀ(w y/(Ax + b)) / Aᵀw, which climbs the likelihood of Poisson noise.

    x stays positive, and Σ (Aᵀw) x is Σ w y where b is 0. The fewer iterations, the smoother.

    Args:
        image: y, from 0 on. Negative samples and taps are refused; traced ones count as 0.
        kernel, boundary, axes: As in `tikhonov`; the taps are not negative, and not all 0.
        iterations: Number of steps.
        mask: w, as in `tikhonov`.
        background: b, which the image has besides the blurred scene; one number.
        damping: Differences of less than so many √(Ax), their standard deviation where y is in counts, are held to be
            noise and not followed.
        total_variation: Weight λ of Σ|∇x| beside the likelihood; 0.002 to 0.02, for a kernel whose sum is 1.
        acceleration: Start each step where the last two point: as far in n steps as in about n² (Biggs & Andrews).
        initial: The first scene, of the image's shape and not negative; a constant if None. What is 0 in it stays 0.
        derivative: 'unrolled' through all steps, or 'implicit', as of a fixed point; see docs/restoration.md.
    Shapes:
        image (..., *space), kernel (*taps) or (..., *taps) → (..., *space).
    Raises:
        ShapeError, OptionError: As in `tikhonov`, or `initial` has another shape.
        DTypeError: An operand is not numeric, or complex.
    Reference:
        Richardson 1972; Lucy 1974; White, "Image restoration using the damped Richardson-Lucy method", 1994; Biggs &
        Andrews, Applied Optics 36, 1997; Dey et al., Microsc. Res. Tech. 69, 2006; Bertero & Boccacci, A&A 437, 2005.
    Example:
        >>> richardson_lucy(jnp.array([0.0, 2.0, 2.0, 0.0]), jnp.ones(2), iterations=200).round(1).tolist()
        [0.0, 2.0, 0.0, 0.0]
    """
    x, w, arrangement = arranged(image, kernel, axes, boundary)
    check_real(x, w)
    weights = checked_mask(mask, x)
    check_intensities(image, mask)
    check_point_spread(kernel, arrangement.of_kernel(w.ndim))
    count = checked_count("iterations", iterations)
    sky = checked_number("background", background, "Light is not negative.", least=0)
    options = [
        None if value is None else checked_number(argument, value, "None turns it off.")
        for argument, value in (("damping", damping), ("total_variation", total_variation))
    ]
    if not isinstance(acceleration, bool):
        raise OptionError(f"`acceleration` must be True or False; got {acceleration!r}.")
    first = None if initial is None else checked_initial(initial, x)
    how: Derivative = lookup("derivative", derivative, DERIVATIVES)  # type: ignore[assignment]
    return _restored(x, w, weights, sky, *options, first, arrangement, count, acceleration, how)


def check_real(x: jax.Array, w: jax.Array) -> None:
    """`DTypeError` where an operand is complex."""
    for argument, a in (("image", x), ("kernel", w)):
        if is_complex(a.dtype):
            raise DTypeError(f"`{argument}` must be real; got {a.dtype}. `tikhonov` takes complex ones.")


def checked_initial(initial: ArrayLike, x: jax.Array) -> jax.Array:
    """The first scene; `ShapeError` if it is not as the image."""
    first = as_operand("initial", initial)
    if is_complex(first.dtype):
        raise DTypeError(f"`initial` must be real; got {first.dtype}.")
    if first.shape != x.shape:
        raise ShapeError(f"`initial` must have the image's shape, {x.shape}; got {first.shape}.")
    check_not_negative("initial", initial, "Clip it from below; what is 0 stays 0.")
    return first


@functools.partial(jax.jit, static_argnames=("arrangement", "count", "accelerated", "derivative"))
def _restored(
    x: jax.Array,
    w: jax.Array,
    mask: jax.Array | None,
    background: jax.Array,
    damping: jax.Array | None,
    variation: jax.Array | None,
    initial: jax.Array | None,
    arrangement: Arrangement,
    count: int,
    accelerated: bool,
    derivative: Derivative,
) -> jax.Array:
    sight, dtype = arrangement.sight, arrangement.dtype
    options = [None if a is None else a.astype(dtype) for a in (background, damping, variation)]

    def one(kernel: jax.Array, y: jax.Array, weights: jax.Array | None, first: jax.Array | None) -> jax.Array:
        model = model_of(jnp.maximum(kernel, 0), sight)
        steps = steps_of(model, y, weights, *options)
        start = constant_start(steps, kernel) if first is None else sight.widened(jnp.maximum(first, 0))
        return sight.in_view(repeat(steps.step, start, count, accelerated=accelerated, derivative=derivative))

    arrays = (None if a is None else arrangement.images(a) for a in (mask, initial))
    return arrangement.back(arrangement.each(one, arrangement.kernels(w), arrangement.images(x), *arrays))


def steps_of(
    model: Model,
    y: jax.Array,
    mask: jax.Array | None,
    background: jax.Array | None,
    damping: jax.Array | None = None,
    variation: jax.Array | None = None,
) -> Steps:
    """The steps on an image; nothing of what its samples hold where the mask is 0 is left."""
    weights = jnp.ones_like(y) if mask is None else mask
    image = jnp.where(weights == 0, 0, jnp.maximum(y, 0))
    adjoint = model.operator.adjoint()
    reach = jnp.maximum(adjoint.mv(weights), 0)
    smoothing = 1e-2 * mean_of(image, weights) + jnp.finfo(y.dtype).tiny
    sky = jnp.zeros((), y.dtype) if background is None else background
    return Steps(model, adjoint, image, weights, reach, sky, damping, variation, smoothing)


def mean_of(image: jax.Array, weights: jax.Array) -> jax.Array:
    """The mean of the samples that count."""
    total = jnp.sum(weights)
    return jnp.sum(weights * image) / jnp.where(total > 0, total, 1)


def constant_start(steps: Steps, kernel: jax.Array) -> jax.Array:
    """The constant scene with the flux of the image."""
    total = jnp.sum(kernel)
    level = mean_of(steps.image, steps.mask) / jnp.where(total > 0, total, 1)
    return jnp.full(steps.model.sight.scene, jnp.maximum(level, float(jnp.finfo(level.dtype).tiny)), level.dtype)
