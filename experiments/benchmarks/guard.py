"""Guard against other load: how much CPU other processes used while we measured.

Other load stalls the thread pools of OpenMP and OpenBLAS in whole scheduler quanta and XLA's much less: it flatters us.
A row measured beside it must say so, and where nothing can be known it must not say that it was clean.
"""

import dataclasses
import os
import pathlib
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

IDLE = 0.08
"""Cores used by others below which the machine counts as idle."""
CONTAMINATED = 0.10
"""Cores used by others above which a row is not to be believed."""
_WINDOW = 0.5
"""Seconds per look; the kernel counts in ticks of 10 ms, so that a shorter one resolves nothing."""
_STAT = pathlib.Path("/proc/stat")


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """Clocks at one moment, in seconds: the wall, all CPUs busy, all CPUs busy or idle, and our own.

    Ours are this process and its children that have ended: what runs in a child is bracketed by two snapshots.
    """

    wall: float
    busy: float
    total: float
    own: float


def snapshot() -> Snapshot | None:
    """Now; None where the system does not tell."""
    try:
        line = _STAT.read_text().split("\n", 1)[0]
        ticks = [int(word) for word in line.split()[1:9]]
        rate = os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None
    if len(ticks) < 8:
        return None
    # user nice system idle iowait irq softirq steal: time stolen by another guest counts as other load.
    total = sum(ticks) / rate
    spent = os.times()
    own = time.process_time() + spent.children_user + spent.children_system
    return Snapshot(time.perf_counter(), total - (ticks[3] + ticks[4]) / rate, total, own)


def foreign_cores(before: Snapshot | None, after: Snapshot | None) -> float | None:
    """Cores that others used between two snapshots; None where that is unknown."""
    if before is None or after is None or after.total <= before.total or after.wall <= before.wall:
        return None
    return max(0.0, (after.busy - before.busy - after.own + before.own) / (after.wall - before.wall))


def is_clean(foreign: float | None) -> bool | None:
    """Whether a row may be believed; None where that is unknown."""
    return None if foreign is None else foreign <= CONTAMINATED


@dataclasses.dataclass(frozen=True)
class Watched(Generic[T]):
    """A measurement, and who else was there.

    Attributes:
        result: Of the least disturbed attempt.
        foreign: Cores that other processes used meanwhile; None where that is unknown.
        attempts: How often it was tried.
    """

    result: T
    foreign: float | None
    attempts: int


@dataclasses.dataclass
class Guard:
    """Watches the machine for one run.

    Attributes:
        patience: Seconds left to wait for others and to repeat what they spoiled, in the whole run.
        read: Where snapshots come from.
        sleep: How to wait.
    """

    patience: float = 180.0
    read: Callable[[], Snapshot | None] = snapshot
    sleep: Callable[[float], None] = time.sleep

    def wait_idle(self) -> bool | None:
        """Wait until the machine has been idle twice running; False if patience ends first, None if nobody knows."""
        quiet = 0
        while quiet < 2:
            before = self.read()
            self.sleep(_WINDOW)
            foreign = foreign_cores(before, self.read())
            if foreign is None:
                return None
            quiet = quiet + 1 if foreign < IDLE else 0
            if not quiet:
                self.patience -= _WINDOW
                if self.patience <= 0:
                    return False
        return True

    def watch(self, measure: Callable[[], T], repeats: int = 2) -> Watched[T]:
        """Measure on an idle machine, and up to `repeats` times more while others get in the way."""
        best: Watched[T] | None = None
        for attempt in range(1, repeats + 2):
            idle, before = self.wait_idle(), self.read()
            result, after = measure(), self.read()
            foreign = foreign_cores(before, after)
            if best is None or best.foreign is None or (foreign is not None and foreign < best.foreign):
                best = Watched(result, foreign, attempt)
            best = dataclasses.replace(best, attempts=attempt)
            if before is None or after is None or is_clean(foreign) is not False or not idle:
                break
            self.patience -= after.wall - before.wall
            if self.patience <= 0:
                break
        assert best is not None
        return best


UNWATCHED = Guard(0.0, lambda: None, lambda _: None)
"""For what is measured inside something that is watched itself."""
