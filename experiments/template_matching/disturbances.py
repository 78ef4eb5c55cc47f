"""What happens to a picture between the moment a patch is cut from it and the search for that patch."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import skimage.color
import skimage.data

SIDE, PATCH = 200, 24
"""Of the pictures and of the patches, in pixels."""

_LEAST_DEVIATION = 10.0
"""In grey levels: a patch of an even wall is nowhere in particular."""


@dataclasses.dataclass(frozen=True)
class Scene:
    """A picture, the patch searched for, where it is, and which of the picture's samples belong to it."""

    image: np.ndarray
    template: np.ndarray
    place: tuple[int, int]
    visible: np.ndarray | None = None


def _photograph(values: np.ndarray) -> np.ndarray:
    """Round and clip to 8 bits, as a camera would."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _noisy(scene: Scene, deviation: float, rng: np.random.Generator) -> np.ndarray:
    return scene.image + rng.normal(0, deviation, scene.image.shape)


def _noise(scene: Scene, level: float, rng: np.random.Generator) -> Scene:
    return dataclasses.replace(
        scene, image=_noisy(scene, level, rng).astype("f4"), template=scene.template.astype("f4")
    )


def _brightness(scene: Scene, level: float, rng: np.random.Generator) -> Scene:
    return dataclasses.replace(scene, image=_photograph(_noisy(scene, 2, rng) + level))


def _contrast(scene: Scene, level: float, rng: np.random.Generator) -> Scene:
    faded = dataclasses.replace(scene, image=128 + level * (scene.image.astype(float) - 128))
    return dataclasses.replace(scene, image=_photograph(_noisy(faded, 2, rng)))


def _occlusion(scene: Scene, level: float, rng: np.random.Generator) -> Scene:
    """Another part of the same picture covers the patch from one of its sides on."""
    row, column = scene.place
    covered = round(level * PATCH)
    part = np.zeros((PATCH, PATCH), bool)
    part[:covered] = True
    part = np.rot90(part, int(rng.integers(4)))
    hidden = np.zeros(scene.image.shape, bool)
    hidden[row : row + PATCH, column : column + PATCH] = part
    far = np.roll(scene.image, (SIDE // 2, SIDE // 2), (0, 1))
    covering = dataclasses.replace(scene, image=np.where(hidden, far, scene.image))
    return dataclasses.replace(scene, image=_photograph(_noisy(covering, 2, rng)), visible=~hidden)


def _offset(scene: Scene, level: float, rng: np.random.Generator) -> Scene:
    image = _noisy(scene, 2, rng) + level * scene.image.std()
    return dataclasses.replace(scene, image=image.astype("f4"), template=scene.template.astype("f4"))


def _ramp(scene: Scene, level: float, rng: np.random.Generator) -> Scene:
    """The patch is cut out of the ramp, so that every window looks much like it."""
    row, column = scene.place
    ramp = level * scene.image.std() * np.linspace(0, 1, SIDE)
    template = (scene.image + ramp)[row : row + PATCH, column : column + PATCH]
    image = _noisy(scene, 2, rng) + ramp
    return dataclasses.replace(scene, image=image.astype("f4"), template=template.astype("f4"))


@dataclasses.dataclass(frozen=True)
class Disturbance:
    """One kind of change.

    Attributes:
        title, unit: Of its curve.
        levels: From nothing to too much.
        apply: To a scene, at a level.
        is_extreme: Whether float32's digits are at stake.
    """

    title: str
    unit: str
    levels: Sequence[float]
    apply: Callable[[Scene, float, np.random.Generator], Scene]
    is_extreme: bool = False


DISTURBANCES: Mapping[str, Disturbance] = {
    "noise": Disturbance("White noise", "deviation, grey levels", (0, 10, 20, 40, 80, 160, 320), _noise),
    "brightness": Disturbance(
        "Brightness, saturating at 255", "grey levels added", (0, 50, 100, 150, 200, 225), _brightness
    ),
    "contrast": Disturbance("Contrast, rounded to 8 bits", "factor", (1, 0.3, 0.1, 0.05, 0.03, 0.02, 0.01), _contrast),
    "occlusion": Disturbance(
        "Occlusion", "share of the patch covered", (0, 0.05, 0.125, 0.25, 0.5, 0.75, 0.875), _occlusion
    ),
    "offset": Disturbance(
        "Offset, in float32", "mean over deviation", (1e1, 1e2, 1e3, 1e4, 3e4, 1e5), _offset, is_extreme=True
    ),
    "ramp": Disturbance(
        "Ramp, in float32; the patch has it too",
        "height over the picture's deviation",
        (1e1, 1e2, 1e3, 1e4, 3e4, 1e5),
        _ramp,
        is_extreme=True,
    ),
}


def pictures() -> dict[str, np.ndarray]:
    """Middles of photographs, in grey levels, SIDE×SIDE."""
    whole = {name: getattr(skimage.data, name)() for name in ("camera", "coins", "chelsea", "astronaut")}
    grey = {name: 255 * skimage.color.rgb2gray(x) if x.ndim == 3 else x for name, x in whole.items()}
    return {name: _middle(_photograph(x)) for name, x in grey.items()}


def _middle(picture: np.ndarray) -> np.ndarray:
    row, column = ((n - SIDE) // 2 for n in picture.shape)
    return picture[row : row + SIDE, column : column + SIDE]


def scenes(count: int, rng: np.random.Generator) -> Iterator[Scene]:
    """Unchanged pictures in turn, each with a patch from a random place where there is something to see."""
    each = list(pictures().values())
    for number in range(count):
        image = each[number % len(each)]
        while True:
            row, column = rng.integers(0, SIDE - PATCH + 1, 2).tolist()
            template = image[row : row + PATCH, column : column + PATCH]
            if template.std() >= _LEAST_DEVIATION:
                break
        yield Scene(image, template, (row, column))
