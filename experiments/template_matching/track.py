"""`track`: a patch through the frames of a made sequence, beside where it truly is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from matplotlib.figure import SubFigure
from matplotlib.patches import Circle
from rich.console import Console

from experiments.canvas import RIGHT, WRONG, new_figure, save_figure, show
from experiments.console import Output, new_progress, refusing, say_written, write_json
from experiments.template_matching.frames import SHAPE, Poses, make_frames, make_poses
from experiments.template_matching.results_folder import RESULTS
from experiments.template_matching.tracking import HALF, follow

_FRAMES = 60
_HELD = 1.0
"""The patch counts as followed if it is never further off than this, in pixels."""


@dataclass(frozen=True)
class Followed:
    """What a tracker said of each frame, and how far that is from the truth, in pixels and degrees."""

    poses: Poses
    scores: np.ndarray
    distances: np.ndarray
    turns: np.ndarray

    @property
    def is_held(self) -> bool:
        return bool(self.distances.max() <= _HELD)

    def record(self) -> dict:
        return {
            "mean_error_pixels": float(self.distances.mean()),
            "largest_error_pixels": float(self.distances.max()),
            "mean_error_degrees": float(self.turns.mean()),
            "largest_error_degrees": float(self.turns.max()),
            "least_score": float(self.scores.min()),
            "places": self.poses.places.tolist(),
            "angles": np.rad2deg(self.poses.angles).tolist(),
            "errors_pixels": self.distances.tolist(),
        }


@refusing
def track(
    frames: Annotated[int, typer.Option(help="Length of the sequence; fewer are faster motion.", min=40)] = _FRAMES,
    seed: Annotated[int, typer.Option(help="Of the noise.", min=0)] = 0,
    output: Output = RESULTS,
) -> None:
    """Follow a patch that moves and turns while the light changes.

    The exit code is 1 if it is ever more than a pixel off.
    """
    if not track_patch(output, frames, seed):
        raise typer.Exit(1)


def track_patch(output: Path, count: int = _FRAMES, seed: int = 0) -> bool:
    """Follow it with and without turning the template; whether the first was never more than a pixel off."""
    output.mkdir(parents=True, exist_ok=True)
    truth = make_poses(count)
    written = [output / "track.png", output / "track.json"]
    with new_progress() as progress:
        steps = progress.add_task("track: making frames", total=2 * count + 2)
        frames = make_frames(truth, seed)
        progress.advance(steps)
        found = {}
        for name, is_turned in (("turned", True), ("as cut", False)):
            progress.update(steps, description=f"track: template {name}")
            poses = []
            for pose in follow(frames, tuple(truth.places[0].astype(int)), is_turned=is_turned):
                poses.append(pose)
                progress.advance(steps)
            found[name] = _judge(poses, truth)
        progress.update(steps, description="track: drawing")
        _draw(frames, truth, found, written[0])
        progress.update(steps, description="done", advance=1)
    true_path = {"places": truth.places.tolist(), "angles": np.rad2deg(truth.angles).tolist()}
    record = {"frames": count, "seed": seed, "true": true_path} | {name: f.record() for name, f in found.items()}
    write_json(written[1], record)
    console = Console()
    for name, followed in found.items():
        said = f"template {name}: {_says(followed)}, least score {followed.scores.min():.3f}"
        console.print(said, highlight=False, soft_wrap=True)
    say_written(console, written)
    return found["turned"].is_held


def _judge(poses: Sequence[tuple[np.ndarray, float, float]], truth: Poses) -> Followed:
    places, angles, scores = (np.asarray(values, float) for values in zip(*poses, strict=True))
    distances = np.hypot(*(places - truth.places).T)
    return Followed(Poses(places, angles), scores, distances, np.abs(np.rad2deg(angles - truth.angles)))


def _says(followed: Followed) -> str:
    off, turned = followed.distances, followed.turns
    return (
        f"off by {off.mean():.2f} pixels on average and {off.max():.2f} at most, "
        f"{turned.mean():.2f}° on average and {turned.max():.2f}° at most"
    )


def _draw(frames: np.ndarray, truth: Poses, found: dict[str, Followed], path: Path) -> None:
    figure = new_figure(15.0, 7.9)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 1.45)).ravel()
    _draw_frames(above, frames, found)
    panels = below.subplots(1, 2, width_ratios=(1, 1.1))
    panels[0].plot(truth.places[:, 1], truth.places[:, 0], color="0.75", lw=7, label="true path")
    for (name, followed), colour in zip(found.items(), (RIGHT, WRONG), strict=True):
        words = f"template {name}"
        panels[0].plot(followed.poses.places[:, 1], followed.poses.places[:, 0], ".-", color=colour, lw=1, label=words)
        label = f"{words}: mean {followed.distances.mean():.2f}, largest {followed.distances.max():.2f}"
        panels[1].semilogy(np.maximum(followed.distances, 1e-3), ".-", color=colour, label=label)
    panels[0].set(xlim=(0, SHAPE[1]), ylim=(SHAPE[0], 0), aspect="equal", xlabel="column", ylabel="row")
    panels[0].set_title("middle of the patch", fontsize=11)
    panels[1].axhline(_HELD, color="0.5", lw=0.8, ls="--")
    panels[1].set(xlabel="frame", ylabel="pixels", ylim=(5e-4, 50))
    panels[1].set_title("distance from the true place", fontsize=11)
    panels[0].legend(loc="lower left", fontsize=9)
    panels[1].legend(loc="lower right", fontsize=9)
    save_figure(figure, path)


def _draw_frames(figure: SubFigure, frames: np.ndarray, found: dict[str, Followed]) -> None:
    """Frames a sixth of the sequence apart, with each tracker's disc and what it takes for upright."""
    columns = 4
    panels = figure.subplots(1, columns)
    for panel, number in zip(panels, np.arange(columns) * len(frames) // 6, strict=True):
        show(panel, frames[number], f"frame {number}")
        panel.images[0].set_clim(0, 255)
        for followed, colour in zip(reversed(found.values()), (WRONG, RIGHT), strict=True):
            row, column = followed.poses.places[number]
            angle = followed.poses.angles[number]
            panel.add_patch(Circle((column, row), HALF, fill=False, ec=colour, lw=2))
            tip = (column - HALF * np.sin(angle), row - HALF * np.cos(angle))
            panel.plot((column, tip[0]), (row, tip[1]), color=colour, lw=1.5)
