"""Pictures as arrays: built-in ones by name, the user's own by file."""

from collections.abc import Mapping
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image

from experiments.pictures import PictureError, read_picture
from experiments.style_transfer.samples import Sample


def load_sample(name: str, samples: Mapping[str, Sample], size: int | None = None) -> jax.Array:
    """A built-in picture, (C, H, W) from 0 to 1."""
    if name not in samples:
        raise PictureError(f"there is no built-in picture {name!r}; those are {', '.join(samples)}")
    return as_array(samples[name].load(size or 256))


def load_file(path: Path, size: int | None = None) -> jax.Array:
    """The user's own picture, its shorter side brought to `size` if that is given: (C, H, W) from 0 to 1."""
    picture = read_picture(path)
    if picture.dtype != np.uint8:
        low, high = picture.min(), picture.max()
        picture = np.rint(255 * (picture - low) / max(high - low, np.finfo(picture.dtype).tiny)).astype(np.uint8)
    if size is not None:
        height, width = picture.shape[:2]
        scale = size / min(height, width)
        shape = (max(size, round(width * scale)), max(size, round(height * scale)))
        picture = np.asarray(Image.fromarray(picture).resize(shape, Image.Resampling.LANCZOS))
    return as_array(picture)


def as_array(picture: np.ndarray) -> jax.Array:
    """(H, W) or (H, W, 3) of 8 bits → (C, H, W) from 0 to 1; one channel if it is grey."""
    if picture.ndim == 3 and (picture == picture[..., :1]).all():
        picture = picture[..., 0]
    channels = picture[None] if picture.ndim == 2 else np.moveaxis(picture, -1, 0)
    return jnp.asarray(channels, jnp.float32) / 255


def as_picture(array: jax.Array) -> np.ndarray:
    """(C, H, W) from 0 to 1 → (H, W) or (H, W, 3) of 8 bits."""
    samples = np.clip(np.rint(255 * np.moveaxis(np.asarray(array), 0, -1)), 0, 255).astype(np.uint8)
    return samples[..., 0] if samples.shape[-1] == 1 else samples


def alike(*pictures: jax.Array) -> list[jax.Array]:
    """All in colour if one is."""
    channels = max(len(picture) for picture in pictures)
    return [jnp.broadcast_to(picture, (channels, *picture.shape[1:])) for picture in pictures]


def check_size(what: str, shape: tuple[int, ...], smallest: int) -> None:
    """`PictureError` where the largest filter does not fit."""
    height, width = shape[-2:]
    if min(height, width) < smallest:
        raise PictureError(
            f"{what} ({width}x{height} pixels) is smaller than the largest filter, which spans {smallest} pixels; take "
            "a larger picture, or fewer --scales"
        )
