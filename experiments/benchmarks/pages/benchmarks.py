"""Pages of results: where they were measured, what became of the targets, where we are slower, and all numbers."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from experiments.benchmarks.accuracy import Growth, Loss
from experiments.benchmarks.choice import choices_of
from experiments.benchmarks.comparison import Outcome, outcome_of
from experiments.benchmarks.guard import CONTAMINATED
from experiments.benchmarks.pages import studies, verdicts
from experiments.benchmarks.pages.comparisons import RATIO_LEGEND, ratio_table, times_table
from experiments.benchmarks.pages.markdown import bullets, table
from experiments.benchmarks.scaling import point_of
from experiments.benchmarks.setting import ABSENT, Setting
from experiments.benchmarks.store import Saved
from experiments.benchmarks.tiled import tiled_of
from experiments.benchmarks.workloads.table import WORKLOADS

_TITLES = {
    "one-d": "One dimension, 'full'",
    "one-d-synchronous": "Small calls without asynchronous dispatch",
    "two-d": "Two dimensions, 'same'",
    "channels": "Channels",
    "gradients": "Value and gradients of the sum of squares, products with its Hessian",
    "transposed": "Transposed convolutions",
    "operators": "Operators",
    "matching": "Matching templates",
    "gram": "Gram matrices of features",
    "style-steps": "Steps of style optimisation",
    "iir": "Recursive filters",
}
_NOT_MEASURED = "Not measured."


@dataclasses.dataclass(frozen=True)
class Page:
    """What a page is about; both have figures of their own, so that sections of one can be measured without the other.

    Attributes:
        title: Its heading.
        sections: In the order in which they are measured.
        prefix: With which the names of its figures begin.
    """

    title: str
    sections: tuple[str, ...]
    prefix: str


PAGES: Mapping[str, Page] = {
    "benchmarks": Page(
        "Benchmarks",
        (
            *("one-d", "one-d-synchronous", "two-d", "channels", "gradients", "transposed", "operators"),
            *("crossovers", "choice", "scaling", "accuracy", "settings"),
        ),
        "benchmark",
    ),
    "benchmarks_features": Page(
        "Benchmarks of matching, style and recursive filters",
        ("matching", "gram", "style-steps", "iir", "tiles"),
        "benchmark_features",
    ),
}
"""By the name of the file."""


def sections_of(saved: Mapping[str, Saved], page: Page) -> dict[str, Saved]:
    """What the page shows of what has been measured."""
    return {name: section for name, section in saved.items() if name in page.sections}


def outcomes_of(saved: Mapping[str, Saved]) -> dict[str, dict[str, Outcome]]:
    """Of the sections that compare, by name."""
    found = {}
    for section in WORKLOADS:
        if section in saved:
            outcomes = map(outcome_of, saved[section].data)
            found[section] = {outcome.name: outcome for outcome in outcomes}
    return found


def render(saved: Mapping[str, Saved], figures: Mapping[str, str], page: Page = PAGES["benchmarks"]) -> str:
    """The page from the sections there are. `figures` has paths relative to the page, by section."""
    saved = sections_of(saved, page)
    outcomes = outcomes_of(saved)
    workloads = {section: group for section, group in WORKLOADS.items() if section in page.sections}
    choice = choices_of(saved["choice"].data) if "choice" in saved else ((), ())
    points = [point_of(point) for point in saved["scaling"].data] if "scaling" in saved else []
    parts = [f"# {page.title}", _head(saved), "## Verdicts", verdicts.target_table(outcomes, workloads)]
    said = studies.choice_verdicts(*choice) if choice[0] else []
    said += studies.scaling_verdicts(points) + (verdicts.trust(outcomes) if outcomes else [])
    parts += ["### Trust" if "choice" not in page.sections else "### Choice, scaling and trust"]
    parts += [bullets(said) or _NOT_MEASURED]
    parts += ["## Where sigconv is slower", verdicts.slower_list(outcomes)]
    parts += ["## Ratios", RATIO_LEGEND]
    for section, found in outcomes.items():
        parts += [f"### {_TITLES[section]}", *_figure(figures, section), ratio_table(list(found.values()))]
    if "limit" in figures:
        parts += ["### How far from the limit of the machine", *_figure(figures, "limit")]
    studied = {
        "choice": ("## How good the choices are", lambda: studies.choice_section(*choice)),
        "scaling": ("## Scaling", lambda: studies.scaling_section(points)),
        "tiles": ("## Large images by tiles", lambda: studies.tiles_section(list(map(tiled_of, saved["tiles"].data)))),
        "accuracy": ("## Accuracy", lambda: _accuracy(saved["accuracy"].data)),
    }
    for section, (heading, text) in studied.items():
        if section in page.sections:
            parts += [heading, *_figure(figures, section), text() if section in saved else _NOT_MEASURED]
    parts += ["## Times", "~ is a candidate that was called once only.", times_table(_listed(outcomes))]
    return "\n\n".join(parts) + "\n"


def _head(saved: Mapping[str, Saved]) -> str:
    lines = ["Written by `make bench`. How it is measured and how to read it: experiments/benchmarks/README."]
    settings = [section.setting for section in saved.values()]
    if not settings:
        return lines[0]
    if any(setting.is_quick for setting in settings):
        lines = ["**A smoke run: too few cases and too little time to say anything.**"]
    for what in ("device", "system", "versions"):
        if len({str(getattr(setting, what)) for setting in settings}) > 1 and not _differ_in_commit(settings, what):
            lines.append(f"**The sections were not measured with the same {what}: do not compare them.**")
    rows = [_section_row(name, section) for name, section in saved.items()]
    head = ["section", "date", "sigconv", "took, s", "copy, GB/s", "product, GFLOP/s"]
    return "\n\n".join([*lines, _facts(settings[-1]), table(head, rows)])


def _differ_in_commit(settings: list[Setting], what: str) -> bool:
    """Only in what of sigconv was measured, which the table of sections shows."""
    others = {str({**setting.versions, "sigconv": ""}) for setting in settings}
    return what == "versions" and len(others) == 1


def _facts(setting: Setting) -> str:
    installed = {name: version for name, version in setting.versions.items() if version != ABSENT}
    absent = [name for name, version in setting.versions.items() if version == ABSENT]
    dispatch = {True: "on (JAX's default)", False: "off", None: "unknown"}[setting.async_dispatch]
    lines = [
        f"Device: {setting.device}, {setting.cores} cores",
        f"System: {setting.system}",
        f"Versions: {', '.join(f'{name} {version}' for name, version in installed.items() if name != 'sigconv')}",
        f"Settings: float32 white noise; asynchronous CPU dispatch {dispatch} unless a section says otherwise; every "
        f"library may use all {setting.cores} cores",
        "Limit: every number in and out once at the bandwidth of the best copy; where no algorithm saves "
        "multiplications (dense 3×3, Gram matrices), those at the rate of the best matrix product if that takes longer",
        f"Above {CONTAMINATED} cores used by other processes a row counts as contaminated",
    ]
    if absent:
        lines.append(f"**Rivals left out, as they are not installed: {', '.join(absent)}**")
    return bullets(lines)


def _section_row(name: str, section: Saved) -> list[str]:
    setting = section.setting
    rates = [f"{setting.bandwidth / 1e9:.1f}", f"{setting.arithmetic / 1e9:.0f}"]
    return [name, setting.date, setting.versions["sigconv"], f"{section.seconds:.0f}", *rates]


def _accuracy(data: Mapping[str, Any]) -> str:
    return studies.accuracy_section([Loss(**loss) for loss in data["tail"]], [Growth(**g) for g in data["growth"]])


def _figure(figures: Mapping[str, str], name: str) -> list[str]:
    return [f"![{_CAPTIONS[name]}]({figures[name]})"] if name in figures else []


def _listed(outcomes: Mapping[str, Mapping[str, Outcome]]) -> dict[str, list[Outcome]]:
    return {section: list(found.values()) for section, found in outcomes.items()}


_CAPTIONS = {
    "one-d": "Time against kernel length, 1-d",
    "two-d": "Time against kernel length, 2-d",
    "limit": "Times over the limit of the machine",
    "scaling": "Time per sample and memory against the size of the signal",
}
