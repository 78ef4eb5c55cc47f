"""Templates matched as people do it elsewhere: with OpenCV, with scikit-image, by transforms written in torch."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.fft

from experiments.benchmarks.workloads.rivals import peer

Map = Callable[[np.ndarray, np.ndarray, np.ndarray | None], np.ndarray]
"""From an image, a template and a mask, if there is one, to scores."""


def opencv_map(score: str) -> Map:
    """`cv2.matchTemplate`."""
    cv2 = peer("cv2")
    number = {"ccorr": cv2.TM_CCORR, "zncc": cv2.TM_CCOEFF_NORMED}[score]
    return lambda x, w, mask: cv2.matchTemplate(x, w, number, mask=mask)


def scikit_image_map() -> Map:
    """`skimage.feature.match_template`, which is 'zncc' and knows no masks."""
    match_template = importlib.import_module("skimage.feature").match_template
    return lambda x, w, mask: match_template(x, w)


def best_of(score: Map, x: np.ndarray, templates: np.ndarray, masks: np.ndarray | None) -> tuple[np.ndarray, ...]:
    """The best score of a bank at every place and which template has it, one template after the other."""
    best = score(x, templates[0], None if masks is None else masks[0])
    index = np.zeros(best.shape, np.int32)
    for i in range(1, len(templates)):
        y = score(x, templates[i], None if masks is None else masks[i])
        wins = y > best
        np.copyto(best, y, where=wins)
        np.copyto(index, i, where=wins)
    return best, index


def _pooled(x: Any, taps: tuple[int, int]) -> Any:
    """Σ x'² of every window by average pooling, axis by axis."""
    pool = peer("torch").nn.functional.avg_pool2d

    def mean(a: Any) -> Any:
        return pool(pool(a[None], (taps[0], 1), 1), (1, taps[1]), 1)[0]

    return taps[0] * taps[1] * (mean(x * x) - mean(x) ** 2)


def _prefixed(x: Any, taps: tuple[int, int]) -> Any:
    """The same by differences of prefix sums."""
    torch = peer("torch")

    def total(a: Any) -> Any:
        rows = torch.nn.functional.pad(a.cumsum(0), (0, 0, 1, 0))
        a = rows[taps[0] :] - rows[: -taps[0]]
        columns = torch.nn.functional.pad(a.cumsum(1), (1, 0))
        return columns[:, taps[1] :] - columns[:, : -taps[1]]

    return total(x * x) - total(x) ** 2 / (taps[0] * taps[1])


ENERGIES: Mapping[str, Callable[[Any, tuple[int, int]], Any]] = {
    "torch fft, pooled sums": _pooled,
    "torch fft, prefix sums": _prefixed,
}
"""How the energies of windows are found, by the name of the candidate."""


def torch_ccorr(x: Any, w: Any) -> Any:
    """Of one template or of a bank, by one transform of the image."""
    return _correlate(x, w.shape)(w)


def torch_zncc(name: str) -> Callable[[Any, Any], Any]:
    """Likewise."""

    def match(x: Any, w: Any) -> Any:
        taps = w - w.mean((-2, -1), keepdim=True)
        return _normalized(_correlate(x, w.shape)(taps), ENERGIES[name](x, w.shape[-2:]), taps)

    return match


def torch_zncc_masked(masks: np.ndarray) -> Callable[[Any, Any], Any]:
    """Likewise, of the samples under each template's mask: their energies are correlations too."""
    mask = peer("torch").from_numpy(masks.astype(np.float32))

    def match(x: Any, w: Any) -> Any:
        count = mask.sum((-2, -1), keepdim=True)
        taps = mask * (w - (mask * w).sum((-2, -1), keepdim=True) / count)
        correlate = _correlate(x, w.shape)
        mean = correlate(mask) / count
        energy = _correlate(x * x, w.shape)(mask) - count * mean**2
        return _normalized(correlate(taps), energy, taps)

    return match


def _normalized(product: Any, energy: Any, taps: Any) -> Any:
    return product / (energy.clamp_min(1e-12) * (taps * taps).sum((-2, -1), keepdim=True)).sqrt()


def _correlate(x: Any, shape: tuple[int, ...]) -> Callable[[Any], Any]:
    """Σ x w at every window, of templates of that shape, with the image's spectrum found once."""
    torch, fast = peer("torch"), scipy.fft.next_fast_len
    lengths = tuple(fast(n, real=True) for n in x.shape)
    window = tuple(slice(0, n - k + 1) for n, k in zip(x.shape, shape[-2:], strict=True))
    spectrum = torch.fft.rfft2(x, lengths)

    def correlate(w: Any) -> Any:
        return torch.fft.irfft2(spectrum * torch.fft.rfft2(w, lengths).conj(), lengths)[(..., *window)]

    return correlate
