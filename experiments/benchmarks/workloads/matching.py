"""Templates in images: one, a bank, one turned, and the derivatives, beside OpenCV, scikit-image and torch."""

import dataclasses
import functools
import math
from collections.abc import Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

import sigconv
from experiments.benchmarks.harness import Candidate
from experiments.benchmarks.workloads import matching_reference, matching_rivals
from experiments.benchmarks.workloads.noise import white_noise
from experiments.benchmarks.workloads.rivals import Gradient, is_installed, on_host, with_jax, with_torch
from experiments.benchmarks.workloads.tolerance import allowed_error
from experiments.benchmarks.workloads.workload import OURS, Bout, Target, Workload
from sigconv.matching import transform_bank

_Score = Literal["ccorr", "zncc"]
_BOUND = 1e-5
"""The error that 'zncc' may have in float32; scores are at most 1."""


@dataclasses.dataclass(frozen=True)
class Match:
    """The map of one template, or the best score of a bank at every place and whose it is.

    Attributes:
        signal: The image.
        kernel: (h, w), or (count, h, w) of a bank.
        score: Its name.
        turned: Side of a square template whose rotations are the bank, with their masks, all made off the clock; 0 for
            a bank of noise.
    """

    signal: tuple[int, int]
    kernel: tuple[int, ...]
    score: _Score
    turned: int = 0

    @property
    def is_bank(self) -> bool:
        return len(self.kernel) == 3

    @property
    def out(self) -> tuple[int, ...]:
        return tuple(n - k + 1 for n, k in zip(self.signal, self.kernel[-2:], strict=True))

    def build(self) -> Bout:
        x, w, masks = self.arrays()
        reference = self.reference(x, w, masks)
        bank = w.reshape(-1, 1, *w.shape[-2:])
        method = sigconv.select_method((1, 1, *self.signal), bank.shape, padding="valid").method
        allowed = _BOUND / float(np.abs(reference).max())
        if self.score == "ccorr":
            allowed = allowed_error(x[None, None], bank, reference, method)
        moved = 4 * (x.size + w.size + math.prod(self.out) * (1 + self.is_bank)) + (0 if masks is None else masks.size)
        method = method if masks is None else "frames"
        return Bout(self.candidates(x, w, masks), reference, method, moved, allowed=allowed)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """The image, the templates and their masks, if they have any."""
        if not self.turned:
            x, w = white_noise(self.signal, self.kernel)
            return x, w, None
        x, template = white_noise(self.signal, (self.turned, self.turned))
        angles = 2 * np.pi * np.arange(self.kernel[0]) / self.kernel[0]
        bank = transform_bank(template, angles=angles, shape=(self.kernel[1], self.kernel[2]))
        return x, np.array(bank.templates), np.array(bank.masks)

    def reference(self, x: np.ndarray, w: np.ndarray, masks: np.ndarray | None) -> np.ndarray:
        """In float64; of a bank the best score alone, as templates that are alike may be told apart either way."""
        if self.score == "ccorr":
            maps = (matching_reference.ccorr(x, one) for one in w.reshape(-1, *w.shape[-2:]))
        elif masks is None:
            maps = (matching_reference.zncc(x, one) for one in w.reshape(-1, *w.shape[-2:]))
        else:
            maps = (matching_reference.zncc(x, one, mask) for one, mask in zip(w, masks, strict=True))
        return functools.reduce(np.maximum, maps)

    def candidates(self, x: np.ndarray, w: np.ndarray, masks: np.ndarray | None) -> dict[str, Candidate]:
        """Every rival that is installed and has such a score."""
        read = {"read": lambda best: best[0]} if self.is_bank else {}
        arrays = [jnp.asarray(a) for a in (x, w, masks) if a is not None]
        found = {OURS: dataclasses.replace(with_jax(self.match, arrays), **read)}
        maps = {}
        if is_installed("cv2"):
            maps["opencv matchTemplate"] = matching_rivals.opencv_map(self.score)
        if is_installed("skimage") and self.score == "zncc" and masks is None:
            maps["scikit-image match_template"] = matching_rivals.scikit_image_map()
        chosen = None if masks is None else masks.astype(np.uint8)
        for name, score in maps.items():
            call = functools.partial(matching_rivals.best_of, score, x, w, chosen)
            call = call if self.is_bank else functools.partial(score, x, w, None)
            found[name] = dataclasses.replace(on_host(call), **read)
        if is_installed("torch"):
            for name, match in self._torch_functions(masks).items():
                best = (lambda x, w, match=match: tuple(match(x, w).max(0))) if self.is_bank else match
                found[name] = dataclasses.replace(with_torch(best, lambda w: w, (x, w)), **read)
        return found

    def match(self, x: jax.Array, w: jax.Array, mask: jax.Array | None = None) -> Any:
        """Ours."""
        if not self.is_bank:
            return sigconv.match_template(x, w, score=self.score)
        best = sigconv.match_bank(x, w, score=self.score, mask=mask)
        return best.score, best.index

    def _torch_functions(self, masks: np.ndarray | None) -> dict[str, Any]:
        if self.score == "ccorr":
            return {"torch fft": matching_rivals.torch_ccorr}
        if masks is not None:
            return {"torch fft": matching_rivals.torch_zncc_masked(masks)}
        return {name: matching_rivals.torch_zncc(name) for name in matching_rivals.ENERGIES}


