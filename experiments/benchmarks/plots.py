"""Time against kernel length, ours and the rivals', one panel per signal."""

import pathlib
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from experiments.benchmarks.correlation import OURS, RIVALS, Result
from experiments.files import replace_file

# Okabe & Ito's colours, which remain apart for the colour-blind, and markers for print.
_STYLES = {
    OURS: ("#000000", "o"),
    "jax convolve": ("#D55E00", "s"),
    "jax fftconvolve": ("#E69F00", "D"),
    "scipy fftconvolve": ("#0072B2", "^"),
    "scipy oaconvolve": ("#56B4E9", "v"),
    "np.convolve": ("#009E73", "P"),
}


def plot_times(results: Sequence[Result], path: pathlib.Path) -> None:
    """Draw the results of one rank to a PNG file; hollow markers are calls that were timed once."""
    signals = list(dict.fromkeys(result.case.signal for result in results))
    figure = Figure(figsize=(1.2 + 3.3 * len(signals), 3.9), layout="constrained")
    panels = figure.subplots(1, len(signals), squeeze=False, sharey=True)[0]
    for panel, signal in zip(panels, signals, strict=True):
        _draw([result for result in results if result.case.signal == signal], panel)
        panel.set_title(" × ".join(f"{n:,}".replace(",", " ") for n in signal) + " samples", fontsize=10)
        panel.set_xlabel("taps" if len(signal) == 1 else "taps per axis")
    panels[0].set_ylabel("ms per call, median and quartiles")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=len(labels) if len(signals) > 2 else 4,
        frameon=False,
        fontsize=9,
    )
    replace_file(path, lambda fresh: figure.savefig(fresh, dpi=130, format="png"))


def _draw(results: Sequence[Result], panel: Axes) -> None:
    taps = [result.case.kernel[0] for result in results]
    for name in (*RIVALS, OURS):
        color, marker = _STYLES[name]
        found = [
            (k, timing) for k, result in zip(taps, results, strict=True) if (timing := result.row.timings.get(name))
        ]
        if not found:
            continue
        lengths = [k for k, _ in found]
        medians = [1e3 * timing.median for _, timing in found]
        spread = [
            [1e3 * (timing.median - timing.low) for _, timing in found],
            [1e3 * (timing.high - timing.median) for _, timing in found],
        ]
        width = 2.4 if name == OURS else 1.2
        panel.errorbar(lengths, medians, yerr=spread, color=color, linewidth=width, elinewidth=1, label=name)
        filled = [not timing.skipped for _, timing in found]
        colors = [color if full else "white" for full in filled]
        panel.scatter(lengths, medians, s=22, c=colors, edgecolors=color, marker=marker, zorder=3)
    panel.plot(taps, [1e3 * result.limit for result in results], color="0.6", linestyle="--", label="memory limit")
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xticks(taps, [str(k) for k in taps])
    panel.xaxis.set_minor_locator(NullLocator())
    panel.grid(visible=True, color="0.9")
