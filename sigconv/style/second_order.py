"""Statistics made of products of two samples: Gram matrices, lagged ones, autocorrelations, power spectra.

A statistic is a function of one picture's features, (C, *space), with its parameters as fields.
"""

import dataclasses
import math

import jax
import jax.numpy as jnp

from sigconv._core.dtypes import floating
from sigconv._core.errors import OptionError, ShapeError, lookup
from sigconv._core.options import per_axis
from sigconv._core.pytree import STATIC, pytree
from sigconv._gram.all_lags import all_lags, per_pair
from sigconv._gram.grams import Boundary, Normalization, gram
from sigconv._gram.request import BOUNDARIES

Shifts = tuple[int, ...] | tuple[tuple[int, ...], ...]


@pytree
@dataclasses.dataclass(frozen=True)
class Gram:
    """Σ_x F[i, x] conj(F[j, x]) / M: which features occur together.

    Attributes:
        normalize, centered, chunk: As in `sigconv.gram`.
    """

    normalize: Normalization = dataclasses.field(default="spatial", metadata=STATIC)
    centered: bool = dataclasses.field(default=False, metadata=STATIC)
    chunk: int | None = dataclasses.field(default=None, metadata=STATIC)

    def __call__(self, features: jax.Array) -> jax.Array:
        """(C, *space) → (C, C)."""
        return gram(
            features,
            normalize=self.normalize,
            centered=self.centered,
            chunk=self.chunk,
            channel_axis=-features.ndim,
        )


@pytree
@dataclasses.dataclass(frozen=True)
class LaggedGram:
    """Gram matrices of features against themselves moved: which occur at a distance, and so long-range structure.

    Attributes:
        lags: Shifts, one integer per axis of space each, as a tuple of tuples (of integers for one axis).
        normalize, centered, boundary, chunk: As in `sigconv.gram`; 'periodic' for textures that tile.
    """

    lags: Shifts = dataclasses.field(metadata=STATIC)
    normalize: Normalization = dataclasses.field(default="spatial", metadata=STATIC)
    centered: bool = dataclasses.field(default=False, metadata=STATIC)
    boundary: Boundary = dataclasses.field(default="zero", metadata=STATIC)
    chunk: int | None = dataclasses.field(default=None, metadata=STATIC)

    def __post_init__(self) -> None:
        lags = tuple(tuple(lag) if isinstance(lag, list) else lag for lag in self.lags)
        object.__setattr__(self, "lags", lags)

    def __call__(self, features: jax.Array) -> jax.Array:
        """(C, *space) → (lags, C, C)."""
        return gram(
            features,
            lags=self.lags,
            normalize=self.normalize,
            centered=self.centered,
            boundary=self.boundary,
            chunk=self.chunk,
            channel_axis=-features.ndim,
        )


@pytree
@dataclasses.dataclass(frozen=True)
class Autocorrelation:
    """Every channel against itself moved, per pair of samples: Σ_x F[c, x] conj(F[c, x + δ]) / pairs(δ).

    Attributes:
        reach: Largest lag along each axis, or one for all. None for half the length: of larger lags there are few
            pairs. With a reach, pictures of different sizes can be compared.
        boundary: 'zero', or 'periodic' for textures that tile.
    Reference:
        Sendik & Cohen-Or, "Deep correlations for texture synthesis", 2017.
    """

    reach: int | tuple[int, ...] | None = dataclasses.field(default=None, metadata=STATIC)
    boundary: Boundary = dataclasses.field(default="zero", metadata=STATIC)

    def __call__(self, features: jax.Array) -> jax.Array:
        """(C, *space) → (C, *lags), 2·reach + 1 lags along each axis, the middle one 0."""
        space = features.shape[1:]
        half = tuple((n - 1) // 2 for n in space)
        reach = half if self.reach is None else per_axis("reach", self.reach, len(space), least=0)
        is_periodic = lookup("boundary", self.boundary, BOUNDARIES)
        most = half if is_periodic else tuple(n - 1 for n in space)
        if any(r > m for r, m in zip(reach, most, strict=True)):
            raise OptionError(f"`reach` must be at most {most} for features of {space}; got {self.reach!r}.")
        x = features.astype(floating(features.dtype))
        sums = per_pair(all_lags(x, x, len(space), periodic=is_periodic), None, space, periodic=is_periodic)
        if is_periodic:
            sums = jnp.roll(sums, reach, tuple(range(1, sums.ndim)))
            return sums[(slice(None), *(slice(2 * r + 1) for r in reach))]
        return sums[(slice(None), *(slice(n - 1 - r, n + r) for n, r in zip(space, reach, strict=True)))]


@pytree
@dataclasses.dataclass(frozen=True)
class PowerSpectrum:
    """|Σ_x F[c, x] exp(−2πi k·x)|² / M of every channel: the power at every frequency, whatever the phases.

    Attributes:
        block: Side of blocks, per axis or one for all, whose spectra are averaged, so that pictures of different sizes
            can be compared; what is left over at the far ends is not read. None for the whole picture.
    Reference:
        Bartlett, "Smoothing periodograms from time-series with continuous spectra", 1948; Liu, Gousseau & Xia, "Texture
        synthesis through convolutional neural networks and spectrum constraints", 2016.
    """

    block: int | tuple[int, ...] | None = dataclasses.field(default=None, metadata=STATIC)

    def __call__(self, features: jax.Array) -> jax.Array:
        """(C, *space) → (C, *frequencies), those of `jnp.fft.fftn`."""
        space = features.shape[1:]
        rank = len(space)
        block = space if self.block is None else per_axis("block", self.block, rank)
        counts = tuple(n // b for n, b in zip(space, block, strict=True))
        if 0 in counts:
            raise ShapeError(f"`features` must have a space of at least `block`, {block}; got {space}.")
        x = features.astype(floating(features.dtype))
        x = x[(slice(None), *(slice(c * b) for c, b in zip(counts, block, strict=True)))]
        x = x.reshape(x.shape[0], *(n for pair in zip(counts, block, strict=True) for n in pair))
        spectrum = jnp.fft.fftn(x, axes=tuple(range(2, 2 * rank + 1, 2)))
        power = jnp.square(jnp.real(spectrum)) + jnp.square(jnp.imag(spectrum))
        return jnp.mean(power, tuple(range(1, 2 * rank, 2))) / math.prod(block)
