"""`Workload`: a case, how fast we want to be on it, and everything that is needed to time it."""

import dataclasses
from collections.abc import Mapping
from typing import Protocol

from experiments.benchmarks.harness import Candidate, Reference

OURS = "sigconv"


@dataclasses.dataclass(frozen=True)
class Target:
    """How far ahead of a rival we want to be.

    Attributes:
        rival: How the names of the candidates begin that count as one rival, the fastest of them: "jax" is the better
            of JAX's ways, "jax fftconvolve" that one way.
        wanted: Its time over ours; None where it is only to be stated.
        stretch: What we would be proud of.
        shown_by: Such a beginning again. The target is an issue's complaint that the rival is slow beside this one; it
            applies only where the rival is behind it by `wanted` on this device.
    """

    rival: str
    wanted: float | None = None
    stretch: float | None = None
    shown_by: str = ""


@dataclasses.dataclass(frozen=True)
class Bout:
    """What is needed to time a case.

    Attributes:
        candidates: By name; ours is OURS.
        reference: The result in float64; None where nothing here can tell.
        method: What `auto` picks.
        moved: Bytes of everything that goes in and comes out, each once.
        operations: Floating-point operations that no algorithm here avoids; 0 where a transform would.
        allowed: The largest error that the tolerance rule lets through; None where it has nothing to say.
    """

    candidates: Mapping[str, Candidate]
    reference: Reference
    method: str
    moved: int
    operations: float = 0.0
    allowed: float | None = None


class Case(Protocol):
    """A convolution to time."""

    @property
    def signal(self) -> tuple[int, ...]: ...

    @property
    def kernel(self) -> tuple[int, ...]: ...

    def build(self) -> Bout: ...


@dataclasses.dataclass(frozen=True)
class Workload:
    """A case and its targets.

    Attributes:
        goal: The row of the table of targets that it belongs to.
        name: The case, unique in its section.
        case: What is computed.
        targets: Per rival.
    """

    goal: str
    name: str
    case: Case
    targets: tuple[Target, ...]
