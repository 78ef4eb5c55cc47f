"""A workload measured: everybody on the same arrays, side by side."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from experiments.benchmarks.guard import Guard
from experiments.benchmarks.harness import Effort, Row, Timing, measure
from experiments.benchmarks.setting import Setting
from experiments.benchmarks.workloads.workload import OURS, Workload

EFFORT = Effort(seconds=0.8, slowest=1.5)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came out.

    Attributes:
        name: Of the workload.
        signal, kernel: Shapes.
        method: What `auto` picked.
        limit: Seconds that the machine needs at least.
        allowed: The largest error that the tolerance rule lets through, if it has something to say.
        row: The timings.
    """

    name: str
    signal: tuple[int, ...]
    kernel: tuple[int, ...]
    method: str
    limit: float
    allowed: float | None
    row: Row

    @property
    def ours(self) -> Timing:
        return self.row.timings[OURS]


def measure_workload(workload: Workload, setting: Setting, guard: Guard, effort: Effort) -> Outcome:
    """Time every rival on white noise and compare it with the float64 result."""
    bout = workload.case.build()
    row = measure(bout.candidates, bout.reference, guard=guard, effort=effort)
    limit = setting.limit(bout.moved, bout.operations)
    return Outcome(workload.name, workload.case.signal, workload.case.kernel, bout.method, limit, bout.allowed, row)


def outcome_of(record: Mapping[str, Any]) -> Outcome:
    """The outcome that `dataclasses.asdict` and JSON made this of."""
    row = record["row"]
    timings = {name: Timing(**timing) for name, timing in row["timings"].items()}
    shapes = {name: tuple(record[name]) for name in ("signal", "kernel")}
    return Outcome(**{**record, **shapes, "row": Row(timings, row["foreign"], row["attempts"])})
