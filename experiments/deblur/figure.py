"""Figures: pictures side by side, and what the search for the stroke went through."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from experiments.canvas import new_figure, save_figure, show
from experiments.deblur.clock import MIDDLE, Picture
from experiments.deblur.motion import Stroke
from experiments.deblur.scenes import Problem
from experiments.deblur.scores import Result


def draw_crop(problem: Problem, results: Sequence[Result], path: Path) -> None:
    """The truth and what each method makes of the blurred picture."""
    panels = [("truth", problem.truth)]
    panels += [
        (f"{r.name}\n{r.score.whole:.1f} dB, near the border {r.score.border:.1f} dB", r.picture) for r in results
    ]
    columns = -(-len(panels) // 3)
    figure = new_figure(4.0 * columns, 13.2)
    for place, (title, picture) in enumerate(panels):
        show(figure.add_subplot(3, columns, place + 1), 255 * np.clip(picture, 0, 1), title)
    words = "cropped from a larger one" if problem.border == "real" else "a cycle"
    figure.suptitle(f"{problem.name}, {words}, noise of σ = {problem.noise:g}", fontsize=14)
    save_figure(figure, path)


def draw_clock(pictures: Sequence[Picture], path: Path) -> None:
    """The middle of the clock, as it came and restored."""
    figure = new_figure(15, 7.2)
    for place, found in enumerate(pictures):
        axes = figure.add_subplot(2, 3, place + 1)
        axes.imshow(found.picture[MIDDLE], cmap="gray", vmin=0.35, vmax=1, interpolation="nearest")
        axes.set_title(
            f"{found.name}\nedges × {found.edges:.1f}, ripples at the border × {found.border:.1f}", fontsize=11
        )
        axes.set_xticks([])
        axes.set_yticks([])
    save_figure(figure, path)


def draw_search(
    scanned: Sequence[tuple[float, float]], descent: Sequence[Stroke], kernel: np.ndarray, path: Path
) -> None:
    """How rough each length would leave the clock, the descent from the best one, and the kernel found."""
    figure = new_figure(13, 3.8)
    first, second, third = figure.subplots(1, 3)
    first.plot(*zip(*scanned, strict=True), "o-", ms=4)
    first.set(title="scan: how rough the restored clock is", xlabel="length in pixels", ylabel="Σ|∇x| / √Σ|∇x|²")
    second.plot([stroke.length for stroke in descent], label="length in pixels")
    second.set(title="descent", xlabel="step", ylabel="length in pixels")
    angles = second.twinx()
    angles.plot([np.rad2deg(stroke.angle) for stroke in descent], color="tab:orange")
    angles.set_ylabel("angle in degrees", color="tab:orange")
    third.imshow(kernel, cmap="magma", interpolation="nearest")
    third.set(title="the stroke found", xticks=[], yticks=[])
    save_figure(figure, path)
