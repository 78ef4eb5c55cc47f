"""TensorFlow's rows."""

from typing import Any

from sigconv._core.conventions.arguments import Call, one_or_all
from sigconv._core.conventions.pads import strided_same, valid
from sigconv._core.conventions.row import Convention

WORDS = {"SAME": strided_same, "VALID": valid}


def _spelled(dilation: str | None = "dilations"):
    def arguments(call: Call) -> dict[str, object]:
        explicit = [[0, 0], *(list(pair) for pair in call.mode), [0, 0]] if not isinstance(call.mode, str) else None
        given: dict[str, object] = {"padding": call.mode if explicit is None else explicit}
        if dilation == "rate":
            return {"rate": call.dilation[0], **given}
        given["strides"] = one_or_all(call.stride)
        if dilation is not None and set(call.dilation) != {1}:
            given[dilation] = one_or_all(call.dilation)
        return given

    return arguments


def _row(name: str, rank: int, steps: set[str], **options: Any) -> Convention:
    settings: dict[str, Any] = {
        "flips": False,
        "conjugates": False,
        "modes": WORDS,
        "default_mode": None,
        "signal_layout": "batch space channel",
        "kernel_layout": "taps in/groups out",
        "arguments": _spelled(),
        **options,
    }
    return Convention(f"tensorflow.nn.{name}", rank=rank, steps=frozenset(steps), **settings)


ROWS = (
    _row("conv1d", 1, {"stride", "dilation"}),
    _row("conv2d", 2, {"stride", "dilation"}, pairs=True),
    _row("conv3d", 3, {"stride", "dilation"}),
    _row("depthwise_conv2d", 2, {"stride", "dilation"}, pairs=True, kernel_layout="taps in multiplier"),
    _row("atrous_conv2d", 2, {"dilation"}, arguments=_spelled("rate")),
)
