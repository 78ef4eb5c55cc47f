"""What every restoring function is asked: an image, a kernel, axes and a boundary become arrays of one layout."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import core
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, common, computed_in, floating
from sigconv._core.errors import OptionError, ShapeError
from sigconv._core.layout import check_not_empty, resolve_axes
from sigconv._core.options import is_integer
from sigconv.restore.model import Sight, resolve_sight
from sigconv.signal import Boundary


@dataclasses.dataclass(frozen=True)
class Arrangement:
    """How the caller's arrays become (images, *space), and back.

    Attributes:
        order: The image's axes, those in front first.
        front: Lengths of the axes in front.
        sight: What of the scene the images show.
        dtype: What is computed in.
        result: What comes back.
    """

    order: tuple[int, ...]
    front: tuple[int, ...]
    sight: Sight
    dtype: np.dtype
    result: np.dtype

    def of_kernel(self, rank: int) -> tuple[int, ...]:
        """The axes of the taps of a kernel of so many axes."""
        space = len(self.sight.image)
        return tuple(range(rank)) if rank == space else self.order[len(self.order) - space :]

    def images(self, x: jax.Array) -> jax.Array:
        """(images, *space), in the dtype of the computation."""
        return jnp.transpose(x, self.order).reshape(math.prod(self.front), *self.sight.image).astype(self.dtype)

    def kernels(self, w: jax.Array) -> jax.Array:
        """(*taps) where one serves all images, else (images, *taps)."""
        w, rank = w.astype(self.dtype), len(self.sight.image)
        if w.ndim == rank:
            return w
        w = jnp.transpose(w, self.order)
        return jnp.broadcast_to(w, (*self.front, *w.shape[-rank:])).reshape(-1, *w.shape[-rank:])

    def back(self, images: jax.Array) -> jax.Array:
        """As the caller had them."""
        whole = images.reshape(*self.front, *self.sight.image)
        return jnp.transpose(whole, [self.order.index(axis) for axis in range(len(self.order))]).astype(self.result)

    def each(self, function: Callable[..., Any], kernels: jax.Array, *arrays: jax.Array | None) -> Any:
        """The function of an image's (kernel, *arrays), for every image at a time."""
        rank = len(self.sight.image)
        axes = (None if kernels.ndim == rank else 0, *(None if a is None else 0 for a in arrays))
        return jax.vmap(function, axes)(kernels, *arrays)


def arranged(
    image: ArrayLike, kernel: ArrayLike, axes: int | tuple[int, ...] | None, boundary: Boundary
) -> tuple[jax.Array, jax.Array, Arrangement]:
    """The operands as arrays, and their arrangement; every check on shapes is made here."""
    x, w = as_operand("image", image), as_operand("kernel", kernel)
    check_not_empty("image", x.shape)
    check_not_empty("kernel", w.shape)
    if not 1 <= w.ndim <= x.ndim:
        raise ShapeError(
            f"`kernel` must have from one axis to as many as the image ({x.ndim}); got {w.ndim}. "
            "Several kernels: one axis for each of the image's, and `axes`."
        )
    space = resolve_axes(axes, x.ndim, w.ndim)
    front = tuple(axis for axis in range(x.ndim) if axis not in space)
    order = front + space
    if w.ndim not in (len(space), x.ndim):
        raise ShapeError(
            f"`kernel` must have one axis for each of `axes` ({len(space)}) or as many as the image ({x.ndim}); "
            f"got {w.ndim}."
        )
    taps = w.shape if w.ndim == len(space) else tuple(w.shape[axis] for axis in space)
    if w.ndim == x.ndim and any(w.shape[axis] not in (1, x.shape[axis]) for axis in front):
        raise ShapeError(
            f"`kernel` must have length 1 or the image's along the axes that are not restored; got {w.shape} for "
            f"{x.shape}."
        )
    lengths = tuple(x.shape[axis] for axis in space)
    if any(k > n for k, n in zip(taps, lengths, strict=True)):
        raise ShapeError(f"`kernel` must not be longer than the image; got {taps} over {lengths}. Crop it.")
    given = common(x, w)
    result = given if jnp.issubdtype(given, jnp.inexact) else floating(given)
    sight = resolve_sight(boundary, lengths, taps)
    arrangement = Arrangement(order, tuple(x.shape[axis] for axis in front), sight, computed_in(result), result)
    return x, w, arrangement


