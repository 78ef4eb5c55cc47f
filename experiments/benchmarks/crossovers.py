"""Where `auto` changes its mind as the kernel grows; nothing is timed."""

from typing import Any

import sigconv

_CURVES = (
    *(((n,), min(n, 10**5), "full") for n in (10**3, 10**4, 10**5, 10**6)),
    *(((n, n), 256, "same") for n in (512, 2048)),
)
"""Signal, longest kernel, mode."""
_STEPS = 120
"""Kernel lengths looked at per curve, about, evenly in the logarithm."""


def find_crossovers() -> list[dict[str, Any]]:
    """Per signal, the kernel lengths at which another method is picked, and which."""
    return [{"signal": list(s), "changes": changes(s, longest, mode)} for s, longest, mode in _CURVES]


def changes(signal: tuple[int, ...], longest: int, mode: Any) -> list[tuple[int, str]]:
    """(taps per axis, method from there on), from two taps up to `longest`."""
    found: list[tuple[int, str]] = []
    lengths = dict.fromkeys(round(2 * (longest / 2) ** (i / _STEPS)) for i in range(_STEPS + 1))
    for k in lengths:
        if mode == "full" or k <= min(signal):
            method = sigconv.select_method(signal, (k,) * len(signal), mode=mode).method
            if not found or found[-1][1] != method:
                found.append((k, method))
    return found
