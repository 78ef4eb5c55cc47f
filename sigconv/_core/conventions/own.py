"""sigconv's own rows."""

from typing import Any

from sigconv._core.boundary import BOUNDARIES
from sigconv._core.conventions.arguments import named
from sigconv._core.conventions.pads import EARLY, LATE
from sigconv._core.conventions.row import Convention

_SINGLE: dict[str, Any] = {
    "modes": LATE,
    "default_mode": "full",
    "boundaries": BOUNDARIES,
    "pairs": True,
    "crops": True,
    "fitting": ("same", "valid"),
    "steps": frozenset({"stride", "dilation"}),
    "arguments": named("mode", "boundary", stride="stride", dilation="dilation"),
}
_CHANNELS: dict[str, Any] = {
    "modes": EARLY,
    "default_mode": "valid",
    "boundaries": BOUNDARIES,
    "signal_layout": "… channel space",
    "kernel_layout": "out in/groups taps",
    "pairs": True,
    "crops": True,
    "fitting": ("same", "valid"),
    "steps": frozenset({"stride", "dilation", "input_dilation"}),
    "arguments": named("padding", "boundary", stride="stride", dilation="dilation", input_dilation="input_dilation"),
}

ROWS = (
    Convention("sigconv.correlate", flips=False, conjugates=True, **_SINGLE),
    Convention("sigconv.convolve", flips=True, conjugates=False, **_SINGLE),
    Convention("sigconv.correlate_channels", flips=False, conjugates=False, **_CHANNELS),
    Convention("sigconv.convolve_channels", flips=True, conjugates=False, **_CHANNELS),
)