def checked_mask(mask: ArrayLike | None, x: jax.Array) -> jax.Array | None:
    """Weights of samples, of the image's shape; `ShapeError` if they do not broadcast to it."""
    if mask is None:
        return None
    given = mask if isinstance(mask, jax.Array) else np.asarray(mask)
    weights = as_operand("mask", given.astype(np.float32) if given.dtype == bool else given)
    if jnp.issubdtype(weights.dtype, jnp.complexfloating):
        raise OptionError(f"`mask` must be real or bool; got {weights.dtype}. It weighs samples.")
    lead = x.ndim - weights.ndim
    if lead < 0 or any(m not in (1, n) for m, n in zip(weights.shape, x.shape[lead:], strict=True)):
        raise ShapeError(f"`mask` must broadcast to the image's shape, {x.shape}; got {weights.shape}.")
    check_not_negative("mask", mask, "Weigh a sample by 0 to leave it out.")
    return jnp.broadcast_to(weights.reshape((1,) * lead + weights.shape), x.shape)


def checked_number(argument: str, value: ArrayLike, advice: str, *, least: float | None = None) -> jax.Array:
    """A real scalar; a concrete one must be above 0, or at least `least`."""
    number = as_operand(argument, value)
    if number.ndim or jnp.issubdtype(number.dtype, jnp.complexfloating):
        raise ShapeError(f"`{argument}` must be one real number; got shape {number.shape} of {number.dtype}. {advice}")
    if not isinstance(value, core.Tracer):
        plain = float(np.asarray(value))
        if not (plain > 0 if least is None else plain >= least) or math.isinf(plain):
            rule = "positive" if least is None else f"at least {least:g}"
            raise OptionError(f"`{argument}` must be {rule} and finite; got {plain:g}. {advice}")
    return number


def checked_count(argument: str, value: object, least: int = 1) -> int:
    """An integer that says how often."""
    if not is_integer(value) or value < least:
        raise OptionError(f"`{argument}` must be an integer of at least {least}; got {value!r}.")
    return int(value)


def check_not_negative(argument: str, value: ArrayLike, advice: str) -> None:
    """`OptionError` where known samples are negative or not numbers."""
    if not isinstance(value, core.Tracer):
        with jax.ensure_compile_time_eval():
            _refuse_negative(argument, jnp.asarray(value), advice)


def check_intensities(image: ArrayLike, mask: ArrayLike | None) -> None:
    """`OptionError` where known samples that count are negative or not numbers."""
    if isinstance(mask, core.Tracer) or isinstance(image, core.Tracer):
        return
    with jax.ensure_compile_time_eval():
        x = jnp.asarray(image)
        counted = x if mask is None else jnp.where(jnp.asarray(mask).astype(bool), x, jnp.zeros((), x.dtype))
        _refuse_negative("image", counted, "Clip them with `jnp.maximum(image, 0)`, or leave them out with `mask`.")


def check_point_spread(kernel: ArrayLike, axes: tuple[int, ...]) -> None:
    """`OptionError` where known taps are negative, or all of a kernel's are zero; `axes` are those of one kernel."""
    if isinstance(kernel, core.Tracer):
        return
    with jax.ensure_compile_time_eval():
        w = jnp.asarray(kernel)
        _refuse_negative("kernel", w, "A blur only adds light up; for other kernels use `tikhonov`.")
        if not bool((w.max(axes) > 0).all()):
            raise OptionError("`kernel` must have a positive sum; got 0. All of its taps are zero.")


def _refuse_negative(argument: str, values: jax.Array, advice: str) -> None:
    least, most = float(values.min()), float(values.max())
    if not least >= 0 or math.isinf(most):
        got = most if math.isinf(most) else least
        raise OptionError(f"`{argument}` must hold finite numbers of at least 0; got {got:g}. {advice}")
