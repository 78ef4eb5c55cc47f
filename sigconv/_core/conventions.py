"""The conventions table: what each library's function does, as numbers the engine understands.

A row says whether the function flips and conjugates its kernel and which (lo, hi) its words mean. The front doors read
these rows when they run, and docs/conventions.md is checked against them, so neither can drift from the other.
"""

import dataclasses
import numbers
from collections.abc import Callable, Mapping

from sigconv._core.boundary import BOUNDARIES, LIBRARY_BOUNDARIES, ZERO, Reads
from sigconv._core.errors import front_door, lookup

Pads = Callable[[int], tuple[int, int]]
"""(lo, hi) from the extent K, for the kernel as the engine applies it (already flipped if the function flips)."""


def full(extent: int) -> tuple[int, int]:
    """Every output that reads at least one sample."""
    return extent - 1, extent - 1


def valid(extent: int) -> tuple[int, int]:
    """Only the outputs that read nothing but samples."""
    return 0, 0


def late_same(extent: int) -> tuple[int, int]:
    """As long as the signal; of an even kernel, tap K/2 sits on sample n."""
    return extent // 2, (extent - 1) // 2


def early_same(extent: int) -> tuple[int, int]:
    """As long as the signal; of an even kernel, tap K/2 − 1 sits on sample n."""
    return (extent - 1) // 2, extent // 2


@dataclasses.dataclass(frozen=True)
class Convention:
    """One function's convention.

    Attributes:
        name: The function, with its library.
        flips: Whether the kernel is reversed: a convolution, not a correlation.
        conjugates: Whether a complex kernel is conjugated.
        modes: The function's words for padding.
        default_mode: The mode, or number of samples, where nothing is said.
        default_boundary: Likewise, in the function's own words.
        boundaries: The function's boundary names, and the rule each stands for.
        signal_layout, kernel_layout: Order of the axes; `space` and `taps` stand for any number of them.
        counts: Whether a number of samples may be given in place of a mode.
        origin_sign: How an `origin` argument moves lo; 0: there is no such argument.
        swaps: Modes in which a kernel longer than the signal changes places with it.
        transposed: Whether the function is the transpose of a strided correlation.
    """

    name: str
    flips: bool
    conjugates: bool
    modes: Mapping[str, Pads]
    default_mode: str | int
    default_boundary: str = "zero"
    boundaries: Mapping[str, Reads] = dataclasses.field(default_factory=lambda: {"zero": ZERO})
    signal_layout: str = "space"
    kernel_layout: str = "taps"
    counts: bool = False
    origin_sign: int = 0
    swaps: tuple[str, ...] = ()
    transposed: bool = False

    def origin(self, k: int, dilation: int = 1) -> int:
        """Index on the dilated kernel, as the caller holds it, of the tap that sits on sample n in the mode 'same'."""
        extent = (k - 1) * dilation + 1
        lo, _ = lookup("mode", "same", self.modes)(extent)
        return extent - 1 - lo if self.flips else lo

    def padding(
        self,
        n: int,
        k: int,
        *,
        mode: str | int | None = None,
        stride: int = 1,
        dilation: int = 1,
        origin: int = 0,
        output_padding: int = 0,
    ) -> tuple[int, int]:
        """The engine's (lo, hi) on one axis of `n` samples under `k` taps.

        Args:
            n: Length of the signal. Like `stride`, it changes no row of today's table.
            k: Number of taps.
            mode: One of `modes`, or a number of samples where the function takes one; None is its default.
            stride: The function's; a transposed function's (lo, hi) is for an input dilation of `stride`.
            dilation: The function's.
            origin: ndimage's.
            output_padding: torch's, of its transposed functions.
        Raises:
            OptionError: The function has no such mode.
        """
        extent = (k - 1) * dilation + 1
        mode = self.default_mode if mode is None else mode
        is_count = self.counts and isinstance(mode, numbers.Integral) and not isinstance(mode, bool)
        lo, hi = (int(mode), int(mode)) if is_count else lookup("mode", mode, self.modes)(extent)
        if self.transposed:
            return extent - 1 - lo, extent - 1 - hi + output_padding
        return lo + self.origin_sign * origin, hi - self.origin_sign * origin


