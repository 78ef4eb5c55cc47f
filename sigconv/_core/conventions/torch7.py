"""Torch7's rows."""

from typing import Any

from sigconv._core.conventions.arguments import Call, named
from sigconv._core.conventions.pads import both_sides, full, valid
from sigconv._core.conventions.row import Convention

_WORDS: dict[str, Any] = {"modes": {"V": valid, "F": full}, "default_mode": "V", "rank": 2, "arguments": named("mode")}
_PLANES: dict[str, Any] = {**_WORDS, "signal_layout": "channel space", "kernel_layout": "out in taps"}


def _arguments(call: Call) -> dict[str, object]:
    given: dict[str, object] = dict(zip(("padH", "padW"), call.mode, strict=True))
    return given | dict(zip(("dH", "dW"), call.stride, strict=True))


ROWS = (
    Convention("torch7.conv2", flips=True, conjugates=False, **_WORDS),
    Convention("torch7.xcorr2", flips=False, conjugates=False, **_WORDS),
    Convention("torch7.conv2(planes)", flips=True, conjugates=False, **_PLANES),
    Convention("torch7.xcorr2(planes)", flips=False, conjugates=False, **_PLANES),
    Convention(
        "torch7.nn.SpatialConvolution",
        flips=False,
        conjugates=False,
        modes={},
        default_mode=0,
        count=both_sides,
        signal_layout="(batch) channel space",
        kernel_layout="out in taps",
        rank=2,
        steps=frozenset({"stride"}),
        arguments=_arguments,
    ),
)
