"""`Model`: how a scene becomes the image that is seen of it, as an operator.

With a boundary the scene is the image's size and is read beyond its ends by that rule. 'unknown' is what a camera does:
the scene is larger by the reach of the kernel, and the image is the part of the convolution that needs no rule.
"""

import dataclasses

import jax
import jax.numpy as jnp

from sigconv._core.boundary import BOUNDARIES, ZERO, Constant, Reads, Rule, resolve_boundary
from sigconv._core.errors import OptionError, lookup
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.pytree import STATIC, pytree
from sigconv._engine.spectra import fast_length
from sigconv.operators import Circulant, LinearOperator
from sigconv.operators.periodic import circulant
from sigconv.restore.frame import Frame
from sigconv.signal import Boundary

UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True)
class Sight:
    """What of a scene an image shows.

    Attributes:
        image, scene: Their shapes.
        grid: The cycle on which the convolution is done.
        taps: Of the kernel.
        reads: (low, high) per axis; None where the scene goes on.
    """

    image: tuple[int, ...]
    scene: tuple[int, ...]
    grid: tuple[int, ...]
    taps: tuple[int, ...]
    reads: tuple[tuple[Reads, Reads] | None, ...]

    @property
    def is_periodic(self) -> bool:
        """Whether the scene is a cycle along every axis."""
        return all(_is_periodic(pair) for pair in self.reads)

    @property
    def mirrored(self) -> tuple[str, ...]:
        """The boundary of penalties: no differences across ends that do not meet."""
        return tuple("periodic" if _is_periodic(pair) else "symmetric" for pair in self.reads)

    @property
    def margins(self) -> tuple[tuple[int, int], ...]:
        """Samples of the scene before and after those that lie in view."""
        lows = (k // 2 if pair is None else 0 for k, pair in zip(self.taps, self.reads, strict=True))
        return tuple((lo, s - n - lo) for lo, s, n in zip(lows, self.scene, self.image, strict=True))

    def in_view(self, scene: jax.Array) -> jax.Array:
        """The part of a scene that lies where the image does."""
        spans = zip(self.margins, self.image, strict=True)
        return scene[tuple(slice(lo, lo + n) for (lo, _), n in spans)]

    def widened(self, image: jax.Array) -> jax.Array:
        """An image as a scene: what lies outside is as the nearest sample."""
        return jnp.pad(image, self.margins, mode="edge")


def resolve_sight(boundary: Boundary, image: tuple[int, ...], taps: tuple[int, ...]) -> Sight:
    """The sight from the caller's words and the shapes."""
    if isinstance(boundary, str):
        lookup("boundary", boundary, {**BOUNDARIES, UNKNOWN: None})
        boundary = (boundary,) * len(image)
    entries = tuple(boundary) if isinstance(boundary, tuple | list) else (boundary,) * len(image)
    known = resolve_boundary(tuple("zero" if entry == UNKNOWN else entry for entry in entries), len(image))
    if any(isinstance(reads, Constant) and not reads.is_zero for pair in known for reads in pair):
        raise OptionError("`boundary` must not be a constant other than zero. Subtract it from the image first.")
    reads = tuple(None if entry == UNKNOWN else pair for entry, pair in zip(entries, known, strict=True))
    axes = [_lengths(n, k, pair) for n, k, pair in zip(image, taps, reads, strict=True)]
    return Sight(image, tuple(s for s, _ in axes), tuple(g for _, g in axes), taps, reads)


def _lengths(n: int, k: int, reads: tuple[Reads, Reads] | None) -> tuple[int, int]:
    """Of scene and grid. A scene that goes on is as long as a fast transform: what is not seen costs nothing."""
    if _is_periodic(reads):
        return n, n
    grid = fast_length(n + k - 1)
    return (grid if reads is None else n), grid


def _is_periodic(reads: tuple[Reads, Reads] | None) -> bool:
    return reads == (Rule.PERIODIC, Rule.PERIODIC)


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Model:
    """The operator of a kernel from scenes to images, and the circulant that it would be if the scene were a cycle."""

    operator: LinearOperator
    cyclic: Circulant
    sight: Sight = dataclasses.field(metadata=STATIC)


def model_of(kernel: jax.Array, sight: Sight) -> Model:
    """The model in which images are `convolve(scene, kernel, mode='same', boundary=…)`, or 'valid' if it is unknown.

    It is a product of three: read the scene beyond its ends, convolve in a cycle that is long enough, crop.
    """
    cyclic = centred(kernel, sight.scene)
    if sight.is_periodic:
        return Model(cyclic, cyclic, sight)
    reading, cropping = [], []
    spans = zip(sight.image, sight.scene, sight.grid, sight.taps, sight.reads, strict=True)
    for n, s, g, k, pair in spans:
        lo, hi = k // 2, (k - 1) // 2
        if _is_periodic(pair):
            reading.append((Axis(), Axis()))
            cropping.append(Axis())
            continue
        low, high = pair or (ZERO, ZERO)
        wide = Axis(lo, hi, low=low, high=high) if pair else Axis()
        reading.append((wide, Axis(0, g - (n + k - 1 if pair else s))))
        # The kernel is centred, so that output n of the cycle stands at sample n.
        cropping.append(Axis(-lo, -(g - n - lo)))
    writing, filling = (Geometry(axes) for axes in zip(*reading, strict=True))
    whole = cyclic if sight.scene == sight.grid else centred(kernel, sight.grid)
    read = Frame(writing, sight.scene)
    seen = Frame(Geometry(tuple(cropping)), sight.grid)
    return Model(seen @ (whole @ (Frame(filling, read.out_shape) @ read)), cyclic, sight)


def centred(kernel: jax.Array, grid: tuple[int, ...]) -> Circulant:
    """Circular convolution whose output n stands where `convolve` has it in 'same': the origin is tap (K − 1)//2."""
    taps = kernel.shape
    wide = jnp.pad(kernel, [(0, max(g - k, 0)) for g, k in zip(grid, taps, strict=True)])
    if any(k > g for g, k in zip(grid, taps, strict=True)):
        wide = circulant(wide, grid).kernel
    return circulant(jnp.roll(wide, [-((k - 1) // 2) for k in taps], tuple(range(len(taps)))), grid)
