"""All figures of a page, drawn from the sections there are."""

import pathlib
from collections.abc import Mapping

from matplotlib.figure import Figure

from experiments.benchmarks.pages.benchmarks import PAGES, Page, outcomes_of, sections_of
from experiments.benchmarks.pages.plot_kernels import draw_kernels
from experiments.benchmarks.pages.plot_limit import draw_limits
from experiments.benchmarks.pages.plot_scaling import draw_scaling
from experiments.benchmarks.scaling import point_of
from experiments.benchmarks.store import Saved
from experiments.files import replace_file


def draw_figures(saved: Mapping[str, Saved], folder: pathlib.Path, page: Page = PAGES["benchmarks"]) -> dict[str, str]:
    """Write them below the page's folder; their paths relative to it, by name."""
    saved = sections_of(saved, page)
    outcomes = outcomes_of(saved)
    changes = {tuple(c["signal"]): c["changes"] for c in saved["crossovers"].data} if "crossovers" in saved else {}
    drawn: dict[str, Figure] = {}
    for section in ("one-d", "two-d"):
        if section in outcomes:
            drawn[section] = draw_kernels(list(outcomes[section].values()), changes)
    if outcomes:
        drawn["limit"] = draw_limits(outcomes)
    if "scaling" in saved:
        drawn["scaling"] = draw_scaling([point_of(point) for point in saved["scaling"].data])
    names = {"one-d": "1d", "two-d": "2d"}
    paths = {name: f"images/{page.prefix}_{names.get(name, name)}.png" for name in drawn}
    for name, figure in drawn.items():
        replace_file(folder / paths[name], lambda fresh, figure=figure: figure.savefig(fresh, dpi=130, format="png"))
    return paths
