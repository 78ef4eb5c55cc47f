"""VGG-19, up to its last rectifier, with weights from a file that the user has."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from experiments.features.arrays import WeightsError, read_arrays
from sigconv import correlate_channels

CHANNELS = (64, 64, "pool", 128, 128, "pool", *(256,) * 4, "pool", *(512,) * 4, "pool", *(512,) * 4)
"""Of every convolution, and the pools between them."""
STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT = ("relu4_2",)
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SMALLEST = 48
"""Side of a picture of which the last block still sees 3×3 samples."""
_DTYPES = ("float16", "float32", "float64")

INSTRUCTIONS = """\
VGG-19 needs a file of weights, which sigconv does not bring along: give it as --weights.
Either take model.safetensors of timm/vgg19.tv_in1k from the Hugging Face hub (575 MB), or, where torchvision is:
    import numpy, torchvision
    network = torchvision.models.vgg19(weights="IMAGENET1K_V1")
    arrays = {name: array.numpy() for name, array in network.state_dict().items() if name.startswith("features.")}
    numpy.savez("vgg19.npz", **arrays)"""


@dataclasses.dataclass(frozen=True)
class Convolution:
    """Where a convolution's weights are, their shape, and what its rectifier is called."""

    name: str
    shape: tuple[int, int, int, int]
    rectifier: str


def convolutions() -> list[Convolution | None]:
    """The network in order, None for a pool. Names are those of torchvision: numbers in a list of all operations."""
    found: list[Convolution | None] = []
    position, block, member, channels = 0, 1, 1, 3
    for entry in CHANNELS:
        if isinstance(entry, str):
            found.append(None)
            position, block, member = position + 1, block + 1, 1
            continue
        found.append(Convolution(f"features.{position}", (entry, channels, 3, 3), f"relu{block}_{member}"))
        # A rectifier follows each convolution in that list.
        position, member, channels = position + 2, member + 1, entry
    return found


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Vgg:
    """Features at the rectifiers in `STYLE` and `CONTENT`, in the network's order; averages are pooled, as Gatys does.

    Attributes:
        weights, biases: Of the convolutions, (out, in, 3, 3) and (out,).
    """

    weights: list[jax.Array]
    biases: list[jax.Array]
    is_periodic: bool = dataclasses.field(default=False, metadata={"static": True})

    @property
    def smallest(self) -> int:
        return SMALLEST

    @property
    def style_layers(self) -> tuple[int, ...]:
        return tuple(i for i, name in enumerate(_taken()) if name in STYLE)

    @property
    def content_layers(self) -> tuple[int, ...]:
        return tuple(i for i, name in enumerate(_taken()) if name in CONTENT)

    def periodic(self) -> "Vgg":
        return dataclasses.replace(self, is_periodic=True)

    def __call__(self, picture: jax.Array) -> list[jax.Array]:
        """(1 or 3, H, W) from 0 to 1 → a list of (C, h, w)."""
        mean, deviation = (jnp.asarray(v, picture.dtype)[:, None, None] for v in (_MEAN, _DEVIATION))
        x = (jnp.broadcast_to(picture, (3, *picture.shape[1:])) - mean) / deviation
        boundary = "periodic" if self.is_periodic else "zero"
        taken, found = _taken(), []
        parameters = zip(self.weights, self.biases, strict=True)
        for convolution in convolutions():
            if convolution is None:
                x = _halved(x)
                continue
            weights, bias = next(parameters)
            x = correlate_channels(x, jax.lax.stop_gradient(weights), padding="same", boundary=boundary)
            x = jax.nn.relu(x + bias[:, None, None])
            if convolution.rectifier in taken:
                found.append(x)
            if len(found) == len(taken):
                break
        return found


def load_vgg(path: Path | None) -> Vgg:
    """The network with the weights of a .safetensors or .npz file, whose names are those of torchvision."""
    if path is None:
        raise WeightsError(INSTRUCTIONS)
    return vgg_from(read_arrays(path), path)


def vgg_from(arrays: Mapping[str, np.ndarray], path: Path) -> Vgg:
    """Checked for names, shapes, dtypes and values; the classifier's arrays may be there, and are not read."""
    wanted = {}
    for convolution in filter(None, convolutions()):
        wanted[f"{convolution.name}.weight"] = convolution.shape
        wanted[f"{convolution.name}.bias"] = convolution.shape[:1]
    features = [name for name in arrays if not name.startswith(("classifier.", "pre_logits.", "head."))]
    missing, extra = ([name for name in a if name not in b] for a, b in ((wanted, arrays), (features, wanted)))
    if missing:
        raise WeightsError(f"cannot use {path}: it lacks {_listed(missing)}")
    if extra:
        raise WeightsError(f"cannot use {path}: VGG-19 has no {_listed(extra)}")
    for name, shape in wanted.items():
        array = arrays[name]
        if array.shape != shape:
            raise WeightsError(f"cannot use {path}: {name} has the shape {array.shape}; VGG-19's is {shape}")
        if array.dtype.name not in _DTYPES:
            raise WeightsError(f"cannot use {path}: {name} has the dtype {array.dtype}; it must be a real float")
        if not np.isfinite(array).all():
            raise WeightsError(f"cannot use {path}: {name} holds numbers that are not finite")
    names = [convolution.name for convolution in filter(None, convolutions())]
    weights = [jnp.asarray(arrays[f"{name}.weight"], jnp.float32) for name in names]
    return Vgg(weights, [jnp.asarray(arrays[f"{name}.bias"], jnp.float32) for name in names])


def _taken() -> list[str]:
    """The rectifiers whose features are wanted, in order."""
    return [c.rectifier for c in convolutions() if c is not None and c.rectifier in (*STYLE, *CONTENT)]


def _halved(x: jax.Array) -> jax.Array:
    """Averages of 2×2 samples; what is left over at the far ends is dropped, as in torch."""
    channels, height, width = x.shape
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return jnp.mean(x.reshape(channels, height // 2, 2, width // 2, 2), (2, 4))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
