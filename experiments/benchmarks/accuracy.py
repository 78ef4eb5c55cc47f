"""What each method makes of a signal with a large dynamic range, and how errors grow with lengths."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.signal

import sigconv
from experiments.benchmarks.workloads.noise import white_noise

SIZES = (*((2**e, 256) for e in range(10, 21, 2)), *((1 << 16, 4**e) for e in (2, 3, 5, 6)))
"""Signal and kernel lengths: first the one grows, then the other."""
_BURST, _NOISE, _DECAY, _N, _K, _BLOCK = 1e6, 1e-3, 50, 1 << 14, 512, 2048

Convolution = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Loss:
    """The tail behind a burst.

    Attributes:
        method: Who computed it.
        error: Root mean square of the error; None if the method cannot do this.
        signal: Root mean square of what is right.
    """

    method: str
    error: float | None
    signal: float


@dataclasses.dataclass(frozen=True)
class Growth:
    """‖error‖₂ ÷ ‖reference‖₂ on white noise, by method."""

    n: int
    k: int
    errors: Mapping[str, float]


def measure_accuracy(sizes: Sequence[tuple[int, int]] = SIZES) -> dict[str, Any]:
    """All of it, as plain data."""
    return {
        "tail": [dataclasses.asdict(loss) for loss in tail_losses()],
        "growth": [dataclasses.asdict(growth(n, k)) for n, k in sizes],
    }


def tail_losses() -> list[Loss]:
    """A burst of 10⁶ in noise of 10⁻³, looked at where a kernel that dies away no longer reaches it."""
    x = (_NOISE * np.random.default_rng(0).standard_normal(_N)).astype(np.float32)
    x[0] = _BURST
    w = np.exp(-np.arange(_K) / _DECAY).astype(np.float32)
    tail = slice(_N // 2, _N)
    exact = np.convolve(x.astype(np.float64), w.astype(np.float64))[tail]
    ways = _ways(_N, _K) | {f"overlap, blocks of {_BLOCK}": _forced(sigconv.OverlapSave(_BLOCK))}
    losses = {name: _rms(convolve(x, w)[tail] - exact) for name, convolve in ways.items()}
    refused = dict.fromkeys(sigconv.select_method((_N,), (_K,)).refusals)
    return [Loss(name, error, _rms(exact)) for name, error in {**losses, **refused}.items()]


def growth(n: int, k: int) -> Growth:
    x, w = white_noise((n,), (k,))
    exact = scipy.signal.fftconvolve(x.astype(np.float64), w.astype(np.float64))
    errors = {name: _rms(convolve(x, w) - exact) / _rms(exact) for name, convolve in _ways(n, k).items()}
    return Growth(n, k, errors)


def _ways(n: int, k: int) -> dict[str, Convolution]:
    """Every method of ours that can do it, and the neighbours."""
    ours = {method: _forced(method) for method in sigconv.select_method((n,), (k,)).costs}
    return ours | {"scipy fftconvolve": scipy.signal.fftconvolve, "numpy convolve": np.convolve}


def _forced(method: str | sigconv.OverlapSave) -> Convolution:
    return lambda x, w: np.asarray(sigconv.convolve(x, w, method=method), np.float64)


def _rms(array: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(array, dtype=np.float64))))
