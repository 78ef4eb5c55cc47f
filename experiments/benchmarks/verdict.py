"""What the numbers say to the targets: ratios, the worst case of each, and whether that is what we wanted."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from experiments.benchmarks.comparison import Outcome
from experiments.benchmarks.harness import Timing
from experiments.benchmarks.workloads.workload import OURS, Target, Workload

TIE = 1.3
"""Medians differ by this much between runs of the same code: less is a tie, and within it a target counts as met."""

Statistic = Callable[[Timing], float]


def median(timing: Timing) -> float:
    return timing.median


def least(timing: Timing) -> float:
    return timing.least


@dataclasses.dataclass(frozen=True)
class Ratio:
    """A rival's time over ours: above 1, we are ahead.

    Attributes:
        case: Where.
        medians, minima: Each the fastest of the ways that count as this rival, by that statistic.
        is_rough: Whether one of the two was called once only.
    """

    case: str
    medians: float
    minima: float
    is_rough: bool


@dataclasses.dataclass(frozen=True)
class Judgement:
    """A target put to the test.

    Attributes:
        goal: The row of the table of targets.
        target: Rival and ratio wanted.
        ratios: Of every case that was measured and that the target applies to, worst median first.
        spared: Those in which the issue that the target is about does not show on this device.
        doubtful: Those that other load spoiled; they count for nothing.
    """

    goal: str
    target: Target
    ratios: tuple[Ratio, ...]
    spared: tuple[Ratio, ...] = ()
    doubtful: tuple[Ratio, ...] = ()

    @property
    def word(self) -> str:
        """What is to be said of it."""
        if not self.ratios:
            return "does not show here" if self.spared else "contaminated" if self.doubtful else "not measured"
        worst, wanted = self.ratios[0].medians, self.target.wanted
        if wanted is None:
            return "stated"
        if self.target.stretch is not None and worst >= self.target.stretch:
            return "stretch reached"
        if worst >= wanted:
            return "met"
        return "met within noise" if worst >= wanted / TIE else "short"

    @property
    def short(self) -> tuple[Ratio, ...]:
        """The cases below what counts as met."""
        wanted = self.target.wanted
        return () if wanted is None else tuple(ratio for ratio in self.ratios if ratio.medians < wanted / TIE)


def members(outcome: Outcome, rival: str) -> list[str]:
    """The candidates that count as this rival."""
    return [name for name in outcome.row.timings if name != OURS and name.startswith(rival)]


def fastest(outcome: Outcome, names: Sequence[str], statistic: Statistic = median) -> str:
    """The best of these candidates."""
    return min(names, key=lambda name: statistic(outcome.row.timings[name]))


def ratio_to(outcome: Outcome, names: Sequence[str]) -> Ratio:
    """The time of the best of these candidates over ours."""
    timings, ours = outcome.row.timings, outcome.ours
    medians, minima = (
        statistic(timings[fastest(outcome, names, statistic)]) / statistic(ours) for statistic in (median, least)
    )
    is_rough = bool(timings[fastest(outcome, names)].skipped or ours.skipped)
    return Ratio(outcome.name, medians, minima, is_rough)


def judge(workloads: Sequence[Workload], outcomes: Mapping[str, Outcome]) -> list[Judgement]:
    """Every target of these workloads, in their order; those of one goal and one rival with one ratio are one."""
    grouped: dict[tuple[str, Target], list[Outcome]] = {}
    for workload in workloads:
        for target in workload.targets:
            measured = grouped.setdefault((workload.goal, target), [])
            if workload.name in outcomes:
                measured.append(outcomes[workload.name])
    return [_judgement(goal, target, measured) for (goal, target), measured in grouped.items()]


def _judgement(goal: str, target: Target, measured: Sequence[Outcome]) -> Judgement:
    applies, spared, doubtful = [], [], []
    for outcome in measured:
        names = members(outcome, target.rival)
        if names:
            kind = doubtful if outcome.row.is_clean is False else spared if is_spared(outcome, target) else applies
            kind.append(ratio_to(outcome, names))
    ordered = (tuple(sorted(some, key=lambda ratio: ratio.medians)) for some in (applies, spared, doubtful))
    return Judgement(goal, target, *ordered)


def is_spared(outcome: Outcome, target: Target) -> bool:
    """Whether the issue does not show: the rival is not that far behind the one beside which it is slow."""
    beside = members(outcome, target.shown_by) if target.shown_by else []
    if not beside or target.wanted is None:
        return False
    pair = members(outcome, target.rival), beside
    behind, ahead = (outcome.row.timings[fastest(outcome, names)].median for names in pair)
    return behind / ahead < target.wanted


def slower(outcome: Outcome) -> dict[str, float]:
    """The rivals that are ahead by more than a tie, and their time over ours."""
    times = {name: timing.median / outcome.ours.median for name, timing in outcome.row.timings.items() if name != OURS}
    return {name: value for name, value in times.items() if value < 1 / TIE}
