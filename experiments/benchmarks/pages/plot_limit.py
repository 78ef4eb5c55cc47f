"""How many times the machine's limit everybody takes, case by case."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from experiments.benchmarks.comparison import Outcome
from experiments.benchmarks.pages.style import GRID, LIMIT, STYLES
from experiments.benchmarks.workloads.workload import OURS


def draw_limits(outcomes: Mapping[str, Mapping[str, Outcome]]) -> Figure:
    """One line per case, in the order of the sections; the limit is 1."""
    rows = [(section, outcome) for section, found in outcomes.items() for outcome in found.values()]
    figure = Figure(figsize=(9, 1.6 + 0.21 * len(rows)), layout="constrained")
    panel = figure.subplots()
    names = sorted({name for _, outcome in rows for name in outcome.row.timings}, key=list(STYLES).index)
    for name in reversed(names):
        color, marker = STYLES[name]
        places = [(i, o.row.timings[name].median / o.limit) for i, (_, o) in enumerate(rows) if name in o.row.timings]
        is_ours = name == OURS
        panel.scatter(
            [value for _, value in places],
            [i for i, _ in places],
            s=42 if is_ours else 18,
            c=color,
            marker=marker,
            label=name,
            zorder=4 if is_ours else 3,
        )
    panel.axvline(1, color=LIMIT, linestyle="--", label="limit")
    panel.set_xscale("log")
    panel.set_yticks(range(len(rows)), [f"{section}: {outcome.name}" for section, outcome in rows], fontsize=7)
    panel.set_ylim(len(rows) - 0.4, -0.6)
    panel.set_xlabel("time ÷ limit")
    panel.grid(visible=True, color=GRID)
    figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=8)
    return figure
