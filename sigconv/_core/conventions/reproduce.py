"""Which arguments make one function do what another does: found by comparing what the two read.

Two calls do the same with the same kernel when every tap of every output reads the same sample. That is compared axis
by axis on the engine's numbers, so nothing here knows a library.
"""

import dataclasses
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sigconv._core.boundary import Constant, Reads, source_indices
from sigconv._core.conventions.arguments import Call
from sigconv._core.errors import OptionError, ShapeError
from sigconv._core.geometry import Axis
from sigconv._core.options import per_axis

if TYPE_CHECKING:
    from sigconv._core.conventions.row import Convention

ZEROS = -1
"""Stands for a read that gives zero."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One axis: its numbers, and the lengths of the signal and the kernel along it."""

    axis: Axis
    n: int
    k: int


@dataclasses.dataclass(frozen=True)
class Read:
    """Everything that is read along one axis; equal for two calls if and only if every tap reads the same sample."""

    outputs: int
    first: int
    stride: int
    dilation: int
    input_dilation: int
    before: tuple[int, ...]
    behind: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Place:
    """What the target is told about one axis, in its own words."""

    mode: Any
    origin: int = 0
    output_padding: int = 0


def what_is_read(line: Line) -> Read:
    """The samples read, with what the boundary stands for written out; steps that are never taken count as 1."""
    axis, outputs = line.axis, line.axis.out_length(line.n, line.k)
    if outputs < 1:
        return Read(0, 0, 1, 1, 1, (), ())
    inserted = axis.inserted(line.n)
    end = (outputs - 1) * axis.stride + axis.extent(line.k) - axis.lo
    return Read(
        outputs,
        -axis.lo,
        axis.stride if outputs > 1 else 1,
        axis.dilation if line.k > 1 else 1,
        axis.input_dilation if line.n > 1 else 1,
        _sources(range(min(-axis.lo, 0), 0), line.n, axis.low),
        _sources(range(inserted, max(end, inserted)), line.n, axis.high),
    )


def _sources(indices: range, length: int, reads: Reads) -> tuple[int, ...]:
    if isinstance(reads, Constant):
        return (ZEROS,) * len(indices)
    return tuple(source_indices(np.arange(indices.start, indices.stop), length, reads).tolist())


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
    lines = _in_rank(target, _lines(target, source, n, k, mode, boundary, steps))
    call = next(_calls(target, lines), None) if lines is not None else None
    if call is not None:
        return target.arguments(call)
    said = source.default_mode if mode is None else mode
    wanted = _lines(target, source, n, k, mode, boundary, steps)
    raise OptionError(
        f"`source` must do what some arguments of {target.name} do too; got {source.name} with {said!r}, which on "
        f"{[line.n for line in wanted]} samples under {[line.k for line in wanted]} taps "
        f"{'; '.join(map(_described, wanted))}. Pad and crop outside of it."
    )


