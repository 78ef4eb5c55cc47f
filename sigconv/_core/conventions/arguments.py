"""How a function is told where its outputs sit: from numbers and words per axis to its own keyword arguments."""

import dataclasses
from collections.abc import Callable
from typing import Any

PerAxis = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Call:
    """What a call has to say, per axis; where a function has no such argument, it is what the function does anyway.

    Attributes:
        shape, taps: Lengths of the signal and the kernel.
        mode: One of the function's words, or numbers of samples, or (lo, hi) pairs.
        boundary: One of the function's names.
        origin: How far the origin is moved.
        stride, dilation, input_dilation, output_padding: The function's.
    """

    shape: PerAxis
    taps: PerAxis
    mode: Any
    boundary: str
    origin: PerAxis
    stride: PerAxis
    dilation: PerAxis
    input_dilation: PerAxis
    output_padding: PerAxis


Arguments = Callable[[Call], dict[str, object]]


def named(
    mode: str | None = "mode",
    boundary: str | None = None,
    origin: str | None = None,
    stride: str | None = None,
    dilation: str | None = None,
    input_dilation: str | None = None,
    output_padding: str | None = None,
) -> Arguments:
    """For functions that take each of these, if at all, under one name, as one value or one per axis."""
    values = {stride: "stride", dilation: "dilation", input_dilation: "input_dilation"}
    others = {origin: "origin", output_padding: "output_padding"}

    def arguments(call: Call) -> dict[str, object]:
        given: dict[str, object] = {}
        if mode is not None:
            given[mode] = one_or_all(call.mode)
        if boundary is not None:
            given[boundary] = call.boundary
        for least, table in ((1, values), (0, others)):
            for argument, attribute in table.items():
                value = getattr(call, attribute)
                if argument is not None and any(step != least for step in value):
                    given[argument] = one_or_all(value)
        return given

    return arguments


def one_or_all(value: object) -> object:
    """One number where every axis has the same; pairs and words stay as they are."""
    if isinstance(value, tuple) and isinstance(value[0], int) and len(set(value)) == 1:
        return value[0]
    return list(value) if isinstance(value, tuple) and isinstance(value[0], tuple) else value
