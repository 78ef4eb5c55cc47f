"""`tikhonov`: the scene that explains an image and is smooth: regularised least squares."""

import functools
from collections.abc import Sequence

import jax
from jax.typing import ArrayLike

from sigconv._core.errors import front_door
from sigconv.restore.least_squares import Effort, effort_of, solve
from sigconv.restore.model import model_of
from sigconv.restore.penalty import PenaltyName, penalty_of, resolve_filters
from sigconv.restore.request import Arrangement, arranged, checked_mask, checked_number
from sigconv.signal import Boundary


@front_door("restore.tikhonov")
def tikhonov(
    image: ArrayLike,
    kernel: ArrayLike,
    strength: ArrayLike,
    *,
    penalty: PenaltyName | ArrayLike | Sequence[ArrayLike] = "gradient",
    boundary: Boundary = "unknown",
    mask: ArrayLike | None = None,
    axes: int | tuple[int, ...] | None = None,
    tolerance: float = 1e-4,
    max_iterations: int = 200,
) -> jax.Array:
    """Find the scene x that minimises ‖h ∗ x − image‖² + strength · Σ_i ‖d_i ∗ x‖².

    Args:
        image: Real or complex: `convolve(scene, kernel, mode='same', boundary=boundary)`, and noise.
        kernel: h. It has one axis for each of `axes`, or as many as the image: one kernel for each of the others.
        strength: Of the penalty, above 0.
        penalty: The filters d_i: 'identity', 'gradient' (differences along each axis), 'laplacian' (their second ones,
            added up), or taps, or a list of taps. Ends that do not meet are mirrored for them.
        boundary: 'unknown': the scene goes on beyond the image, and is found along with it. Or as in `correlate`.
        mask: 0 for samples to leave out, whatever they hold, 1 for others, or weights; broadcasts to the image.
        axes: Axes of the image to restore along; the last ones, as many as the kernel has, if None.
        tolerance, max_iterations: Of conjugate gradients: they end where the residual is so many times the right-hand
            side. Not used where the boundary is 'periodic' and there is no mask: that is one division per frequency.
    Shapes:
        image (..., *space), kernel (*taps) or (..., *taps) → (..., *space).
    Raises:
        ShapeError: An operand is empty, ranks do not fit, or the kernel is longer than the image.
        OptionError: An option is none of those above.
        DTypeError: An operand is not numeric.
    Reference:
        Hansen, Nagy & O'Leary, Deblurring Images: Matrices, Spectra, and Filtering, SIAM 2006.
    Example:
        >>> blurred = [0.0, 1.0, 2.0, 1.0, 0.0]
        >>> tikhonov(blurred, [1.0, 1.0], 1e-4, boundary="periodic").round().astype(int).tolist()
        [0, 1, 1, 0, 0]
    """
    x, w, arrangement = arranged(image, kernel, axes, boundary)
    number = checked_number("strength", strength, "Without regularisation: `inverse_filter`.")
    filters = resolve_filters(penalty, len(arrangement.sight.image), arrangement.dtype)
    weights = checked_mask(mask, x)
    return _restored(x, w, number, filters, weights, arrangement, effort_of(tolerance, max_iterations))


@functools.partial(jax.jit, static_argnames=("arrangement", "effort"))
def _restored(
    x: jax.Array,
    w: jax.Array,
    strength: jax.Array,
    filters: tuple[jax.Array, ...],
    mask: jax.Array | None,
    arrangement: Arrangement,
    effort: Effort,
) -> jax.Array:
    sight = arrangement.sight
    penalty = penalty_of(filters, sight, arrangement.dtype)

    def one(kernel: jax.Array, y: jax.Array, weights: jax.Array | None) -> jax.Array:
        return sight.in_view(solve(model_of(kernel, sight), y, strength, penalty, weights, effort))

    masks = None if mask is None else arrangement.images(mask)
    return arrangement.back(arrangement.each(one, arrangement.kernels(w), arrangement.images(x), masks))
