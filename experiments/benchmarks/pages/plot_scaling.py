"""Time per sample and memory against the size of the signal."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from experiments.benchmarks.pages.markdown import shape
from experiments.benchmarks.pages.style import GRID, LIMIT
from experiments.benchmarks.scaling import MULTIPLE, Point, curves_of

_COLORS = (("#000000", "o"), ("#0072B2", "^"), ("#D55E00", "s"), ("#009E73", "P"))


def draw_scaling(points: Sequence[Point]) -> Figure:
    """A curve per kernel."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    speed, memory = figure.subplots(1, 2)
    for (color, marker), curve in zip(_COLORS, curves_of(points), strict=False):
        style = {"color": color, "marker": marker, "markersize": 5}
        label = f"{len(curve[0].kernel)}-d, {shape(curve[0].kernel)} taps"
        sizes = [point.samples for point in curve]
        speed.plot(sizes, [1e9 * point.median / point.samples for point in curve], label=label, **style)
        solid = [(point.samples, point.multiple) for point in curve if point.multiple is not None]
        memory.plot([size for size, _ in solid], [multiple for _, multiple in solid], label=label, **style)
    memory.axhline(1, color=LIMIT, linestyle="--", label="input and output")
    memory.axhline(MULTIPLE, color="#D55E00", linestyle=":", label="wanted at most")
    speed.set_yscale("log")
    speed.set_ylabel("ns per sample, median")
    memory.set_ylabel("peak memory ÷ (input + output)")
    memory.set_ylim(bottom=0)
    for panel in (speed, memory):
        panel.set_xscale("log")
        panel.set_xlabel("samples")
        panel.grid(visible=True, color=GRID)
        panel.legend(frameon=False, fontsize=8)
        # Small signals have no memory to speak of, but their place on the axis.
        panel.set_xlim(0.7 * min(point.samples for point in points), 1.4 * max(point.samples for point in points))
    return figure
