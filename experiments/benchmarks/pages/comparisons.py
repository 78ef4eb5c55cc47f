"""The rows of a comparison: ratios, and further down everything that was timed."""

from collections.abc import Mapping, Sequence

from experiments.benchmarks.comparison import Outcome
from experiments.benchmarks.harness import Timing
from experiments.benchmarks.pages.markdown import CLEAN, both, ms, table, times
from experiments.benchmarks.verdict import TIE, ratio_to
from experiments.benchmarks.workloads.workload import OURS

RATIO_LEGEND = (
    "Rival's time ÷ ours, medians, with that of the minima in parentheses: above 1 we are ahead, "
    f"**bold** is below 1/{TIE}, ~ is a rival that was called once only, empty one that was not run."
)


def ratio_table(outcomes: Sequence[Outcome]) -> str:
    """One row per case, one column per rival."""
    rivals = list(dict.fromkeys(name for outcome in outcomes for name in outcome.row.timings if name != OURS))
    head = ["case", "`auto` picks", "ours, ms", *rivals, "ours ÷ limit", "error", "row"]
    rows = []
    for outcome in outcomes:
        ours = outcome.ours
        cells = [outcome.name, outcome.method, ms(ours.median), *(_ratio(outcome, name) for name in rivals)]
        cells += [times(ours.median / outcome.limit), _error(ours), _state(outcome)]
        rows.append(cells)
    return table(head, rows)


def _ratio(outcome: Outcome, name: str) -> str:
    if name not in outcome.row.timings:
        return ""
    ratio = ratio_to(outcome, [name])
    text = both(ratio.medians, ratio.minima, is_rough=ratio.is_rough)
    return f"**{text}**" if ratio.medians < 1 / TIE else text


def _state(outcome: Outcome) -> str:
    row = outcome.row
    text = CLEAN[row.is_clean] + ("" if row.foreign is None else f", {row.foreign:.2f}")
    return text + (f", attempt {row.attempts}" if row.attempts > 1 else "")


def times_table(outcomes: Mapping[str, Sequence[Outcome]]) -> str:
    """Everything that was timed, by section; a line per candidate."""
    rows = [
        [section, outcome.name, name, *_numbers(timing)]
        for section, found in outcomes.items()
        for outcome in found
        for name, timing in outcome.row.timings.items()
    ]
    head = ["section", "case", "", "median, ms", "quartiles", "minimum", "calls", "error", "compile", "first call"]
    return table(head, rows)


def _numbers(timing: Timing) -> list[str]:
    spread = f"{ms(timing.low)}–{ms(timing.high)}"
    measured = [f"~{ms(timing.median)}", "", "", "1"] if timing.skipped else [ms(timing.median), spread]
    if not timing.skipped:
        measured += [ms(timing.least), str(timing.calls)]
    return [*measured, _error(timing), "" if timing.compiled is None else ms(timing.compiled), ms(timing.first)]


def _error(timing: Timing) -> str:
    return "" if timing.error is None else f"{timing.error:.0e}"
