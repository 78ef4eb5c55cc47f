"""Figures of their own, outside pyplot's global state, and pictures on them."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from experiments.files import replace_file

_DPI = 100
RIGHT, WRONG = "#00e676", "#ff1744"


def new_figure(width: float, height: float) -> Figure:
    """In inches of 100 pixels."""
    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    replace_file(path, lambda fresh: figure.savefig(fresh, format="png"))


def show(axes: Axes, picture: np.ndarray, title: str = "") -> None:
    """A picture (H, W) or (H, W, 3) of samples from 0 to 255, without ticks."""
    if picture.ndim == 2:
        axes.imshow(picture, cmap="gray", interpolation="nearest")
    else:
        axes.imshow(picture.astype(np.uint8), interpolation="nearest")
    axes.set_title(title, fontsize=11)
    axes.set_xticks([])
    axes.set_yticks([])
