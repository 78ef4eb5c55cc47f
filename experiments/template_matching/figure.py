"""The figures of `find`: image with the found boxes, score map, template; and all tasks on one sheet."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from experiments.canvas import RIGHT, WRONG, new_figure, save_figure, show
from experiments.template_matching.report import score_range
from experiments.template_matching.search import Peak, Search, is_near

_SAYS = {"correlate": "correlate", "convolve": "convolve by mistake"}


def draw_task(results: Sequence[Search], path: Path) -> None:
    """One row per search: template, image with boxes, score map."""
    height, width = results[0].image.shape[:2]
    row_inches = min(max(6.2 * height / width + 0.8, 2.5), 9.0)
    figure = new_figure(15.0, row_inches * len(results) + 0.5)
    figure.suptitle(results[0].title, fontsize=15, parse_math=False)
    axes = figure.subplots(len(results), 3, squeeze=False, gridspec_kw={"width_ratios": [1, 5, 5.4]})
    low = min(float(result.scores.min()) for result in results)
    for row, result in zip(axes, results, strict=True):
        show(row[0], result.applied, "template" if result.operation == "correlate" else "template,\nflipped")
        _show_found(row[1], result)
        row[1].set_title(f"{_SAYS[result.operation]}: score {score_range(result.found)}", fontsize=11)
        shown = row[2].imshow(result.scores, cmap="magma", vmin=low, vmax=1, interpolation="nearest")
        row[2].set_title("score with the template's upper left corner here", fontsize=11)
        row[2].tick_params(labelsize=8)
        for peak in result.found:
            row[2].plot(peak.column, peak.row, "o", ms=12, mfc="none", mec=_colour(result, peak), mew=1.5)
        figure.colorbar(shown, ax=row[2], shrink=0.85)
    save_figure(figure, path)


def draw_summary(results: Sequence[Search], path: Path) -> None:
    """Every search as one panel with its template below; where flipping goes unnoticed, only the flipped search."""
    unnoticed = {result.name for result in results if result.operation == "convolve" and result.is_correct}
    results = [result for result in results if result.operation == "convolve" or result.name not in unnoticed]
    columns = 3
    rows = -(-len(results) // columns)
    figure = new_figure(15.0, 4.1 * rows + 0.4)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in axes[len(results) :]:
        panel.set_axis_off()
    for panel, result in zip(axes, results, strict=False):
        _show_found(panel, result)
        panel.set_anchor("N")
        lines = f"{result.title}\n{_SAYS[result.operation]}, score {score_range(result.found)}"
        panel.set_title(lines, fontsize=10.5)
        inset = panel.inset_axes((0.0, -0.30, 0.24, 0.27))
        show(inset, result.applied)
        inset.set_anchor("NW")
        panel.text(0.26, -0.05, _caption(result), transform=panel.transAxes, fontsize=9.5, va="top", linespacing=1.4)
    save_figure(figure, path)


def _caption(result: Search) -> str:
    next_best = f"next peak {result.next_best.score:.3f}" if result.next_best else "no other peak"
    right = [peak for peak in result.found if _colour(result, peak) == RIGHT]
    shape = f"{result.template.shape[0]}×{result.template.shape[1]}"
    lines = [f"template {shape}{'' if result.operation == 'correlate' else ', flipped'}; {next_best}"]
    if result.expected is not None:
        lines.append(f"{len(right)} of {len(result.expected)} at the right place")
    return "\n".join(lines)


def _show_found(axes: Axes, result: Search) -> None:
    show(axes, result.image)
    height, width = result.template.shape[:2]
    for peak in result.found:
        edge = _colour(result, peak)
        axes.add_patch(Rectangle((peak.column - 1, peak.row - 1), width + 1, height + 1, fill=False, ec=edge, lw=2))


def _colour(result: Search, peak: Peak) -> str:
    """Green where the place is right or nobody knows, red where it is wrong."""
    places = result.expected
    is_right = places is None or any(is_near(peak, place, result.tolerance) for place in places)
    return RIGHT if is_right else WRONG
