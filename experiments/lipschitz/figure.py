"""How far above the norm each bound lies, and what it takes."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import LogLocator

from experiments.files import replace_file
from experiments.lipschitz.bounds import BOUNDS
from experiments.lipschitz.study import Measured

EXACT = "exact, periodic"


def draw(measured: Sequence[Measured], path: Path) -> None:
    """One panel per layer: seconds against the excess over the exact norm of periodic images."""
    layers = list(dict.fromkeys(m.layer for m in measured))
    columns = min(len(layers), 4)
    rows = -(-len(layers) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(3.4 * columns, 3.2 * rows + 0.9), squeeze=False, layout="constrained"
    )
    colours = {name: plt.get_cmap("tab10")(number) for number, name in enumerate(BOUNDS)}
    for panel, layer in zip(axes.flat, layers, strict=False):
        own = [m for m in measured if m.layer == layer]
        norm = next(m.value for m in own if m.bound == EXACT)
        for m in own:
            below = m.bound.startswith("power")
            marker = "v" if below else "*" if m.bound == EXACT else "o"
            panel.scatter(m.seconds * 1e3, m.value / norm, color=colours[m.bound], marker=marker, s=50, label=m.bound)
        panel.axhline(1, color="0.7", linewidth=1, zorder=0)
        panel.set(title=layer, xscale="log", yscale="log", xlabel="milliseconds", ylabel="bound ÷ norm")
        panel.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        panel.xaxis.set_major_formatter("{x:g}")
        panel.xaxis.set_minor_formatter("")
        panel.yaxis.set_major_formatter("{x:g}")
        panel.yaxis.set_minor_formatter("{x:g}")
        panel.tick_params(axis="y", which="minor", labelsize=7)
    for panel in axes.flat[len(layers) :]:
        panel.set_axis_off()
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    replace_file(path, lambda fresh: figure.savefig(fresh, dpi=130))
    plt.close(figure)