def _lines(
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
    least = {"origin": -max(per_axis("k", k, rank)), "output_padding": -max(per_axis("n", n, rank))}
    values = {name: per_axis(name, value, rank, least.get(name, 1)) for name, value in steps.items()}
    modes = tuple(mode) if isinstance(mode, tuple | list) else (mode,) * rank
    if len(modes) != rank:
        raise OptionError(f"`mode` must be one for all, or one for each of the {rank} axes; got {mode!r}.")
    lines = []
    for at, (length, taps, word) in enumerate(zip(per_axis("n", n, rank), per_axis("k", k, rank), modes, strict=True)):
        options = {name: value[at] for name, value in values.items()}
        line = Line(source.axis(length, taps, mode=word, boundary=boundary, **options), length, taps)
        if not what_is_read(line).outputs:
            raise ShapeError(
                f"`n` must be long enough for {source.name} to give an output; got {length} under {taps} taps."
            )
        lines.append(line)
    return lines


def _in_rank(target: "Convention", lines: list[Line]) -> list[Line] | None:
    """The same for a target of another rank: what is missing or left over in front has one sample and one tap."""
    if target.rank is None:
        return lines
    single = Line(Axis(), 1, 1)
    surplus = max(len(lines) - target.rank, 0)
    if any(line.k > 1 or what_is_read(line) != what_is_read(single) for line in lines[:surplus]):
        return None
    return [single] * (target.rank - len(lines)) + lines[surplus:]


def _calls(target: "Convention", lines: list[Line]) -> Iterator[Call]:
    """Every call of the target that reads the same; the plainest first: words, then numbers, then pairs."""
    reads = [what_is_read(line) for line in lines]
    stride, insert = tuple(read.stride for read in reads), tuple(read.input_dilation for read in reads)
    steps = {"stride": stride, "dilation": tuple(read.dilation for read in reads), "input_dilation": insert}
    if target.transposed:
        if set(stride) != {1}:
            return
        steps.update(stride=insert, input_dilation=stride)
    if any(name not in target.steps and set(values) != {1} for name, values in steps.items()):
        return
    for boundary in dict.fromkeys((target.default_boundary, *target.boundaries)):
        fitting = [
            [
                place
                for place in _places(target, line, steps["stride"][at])
                if _read_by(target, line, place, boundary, {name: step[at] for name, step in steps.items()}) == read
            ]
            for at, (line, read) in enumerate(zip(lines, reads, strict=True))
        ]
        for kind in (str, int, tuple):
            for places in itertools.product(*([p for p in fits if isinstance(p.mode, kind)] for fits in fitting)):
                modes = tuple(place.mode for place in places)
                if kind is str and len(set(modes)) > 1:
                    continue
                yield Call(
                    shape=tuple(line.n for line in lines),
                    taps=tuple(line.k for line in lines),
                    mode=modes[0] if kind is str else modes,
                    boundary=boundary,
                    origin=tuple(place.origin for place in places),
                    output_padding=tuple(place.output_padding for place in places),
                    **steps,
                )


def _places(target: "Convention", line: Line, stride: int) -> Iterator[Place]:
    """What the target can be told about an axis; not all of it fits."""
    axis, reach = line.axis, line.axis.extent(line.k) - 1
    extras = range(-stride, max(stride, axis.dilation)) if "output_padding" in target.steps else range(1)
    origins = range(-reach, reach + 1) if target.origin_sign else range(1)
    # Some that take pairs refuse words where the kernel is the longer.
    words = () if target.pairs and reach >= line.n else target.modes
    yield from (Place(*place) for place in itertools.product(words, origins, extras))
    if target.count is not None:
        for number, extra in itertools.product(sorted({axis.lo, reach - axis.lo}), extras):
            if number >= 0:
                yield Place(number, output_padding=extra)
    if target.pairs:
        lo, hi = (reach - axis.lo, reach - axis.hi) if target.transposed else (axis.lo, axis.hi)
        if target.crops or min(lo, hi) >= 0:
            yield Place((lo, hi))


def _read_by(target: "Convention", line: Line, place: Place, boundary: str, steps: dict[str, int]) -> Read | None:
    """What this call of the target reads; None where it cannot be made."""
    if place.mode in target.unstrided and steps["stride"] > 1:
        return None
    if isinstance(place.mode, int) and place.output_padding < 0:
        return None
    axis = target.axis(line.n, line.k, boundary=boundary, **dataclasses.asdict(place), **steps)
    if target.origin_sign and min(axis.lo, axis.hi) < 0:
        return None
    return what_is_read(Line(axis, line.n, line.k))


def _described(line: Line) -> str:
    axis = line.axis
    reads = "zeros" if axis.is_zero else f"{axis.low!r}"
    steps = {"stride": axis.stride, "dilation": axis.dilation, "input dilation": axis.input_dilation}
    taken = "".join(f", {name} {step}" for name, step in steps.items() if step > 1)
    return f"pads by {(axis.lo, axis.hi)} with {reads}{taken}"
