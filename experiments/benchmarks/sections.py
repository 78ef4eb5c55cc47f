"""What can be measured, section by section, each to plain data."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from experiments.benchmarks import accuracy, choice, crossovers, knobs, scaling, tiled
from experiments.benchmarks.child import call_child
from experiments.benchmarks.comparison import EFFORT, Outcome, measure_workload
from experiments.benchmarks.guard import Guard
from experiments.benchmarks.harness import Effort
from experiments.benchmarks.setting import Setting
from experiments.benchmarks.workloads.table import WORKLOADS
from experiments.benchmarks.workloads.workload import Workload

_SMOKE = Effort(seconds=0.05, slowest=2.0, repeats=0, is_cold=False)
_SYNCHRONOUS = "one-d-synchronous"
_NO_DISPATCH = {"jax_cpu_enable_async_dispatch": False}
_PER_PROCESS = 30
"""Problems of the choice that one process measures, between two words on how far it is."""
_QUICK = {
    "one-d": (0, 7),
    _SYNCHRONOUS: (0,),
    "two-d": (1,),
    "channels": (4,),
    "gradients": (0,),
    "transposed": (1,),
    "operators": (0,),
    "matching": (0,),
    "gram": (1,),
    "style-steps": (0,),
    "iir": (8,),
}
"""Of each section, the workloads of the smoke run."""


@dataclasses.dataclass(frozen=True)
class Session:
    """What a section needs to know of the run: where it is, who else is there, how quick, and whom to tell."""

    setting: Setting
    guard: Guard
    say: Callable[[str], None]

    @property
    def is_quick(self) -> bool:
        return self.setting.is_quick


def workloads_of(section: str, *, is_quick: bool) -> tuple[Workload, ...]:
    workloads = WORKLOADS[section]
    return tuple(workloads[i] for i in _QUICK[section]) if is_quick else workloads


def measure_comparison(session: Session, section: str) -> list[dict[str, Any]]:
    """Every workload of the section."""
    found = []
    for workload in workloads_of(section, is_quick=session.is_quick):
        effort = _SMOKE if session.is_quick else EFFORT
        outcome = measure_workload(workload, session.setting, session.guard, effort)
        session.say(_line(outcome))
        found.append(dataclasses.asdict(outcome))
    return found


def measure_synchronous(session: Session) -> list[dict[str, Any]]:
    """The small calls, in a process that dispatches no work to other threads."""
    given = {"setting": dataclasses.asdict(session.setting), "patience": session.guard.patience}
    return call_child("experiments.benchmarks.sections", "measure_in_child", given, flags=_NO_DISPATCH)


def measure_in_child(setting: Mapping[str, Any], patience: float) -> list[dict[str, Any]]:
    return measure_comparison(Session(Setting(**setting), Guard(patience), lambda _: None), _SYNCHRONOUS)


def measure_choice(session: Session) -> dict[str, Any]:
    """In processes that dispatch no work to other threads: waking one up says nothing about a method."""
    count, worst, effort = (4, 1, choice.EFFORT) if session.is_quick else (choice.COUNT, choice.WORST, choice.AGAIN)

    given = {"patience": session.guard.patience, "count": count}

    def in_child(function: str, **more: Any) -> list[dict[str, Any]]:
        return call_child("experiments.benchmarks.choice", function, given | more, flags=_NO_DISPATCH)

    chosen: list[dict[str, Any]] = []
    for start in range(0, count, _PER_PROCESS):
        chosen += in_child("slice_in_child", start=start, stop=min(start + _PER_PROCESS, count))
        session.say(f"{len(chosen)} of {count} problems")
    order = choice.worst_of(choice.choices_of({"choices": chosen, "again": []})[0], worst)
    firsts = [chosen[i] for i in order]
    again = in_child("again_in_child", numbers=order, firsts=firsts, effort=dataclasses.asdict(effort))
    return {"choices": chosen, "again": again}


def measure_scaling(session: Session) -> list[dict[str, Any]]:
    curves = scaling.QUICK if session.is_quick else scaling.CURVES
    return [dataclasses.asdict(point) for point in scaling.measure_scaling(session.guard, curves, session.say)]


def measure_tiled(session: Session) -> list[dict[str, Any]]:
    cases = tiled.QUICK if session.is_quick else tiled.CASES
    return [dataclasses.asdict(one) for one in tiled.measure_tiled(session.guard, cases, session.say)]


def measure_accuracy(session: Session) -> dict[str, Any]:
    return accuracy.measure_accuracy(accuracy.SIZES[:2] if session.is_quick else accuracy.SIZES)


def measure_settings(session: Session) -> list[dict[str, Any]]:
    given = {"knobs": knobs.QUICK, "rounds": 1} if session.is_quick else {}
    return [dataclasses.asdict(effect) for effect in knobs.measure_knobs(session.guard, say=session.say, **given)]


def _comparison(section: str) -> Callable[[Session], Any]:
    return lambda session: measure_comparison(session, section)


SECTIONS: Mapping[str, Callable[[Session], Any]] = {
    **{section: _comparison(section) for section in WORKLOADS},
    _SYNCHRONOUS: measure_synchronous,
    "crossovers": lambda _: crossovers.find_crossovers(),
    "choice": measure_choice,
    "scaling": measure_scaling,
    "tiles": measure_tiled,
    "accuracy": measure_accuracy,
    "settings": measure_settings,
}
"""By name, in the order in which they run."""


def _line(outcome: Outcome) -> str:
    state = {True: "clean", False: "CONTAMINATED", None: "load unknown"}[outcome.row.is_clean]
    others = {name: timing.median / outcome.ours.median for name, timing in outcome.row.timings.items()}
    ratios = ", ".join(f"{name} ×{value:.2f}" for name, value in others.items() if value != 1)
    return f"{outcome.name}: {outcome.method} {outcome.ours.median * 1e3:.3g} ms; {ratios}; {state}"
