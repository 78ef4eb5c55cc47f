"""OpenCV's rows."""

from collections.abc import Mapping

from sigconv._core.boundary import LIBRARY_BOUNDARIES
from sigconv._core.conventions.arguments import Call
from sigconv._core.conventions.pads import late_same
from sigconv._core.conventions.row import Convention

BORDER_TYPES: Mapping[str, int] = {
    "BORDER_CONSTANT": 0,
    "BORDER_REPLICATE": 1,
    "BORDER_REFLECT": 2,
    "BORDER_WRAP": 3,
    "BORDER_REFLECT_101": 4,
    "BORDER_TRANSPARENT": 5,
}
"""OpenCV's numbers for its borders."""

# The filters take no BORDER_WRAP.
BORDERS = {name: reads for name, reads in LIBRARY_BOUNDARIES["OpenCV"].items() if name != "BORDER_WRAP"}
_COMMON = {
    "flips": False,
    "conjugates": False,
    "modes": {"same": late_same},
    "default_mode": "same",
    "boundaries": BORDERS,
    "default_boundary": "BORDER_REFLECT_101",
    "origin_sign": 1,
}


def _arguments(call: Call) -> dict[str, object]:
    """An anchor is (x, y)."""
    anchor = tuple(k // 2 + origin for k, origin in zip(call.taps, call.origin, strict=True))[::-1]
    return {"anchor": anchor if len(anchor) > 1 else (*anchor, -1), "borderType": BORDER_TYPES[call.boundary]}


ROWS = (
    Convention(
        "cv2.filter2D",
        **_COMMON,
        signal_layout="space channel",
        rank=2,
        arguments=_arguments,
        note="real kernels, the same for every channel; results of integer depths are rounded and saturated; no "
        "BORDER_WRAP",
    ),
    Convention(
        "cv2.sepFilter2D",
        **_COMMON,
        signal_layout="space channel",
        rank=1,
        arguments=_arguments,
        note="one kernel per axis, kernelX (along the last) first; this row is kernelX's, kernelY's anchor is the "
        "second number; no BORDER_WRAP",
    ),
)
