"""`count`: the coins of a photograph, or round things in a picture of the user's own."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import skimage.data
import typer
from matplotlib.patches import Rectangle
from rich.console import Console

from experiments.canvas import RIGHT, WRONG, new_figure, save_figure, show
from experiments.console import Output, new_progress, refuse, refusing, say_written, write_json
from experiments.pictures import PictureError, as_grey, read_picture
from experiments.template_matching.coins import (
    CENTRES,
    Circle,
    find_circles,
    is_each_found_once,
    make_discs,
    score_discs,
    template_side,
)
from experiments.template_matching.results_folder import RESULTS

_THRESHOLD = 0.6
_SMALLEST, _LARGEST = 34.0, 68.0
_STEP = 2.0


@refusing
def count(
    image: Annotated[Path | None, typer.Option(help="Your own picture of round, bright things.")] = None,
    smallest: Annotated[float, typer.Option(help="Least diameter, in pixels.", min=5)] = _SMALLEST,
    largest: Annotated[float, typer.Option(help="Greatest diameter, in pixels.", max=400)] = _LARGEST,
    threshold: Annotated[float, typer.Option(help="Least score of a match.", min=-1, max=1)] = _THRESHOLD,
    output: Output = RESULTS,
) -> None:
    """Count coins with a bank of discs of all sizes.

    The exit code is 1 if not every coin of the built-in picture is found exactly once.
    """
    if largest < smallest:
        refuse(f"--largest must not be less than --smallest, {smallest:g}; got {largest:g}")
    try:
        picture = None if image is None else as_grey(read_picture(image))
    except PictureError as error:
        refuse(str(error))
    height, width = skimage.data.coins().shape if picture is None else picture.shape
    if min(height, width) < template_side(largest):
        size = f"{width}x{height}"
        refuse(f"circles of {largest:g} pixels and what is around them do not fit into the image ({size})")
    if not count_circles(output, picture, (smallest, largest), threshold):
        raise typer.Exit(1)


def count_circles(
    output: Path,
    own: np.ndarray | None = None,
    sizes: tuple[float, float] = (_SMALLEST, _LARGEST),
    threshold: float = _THRESHOLD,
) -> bool:
    """Count, draw, tell and write; whether it is right, or nobody knows."""
    output.mkdir(parents=True, exist_ok=True)
    picture = skimage.data.coins() if own is None else own
    diameters = np.arange(sizes[0], sizes[1] + _STEP / 2, _STEP).tolist()
    name = "count" if own is None else "own_count"
    written = [output / f"{name}.png", output / f"{name}.json"]
    with new_progress() as progress:
        steps = progress.add_task(f"count: {len(diameters)} sizes of disc", total=2)
        best = score_discs(picture, make_discs(diameters))
        peaks = find_circles(best, diameters)
        circles = [circle for circle in peaks if circle.score >= threshold]
        next_best = peaks[len(circles)].score if len(peaks) > len(circles) else None
        progress.update(steps, description="count: drawing", advance=1)
        is_right = own is not None or is_each_found_once(circles)
        says = f"{len(circles)} found" + ("" if own is not None else f"; a person counts {len(CENTRES)}")
        _draw(picture, np.asarray(best.score), circles, says, None if own is not None else CENTRES, written[0])
        progress.update(steps, description="done", advance=1)
    record = {
        "count": len(circles),
        "counted_by_a_person": None if own is not None else len(CENTRES),
        "each_found_once": None if own is not None else is_right,
        "threshold": threshold,
        "next_best": next_best,
        "diameters": diameters,
        "circles": [asdict(circle) for circle in circles],
    }
    write_json(written[1], record)
    console = Console()
    scores = _range([circle.score for circle in circles], ".3f")
    beyond = "" if next_best is None else f", next peak {next_best:.3f}"
    console.print(f"{says}; scores {scores}{beyond}", highlight=False)
    console.print(f"diameters {_range([c.diameter for c in circles], '.0f')} pixels", highlight=False)
    say_written(console, written)
    return is_right


def _draw(
    picture: np.ndarray,
    scores: np.ndarray,
    circles: Sequence[Circle],
    says: str,
    centres: Sequence[tuple[int, int]] | None,
    path: Path,
) -> None:
    figure = new_figure(15.0, max(3.0, 7.0 * picture.shape[0] / picture.shape[1] + 0.6))
    figure.suptitle(f"Discs of all sizes: {says}", fontsize=15)
    left, right = figure.subplots(1, 2)
    show(left, picture, "the best disc's size, in pixels across")
    for circle in circles:
        is_right = centres is None or any(circle.is_near(centre) for centre in centres)
        corner = (circle.column - circle.diameter / 2, circle.row - circle.diameter / 2)
        edge = RIGHT if is_right else WRONG
        left.add_patch(Rectangle(corner, circle.diameter, circle.diameter, fill=False, ec=edge, lw=2))
        right.plot(circle.column, circle.row, "o", ms=10, mfc="none", mec=edge, mew=1.5)
        label = {"color": edge, "fontsize": 9, "va": "top", "ha": "left"}
        left.text(corner[0], corner[1] + circle.diameter + 1, f"{circle.diameter:.0f}", **label)
    shown = right.imshow(scores, cmap="magma", vmax=1, interpolation="nearest")
    right.set_title("score of the best disc with its middle here", fontsize=11)
    right.set_xticks([])
    right.set_yticks([])
    figure.colorbar(shown, ax=right, shrink=0.85)
    save_figure(figure, path)


def _range(values: Sequence[float], form: str) -> str:
    return f"{min(values):{form}} to {max(values):{form}}" if values else "none"