_CORRELATES = {"flips": False, "conjugates": True}
_CONVOLVES = {"flips": True, "conjugates": False}
_NETWORK = {"flips": False, "conjugates": False}
_LATE: Mapping[str, Pads] = {"full": full, "same": late_same, "valid": valid}
_EARLY: Mapping[str, Pads] = {"full": full, "same": early_same, "valid": valid}


def _sigconv() -> list[Convention]:
    late = {"modes": _LATE, "default_mode": "full", "boundaries": BOUNDARIES}
    channels = {
        "modes": _EARLY,
        "default_mode": "valid",
        "boundaries": BOUNDARIES,
        "signal_layout": "… channel space",
        "kernel_layout": "out in/groups taps",
    }
    return [
        Convention("sigconv.correlate", **_CORRELATES, **late),
        Convention("sigconv.convolve", **_CONVOLVES, **late),
        Convention("sigconv.correlate_channels", **_NETWORK, **channels),
        Convention("sigconv.convolve_channels", **_CONVOLVES, **channels),
    ]


def _numpy() -> list[Convention]:
    late = {"modes": _LATE, "swaps": ("same", "valid")}
    return [
        Convention("numpy.convolve", **_CONVOLVES, **late, default_mode="full"),
        Convention("numpy.correlate", **_CORRELATES, **late, default_mode="valid"),
    ]


def _scipy() -> list[Convention]:
    late = {"modes": _LATE, "default_mode": "full", "swaps": ("valid",)}
    two = {"boundaries": LIBRARY_BOUNDARIES["scipy.signal.convolve2d"], "default_boundary": "fill"}
    # correlate2d sits one sample beside correlate for even kernels: SciPy's own inconsistency (scipy#1968).
    early = {**late, "modes": _EARLY}
    names = {"boundaries": LIBRARY_BOUNDARIES["scipy.ndimage"], "default_boundary": "reflect", "default_mode": "same"}
    rows = [
        Convention("scipy.signal.correlate", **_CORRELATES, **late),
        Convention("scipy.signal.convolve", **_CONVOLVES, **late),
        Convention("scipy.signal.fftconvolve", **_CONVOLVES, **late),
        Convention("scipy.signal.oaconvolve", **_CONVOLVES, **late),
        Convention("scipy.signal.convolve2d", **_CONVOLVES, **late, **two),
        Convention("scipy.signal.correlate2d", **_CORRELATES, **early, **two),
    ]
    for suffix in ("", "1d"):
        rows += [
            Convention(
                f"scipy.ndimage.correlate{suffix}", **_CORRELATES, modes={"same": late_same}, origin_sign=1, **names
            ),
            # ndimage flips the kernel about its middle, then moves the origin of even kernels by one.
            Convention(
                f"scipy.ndimage.convolve{suffix}", **_CONVOLVES, modes={"same": early_same}, origin_sign=-1, **names
            ),
        ]
    return rows


def _torch() -> list[Convention]:
    common = {"signal_layout": "batch channel space", "counts": True, "default_mode": 0}
    forward = {"modes": {"same": early_same, "valid": valid}, "kernel_layout": "out in/groups taps"}
    transposed = {"modes": {}, "kernel_layout": "in out/groups taps", "transposed": True}
    rows = []
    for rank in (1, 2, 3):
        rows += [
            Convention(f"torch.nn.functional.conv{rank}d", **_NETWORK, **forward, **common),
            Convention(f"torch.nn.functional.conv_transpose{rank}d", **_CONVOLVES, **transposed, **common),
        ]
    return rows


CONVENTIONS: Mapping[str, Convention] = {row.name: row for row in (*_sigconv(), *_numpy(), *_scipy(), *_torch())}
"""The table, by name."""


@front_door("convention")
def convention(name: str) -> Convention:
    """The row of the conventions table for a function, by its full name.

    Args:
        name: A key of `sigconv._core.conventions.CONVENTIONS`, such as "scipy.signal.correlate"; docs/conventions.md
            lists them.
    Returns:
        A `Convention`: flips, conjugates, modes, default mode and boundary, layouts, and the methods
        `origin(k)` and `padding(n, k, mode=…, stride=…, dilation=…)`.
    Raises:
        OptionError: No such row; the message lists those there are.
    Example:
        >>> convention("scipy.signal.correlate").padding(100, 4, mode="same")
        (2, 1)
        >>> convention("scipy.signal.correlate2d").padding(100, 4, mode="same")
        (1, 2)
    """
    return lookup("name", name, CONVENTIONS)
