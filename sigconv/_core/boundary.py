"""What a signal reads as beyond its ends: the rules, and every library's names for them.

With the samples 1 2 3 4 the reads before the first sample are, nearest last:

    Constant(v)      v v v
    Rule.EDGE        1 1 1
    Rule.SYMMETRIC   3 2 1
    Rule.REFLECT     4 3 2
    Rule.PERIODIC    2 3 4
"""

import dataclasses
import enum
import math
import numbers
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np

from sigconv._core.errors import OptionError, lookup


class Rule(enum.Enum):
    """Which sample an index beyond the ends reads."""

    EDGE = "edge"
    REFLECT = "reflect"
    SYMMETRIC = "symmetric"
    PERIODIC = "periodic"

    def __repr__(self) -> str:
        return repr(self.value)


@dataclasses.dataclass(frozen=True)
class Constant:
    """A boundary that reads `value` (a Python or NumPy number, fixed when the function is traced) beyond the ends."""

    value: complex = 0

    def __post_init__(self) -> None:
        value = self.value
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, bool) or not isinstance(value, numbers.Complex):
            raise OptionError(
                f"`Constant.value` must be a Python or NumPy number; got {type(self.value).__name__}. "
                "A traced value cannot be a boundary: pad the signal yourself and use mode='valid'."
            )
        if isinstance(value, numbers.Integral):
            plain: complex = int(value)
        elif isinstance(value, numbers.Real):
            plain = float(value)
        else:
            plain = complex(value) if value.imag else float(value.real)
        # One NaN for all: NaN differs from itself, and every call would be compiled anew.
        object.__setattr__(self, "value", math.nan if plain != plain else plain)

    @property
    def is_zero(self) -> bool:
        return self.value == 0


Reads = Constant | Rule
"""What one side of one axis reads."""


@dataclasses.dataclass(frozen=True)
class Sides:
    """Different boundaries at the two ends of one axis; each is a name or a `Constant`."""

    low: "str | Constant"
    high: "str | Constant"


ZERO = Constant(0)
BOUNDARIES: Mapping[str, Reads] = {
    "zero": ZERO,
    "edge": Rule.EDGE,
    "reflect": Rule.REFLECT,
    "symmetric": Rule.SYMMETRIC,
    "periodic": Rule.PERIODIC,
}
"""sigconv's own names."""

LIBRARY_BOUNDARIES: Mapping[str, Mapping[str, Reads]] = {
    "numpy.pad": {
        "constant": ZERO,
        "edge": Rule.EDGE,
        "symmetric": Rule.SYMMETRIC,
        "reflect": Rule.REFLECT,
        "wrap": Rule.PERIODIC,
    },
    "scipy.ndimage": {
        "constant": ZERO,
        "grid-constant": ZERO,
        "nearest": Rule.EDGE,
        "reflect": Rule.SYMMETRIC,
        "grid-mirror": Rule.SYMMETRIC,
        "mirror": Rule.REFLECT,
        "wrap": Rule.PERIODIC,
        "grid-wrap": Rule.PERIODIC,
    },
    "scipy.signal.convolve2d": {"fill": ZERO, "symm": Rule.SYMMETRIC, "wrap": Rule.PERIODIC},
    "OpenCV": {
        "BORDER_CONSTANT": ZERO,
        "BORDER_REPLICATE": Rule.EDGE,
        "BORDER_REFLECT": Rule.SYMMETRIC,
        "BORDER_REFLECT_101": Rule.REFLECT,
        "BORDER_WRAP": Rule.PERIODIC,
    },
    "torch.nn.functional.pad": {
        "constant": ZERO,
        "replicate": Rule.EDGE,
        "reflect": Rule.REFLECT,
        "circular": Rule.PERIODIC,
    },
    "MATLAB imfilter": {
        "0": ZERO,
        "replicate": Rule.EDGE,
        "symmetric": Rule.SYMMETRIC,
        "circular": Rule.PERIODIC,
    },
}
"""The same rules under the names of other libraries; the same word can be another rule ('reflect')."""


def _one_side(reads: object) -> Reads:
    if isinstance(reads, Constant):
        return reads
    try:
        return lookup("boundary", reads, BOUNDARIES)
    except OptionError as error:
        raise OptionError(f"{error}{_translation(reads)}") from None


def _translation(word: object) -> str:
    """What another library's word is called here; the same word can stand for two rules."""
    libraries: dict[Reads, list[str]] = {}
    for library, table in LIBRARY_BOUNDARIES.items():
        if isinstance(word, str) and word in table:
            libraries.setdefault(table[word], []).append(library)
    names = {reads: name for name, reads in BOUNDARIES.items()}
    known = [f"{', '.join(users)}: our {names[reads]!r}" for reads, users in libraries.items()]
    return f" As in {'; '.join(known)}." if known else " A fill value is `sigconv.Constant(value)`."


def resolve_boundary(boundary: object, rank: int) -> tuple[tuple[Reads, Reads], ...]:
    """The (low, high) rules of each of `rank` axes, from a name, a `Constant`, a `Sides`, or a tuple of these."""
    if isinstance(boundary, tuple | list):
        if len(boundary) != rank:
            raise OptionError(f"`boundary` must have one entry per axis ({rank}); got {len(boundary)}.")
        entries = tuple(boundary)
    else:
        entries = (boundary,) * rank
    pairs = ((entry.low, entry.high) if isinstance(entry, Sides) else (entry, entry) for entry in entries)
    return tuple((_one_side(low), _one_side(high)) for low, high in pairs)


def source_indices(indices: np.ndarray, length: int, rule: Rule) -> np.ndarray:
    """The samples in [0, length) that indices outside of it read."""
    if rule is Rule.EDGE or length == 1:
        return np.clip(indices, 0, length - 1)
    if rule is Rule.PERIODIC:
        return indices % length
    if rule is Rule.SYMMETRIC:
        within = indices % (2 * length)
        return np.minimum(within, 2 * length - 1 - within)
    within = indices % (2 * length - 2)
    return np.minimum(within, 2 * length - 2 - within)


def check_fill(value: complex, dtype: np.dtype) -> None:
    """`OptionError` when a constant boundary cannot be written in the signal's dtype."""
    kind = dtype.kind if dtype.kind in "iuc" else "f"
    real = value.real if isinstance(value, complex) else value
    if kind not in "iu":
        most = float(jnp.finfo(dtype).max)
        parts = (value.real, value.imag) if isinstance(value, complex) else (value,)
        if any(part not in (math.inf, -math.inf) and abs(part) > most for part in parts):
            given = f"an integer of {value.bit_length()} bits" if isinstance(value, int) else repr(value)
            raise OptionError(f"`boundary` must fit {dtype}, up to {most:.3g}; got {given}. Use a float, or inf.")
    if kind != "c" and isinstance(value, complex):
        raise OptionError(f"`boundary` must be real for {dtype} data; got {value}. Make the signal complex first.")
    if kind in "iu":
        limits = np.iinfo(dtype)
        if not math.isfinite(real) or real != int(real) or not limits.min <= real <= limits.max:
            raise OptionError(f"`boundary` must be an integer that fits {dtype}; got {value}. Cast the signal first.")
