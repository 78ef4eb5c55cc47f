"""A template on its way from noise to what it looks for, and how well it tells crops apart."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from experiments.canvas import new_figure, save_figure
from experiments.template_matching.descent import Step, area, roc

_COLOURS = {"noise, before": "#7f7f7f", "learned": "#d62728", "average face": "#1f77b4"}
_SHOWN = (0.0, 0.1, 0.15, 0.2, 0.3, 1.0)
"""Parts of the descent."""


def draw_learned(
    steps: Sequence[Step],
    average: np.ndarray,
    responses: Mapping[str, np.ndarray],
    is_wanted: np.ndarray,
    path: Path,
) -> None:
    """Templates above; below the loss, the responses to crops held out before and after, and the ROC."""
    figure = new_figure(15.0, 7.0)
    grid = figure.add_gridspec(2, 1, height_ratios=(1, 1.4))
    above, below = (figure.add_subfigure(part) for part in (grid[0], grid[1]))
    chosen = [steps[round(part * (len(steps) - 1))] for part in _SHOWN]
    shown = [(f"step {step.number}", step.template) for step in chosen] + [("average face", average)]
    for axes, (title, template) in zip(above.subplots(1, len(shown)), shown, strict=True):
        axes.imshow(template, cmap="gray")
        axes.set(title=title, xticks=[], yticks=[])
    panels = below.subplots(1, 4)
    panels[0].plot([step.number for step in steps], [step.loss for step in steps], color="#d62728")
    panels[0].set(title="loss", xlabel="step", ylim=(0, None))
    low, high = (float(f([f(scores) for scores in responses.values()])) for f in (np.min, np.max))
    bins = np.linspace(low, high, 21)
    for axes, name in zip(panels[1:3], ("noise, before", "learned"), strict=True):
        for label, chosen_crops, colour in (("faces", is_wanted, "#ff7f0e"), ("others", ~is_wanted, "#7f7f7f")):
            axes.hist(responses[name][chosen_crops], bins=bins, alpha=0.7, label=label, color=colour)
        axes.set(title=f"crops held out, {name}", xlabel="response", ylabel="crops")
        axes.legend(fontsize=9)
    for name, scores in responses.items():
        false, true = roc(scores, is_wanted)
        label = f"{name}: {area(scores, is_wanted):.3f}"
        panels[3].plot(false, true, color=_COLOURS[name], lw=2, label=label)
    panels[3].set(title="ROC, and the area under it", xlabel="others taken for faces", ylabel="faces found")
    panels[3].legend(fontsize=9, loc="lower right")
    save_figure(figure, path)
