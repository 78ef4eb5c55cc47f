"""A step of style optimisation: features, Gram loss, and its gradient in the picture, beside the same in torch."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

import sigconv
from experiments.benchmarks.harness import Candidate
from experiments.benchmarks.workloads.noise import white_noise
from experiments.benchmarks.workloads.rivals import is_installed, peer, with_jax
from experiments.benchmarks.workloads.workload import OURS, Bout, Target, Workload
from experiments.features.bank import FULL_SIZES, Bank, full_bank, random_bank
from experiments.features.vgg import STYLE, Vgg, convolutions
from sigconv import style

_Network = Literal["default", "full", "vgg"]
_LARGEST: Mapping[_Network, tuple[int, ...]] = {
    "default": (32, 3, 11, 11),
    "full": (128, 3, FULL_SIZES[-1], FULL_SIZES[-1]),
    "vgg": (512, 512, 3, 3),
}
_BINOMIAL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)


@dataclasses.dataclass(frozen=True)
class StyleStep:
    """The loss of one picture towards another's Gram matrices, and its gradient, by constant filters.

    Attributes:
        network: 'default' and 'full' as in the experiment; 'vgg' is VGG-19 up to relu5_1 with random weights.
        side: Of the picture.
    """

    network: _Network
    side: int = 256

    @property
    def signal(self) -> tuple[int, ...]:
        return (1, 3, self.side, self.side)

    @property
    def kernel(self) -> tuple[int, ...]:
        """The largest filters."""
        return _LARGEST[self.network]

    def build(self) -> Bout:
        picture, other = (np.clip(0.5 + a / 6, 0, 1) for a in white_noise(*[(3, self.side, self.side)] * 2))
        extractor = self.extractor(jnp.asarray(other))
        features = jax.jit(lambda f, x: f(x))(extractor, jnp.asarray(other))
        targets = style.statistics([features[i] for i in extractor.style_layers])
        candidates = {OURS: with_jax(_ours, (jnp.asarray(picture), extractor, targets))}
        reference = None
        if is_installed("torch"):
            candidates["torch conv"] = self._torch(extractor, targets, picture, "float32")
            exact = self._torch(extractor, targets, picture, "float64")
            reference = tuple(map(np.asarray, exact.read(exact.call())))
        method = sigconv.select_method(
            (1, self.kernel[1], self.side, self.side), self.kernel, padding="same", gradient=True
        ).method
        return Bout(candidates, reference, method, 2 * picture.nbytes)

    def extractor(self, picture: jax.Array) -> Bank | Vgg:
        if self.network == "default":
            return random_bank(picture, 0)
        if self.network == "full":
            return full_bank(picture, 0)
        return random_vgg(0)

    def _torch(self, extractor: Bank | Vgg, targets: list[Any], picture: np.ndarray, dtype: str) -> Candidate:
        torch = peer("torch")
        kind = getattr(torch, dtype)
        x = torch.from_numpy(np.asarray(picture)).to(kind).requires_grad_()
        wanted = [torch.from_numpy(np.array(target)).to(kind) for target in targets]
        is_vgg = isinstance(extractor, Vgg)
        features = _torch_vgg(torch, extractor, kind) if is_vgg else _torch_bank(torch, extractor, kind)

        def call() -> tuple[Any, Any]:
            apart = [((_torch_gram(f) - g) ** 2).mean() for f, g in zip(features(x), wanted, strict=True)]
            loss = torch.stack(apart).sum()
            return loss.detach(), *torch.autograd.grad(loss, x)

        return Candidate(call, read=lambda parts: tuple(part.to(torch.float64) for part in parts))


def random_vgg(seed: int) -> Vgg:
    """Weights as He et al. draw them, so that no layer dies out."""
    found = [convolution for convolution in convolutions() if convolution is not None]
    keys = jax.random.split(jax.random.key(seed), len(found))
    draw = jax.nn.initializers.he_normal(in_axis=1, out_axis=0)
    weights = [draw(key, convolution.shape) for key, convolution in zip(keys, found, strict=True)]
    return Vgg(weights, [jnp.zeros(len(w)) for w in weights])


def _ours(picture: jax.Array, extractor: Bank | Vgg, targets: list[jax.Array]) -> tuple[jax.Array, jax.Array]:
    chosen = extractor.style_layers

    def loss(picture: jax.Array) -> jax.Array:
        features = extractor(picture)
        return style.style_loss([features[i] for i in chosen], targets)

    return jax.value_and_grad(loss)(picture)


def _torch_gram(features: Any) -> Any:
    flat = features.flatten(1)
    return flat @ flat.T / flat.shape[1]


def _torch_bank(torch: Any, bank: Bank, kind: Any) -> Any:
    """The bank's features by torch's own convolution, mirrored at the ends."""
    of = lambda a: torch.from_numpy(np.array(a)).to(kind)  # noqa: E731
    mean, into = of(bank.colours.mean), of(bank.colours.into)
    layers = [(of(layer.filters), of(layer.thresholds), layer.scale) for layer in bank.layers]
    taps = torch.tensor(_BINOMIAL, dtype=kind)
    small = (taps[:, None] * taps).expand(3, 1, 5, 5).contiguous()
    functional = torch.nn.functional

    def padded(x: Any, lo: int, hi: int) -> Any:
        return functional.pad(x[None], (lo, hi, lo, hi), mode="reflect")

    def features(x: Any) -> list[Any]:
        levels = [torch.einsum("ij,jhw->ihw", into, x - mean[:, None, None])]
        for _ in range(max(scale for _, _, scale in layers)):
            levels.append(functional.conv2d(padded(levels[-1], 2, 2), small, stride=2, groups=3)[0])
        found = []
        for weights, thresholds, scale in layers:
            reach = weights.shape[-1] - 1
            level = levels[scale]
            y = functional.conv2d(padded(level, reach // 2, reach - reach // 2), weights, -thresholds)[0]
            found.append(torch.cat([y.relu(), level]))
        return found

    return features


def _torch_vgg(torch: Any, network: Vgg, kind: Any) -> Any:
    functional = torch.nn.functional
    parameters = [
        tuple(torch.from_numpy(np.array(a)).to(kind) for a in pair)
        for pair in zip(network.weights, network.biases, strict=True)
    ]
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=kind)[:, None, None]
    deviation = torch.tensor([0.229, 0.224, 0.225], dtype=kind)[:, None, None]

    def features(picture: Any) -> list[Any]:
        x, found, left = ((picture - mean) / deviation)[None], [], iter(parameters)
        for convolution in convolutions():
            if convolution is None:
                x = functional.avg_pool2d(x, 2)
                continue
            x = functional.conv2d(x, *next(left), padding=1).relu()
            if convolution.rectifier in STYLE:
                found.append(x[0])
            if convolution.rectifier == STYLE[-1]:
                break
        return found

    return features


WORKLOADS = tuple(
    Workload(
        f"step of style optimisation, {words}",
        f"{words}, 256²",
        step,
        (Target("torch", 0.8),),
    )
    for words, step in (
        ("11×11, 32 filters on 4 scales", StyleStep("default")),
        ("3×3 to 55×55, 128 filters each", StyleStep("full")),
        ("VGG-19 with random weights", StyleStep("vgg")),
    )
)
