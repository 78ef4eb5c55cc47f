"""The layers that are bounded, and what every bound gives and takes on them."""

import dataclasses
import time
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np

from experiments.lipschitz.bounds import BOUNDS


@dataclasses.dataclass(frozen=True)
class Layer:
    """A convolution layer with random weights.

    Attributes:
        name: What it is.
        weights: (out, in, height, width).
        image: Height and width of its input.
        stride: Its stride.
    """

    name: str
    weights: tuple[int, int, int, int]
    image: tuple[int, int]
    stride: int = 1


RANDOM = (
    Layer("64×64×5×5 on 12²", (64, 64, 5, 5), (12, 12)),
    Layer("64×64×3×3 on 32²", (64, 64, 3, 3), (32, 32)),
)
"""Those of `Delattre et al.`'s notebook."""

RESNET18 = (
    Layer("conv1", (64, 3, 7, 7), (224, 224), 2),
    Layer("layer1", (64, 64, 3, 3), (56, 56)),
    Layer("layer2, first", (128, 64, 3, 3), (56, 56), 2),
    Layer("layer2", (128, 128, 3, 3), (28, 28)),
    Layer("layer3, first", (256, 128, 3, 3), (28, 28), 2),
    Layer("layer3", (256, 256, 3, 3), (14, 14)),
    Layer("layer4, first", (512, 256, 3, 3), (14, 14), 2),
    Layer("layer4", (512, 512, 3, 3), (7, 7)),
)
"""Every shape of a 3×3 or larger layer of ResNet-18 on images of 224²."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """One bound of one layer.

    Attributes:
        layer, bound: Their names.
        value: What the bound is.
        seconds: Of a call that is compiled, from start to finished result; the median.
    """

    layer: str
    bound: str
    value: float
    seconds: float


def study(layers: tuple[Layer, ...], repeats: int, seed: int, names: tuple[str, ...]) -> Iterator[Measured]:
    """Every bound of every layer, one after the other."""
    for layer in layers:
        rng = np.random.default_rng(seed)
        weights = jnp.asarray(rng.standard_normal(layer.weights), jnp.float32)
        for name in names:
            call = jax.jit(lambda w, bound=BOUNDS[name], layer=layer: bound(w, layer.image, layer.stride))
            value = float(call(weights))
            yield Measured(layer.name, name, value, median_seconds(lambda c=call, w=weights: c(w), repeats))


def median_seconds(call: Callable[[], jax.Array], repeats: int) -> float:
    """Of finished calls: without waiting for the result, only the launch would be timed."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(call())
        times.append(time.perf_counter() - start)
    return float(np.median(times))
