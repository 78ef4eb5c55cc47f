"""Errors of shifts and delays against noise, beside scikit-image and beside the least that is possible."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import skimage.data
from skimage.registration import phase_cross_correlation

import sigconv
from experiments.template_matching.shifted_views import Pairs, moved
from sigconv.matching import delay

_BURST = 128
"""Samples of the signal that is delayed."""


@dataclasses.dataclass(frozen=True)
class ShiftCurve:
    """Errors of shifts, in pixels of length: at each level of noise, by each finder.

    Attributes:
        name, title: What the views are.
        upsampling: Of every finder.
        levels: Deviations of the noise in each view, in deviations of the picture.
        median, largest: Per finder, one for each level.
        largest_per_axis: Likewise; what 1/(2·upsampling) is about.
    """

    name: str
    title: str
    upsampling: int
    levels: Sequence[float]
    median: dict[str, list[float]]
    largest: dict[str, list[float]]
    largest_per_axis: dict[str, list[float]]


@dataclasses.dataclass(frozen=True)
class DelayCurve:
    """Root mean square errors of delays, in samples, and the Cramér–Rao bound, at each SNR."""

    snr_db: Sequence[float]
    error: list[float]
    bound: list[float]
    trials: int


Finder = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def _sigconv(window: str | None, normalization: str = "phase") -> Finder:
    def find(reference: np.ndarray, moving: np.ndarray, upsampling: int) -> np.ndarray:
        found = sigconv.phase_correlation(
            reference.astype("f4"),
            moving.astype("f4"),
            upsampling=upsampling,
            window=window,  # type: ignore[arg-type]
            normalization=normalization,  # type: ignore[arg-type]
            axes=(-2, -1),
        )
        return np.asarray(found.shift)

    return find


def _skimage(reference: np.ndarray, moving: np.ndarray, upsampling: int) -> np.ndarray:
    pairs = zip(reference, moving, strict=True)
    return np.stack([phase_cross_correlation(x, y, upsample_factor=upsampling)[0] for x, y in pairs])


def _skimage_hann(reference: np.ndarray, moving: np.ndarray, upsampling: int) -> np.ndarray:
    window = np.outer(*(np.hanning(n + 2)[1:-1] for n in reference.shape[1:]))
    faded = [(x - x.mean((1, 2), keepdims=True)) * window for x in (reference, moving)]
    return _skimage(faded[0], faded[1], upsampling)


PERIODIC: Mapping[str, Finder] = {"sigconv, window=None": _sigconv(None), "scikit-image": _skimage}
"""For views of which one is the other, shifted as if it repeated."""

CROPPED: Mapping[str, Finder] = {
    "sigconv": _sigconv("hann"),
    "sigconv, band": _sigconv("hann", "band"),
    "scikit-image": _skimage,
    "scikit-image, Hann": _skimage_hann,
}
"""For views of which each sees what the other does not, with pixels that alias. `band` takes low frequencies alone."""


def shift_curve(
    name: str,
    title: str,
    finders: Mapping[str, Finder],
    pairs: Pairs,
    upsampling: int,
    levels: Sequence[float],
    seed: int,
) -> ShiftCurve:
    """The same pairs at every level, with other noise in each."""
    lengths: dict[str, list[float]] = {name: [] for name in finders}
    largest, axis_wise = ({name: [] for name in finders} for _ in range(2))
    for number, level in enumerate(levels):
        rng = np.random.default_rng([seed, number])
        noise = [level * pairs.deviation * rng.standard_normal(pairs.reference.shape) for _ in range(2)]
        for finder, find in finders.items():
            error = find(pairs.reference + noise[0], pairs.moving + noise[1], upsampling) - pairs.shift
            length = np.hypot(error[:, 0], error[:, 1])
            lengths[finder].append(float(np.median(length)))
            largest[finder].append(float(length.max()))
            axis_wise[finder].append(float(np.abs(error).max()))
    return ShiftCurve(name, title, upsampling, list(levels), lengths, largest, axis_wise)


def delay_curve(snr_db: Sequence[float], trials: int, seed: int) -> DelayCurve:
    """A row of a photograph's pixels that fades in and out, delayed by up to 5 samples, in white noise.

    Against a known waveform s in noise of deviation σ the variance of a delay is at least σ² / Σ s'².
    """
    row = skimage.data.camera()[300, 150 : 150 + _BURST].astype(float)
    signal = (row - row.mean()) / row.std() * np.hanning(_BURST) ** 4
    spectrum = np.fft.fft(signal)
    frequency = np.fft.fftfreq(_BURST)
    spectrum[np.abs(frequency) > 0.3] = 0
    signal = np.fft.ifft(spectrum).real
    slope = np.fft.ifft(2j * np.pi * frequency * spectrum).real
    errors, bounds = [], []
    for number, snr in enumerate(snr_db):
        rng = np.random.default_rng([seed, number])
        sigma = np.sqrt(np.mean(signal**2) / 10 ** (snr / 10))
        delays = rng.uniform(-5, 5, trials)
        heard = np.stack([moved(signal, (d,)) for d in delays]) + sigma * rng.standard_normal((trials, _BURST))
        error = np.asarray(delay(heard.astype("f4"), signal.astype("f4"), max_delay=10)) - delays
        errors.append(float(np.sqrt(np.mean(error**2))))
        bounds.append(float(sigma / np.linalg.norm(slope)))
    return DelayCurve(list(snr_db), errors, bounds, trials)
