"""Time against kernel length, ours and the rivals', one panel per signal, with `auto`'s changes of mind."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from experiments.benchmarks.comparison import Outcome
from experiments.benchmarks.pages.style import GRID, LIMIT, STYLES
from experiments.benchmarks.workloads.workload import OURS

_LIMIT = "memory limit"
_CROWDED = 0.06
"""Share of a panel's width within which two words would lie on each other."""

Changes = Mapping[tuple[int, ...], Sequence[tuple[int, str]]]
"""By signal, (taps per axis, method from there on)."""


def draw_kernels(outcomes: Sequence[Outcome], changes: Changes) -> Figure:
    """Of one kernel on one signal; hollow markers are calls that were timed once."""
    single = [outcome for outcome in outcomes if len(outcome.signal) == len(outcome.kernel)]
    signals = list(dict.fromkeys(outcome.signal for outcome in single))
    figure = Figure(figsize=(1.6 + 3.3 * len(signals), 4.5), layout="constrained")
    panels = figure.subplots(1, len(signals), squeeze=False, sharey=True)[0]
    for panel, signal in zip(panels, signals, strict=True):
        _draw([outcome for outcome in single if outcome.signal == signal], panel)
        _mark_changes(panel, changes.get(signal, ()))
        panel.set_title(" × ".join(f"{n:,}".replace(",", " ") for n in signal) + " samples", fontsize=10, pad=62)
        panel.set_xlabel("taps" if len(signal) == 1 else "taps per axis")
    panels[0].set_ylabel("ms per call, median and quartiles")
    entries = {label: handle for p in panels for handle, label in zip(*p.get_legend_handles_labels(), strict=True)}
    labels = [name for name in (*STYLES, _LIMIT) if name in entries]
    figure.legend(
        [entries[name] for name in labels], labels, loc="outside lower center", ncols=5, frameon=False, fontsize=9
    )
    return figure


def _draw(outcomes: Sequence[Outcome], panel: Axes) -> None:
    outcomes = sorted(outcomes, key=lambda outcome: outcome.kernel)
    for name, (color, marker) in reversed(STYLES.items()):
        found = [(o.kernel[0], o.row.timings[name]) for o in outcomes if name in o.row.timings]
        if not found:
            continue
        lengths = [k for k, _ in found]
        medians = [1e3 * timing.median for _, timing in found]
        spread = [
            [1e3 * (timing.median - timing.low) for _, timing in found],
            [1e3 * (timing.high - timing.median) for _, timing in found],
        ]
        panel.errorbar(
            lengths,
            medians,
            yerr=spread,
            color=color,
            marker=marker,
            markersize=5,
            linewidth=2.4 if name == OURS else 1.2,
            elinewidth=1,
            label=name,
        )
        once = [(k, 1e3 * timing.median) for k, timing in found if timing.skipped]
        panel.plot([k for k, _ in once], [t for _, t in once], marker, color=color, markerfacecolor="white", zorder=3)
    taps = [outcome.kernel[0] for outcome in outcomes]
    panel.plot(taps, [1e3 * outcome.limit for outcome in outcomes], color=LIMIT, linestyle="--", label=_LIMIT)
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xticks(taps, [str(k) for k in taps])
    panel.xaxis.set_minor_locator(NullLocator())
    panel.grid(visible=True, color=GRID)


def _mark_changes(panel: Axes, changes: Sequence[tuple[int, str]]) -> None:
    low, high = panel.get_xlim()
    ends = [*(k for k, _ in changes[1:]), math.inf][: len(changes)]
    seen = [(max(k, low), method) for (k, method), end in zip(changes, ends, strict=True) if end > low and k < high]
    for k, _ in seen:
        if k > low:
            panel.axvline(k, color="0.4", linestyle=":", linewidth=1)
    for k, words in together(seen, (high / low) ** _CROWDED):
        panel.annotate(words, (k, 1), xycoords=("data", "axes fraction"), rotation=60, fontsize=7, va="bottom")
    panel.set_xlim(low, high)


def together(changes: Sequence[tuple[float, str]], factor: float) -> list[tuple[float, str]]:
    """Those that follow each other by less than a factor as one, at the place of the first: "fft/overlap"."""
    found: list[tuple[float, list[str]]] = []
    last = 0.0
    for k, method in changes:
        if not found or k >= last * factor:
            found.append((k, []))
        found[-1][1].append(method)
        last = k
    return [(k, "/".join(dict.fromkeys(methods))) for k, methods in found]
