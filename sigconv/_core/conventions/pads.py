"""What the words for padding mean: (lo, hi) from the extent K, the length of the signal and the stride."""

from collections.abc import Callable, Mapping

Pads = Callable[[int, int, int], tuple[int, int]]
"""(lo, hi) from (extent, length, stride), for the kernel as the engine applies it (flipped if the function flips)."""

Count = Callable[[int, int, int], tuple[int, int]]
"""(lo, hi) from (the number the caller gave, extent, length)."""


def full(extent: int, length: int, stride: int) -> tuple[int, int]:
    """Every output that reads at least one sample."""
    return extent - 1, extent - 1


def valid(extent: int, length: int, stride: int) -> tuple[int, int]:
    """Only the outputs that read nothing but samples."""
    return 0, 0


def late_same(extent: int, length: int, stride: int) -> tuple[int, int]:
    """As long as the signal; of an even kernel, tap K/2 sits on sample n."""
    return extent // 2, (extent - 1) // 2


def early_same(extent: int, length: int, stride: int) -> tuple[int, int]:
    """As long as the signal; of an even kernel, tap K/2 − 1 sits on sample n."""
    return (extent - 1) // 2, extent // 2


def strided_same(extent: int, length: int, stride: int) -> tuple[int, int]:
    """⌈length/stride⌉ outputs, with what is needed for them split evenly; the odd sample goes behind."""
    needed = max((-(-length // stride) - 1) * stride + extent - length, 0)
    return needed // 2, needed - needed // 2


def strided_same_lower(extent: int, length: int, stride: int) -> tuple[int, int]:
    """As `strided_same`, with the odd sample in front."""
    lo, hi = strided_same(extent, length, stride)
    return hi, lo


def both_sides(number: int, extent: int, length: int) -> tuple[int, int]:
    """The same number of samples at both ends."""
    return number, number


LATE: Mapping[str, Pads] = {"full": full, "same": late_same, "valid": valid}
EARLY: Mapping[str, Pads] = {"full": full, "same": early_same, "valid": valid}
