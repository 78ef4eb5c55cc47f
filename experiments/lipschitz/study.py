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
            bound = jax.jit(lambda w, bound=BOUNDS[name], layer=layer: bound(w, layer.image, layer.stride))
            value, seconds = median_seconds(bound.lower(weights).compile(), weights, repeats)
            yield Measured(layer.name, name, float(value), seconds)


def median_seconds(call: Callable[[jax.Array], jax.Array], weights: jax.Array, repeats: int) -> tuple[jax.Array, float]:
    """What finished calls give, and take at the median."""
    runs = [_timed(call, weights) for _ in range(repeats)]
    return runs[0][0], float(np.median([seconds for _, seconds in runs]))


def _timed(call: Callable[[jax.Array], jax.Array], weights: jax.Array) -> tuple[jax.Array, float]:
    """Waits for the result: otherwise only the launch would be timed."""
    start = time.perf_counter()
    value = jax.block_until_ready(call(weights))
    return value, time.perf_counter() - start
