"""What a call asks for, checked from shapes and dtypes alone, and the canonical arrays it becomes."""

import dataclasses
import numbers

import jax
import jax.numpy as jnp
import numpy as np
from jax import core
from jax.typing import ArrayLike

from sigconv._core.boundary import resolve_boundary
from sigconv._core.conventions.pads import LATE
from sigconv._core.dtypes import as_operand, computed_in, floating, is_complex, is_exact, promoted
from sigconv._core.errors import DTypeError, OptionError, ShapeError, lookup
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.layout import check_not_empty
from sigconv._core.options import is_integer, lengths_per_axis, padding_per_axis
from sigconv._engine.method import Method
from sigconv._engine.run import resolve_method
from sigconv.matching.formulas import SCORES


@dataclasses.dataclass(frozen=True)
class Form:
    """Of a mask: whether it has a channel axis, and whether its type allows but 0 and 1."""

    has_channels: bool
    is_binary: bool


@dataclasses.dataclass(frozen=True)
class Request:
    """All of a call besides its arrays; hashable.

    Attributes:
        score: Its name.
        space: Spatial axes of image and template, counted from the end.
        channel_axis: Likewise; None if there is none.
        geometry: Pads and boundary.
        method: As it was given.
        overlap: As it was given.
        tile: Outputs of a tile, per axis; None for all at once.
        dtype, result: To compute in, and of the result.
    """

    score: str
    space: tuple[int, ...]
    channel_axis: int | None
    geometry: Geometry
    method: str | Method
    overlap: float
    tile: tuple[int, ...] | None
    dtype: np.dtype
    result: np.dtype

    @property
    def is_padded(self) -> bool:
        """Whether the image is extended or cropped."""
        return any(axis.lo or axis.hi for axis in self.geometry.axes)

    def canonical(self, x: jax.Array) -> jax.Array:
        """(…, *space) with or without channels → (batch, channel, *space)."""
        order = self.space if self.channel_axis is None else (self.channel_axis, *self.space)
        x = jnp.moveaxis(x, order, range(-len(order), 0))
        channels = () if self.channel_axis is not None else (1,)
        rank = len(order)
        return x.reshape(-1, *channels, *x.shape[x.ndim - rank :])

    def weights(self, mask: jax.Array, form: Form) -> jax.Array:
        """Likewise a mask, as numbers; one channel if it holds for all."""
        if self.channel_axis is not None and not form.has_channels:
            mask = jnp.expand_dims(mask, self.channel_axis)
        return self.canonical(mask).astype(self.dtype)


def request(
    image: jax.Array,
    template: jax.Array,
    score: object,
    padding: object,
    boundary: object,
    channel_axis: object,
    overlap: object,
    tile: object,
    method: object,
    *,
    bank: bool = False,
) -> Request:
    """The checked request; `bank` if the template has an axis of templates in front."""
    argument = "templates" if bank else "template"
    for name, array in (("image", image), (argument, template)):
        check_not_empty(name, array.shape)
        if is_complex(array.dtype):
            raise DTypeError(f"`{name}` must be real; got {array.dtype}. Match real and imaginary parts as channels.")
    lookup("score", score, SCORES)
    axis = _channel_axis(channel_axis, template.ndim - bank)
    rank = template.ndim - bank - (axis is not None)
    if not 1 <= rank:
        raise ShapeError(f"`{argument}` must have at least one spatial axis; got shape {template.shape}.")
    if image.ndim < rank + (axis is not None):
        raise ShapeError(
            f"`image` must have the axes of the template, behind any batch; got {image.shape} for {template.shape}."
        )
    space = tuple(a for a in range(-rank - (axis is not None), 0) if a != axis)
    if axis is not None and image.shape[axis] != template.shape[axis]:
        raise ShapeError(
            f"`{argument}` must have as many channels as the image; got {template.shape[axis]} for {image.shape[axis]}."
        )
    lengths, taps = (tuple(array.shape[a] for a in space) for array in (image, template))
    spans = tuple((k, n, 1) for k, n in zip(taps, lengths, strict=True))
    pads = padding_per_axis("padding", padding, LATE, spans)
    if any(n + lo + hi < k or (n < k and padding != "full") for (k, n, _), (lo, hi) in zip(spans, pads, strict=True)):
        raise ShapeError(
            f"`{argument}` must not be larger than the image; got {taps} over {lengths}. Use padding='full'."
        )
    sides = resolve_boundary(boundary, rank)
    axes = tuple(Axis(lo, hi, low=low, high=high) for (lo, hi), (low, high) in zip(pads, sides, strict=True))
    chosen = resolve_method(method)
    if score in ("sad", "phase") and chosen is not None:
        raise OptionError(f"`method` must be 'auto' for the score {score!r}, which has its own; got {method!r}.")
    if not isinstance(overlap, numbers.Real) or isinstance(overlap, bool) or not 0 <= float(overlap) <= 1:
        raise OptionError(f"`overlap` must be a fraction between 0 and 1; got {overlap!r}.")
    kept = None if tile is None else lengths_per_axis("tile", (tile,) * rank if is_integer(tile) else tile, rank)
    if kept is not None and score == "phase":
        raise OptionError("`tile` must be None for the score 'phase', which takes the spectrum of the whole image.")
    mixed = promoted(image.dtype, template.dtype)
    result = floating(mixed) if is_exact(mixed) else np.dtype(mixed)
    name = method if isinstance(method, str | Method) else "auto"
    return Request(str(score), space, axis, Geometry(axes), name, float(overlap), kept, computed_in(result), result)


def checked_mask(argument: str, value: ArrayLike, shape: tuple[int, ...], asked: Request) -> tuple[jax.Array, Form]:
    """A mask for an array of that shape, with or without its channel axis and the axes in front."""
    mask = value if isinstance(value, jax.Array) else np.asarray(value)
    if mask.dtype != bool:
        mask = as_operand(argument, mask)
        if is_complex(mask.dtype):
            raise DTypeError(f"`{argument}` must be bool or real; got {mask.dtype}. Take its size.")
    axis = asked.channel_axis
    plain = shape if axis is None else (*shape[:axis], *shape[len(shape) + axis + 1 :])
    # For all of a batch or bank, or for each.
    fronts = (0, len(plain) - len(asked.space))
    has_channels = axis is not None and mask.shape in [shape[cut:] for cut in fronts]
    if not has_channels and mask.shape not in [plain[cut:] for cut in fronts]:
        raise ShapeError(
            f"`{argument}` must have the shape of what it is for, {shape}, with or without channels and batch; got "
            f"{mask.shape}."
        )
    if not isinstance(mask, core.Tracer) and not np.any(np.asarray(mask)):
        raise OptionError(f"`{argument}` must not be zero everywhere; got {mask.size} zeros. Leave it out.")
    return jnp.asarray(mask), Form(has_channels, mask.dtype == bool)


def _channel_axis(axis: object, rank: int) -> int | None:
    if axis is None:
        return None
    if not is_integer(axis) or not -rank <= axis < 0:
        raise OptionError(
            f"`channel_axis` must be None, or an axis counted from the end, between {-rank} and -1; got {axis!r}."
        )
    return int(axis)
