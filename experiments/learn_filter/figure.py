"""Figures of a descent: the filters, the pictures, the curves."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from experiments.files import replace_file
from experiments.learn_filter.record import Step


def draw(
    filters: dict[str, np.ndarray], pictures: dict[str, np.ndarray], steps: Sequence[Step], title: str, path: Path
) -> None:
    """Filters above, pictures in the middle, loss and error below."""
    columns = max(len(filters), len(pictures))
    figure = plt.figure(figsize=(2.7 * columns, 8), layout="constrained")
    grid = figure.add_gridspec(3, columns, height_ratios=(1, 1.1, 1.2))
    limit = max(np.abs(taps).max() for taps in filters.values())
    shown = None
    for column, (name, taps) in enumerate(filters.items()):
        panel = figure.add_subplot(grid[0, column])
        shown = panel.imshow(taps, cmap="RdBu_r", vmin=-limit, vmax=limit)
        panel.set(title=name, xticks=[], yticks=[])
    assert shown is not None
    figure.colorbar(shown, ax=figure.axes, shrink=0.8, label="tap")
    for column, (name, image) in enumerate(pictures.items()):
        panel = figure.add_subplot(grid[1, column])
        panel.imshow(image, cmap="gray")
        panel.set(title=name, xticks=[], yticks=[])
    panel = figure.add_subplot(grid[2, :])
    numbers = [step.number for step in steps]
    panel.semilogy(numbers, [step.loss for step in steps], color="tab:blue", label="loss")
    panel.semilogy(numbers, [step.error for step in steps], color="tab:orange", label="error of the filter")
    panel.set(xlabel="step")
    panel.legend(frameon=False)
    figure.suptitle(title)
    replace_file(path, lambda fresh: figure.savefig(fresh, dpi=120))
    plt.close(figure)
