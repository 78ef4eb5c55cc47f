"""Torch7's rows."""

from sigconv._core.conventions.arguments import Call, named
from sigconv._core.conventions.pads import both_sides, full, valid
from sigconv._core.conventions.row import Convention

_WORDS = {"modes": {"V": valid, "F": full}, "default_mode": "V", "conjugates": False, "arguments": named("mode")}
_PLANES = {
    **_WORDS,
    "signal_layout": "channel space",
    "kernel_layout": "out in taps",
    "note": "the planes are summed; under a kernel of as many axes each has its own, and they are not",
}


def _arguments(call: Call) -> dict[str, object]:
    given: dict[str, object] = dict(zip(("padH", "padW"), call.mode, strict=True))
    return given | dict(zip(("dH", "dW"), call.stride, strict=True))


ROWS = (
    *(
        row
        for rank in (2, 3)
        for row in (
            Convention(f"torch7.conv{rank}", flips=True, rank=rank, **_WORDS),
            Convention(f"torch7.xcorr{rank}", flips=False, rank=rank, **_WORDS),
            Convention(f"torch7.conv{rank}(planes)", flips=True, rank=rank, **_PLANES),
            Convention(f"torch7.xcorr{rank}(planes)", flips=False, rank=rank, **_PLANES),
        )
    ),
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
