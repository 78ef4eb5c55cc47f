"""MATLAB's rows."""

from typing import Any

from sigconv._core.boundary import LIBRARY_BOUNDARIES, Rule
from sigconv._core.conventions.arguments import Call, named
from sigconv._core.conventions.pads import EARLY, early_same, full
from sigconv._core.conventions.row import Convention

_CONVOLVES: dict[str, Any] = {"flips": True, "conjugates": False}
_CORRELATES: dict[str, Any] = {"flips": False, "conjugates": True}
_SHAPED: dict[str, Any] = {"modes": EARLY, "default_mode": "full", "arguments": named("shape")}


def _filtered(operation: str):
    def arguments(call: Call) -> dict[str, object]:
        words = (operation,) if operation == "conv" else ()
        words += (call.mode,) if call.mode != "same" else ()
        return {"options": words + ((call.boundary,) if call.boundary != "0" else ())}

    return arguments


def _lags(extent: int, length: int, stride: int) -> tuple[int, int]:
    """xcorr pads the shorter operand at its end: 2·max(N, K) − 1 lags."""
    return _up_to(max(length, extent) - 1, extent, length)


def _up_to(lag: int, extent: int, length: int) -> tuple[int, int]:
    return lag, lag - length + extent


def _period(extent: int, length: int, stride: int) -> tuple[int, int]:
    """Tap 0 on sample n, as long as the signal, read around."""
    return extent - 1, 0


def _imfilter(operation: str, name: str, flips: bool) -> Convention:
    return Convention(
        name,
        flips=flips,
        conjugates=False,
        modes={"same": early_same, "full": full},
        default_mode="same",
        boundaries=LIBRARY_BOUNDARIES["MATLAB imfilter"],
        default_boundary="0",
        arguments=_filtered(operation),
        note="the result has the class of the image, rounded and saturated; a kernel of fewer axes filters every plane",
    )


ROWS = (
    Convention("matlab.conv", **_CONVOLVES, **_SHAPED, rank=1),
    Convention("matlab.conv2", **_CONVOLVES, **_SHAPED, rank=2),
    Convention("matlab.convn", **_CONVOLVES, **_SHAPED),
    Convention(
        "matlab.cconv",
        **_CONVOLVES,
        modes={"full": full},
        default_mode="full",
        rank=1,
        arguments=lambda call: {},
        note="without n, the period is so long that nothing wraps around",
    ),
    Convention(
        "matlab.cconv(n=N)",
        **_CONVOLVES,
        modes={"period": _period},
        default_mode="period",
        boundaries={"periodic": Rule.PERIODIC},
        default_boundary="periodic",
        rank=1,
        arguments=lambda call: {"n": call.shape[0]},
        note="the period is the signal's length",
    ),
    Convention(
        "matlab.xcorr",
        **_CORRELATES,
        modes={"all": _lags},
        default_mode="all",
        count=_up_to,
        rank=1,
        arguments=lambda call: {} if call.mode == "all" else {"maxlag": call.mode[0]},  # type: ignore[index]
        note="lags −max(N, K) + 1 … max(N, K) − 1, or −maxlag … maxlag",
    ),
    Convention(
        "matlab.xcorr2", **_CORRELATES, modes={"full": full}, default_mode="full", rank=2, arguments=lambda call: {}
    ),
    Convention(
        "matlab.filter2",
        flips=False,
        conjugates=False,
        modes=EARLY,
        default_mode="same",
        rank=2,
        arguments=named("shape"),
        note="the kernel is the first argument, and is not conjugated",
    ),
    _imfilter("corr", "matlab.imfilter", flips=False),
    _imfilter("conv", "matlab.imfilter(conv)", flips=True),
)
