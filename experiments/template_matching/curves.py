"""Curves over the strength of a disturbance: shares of patches found, errors of shifts and of delays."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from experiments.canvas import new_figure, save_figure
from experiments.template_matching.disturbances import DISTURBANCES
from experiments.template_matching.noise_curve import DelayCurve, ShiftCurve

_STYLES = {
    "sigconv": ("#d62728", "-", "o"),
    "sigconv, image_mask": ("#ff7f0e", "--", "D"),
    "sigconv, band": ("#ff7f0e", "--", "D"),
    "sigconv, window=None": ("#ff7f0e", "--", "D"),
    "scikit-image": ("#1f77b4", "-", "s"),
    "scikit-image, float64": ("#17becf", "--", "v"),
    "scikit-image, Hann": ("#17becf", "--", "v"),
    "OpenCV": ("#2ca02c", ":", "^"),
}


def draw_robustness(
    curves: Mapping[str, Mapping[str, Sequence[float]]], trials: int, tolerance: int, path: Path
) -> None:
    """One panel per disturbance, a curve per library; levels that are factors run from right to left of 1."""
    figure = new_figure(15.0, 8.6)
    figure.suptitle(f"Patches of photographs found within {tolerance} pixel, of {trials} per level", fontsize=14)
    for axes, (name, found) in zip(figure.subplots(2, 3, sharey=True).ravel(), curves.items(), strict=True):
        disturbance = DISTURBANCES[name]
        levels = list(disturbance.levels)
        for finder, shares in found.items():
            _plot(axes, levels, [100 * share for share in shares], finder)
        if min(levels) > 0:
            axes.set_xscale("log")
            axes.set_xticks(levels, [f"{level:g}" for level in levels], fontsize=8)
            axes.xaxis.set_minor_locator(NullLocator())
        if levels[0] > levels[-1]:
            axes.invert_xaxis()
        axes.set(title=disturbance.title, xlabel=disturbance.unit, ylim=(-4, 104))
        axes.grid(alpha=0.3)
        if axes.get_subplotspec().is_first_col():  # type: ignore[union-attr]
            axes.set_ylabel("found, in %")
    named = {label: line for axes in figure.axes for line, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=len(named), frameon=False)
    save_figure(figure, path)


def draw_noise(shifts: Sequence[ShiftCurve], delays: DelayCurve, path: Path) -> None:
    """Errors of shifts against noise, a panel per setting, and of delays against the least that is possible."""
    figure = new_figure(13.0, 9.6)
    panels = figure.subplots(2, 2).ravel()
    for axes, curve in zip(panels, shifts, strict=False):
        # A logarithmic axis has no 0: the level without noise stands left of the others.
        levels = [level or min(filter(None, curve.levels)) / 3 for level in curve.levels]
        for finder, errors in curve.median.items():
            _plot(axes, levels, np.maximum(errors, 1e-7), finder)
        axes.axhline(0.5 / curve.upsampling, color="k", lw=1, ls="-.")
        axes.text(levels[-1], 0.52 / curve.upsampling, "1/(2·upsampling)", ha="right", va="bottom", fontsize=9)
        axes.set(
            xscale="log",
            yscale="log",
            title=f"{curve.title}, upsampling {curve.upsampling}",
            ylabel="median error, pixels",
        )
        axes.set_xticks(levels, [f"{level:g}" for level in curve.levels])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("noise in each view, in deviations of the picture")
        axes.legend(fontsize=9, loc="upper left")
        axes.grid(alpha=0.3)
    axes = panels[-1]
    axes.semilogy(delays.snr_db, delays.error, "o-", color="#d62728", label="sigconv.matching.delay")
    axes.semilogy(delays.snr_db, delays.bound, "k--", label="Cramér–Rao bound")
    axes.set(
        xlabel="SNR, dB", ylabel="root mean square error, samples", title=f"Delay, {delays.trials} signals per SNR"
    )
    axes.legend(fontsize=9)
    axes.grid(alpha=0.3)
    save_figure(figure, path)


def _plot(axes: Axes, levels: Sequence[float], values: Sequence[float] | np.ndarray, finder: str) -> None:
    colour, line, marker = _STYLES[finder]
    # Equal curves lie on each other: the later are drawn smaller.
    axes.plot(
        levels, values, line, color=colour, marker=marker, ms=9 - 2 * len(axes.lines), lw=2, label=finder, alpha=0.9
    )
