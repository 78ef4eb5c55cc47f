"""NumPy's rows."""

from typing import Any

from sigconv._core.conventions.pads import LATE
from sigconv._core.conventions.row import Convention

_COMMON: dict[str, Any] = {"modes": LATE, "rank": 1, "swaps": ("same", "valid")}

ROWS = (
    Convention("numpy.convolve", flips=True, conjugates=False, default_mode="full", **_COMMON),
    Convention("numpy.correlate", flips=False, conjugates=True, default_mode="valid", **_COMMON),
)
