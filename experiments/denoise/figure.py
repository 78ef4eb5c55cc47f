"""The pictures side by side, the learned thresholds, and PSNR against noise."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from experiments.canvas import new_figure, save_figure

_BANDS = ("ad", "da", "dd")


def draw_pictures(pictures: Mapping[str, np.ndarray], scores: Mapping[str, float], crop: slice, path: Path) -> None:
    """A part of every picture, with the PSNR of the whole."""
    columns = (len(pictures) + 1) // 2
    figure = new_figure(3.1 * columns, 6.9)
    for number, (name, picture) in enumerate(pictures.items()):
        axes = figure.add_subplot(2, columns, number + 1)
        score = f"\n{scores[name]:.2f} dB" if name in scores else "\n"
        axes.imshow(picture[crop, crop], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(name + score, fontsize=10)
        axes.set(xticks=[], yticks=[])
    save_figure(figure, path)


def draw_descent(
    histories: Mapping[str, Mapping[int, float]],
    formulas: Mapping[str, float],
    tables: Mapping[str, np.ndarray],
    path: Path,
) -> None:
    """What the rules make of the picture from step to step, beside formulas, and the thresholds that were found."""
    figure = new_figure(11, 4.2)
    left, right = figure.subplots(1, 2)
    for name, scores in histories.items():
        left.plot(list(scores), list(scores.values()), label=name)
    for (name, score), style in zip(formulas.items(), (":", "--"), strict=False):
        left.axhline(score, color="0.4", linestyle=style, label=name)
    left.set(xlabel="step", ylabel="PSNR of the picture in dB", title="Descent")
    left.legend(frameon=False, fontsize=9)
    marks = dict(zip(tables, ("o", "s"), strict=False))
    for name, thresholds in tables.items():
        for band, column, colour in zip(_BANDS, thresholds.T, ("tab:blue", "tab:orange", "tab:green"), strict=True):
            levels = np.arange(1, len(column) + 1)
            label = f"{band}, {name}"
            right.plot(levels, column, marks[name] + ("-" if marks[name] == "o" else "--"), color=colour, label=label)
    right.set(xlabel="level, the finest first", ylabel="threshold / σ", title="Learned thresholds")
    right.set_xticks(range(1, 1 + max(len(thresholds) for thresholds in tables.values())))
    right.legend(frameon=False, fontsize=9)
    save_figure(figure, path)


def draw_curves(sigmas: Sequence[float], curves: Mapping[str, Sequence[float]], path: Path) -> None:
    """PSNR above that of the noisy picture, against σ."""
    figure = new_figure(8, 5)
    axes = figure.add_subplot()
    colours: dict[str, str] = {}
    for name, values in curves.items():
        family = name.removeprefix("scikit-image: ")
        theirs = family != name
        colour = colours.setdefault(family.replace("8 × 8 shifts", "every shift"), f"C{len(colours)}")
        style = "--x" if theirs else "-o"
        axes.plot(sigmas, values, style, color=colour, label=name, alpha=0.8 if theirs else 1)
    axes.set(xlabel="σ of the noise (pictures from 0 to 255)", ylabel="PSNR in dB", title="camera, 512×512")
    axes.set_xticks(list(sigmas))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=9)
    save_figure(figure, path)
