"""PyTorch's rows."""

from typing import Any

from sigconv._core.conventions.arguments import named
from sigconv._core.conventions.pads import both_sides, early_same, valid
from sigconv._core.conventions.row import Convention

_FORWARD: dict[str, Any] = {
    "flips": False,
    "conjugates": False,
    "modes": {"same": early_same, "valid": valid},
    "default_mode": 0,
    "count": both_sides,
    "unstrided": ("same",),
    "signal_layout": "batch channel space",
    "kernel_layout": "out in/groups taps",
    "steps": frozenset({"stride", "dilation"}),
    "arguments": named("padding", stride="stride", dilation="dilation"),
}
_TRANSPOSED: dict[str, Any] = {
    "flips": True,
    "conjugates": False,
    "modes": {},
    "default_mode": 0,
    "count": both_sides,
    "signal_layout": "batch channel space",
    "kernel_layout": "in out/groups taps",
    "steps": frozenset({"stride", "dilation", "output_padding"}),
    "transposed": True,
    "arguments": named("padding", stride="stride", dilation="dilation", output_padding="output_padding"),
}

ROWS = tuple(
    row
    for rank in (1, 2, 3)
    for row in (
        Convention(f"torch.nn.functional.conv{rank}d", rank=rank, **_FORWARD),
        Convention(f"torch.nn.functional.conv_transpose{rank}d", rank=rank, **_TRANSPOSED),
    )
)
