"""Views beside each other, with what was found between them: shifts, fields of motion, disparities."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.canvas import new_figure, save_figure, show
from experiments.template_matching.blocks import Disparities, Motion


def draw_views(
    reference: np.ndarray,
    moving: np.ndarray,
    laid: np.ndarray,
    shift: tuple[float, float],
    found: tuple[float, float],
    path: Path,
) -> None:
    """Two views, and their difference before and after the second is laid on the first."""
    figure = new_figure(15.0, 4.4)
    figure.suptitle(
        f"Shift ({shift[0]:.2f}, {shift[1]:.2f}) pixels, found ({found[0]:.3f}, {found[1]:.3f})", fontsize=14
    )
    panels = figure.subplots(1, 4)
    show(panels[0], reference, "one view")
    show(panels[1], moving, "another")
    differences = {"difference": moving - reference, "difference after registration": laid - reference}
    limit = float(np.abs(moving - reference).max())
    shown = None
    for axes, (title, difference) in zip(panels[2:], differences.items(), strict=True):
        shown = axes.imshow(difference, cmap="RdBu_r", vmin=-limit, vmax=limit)
        axes.set(title=title, xticks=[], yticks=[])
    assert shown is not None
    figure.colorbar(shown, ax=panels[2:], shrink=0.8, label="grey levels")
    save_figure(figure, path)


def draw_motion(motion: Motion, stereo: Disparities | None, path: Path) -> None:
    """A known field of motion above; disparities of a stereo pair below, if there is one."""
    figure = new_figure(16.0, 4.6 if stereo is None else 8.0)
    rows = np.atleast_2d(figure.subplots(1 if stereo is None else 2, 4))
    _draw_field(figure, rows[0], motion)
    if stereo is not None:
        _draw_disparities(figure, rows[1], stereo)
    save_figure(figure, path)


def _draw_field(figure: Figure, row: np.ndarray, motion: Motion) -> None:
    height, width = motion.first.shape
    show(row[0], motion.moved, "second view, warped by the field")
    for axes, title, field in ((row[1], "true field", motion.truth), (row[2], "found field", motion.found)):
        # Every other arrow, four times as long as it is.
        down, right = np.moveaxis(field[::2, ::2], -1, 0)
        rows, columns = np.moveaxis(motion.centres[::2, ::2], -1, 0)
        sizes = np.hypot(down, right)
        axes.quiver(
            columns, rows, right, down, sizes, angles="xy", scale_units="xy", scale=0.25, cmap="plasma", width=0.006
        )
        axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal", xticks=[], yticks=[])
        axes.set_title(f"{title}, arrows × 4", fontsize=11)
    _map(figure, row[3], motion.error, motion.centres, "error of the field, pixels", "viridis", 0, 0.5)


def _draw_disparities(figure: Figure, row: np.ndarray, stereo: Disparities) -> None:
    show(row[0], stereo.first, "view of the left camera")
    known = np.isfinite(stereo.truth)
    high = float(stereo.truth[known].max())
    found = np.where(known, stereo.found, np.nan)
    _map(figure, row[1], stereo.truth, stereo.centres, "true disparity, pixels", "turbo", 0, high)
    _map(figure, row[2], found, stereo.centres, "found disparity, pixels", "turbo", 0, high)
    _map(figure, row[3], np.abs(found - stereo.truth), stereo.centres, "error, pixels", "viridis", 0, 5)


def _map(
    figure: Figure, axes: Axes, values: np.ndarray, centres: np.ndarray, title: str, cmap: str, low: float, high: float
) -> None:
    """Values at block centres, over the pixels they stand for."""
    half = (centres[1, 1] - centres[0, 0]) / 2
    (top, left), (bottom, right) = centres[0, 0] - half, centres[-1, -1] + half
    shown = axes.imshow(values, cmap=cmap, vmin=low, vmax=high, extent=(left, right, bottom, top))
    axes.set_title(title, fontsize=11)
    axes.set_xticks([])
    axes.set_yticks([])
    figure.colorbar(shown, ax=axes, shrink=0.8, extend="max" if np.nanmax(values) > high else "neither")
