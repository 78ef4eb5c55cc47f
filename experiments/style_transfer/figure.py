"""Figures: what went in, what came out, how the loss fell; and several results side by side."""

from collections.abc import Mapping
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.axes import Axes

from experiments.canvas import new_figure, save_figure, show
from experiments.style_transfer.loading import as_picture
from experiments.style_transfer.running import Outcome

_PANEL = 3.6
"""Inches."""


def draw_outcome(
    inputs: Mapping[str, jax.Array], name: str, outcome: Outcome, path: Path, *, is_periodic: bool = False
) -> None:
    """Inputs, the result, four of it side by side if it tiles, and the loss of every step."""
    panels = {**inputs, name: outcome.picture}
    if is_periodic:
        panels["four tiles"] = jnp.tile(outcome.picture, (1, 2, 2))
    figure = new_figure(_PANEL * (len(panels) + 1.2), _PANEL + 0.5)
    axes = figure.subplots(1, len(panels) + 1, gridspec_kw={"width_ratios": [1] * len(panels) + [1.2]})
    for panel, (title, picture) in zip(axes, panels.items(), strict=False):
        show_picture(panel, picture, title)
    draw_losses(axes[-1], outcome)
    save_figure(figure, path)


def draw_side_by_side(source: jax.Array, outcomes: Mapping[str, Outcome], notes: Mapping[str, str], path: Path) -> None:
    """A source and what was made of it in several ways, with a note on each."""
    figure = new_figure(_PANEL * (len(outcomes) + 1), _PANEL + 0.9)
    axes = figure.subplots(1, len(outcomes) + 1)
    show_picture(axes[0], source, "source")
    for panel, (name, outcome) in zip(axes[1:], outcomes.items(), strict=True):
        show_picture(panel, outcome.picture, f"{name}\n{notes[name]}")
    save_figure(figure, path)


def draw_sheet(pairs: Mapping[str, tuple[jax.Array, Outcome]], path: Path) -> None:
    """Textures above, what was made of them, and how the loss fell."""
    figure = new_figure(_PANEL * len(pairs), 3 * _PANEL + 0.4)
    axes = figure.subplots(3, len(pairs), squeeze=False)
    for column, (name, (source, outcome)) in enumerate(pairs.items()):
        show_picture(axes[0, column], source, name)
        show_picture(axes[1, column], outcome.picture, f"made in {outcome.seconds:.0f} s")
        draw_losses(axes[2, column], outcome)
    save_figure(figure, path)


def draw_losses(axes: Axes, outcome: Outcome) -> None:
    """Over all steps; a level of another size is another problem, and another line."""
    levels = np.array([level for level, _ in outcome.losses])
    losses = np.array([loss for _, loss in outcome.losses])
    for level in sorted(set(levels.tolist()), reverse=True):
        steps = np.flatnonzero(levels == level) + 1
        label = "whole size" if level == 0 else f"1/{1 << level}"
        axes.semilogy(steps, losses[steps - 1], label=label)
    axes.set(title="loss", xlabel="step")
    axes.grid(alpha=0.3)
    if outcome.losses:
        axes.legend(fontsize=9)


def show_picture(axes: Axes, picture: jax.Array, title: str) -> None:
    """Grey from black to white, whatever is in it."""
    samples = as_picture(picture)
    show(axes, np.repeat(samples[..., None], 3, -1) if samples.ndim == 2 else samples, title)
