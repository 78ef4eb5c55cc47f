"""The built-in pictures: real textures and photographs that scikit-image and scikit-learn bring along."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import skimage.data
import sklearn.datasets
from PIL import Image


@dataclass(frozen=True)
class Sample:
    """A square cut from a photograph: its upper left corner and its side, before it is brought to the size wanted."""

    photograph: Callable[[], np.ndarray]
    row: int
    column: int
    side: int

    def load(self, size: int = 256) -> np.ndarray:
        """(H, W) or (H, W, 3), 8 bits."""
        area = np.s_[self.row : self.row + self.side, self.column : self.column + self.side]
        square = self.photograph()[area]
        if size == self.side:
            return square
        return np.asarray(Image.fromarray(square).resize((size, size), Image.Resampling.LANCZOS))


def _flower() -> np.ndarray:
    return sklearn.datasets.load_sample_image("flower.jpg")


TEXTURES: Mapping[str, Sample] = {
    "brick": Sample(skimage.data.brick, 0, 0, 256),
    "grass": Sample(skimage.data.grass, 128, 128, 256),
    "gravel": Sample(skimage.data.gravel, 0, 0, 256),
    "tissue": Sample(skimage.data.immunohistochemistry, 0, 0, 256),
    "stars": Sample(skimage.data.hubble_deep_field, 200, 500, 256),
    "petals": Sample(_flower, 130, 190, 160),
    "wood": Sample(skimage.data.coffee, 270, 470, 130),
    "fur": Sample(skimage.data.chelsea, 0, 160, 100),
}
"""By name; the first three are grey, and the last three are enlarged to 256 pixels."""

PHOTOGRAPHS: Mapping[str, Sample] = {
    "astronaut": Sample(skimage.data.astronaut, 0, 32, 400),
    "cat": Sample(skimage.data.chelsea, 0, 75, 300),
    "coffee": Sample(skimage.data.coffee, 0, 100, 400),
}
"""What can be shown in another style."""
