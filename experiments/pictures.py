"""The user's own pictures: read, or refused in one line."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

_GREY_MODES = ("1", "L", "LA", "La")
_DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


class PictureError(ValueError):
    """A picture that cannot be used, and why, in one line."""


def read_picture(path: Path) -> np.ndarray:
    """The samples of an image file: (H, W) if it is grey, (H, W, 3) if not. Transparency is dropped."""
    if path.is_dir():
        raise PictureError(f"cannot read {path}: it is a folder")
    try:
        with Image.open(path) as opened:
            upright = ImageOps.exif_transpose(opened)
            if upright.mode in _DEEP_MODES:
                picture = np.asarray(upright, dtype=np.float32)
            else:
                picture = np.asarray(upright.convert("L" if upright.mode in _GREY_MODES else "RGB"))
    except FileNotFoundError:
        raise PictureError(f"cannot read {path}: there is no such file") from None
    except UnidentifiedImageError:
        raise PictureError(f"cannot read {path}: it is not an image in a known format") from None
    # Pillow's decoders report a damaged file as any of these.
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise PictureError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    if not np.isfinite(picture).all():
        raise PictureError(f"cannot use {path}: it holds samples that are not finite numbers")
    return picture


def as_grey(picture: np.ndarray) -> np.ndarray:
    """Luma of ITU-R BT.601, as image libraries do."""
    return picture if picture.ndim == 2 else (picture @ np.array([0.299, 0.587, 0.114])).astype(np.float32)
