"""Motion and disparity by block matching: a small patch of one view, searched for near the same place of the other."""

import dataclasses
import functools
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import scipy.ndimage
import skimage.color
import skimage.data

import sigconv

_STEREO = ("motorcycle_left.png", "motorcycle_right.png", "motorcycle_disp.npz")


@dataclasses.dataclass(frozen=True)
class Motion:
    """Two views and how blocks moved between them: moved[n] = first[n + d(n)].

    Shapes:
        first and moved (height, width); centres, truth and found (rows, columns, 2).
    """

    first: np.ndarray
    moved: np.ndarray
    centres: np.ndarray
    truth: np.ndarray
    found: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """Lengths of the differences, (rows, columns)."""
        return np.linalg.norm(self.found - self.truth, axis=-1)


@dataclasses.dataclass(frozen=True)
class Disparities:
    """A stereo pair and how far to the left blocks lie in the right camera's view; NaN where the truth is unknown.

    Shapes:
        first (height, width, 3); centres (rows, columns, 2), truth and found (rows, columns).
    """

    first: np.ndarray
    centres: np.ndarray
    truth: np.ndarray
    found: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """Sizes of the differences where the truth is known, (blocks,)."""
        return np.abs(self.found - self.truth)[np.isfinite(self.truth)]


@functools.partial(jax.jit, static_argnames="batch")
def match_blocks(strips: jax.Array, blocks: jax.Array, batch: int = 1024) -> tuple[jax.Array, jax.Array]:
    """The place of the best match of every block in its own strip, between the samples, and its score.

    Shapes:
        strips (count, H, W), blocks (count, h, w) → (count, 2), (count,).
    """

    def match(pair: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        scores = sigconv.match_template(*pair, method="direct")
        peaks = sigconv.find_peaks(scores, 1, refine="quadratic")
        return peaks.positions[0], peaks.values[0]

    return jax.lax.map(match, (strips, blocks), batch_size=batch)


def smooth_field(shape: tuple[int, int], largest: float, rng: np.random.Generator) -> np.ndarray:
    """Smoothed noise, whose longest arrow has this length: (height, width, 2)."""
    noise = rng.standard_normal((*shape, 2))
    field = scipy.ndimage.gaussian_filter(noise, (min(shape) / 8, min(shape) / 8, 0), mode="reflect")
    return largest * field / np.linalg.norm(field, axis=-1).max()


def find_motion(
    picture: np.ndarray, field: np.ndarray, noise: float, rng: np.random.Generator, *, block: int, reach: int, step: int
) -> Motion:
    """Warp a picture by a field, add noise to both views, and find the field again from blocks of the second.

    Args:
        picture: Grey levels.
        field: (height, width, 2), no longer than `reach`.
        noise: Its deviation, in grey levels.
        rng: Of the noise.
        block: Side of a block; odd.
        reach: Pixels to each side that are searched.
        step: Pixels from one block to the next.
    """
    places = np.indices(picture.shape) + np.moveaxis(field, -1, 0)
    warped = scipy.ndimage.map_coordinates(picture, places, order=3, mode="nearest")
    first, moved = (view + rng.normal(0, noise, picture.shape) for view in (picture, warped))
    half = block // 2
    centres = _grid(picture.shape, (half + reach, half + reach), step)
    blocks = _windows(moved, centres, (half, half), (half, half))
    strips = _windows(first, centres, (half + reach, half + reach), (half + reach, half + reach))
    places, _ = match_blocks(strips, blocks)
    found = np.asarray(places).reshape(centres.shape) - reach
    return Motion(first, moved, centres, field[centres[..., 0], centres[..., 1]], found)


def has_stereo() -> bool:
    """Whether the pair came with scikit-image, so that nothing is downloaded."""
    return all((Path(skimage.data.__file__).parent / name).is_file() for name in _STEREO)


def find_disparities(*, block: int, reach: int, step: int) -> Disparities:
    """Blocks of the left camera's view, searched for up to `reach` pixels further left in the right camera's."""
    left, right, truth = skimage.data.stereo_motorcycle()
    first, second = (skimage.color.rgb2gray(view).astype("f4") for view in (left, right))
    half = block // 2
    centres = _grid(first.shape, (half, half + reach), step)
    blocks = _windows(first, centres, (half, half), (half, half))
    strips = _windows(second, centres, (half, half + reach), (half, half))
    places, _ = match_blocks(strips, blocks)
    found = reach - np.asarray(places)[:, 1].reshape(centres.shape[:2])
    known = truth[centres[..., 0], centres[..., 1]].astype(float)
    return Disparities(left, centres, np.where(np.isfinite(known), known, np.nan), found)


def _grid(shape: tuple[int, ...], margin: tuple[int, int], step: int) -> np.ndarray:
    """Centres at least so far from every edge, (rows, columns, 2)."""
    axes = [np.arange(m, n - m, step) for n, m in zip(shape, margin, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)


def _windows(picture: np.ndarray, centres: np.ndarray, before: tuple[int, int], after: tuple[int, int]) -> jax.Array:
    """From `before` each centre to `after` it, both included: (count, height, width)."""
    rows, columns = (np.arange(-b, a + 1) for b, a in zip(before, after, strict=True))
    at = centres.reshape(-1, 2)
    row = at[:, 0, None, None] + rows[:, None]
    column = at[:, 1, None, None] + columns
    return jnp.asarray(picture[row, column], jnp.float32)
