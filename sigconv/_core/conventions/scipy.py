"""The rows of scipy.signal and scipy.ndimage."""

from typing import Any

from sigconv._core.boundary import LIBRARY_BOUNDARIES
from sigconv._core.conventions.arguments import named
from sigconv._core.conventions.pads import EARLY, LATE, early_same, late_same
from sigconv._core.conventions.row import Convention

_CORRELATES: dict[str, Any] = {"flips": False, "conjugates": True}
_CONVOLVES: dict[str, Any] = {"flips": True, "conjugates": False}
_SIGNAL: dict[str, Any] = {"default_mode": "full", "swaps": ("valid",)}
_PLANE: dict[str, Any] = {
    **_SIGNAL,
    "rank": 2,
    "boundaries": LIBRARY_BOUNDARIES["scipy.signal.convolve2d"],
    "default_boundary": "fill",
    "arguments": named("mode", "boundary"),
}
_IMAGE: dict[str, Any] = {
    "boundaries": LIBRARY_BOUNDARIES["scipy.ndimage"],
    "default_boundary": "reflect",
    "default_mode": "same",
    "arguments": named(None, "mode", origin="origin"),
}
# ndimage flips the kernel about its middle, then moves the origin of even kernels by one.
_LATE_ORIGIN: dict[str, Any] = {**_CORRELATES, "modes": {"same": late_same}, "origin_sign": 1, **_IMAGE}
_EARLY_ORIGIN: dict[str, Any] = {**_CONVOLVES, "modes": {"same": early_same}, "origin_sign": -1, **_IMAGE}

ROWS = (
    Convention("scipy.signal.correlate", **_CORRELATES, modes=LATE, **_SIGNAL),
    Convention("scipy.signal.convolve", **_CONVOLVES, modes=LATE, **_SIGNAL),
    Convention("scipy.signal.fftconvolve", **_CONVOLVES, modes=LATE, **_SIGNAL),
    Convention("scipy.signal.oaconvolve", **_CONVOLVES, modes=LATE, **_SIGNAL),
    Convention("scipy.signal.convolve2d", **_CONVOLVES, modes=LATE, **_PLANE),
    Convention(
        "scipy.signal.correlate2d",
        **_CORRELATES,
        modes=EARLY,
        **_PLANE,
        unconjugated=("valid",),
        note="'same' sits one sample beside that of correlate for even kernels: SciPy's own inconsistency (scipy#1968)",
    ),
    Convention("scipy.ndimage.correlate", **_LATE_ORIGIN),
    Convention("scipy.ndimage.convolve", **_EARLY_ORIGIN),
    Convention("scipy.ndimage.correlate1d", **_LATE_ORIGIN, rank=1),
    Convention("scipy.ndimage.convolve1d", **_EARLY_ORIGIN, rank=1),
)
