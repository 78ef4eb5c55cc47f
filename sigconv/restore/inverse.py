"""`inverse_filter`: what a periodic blur was made of, where it left all frequencies."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import core
from jax.typing import ArrayLike

from sigconv._core.errors import OptionError, front_door
from sigconv.restore.least_squares import divided
from sigconv.restore.model import centred
from sigconv.restore.penalty import power_of
from sigconv.restore.request import Arrangement, arranged, checked_number


@front_door("restore.inverse_filter")
def inverse_filter(
    image: ArrayLike, kernel: ArrayLike, *, rcond: float | None = None, axes: int | tuple[int, ...] | None = None
) -> jax.Array:
    """Undo a periodic convolution: X = Y/H, for images without noise.

    What it gives back is amplified by 1/|H|, noise too: `wiener` and `tikhonov` are for images that have any. Other
    boundaries have no such division; `tikhonov` takes them.

    Args:
        image: Real or complex: `convolve(scene, kernel, mode='same', boundary='periodic')`.
        kernel: As in `tikhonov`.
        rcond: Leave out the frequencies where |H| is at most so many times its maximum, as `numpy.linalg.pinv`.
            If None none may be: a kernel whose |H| is 0 to rounding is refused. A traced one cannot be; there rcond is
            then eps·√N, so that the result is finite.
        axes: As in `tikhonov`.
    Shapes:
        image (..., *space), kernel (*taps) or (..., *taps) → (..., *space).
    Raises:
        OptionError: The kernel has zeros in its spectrum, or `rcond` is not in [0, 1).
        ShapeError: An operand is empty, ranks do not fit, or the kernel is longer than the image.
        DTypeError: An operand is not numeric.
    Example:
        >>> inverse_filter(jnp.array([3.0, 2.0, 7.0]), jnp.array([2.0, 1.0])).round().astype(int).tolist()
        [0, 1, 3]
    """
    x, w, arrangement = arranged(image, kernel, axes, "periodic")
    if rcond is None:
        _refuse_zeros(kernel, arrangement)
        return _inverted(x, w, arrangement, None)
    checked_number("rcond", rcond, "It is a share of the largest.", least=0)
    if not rcond < 1:
        raise OptionError(f"`rcond` must be below 1; got {rcond}. It is a share of the largest.")
    return _inverted(x, w, arrangement, float(rcond))


@functools.partial(jax.jit, static_argnames=("arrangement", "rcond"))
def _inverted(x: jax.Array, w: jax.Array, arrangement: Arrangement, rcond: float | None) -> jax.Array:
    def one(kernel: jax.Array, y: jax.Array) -> jax.Array:
        blur = centred(kernel, arrangement.sight.scene)
        h = blur.spectrum[..., 0, 0]
        power = power_of(blur.spectrum)
        if rcond is not None:
            h = jnp.where(power <= (rcond * rcond) * power.max(), 0, h)
        return divided(blur, jnp.conj(h), power).mv(y)

    return arrangement.back(arrangement.each(one, arrangement.kernels(w), arrangement.images(x)))


def _refuse_zeros(kernel: ArrayLike, arrangement: Arrangement) -> None:
    """`OptionError` naming the worst frequency, where a concrete kernel has zeros in its spectrum."""
    if isinstance(kernel, core.Tracer):
        return
    space = arrangement.sight.scene
    with jax.ensure_compile_time_eval():
        kernels = np.asarray(arrangement.kernels(jnp.asarray(kernel)))
    kernels = kernels.reshape(-1, *kernels.shape[kernels.ndim - len(space) :])
    sizes = np.abs(np.fft.fftn(kernels, space, tuple(range(1, kernels.ndim))))
    limit = float(jnp.finfo(arrangement.dtype).eps) * np.sqrt(np.prod(space))
    worst = np.unravel_index(np.argmin(sizes), sizes.shape)
    if not sizes[worst] > limit * sizes[worst[0]].max():
        frequency = tuple(round(float(np.fft.fftfreq(n)[i]), 4) for n, i in zip(space, worst[1:], strict=True))
        raise OptionError(
            f"`kernel` must have no zeros in its spectrum; got {sizes[worst]:.1g} at the frequency {frequency}, in "
            "cycles/sample. Use `wiener` or `tikhonov`, or leave such frequencies out with `rcond`."
        )
