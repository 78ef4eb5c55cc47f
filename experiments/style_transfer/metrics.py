"""How near a picture is to the texture it imitates, by what needs no trained network and was not optimised."""

import dataclasses

import jax
import jax.numpy as jnp

from experiments.features.bank import random_bank
from experiments.features.colours import colours_of
from experiments.style_transfer.statistics import relative
from sigconv import gram, match_template, style

HELD_OUT_SEED = 987_654
"""Of filters that no command optimises: its options stop below."""
_PATCHES = (3, 5, 7)
_PROJECTIONS = 64
_REACH = 16
_BLOCK = 32
_COPY_SIDE = 24
_COPY_PLACES = 6
"""Per axis, evenly over the picture."""
_IS_COPY = 0.95


@dataclasses.dataclass(frozen=True)
class Metrics:
    """All but the last are 0 at best.

    Attributes:
        gram: Relative error of the Gram matrices of other random filters than were optimised: the root of its mean
            square over the scales.
        gram_by_scale: The same for each scale, the finest first.
        autocorrelation: Relative error up to 16 samples, in decorrelated colours.
        spectrum: Relative error of the square roots of power spectra of blocks of 32².
        patches: Sliced Wasserstein distance of 3×3, 5×5 and 7×7 patches, over their root mean square.
        copied: Share of 24×24 patches that the source has somewhere, with a correlation above 0.95.
        likeness: Mean of the best correlation of each of these patches with the source.
        seams: Of a picture that tiles, per axis: how many standard deviations the mean step across its ends is from the
            mean of the steps between lines inside.
    """

    gram: float
    gram_by_scale: tuple[float, ...]
    autocorrelation: float
    spectrum: float
    patches: tuple[float, ...]
    copied: float
    likeness: float
    seams: tuple[float, float] | None


def measure_picture(picture: jax.Array, source: jax.Array, *, is_periodic: bool, scales: int = 4) -> Metrics:
    """Both (C, H, W); scales that do not fit into both are left out. `is_periodic` says that the picture tiles."""
    side = min(*picture.shape[1:], *source.shape[1:])
    fitting = [scale for scale in range(scales) if 11 << scale <= side]
    errors = _gram_errors(picture, source, max(len(fitting), 1), is_periodic)
    colours = colours_of(source)
    here, there = colours.encode(picture), colours.encode(source)
    correlations = style.Autocorrelation(min(_REACH, (side - 1) // 2))
    spectra = style.PowerSpectrum(min(_BLOCK, side))
    similarities = _similarities(picture, source, min(_COPY_SIDE, side))
    return Metrics(
        gram=float(jnp.sqrt(jnp.mean(errors**2))),
        gram_by_scale=tuple(map(float, errors)),
        autocorrelation=float(jnp.sqrt(relative(correlations(here), correlations(there)))),
        spectrum=float(jnp.sqrt(relative(jnp.sqrt(spectra(here)), jnp.sqrt(spectra(there))))),
        patches=tuple(_patch_distance(here, there, taps) for taps in _PATCHES),
        copied=float(jnp.mean(similarities > _IS_COPY)),
        likeness=float(jnp.mean(similarities)),
        seams=seams(picture) if is_periodic else None,
    )


def seams(picture: jax.Array) -> tuple[float, float]:
    """Of rows and of columns: (mean step over the ends − mean inside) / standard deviation inside, a step per line."""

    def seam(axis: int) -> float:
        steps = jnp.mean(jnp.abs(jnp.roll(picture, -1, axis) - picture), (0, 3 - axis))
        inside = steps[:-1]
        return float((steps[-1] - jnp.mean(inside)) / jnp.std(inside))

    return seam(1), seam(2)


def _gram_errors(picture: jax.Array, source: jax.Array, scales: int, is_periodic: bool) -> jax.Array:
    bank = random_bank(source, HELD_OUT_SEED, scales=scales)
    extract = jax.jit(lambda bank, x: [gram(layer) for layer in bank(x)])
    pairs = zip(extract(bank.periodic() if is_periodic else bank, picture), extract(bank, source), strict=True)
    return jnp.sqrt(jnp.stack([relative(found, wanted) for found, wanted in pairs]))


def _patch_distance(picture: jax.Array, source: jax.Array, taps: int) -> float:
    statistic = style.SlicedWasserstein(_PROJECTIONS)
    there = statistic(_patches(source, taps))
    apart = style.style_loss([_patches(picture, taps)], [there], statistic=statistic)
    return float(jnp.sqrt(apart / jnp.mean(there**2)))


def _patches(picture: jax.Array, taps: int) -> jax.Array:
    """All windows of taps², their samples as channels: (C, H, W) → (C·taps², H − taps + 1, W − taps + 1)."""
    height, width = (n - taps + 1 for n in picture.shape[1:])
    views = [picture[:, i : i + height, j : j + width] for i in range(taps) for j in range(taps)]
    return jnp.concatenate(views)


def _similarities(picture: jax.Array, source: jax.Array, side: int) -> jax.Array:
    """Of patches of the picture on a grid, the highest correlation with any patch of the source."""
    rows, columns = (jnp.linspace(0, n - side, _COPY_PLACES).astype(int) for n in picture.shape[1:])
    places = jnp.stack(jnp.meshgrid(rows, columns, indexing="ij"), -1).reshape(-1, 2)

    def best(place: jax.Array) -> jax.Array:
        patch = jax.lax.dynamic_slice(picture, (0, place[0], place[1]), (picture.shape[0], side, side))
        return jnp.max(match_template(source, patch, channel_axis=-3))

    return jax.lax.map(best, places)
