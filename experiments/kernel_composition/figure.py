"""Figures: the ring, the flip, and what composing gains."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from experiments.files import replace_file
from experiments.kernel_composition.study import Flip, Gain, Ring

_FLOOR = 1e-9


def draw_rings(rings: Sequence[Ring], path: Path) -> None:
    """A row per pair of kernels: the output, the difference, the prediction, the difference once corrected."""
    figure, axes = plt.subplots(len(rings), 4, figsize=(9.6, 2.4 * len(rings)), layout="constrained")
    titles = ("in turn", "|as one − in turn|", "predicted to differ", "|corrected − in turn|")
    norm = LogNorm(1e-8, max(ring.as_one.max() for ring in rings))
    shown = None
    for row, ring in zip(axes, rings, strict=True):
        row[0].imshow(ring.in_turn, cmap="gray")
        shown = row[1].imshow(np.maximum(ring.as_one, _FLOOR), norm=norm, cmap="magma")
        row[2].imshow(ring.predicted, cmap="gray", vmin=0, vmax=1)
        row[3].imshow(np.maximum(ring.exact, _FLOOR), norm=norm, cmap="magma")
        row[0].set_ylabel(ring.name)
        for panel in row:
            panel.set(xticks=[], yticks=[])
    for panel, title in zip(axes[0], titles, strict=True):
        panel.set_title(title, fontsize=10)
    assert shown is not None
    figure.colorbar(shown, ax=axes, shrink=0.5, label="difference", extend="min")
    _save(figure, path)


def draw_flip(flip: Flip, path: Path) -> None:
    """Two layers in turn, and how far a layer with their kernels composed is from it."""
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
    panels = (
        (flip.in_turn, "conv2d(conv2d(x, a), b)", {}),
        (flip.convolved, "kernels convolved: |difference|", {"vmin": 0}),
        (flip.correlated, "kernels correlated: |difference|", {"vmin": 0}),
    )
    for panel, (values, title, options) in zip(axes, panels, strict=True):
        shown = panel.imshow(values, **options)
        panel.set(xticks=[], yticks=[])
        panel.set_title(f"{title}\nlargest {np.abs(values).max():.2g}", fontsize=10)
        figure.colorbar(shown, ax=panel, shrink=0.8)
    _save(figure, path)


def draw_gains(gains: Sequence[Gain], path: Path) -> None:
    """Time of two layers over that of one, against the taps."""
    figure, panel = plt.subplots(figsize=(6, 4), layout="constrained")
    for channels in dict.fromkeys(gain.channels for gain in gains):
        own = [gain for gain in gains if gain.channels == channels]
        label = " → ".join(map(str, channels))
        panel.plot([g.taps for g in own], [g.ratio for g in own], marker="o", label=f"{label} channels")
    panel.axhline(1, color="0.7", linewidth=1, zorder=0)
    taps = sorted({gain.taps for gain in gains})
    panel.set(xlabel="taps per axis of each layer", ylabel="time in turn ÷ time as one", yscale="log", xticks=taps)
    panel.yaxis.set_major_formatter("{x:g}")
    figure.legend(frameon=False, loc="outside lower center", ncols=2)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    replace_file(path, lambda fresh: figure.savefig(fresh, dpi=120))
    plt.close(figure)