@dataclasses.dataclass(frozen=True)
class MatchGradient:
    """The sum of the squares of 'zncc', and its gradients by image and template."""

    signal: tuple[int, int]
    kernel: tuple[int, int]

    def build(self) -> Bout:
        x, w = white_noise(self.signal, self.kernel)
        found = {OURS: with_jax(sigconv.match_template, (jnp.asarray(x), jnp.asarray(w)), Gradient())}
        if is_installed("torch"):
            for name in matching_rivals.ENERGIES:
                found[name] = with_torch(matching_rivals.torch_zncc(name), lambda w: w, (x, w), Gradient())
        shapes = (1, 1, *self.signal), (1, 1, *self.kernel)
        method = sigconv.select_method(*shapes, padding="valid", gradient=True).method
        return Bout(found, matching_reference.zncc_squared(x, w), method, 8 * (x.size + w.size))


_SIZES = ((512, 16), (1024, 64), (2048, 200))
_OPENCV: Mapping[_Score, tuple[Target, ...]] = {
    "ccorr": (Target("opencv", 0.8), Target("opencv", 0.6), Target("opencv", 0.95, 1)),
    "zncc": (Target("opencv", 1.1), Target("opencv", 0.9), Target("opencv", 0.75, 1.2)),
}
"""By score, in the order of the sizes."""
_TORCH = Target("torch")


def _single(n: int, k: int, score: _Score, opencv: Target) -> Workload:
    others = (Target("scikit-image", 2.8), _TORCH) if score == "zncc" else (_TORCH,)
    return Workload(
        f"one template, {score}", f"{score}, {n}², K = {k}", Match((n, n), (k, k), score), (opencv, *others)
    )


def _bank(score: _Score, *targets: Target) -> Workload:
    case = Match((512, 512), (64, 32, 32), score)
    return Workload(f"bank of 64 templates, {score}", f"{score}, 64 templates, 512², K = 32", case, (*targets, _TORCH))


WORKLOADS = (
    *(
        _single(n, k, score, opencv)
        for score, targets in _OPENCV.items()
        for (n, k), opencv in zip(_SIZES, targets, strict=True)
    ),
    _bank("zncc", Target("opencv", 1.5, 2), Target("scikit-image", 5)),
    _bank("ccorr", Target("opencv", 1.0)),
    Workload(
        "36 rotations with masks, zncc",
        "zncc, 36 rotations, 512², K = 32 in 44",
        Match((512, 512), (36, 44, 44), "zncc", turned=32),
        (Target("opencv"), _TORCH),
    ),
    *(
        Workload(
            "value and gradient of a score",
            f"gradient of zncc, {n}², K = {k}",
            MatchGradient((n, n), (k, k)),
            (Target("torch", 1.3),),
        )
        for n, k in ((512, 16), (1024, 64))
    ),
)
