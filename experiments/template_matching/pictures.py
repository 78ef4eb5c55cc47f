"""The user's own pictures made comparable, and refused in one line when there is nothing to search for."""

import numpy as np

from experiments.pictures import PictureError, as_grey


def make_comparable(image: np.ndarray, template: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both in colour if both are, else both grey; `PictureError` if the template cannot be searched for."""
    if image.ndim != template.ndim:
        image, template = as_grey(image), as_grey(template)
    if any(k > n for k, n in zip(template.shape[:2], image.shape[:2], strict=True)):
        sizes = (f"{array.shape[1]}x{array.shape[0]}" for array in (template, image))
        raise PictureError("the template ({} pixels) does not fit into the image ({})".format(*sizes))
    if np.all(template == template[:1, :1]):
        raise PictureError("the template is flat: it has nothing to be recognised by")
    return image, template
