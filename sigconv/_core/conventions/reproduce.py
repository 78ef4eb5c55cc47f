"""Which arguments make one function do what another does: found by comparing what the two read.

Two calls do the same with the same kernel if and only if every tap of every output reads the same sample. That is
compared axis by axis on the engine's numbers, so nothing here knows a library.
"""

import dataclasses
import itertools
import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sigconv._core.boundary import ZERO, Constant, Reads, source_indices
from sigconv._core.conventions.arguments import Call
from sigconv._core.errors import OptionError, ShapeError
from sigconv._core.geometry import Axis
from sigconv._core.options import per_axis

if TYPE_CHECKING:
    from sigconv._core.conventions.row import Convention

ZERO_READ = -1
"""Stands for a read that gives zero."""
MOST = 32
"""Half as many outputs and taps as are looked at, at first; of more, those around what tells lines apart."""
BESIDE = 8
"""Outputs and taps looked at on both sides of an end of the signal or of the line itself."""
MOST_READS = 10**7
"""Reads that are compared one by one. Lines that have more are the same only if their numbers are."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One axis: its numbers, and the lengths of the signal and the kernel along it."""

    axis: Axis
    n: int
    k: int

    @property
    def outputs(self) -> int:
        return self.axis.out_length(self.n, self.k)

    def reads(self, outputs: np.ndarray, taps: np.ndarray) -> np.ndarray:
        """Which sample each of these taps of each of these outputs reads.

        Shapes:
            outputs (o,), taps (t,) → (o, t).
        """
        axis = self.axis
        places = outputs[:, None] * axis.stride + taps * axis.dilation - axis.lo
        samples = places // axis.input_dilation
        samples[places % axis.input_dilation != 0] = ZERO_READ
        for beyond, rule in ((places < 0, axis.low), (places >= axis.inserted(self.n), axis.high)):
            samples[beyond] = _sources(places[beyond], self.n, rule)
        return samples

    def reads_as(self, other: "Line") -> bool:
        """Whether every tap of every output reads the same sample."""
        if (self.outputs, self.k) != (other.outputs, other.k):
            return False
        (here, taps_here), (there, taps_there) = self._looked_at(), other._looked_at()
        outputs, taps = _near(max(self.outputs, 0), here + there), _near(self.k, taps_here + taps_there)
        if not np.array_equal(self.reads(outputs, taps), other.reads(outputs, taps)):
            return False
        if len(outputs) * len(taps) == self.outputs * self.k or self.plainest() == other.plainest():
            return True
        if self.outputs * self.k > MOST_READS:
            return False
        every = np.arange(self.k)
        rows = np.array_split(np.arange(self.outputs), self.outputs * self.k // 10**6 + 1)
        return all(np.array_equal(self.reads(some, every), other.reads(some, every)) for some in rows)

    def _looked_at(self) -> tuple[list[int], list[int]]:
        """Outputs and taps: both ends, and where what they read goes over an end of the signal."""
        axis, last, tap = self.axis, max(self.outputs - 1, 0), self.k - 1
        ends = (axis.lo, axis.lo + axis.inserted(self.n))
        outputs = [(end - t * axis.dilation) // axis.stride for end in ends for t in (0, tap)]
        taps = [(end - o * axis.stride) // axis.dilation for end in ends for o in (0, last)]
        return [0, last, *outputs], [0, tap, *taps]

    def plainest(self) -> Axis:
        """The axis without steps that are never taken, inserted zeros that every step skips, and unread boundaries."""
        axis = self.axis
        stride = axis.stride if self.outputs > 1 else 0
        dilation = axis.dilation if self.k > 1 else 0
        insert = axis.input_dilation if self.n > 1 else 1
        if math.gcd(axis.lo, stride, dilation) % insert == 0:
            lo, stride, dilation, insert = axis.lo // insert, stride // insert, dilation // insert, 1
        else:
            lo = axis.lo
        plain = Axis(lo, 0, max(stride, 1), max(dilation, 1), insert)
        hi = (self.outputs - 1) * plain.stride + plain.extent(self.k) - plain.inserted(self.n) - lo
        low, high = axis.low if lo > 0 else ZERO, axis.high if hi > 0 else ZERO
        return dataclasses.replace(plain, hi=hi, low=low, high=high)


def _near(count: int, where: list[int]) -> np.ndarray:
    if count <= 2 * MOST:
        return np.arange(count)
    near = np.add.outer(where, np.arange(-BESIDE, BESIDE + 1)).ravel()
    return np.unique(near[(near >= 0) & (near < count)])


def _sources(places: np.ndarray, length: int, reads: Reads) -> np.ndarray:
    if isinstance(reads, Constant):
        return np.full_like(places, ZERO_READ)
    return source_indices(places, length, reads)


@dataclasses.dataclass(frozen=True)
class Place:
    """What the target is told about one axis, in its own words."""

    mode: Any
    origin: int = 0
    output_padding: int = 0


def reproduction(
    target: "Convention",
    source: "Convention",
    n: object,
    k: object,
    mode: object,
    boundary: str | None,
    steps: dict[str, object],
) -> dict[str, object]:
    """`Convention.reproduce`; see there."""
    lines = source_lines(target, source, n, k, mode, boundary, steps)
    fitted = _in_rank(target, lines)
    call = next(_calls(target, fitted), None) if fitted is not None else None
    if call is not None:
        return target.arguments(call)
    said = source.default_mode if mode is None else mode
    raise OptionError(
        f"`source` must do what some arguments of {target.name} do too; got {source.name} with {said!r}, which on "
        f"{[line.n for line in lines]} samples under {[line.k for line in lines]} taps "
        f"{'; '.join(map(_described, lines))}. Pad and crop outside of it."
    )


def source_lines(
    target: "Convention",
    source: "Convention",
    n: Any,
    k: Any,
    mode: Any,
    boundary: str | None,
    steps: dict[str, Any],
) -> list[Line]:
    """What the source does, axis by axis."""
    given = next((len(value) for value in (n, k) if isinstance(value, tuple | list)), None)
    rank = given or source.rank or target.rank or 1
    if source.rank not in (None, rank):
        raise ShapeError(f"`n` and `k` must have {source.rank} entries for {source.name}; got {rank}.")
    shape, taps = per_axis("n", n, rank), per_axis("k", k, rank)
    least = {"origin": -MOST_READS, "output_padding": -MOST_READS}  # What is legal, the row knows.
    values = {name: per_axis(name, value, rank, least.get(name, 1)) for name, value in steps.items()}
    modes = tuple(mode) if isinstance(mode, tuple | list) else (mode,) * rank
    if len(modes) != rank:
        raise OptionError(f"`mode` must be one for all, or one for each of the {rank} axes; got {mode!r}.")
    lines = []
    for at, (length, count, word) in enumerate(zip(shape, taps, modes, strict=True)):
        options = {name: value[at] for name, value in values.items()}
        line = Line(source.axis(length, count, mode=word, boundary=boundary, **options), length, count)
        if line.outputs < 1:
            raise ShapeError(
                f"`n` must be long enough for {source.name} to give an output; got {length} under {count} taps."
            )
        lines.append(line)
    if any(word in source.swaps for word in modes if isinstance(word, str)) and _is_mixed(lines):
        raise OptionError(
            f"`mode` must not be {modes[0]!r} for {source.name} where the kernel is longer on one axis and shorter on "
            f"another; got {list(taps)} taps over {list(shape)} samples."
        )
    return lines


def _in_rank(target: "Convention", lines: list[Line]) -> list[Line] | None:
    """The same for a target of another rank: what is missing or left over in front has one sample and one tap."""
    if target.rank is None:
        return lines
    single = Line(Axis(), 1, 1)
    surplus = max(len(lines) - target.rank, 0)
    if any(line.k > 1 or not line.reads_as(single) for line in lines[:surplus]):
        return None
    return [single] * (target.rank - len(lines)) + lines[surplus:]


def _calls(target: "Convention", lines: list[Line]) -> Iterator[Call]:
    """Calls of the target that read the same; the plainest first: words, then numbers, then pairs."""
    for axes in dict.fromkeys(map(tuple, _ways(lines))):
        steps = _steps(target, axes)
        if steps is None:
            continue
        for boundary in dict.fromkeys((target.default_boundary, *target.boundaries)):
            for kind in _kinds(target):
                if kind in target.swaps and _is_mixed(lines):
                    continue
                places = []
                for at, (axis, line) in enumerate(zip(axes, lines, strict=True)):
                    here = {name: step[at] for name, step in steps.items()}
                    fits = (
                        place
                        for place in _places(target, kind, axis, line, here)
                        if _fits(target, place, boundary, line, here)
                    )
                    places.append(next(fits, None))
                if all(place is not None for place in places):
                    yield Call(
                        shape=tuple(line.n for line in lines),
                        taps=tuple(line.k for line in lines),
                        mode=kind if isinstance(kind, str) else tuple(place.mode for place in places),
                        boundary=boundary,
                        origin=tuple(place.origin for place in places),
                        output_padding=tuple(place.output_padding for place in places),
                        **steps,
                    )


def _ways(lines: list[Line]) -> Iterator[list[Axis]]:
    """The lines' axes with other steps that may read the same; the plainest first."""
    plain, given = [line.plainest() for line in lines], [line.axis for line in lines]
    # A stride that is never taken still cuts off: 3 samples padded by (1, 1) give 2 taps 4 outputs, or at stride 4 one.
    # Where an edge is repeated, smaller steps can read the same: of 1 2 3 with (1, 1) at the edge, taps 2 apart read
    # (1, 2) and, 2 further on, (2, 3).
    for stride, dilation, insert in itertools.product((plain, given, [Axis()] * len(lines)), repeat=3):
        steps = zip(plain, stride, dilation, insert, strict=True)
        yield [
            dataclasses.replace(axis, stride=s.stride, dilation=d.dilation, input_dilation=i.input_dilation)
            for axis, s, d, i in steps
        ]


def _steps(target: "Convention", axes: tuple[Axis, ...]) -> dict[str, tuple[int, ...]] | None:
    """The steps to ask the target for; None where it lacks one."""
    steps = {name: tuple(getattr(axis, name) for axis in axes) for name in ("stride", "dilation", "input_dilation")}
    if target.transposed:
        if set(steps["stride"]) != {1}:
            return None
        steps.update(stride=steps["input_dilation"], input_dilation=steps["stride"])
    if target.one_step and max(steps["stride"]) > 1 and max(steps["dilation"]) > 1:
        return None
    lacks = any(name not in target.steps and set(values) != {1} for name, values in steps.items())
    return None if lacks else steps


def _kinds(target: "Convention") -> Iterable[object]:
    """Each word, which is for all axes; then numbers; then pairs."""
    yield from target.modes
    if target.count is not None:
        yield int
    if target.pairs:
        yield tuple


def _places(target: "Convention", kind: object, axis: Axis, line: Line, steps: dict[str, int]) -> Iterator[Place]:
    """What the target can be told about an axis; not all of it fits."""
    reach = (line.k - 1) * steps["dilation"]
    extras = [0]
    if "output_padding" in target.steps:
        extras += [sign * extra for extra in range(1, max(steps["stride"], steps["dilation"], 2)) for sign in (1, -1)]
    if kind is int:
        modes: Iterable[Any] = [number for number in _likely(axis.lo, reach - axis.lo, line) if number >= 0]
    elif kind is tuple:
        lo, hi = (reach - axis.lo, reach - axis.hi) if target.transposed else (axis.lo, axis.hi)
        modes = [(lo, hi) if target.crops else (max(lo, 0), max(hi, 0))]
    else:
        modes = [kind]
    origins = [0]
    if target.origin_sign:
        middle, _ = target.padding(line.n, line.k)
        origins = [target.origin_sign * (axis.lo - middle), *range(-min(line.k, MOST), min(line.k, MOST) + 1)]
    yield from itertools.starmap(Place, itertools.product(modes, origins, extras))


def _likely(lo: int, other: int, line: Line) -> list[int]:
    """Numbers of samples, the likeliest first; of long lines only these."""
    likely = [lo, other]
    return [*dict.fromkeys([*likely, *range(min(line.n + line.axis.extent(line.k), MOST) + 1)])]


def _is_mixed(lines: Iterable[Line]) -> bool:
    """Whether the kernel is longer than the signal on one axis and shorter on another: they cannot change places."""
    return any(line.k > line.n for line in lines) and any(line.k < line.n for line in lines)


def _fits(target: "Convention", place: Place, boundary: str, line: Line, steps: dict[str, int]) -> bool:
    """Whether this call of the target can be made and reads the same."""
    try:
        axis = target.axis(line.n, line.k, boundary=boundary, **dataclasses.asdict(place), **steps)
    except OptionError:
        return False
    return Line(axis, line.n, line.k).reads_as(line)


def _described(line: Line) -> str:
    axis = line.axis
    steps = {"stride": axis.stride, "dilation": axis.dilation, "input dilation": axis.input_dilation}
    taken = "".join(f", {name} {step}" for name, step in steps.items() if step > 1)
    return f"pads by {(axis.lo, axis.hi)} with {'zeros' if axis.is_zero else repr(axis.low)}{taken}"
