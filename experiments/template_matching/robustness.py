"""The command `robustness`: how much a picture may change before a patch of it is no longer found."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import numpy as np
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from experiments.console import Output, new_progress, refusing, say_written, write_json
from experiments.template_matching.curves import draw_robustness
from experiments.template_matching.disturbances import DISTURBANCES, Disturbance, scenes
from experiments.template_matching.finders import FINDERS, HAS_OPENCV, MASKED, WIDE, Finder, find
from experiments.template_matching.results_folder import RESULTS

TOLERANCE = 1
"""Pixels by which a place may be missed, per axis."""

_TRIALS = 40

Curves = dict[str, list[float]]
"""The share of patches found at each level, by each finder."""


@refusing
def robustness(
    output: Output = RESULTS, seed: Annotated[int, typer.Option(help="Of patches, places and noise.")] = 0
) -> None:
    """Find patches of photographs after noise, brightness, contrast and occlusion, beside other libraries."""
    steps = sum(len(disturbance.levels) for disturbance in DISTURBANCES.values())
    with new_progress() as progress:
        task = progress.add_task("searching", total=steps + 1)

        def tell(name: str) -> None:
            progress.update(task, description=f"robustness: {name}", advance=1)

        curves = {name: measure(name, DISTURBANCES[name].levels, _TRIALS, seed, tell) for name in DISTURBANCES}
        progress.update(task, description="robustness: drawing")
        figure, numbers = output / "robustness.png", output / "robustness.json"
        draw_robustness(curves, _TRIALS, TOLERANCE, figure)
        write_json(numbers, make_record(curves, _TRIALS, seed))
        progress.update(task, description="done", advance=1)
    console = Console()
    console.print(make_table(curves))
    if not HAS_OPENCV:
        console.print("OpenCV is not installed, so its curves are left out.")
    say_written(console, [figure, numbers])


def finders_of(disturbance: Disturbance) -> Mapping[str, Finder]:
    """Those whose curves tell something."""
    if disturbance.is_extreme:
        return {**FINDERS, **WIDE}
    return {**FINDERS, **MASKED} if disturbance is DISTURBANCES["occlusion"] else FINDERS


def measure(
    name: str, levels: Sequence[float], trials: int, seed: int, tell: Callable[[str], None] = lambda _: None
) -> Curves:
    """Every finder sees the same scenes; so does every level, but for the noise."""
    disturbance = DISTURBANCES[name]
    finders = finders_of(disturbance)
    curves: Curves = {finder: [] for finder in finders}
    for number, level in enumerate(levels):
        noise = np.random.default_rng([seed, number])
        changed = [disturbance.apply(scene, level, noise) for scene in scenes(trials, np.random.default_rng(seed))]
        for finder, scores in finders.items():
            hits = [is_found(find(scores, scene), scene.place) for scene in changed]
            curves[finder].append(float(np.mean(hits)))
        tell(name)
    return curves


def is_found(place: tuple[int, int], truth: tuple[int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(place, truth, strict=True)) <= TOLERANCE


def make_record(curves: Mapping[str, Curves], trials: int, seed: int) -> dict[str, object]:
    """In JSON's types."""
    return {
        "seed": seed,
        "trials_per_level": trials,
        "tolerance_pixels": TOLERANCE,
        "has_opencv": HAS_OPENCV,
        "disturbances": {
            name: {
                "title": DISTURBANCES[name].title,
                "unit": DISTURBANCES[name].unit,
                "levels": list(DISTURBANCES[name].levels),
                "found": found,
            }
            for name, found in curves.items()
        },
    }


def make_table(curves: Mapping[str, Curves]) -> Table:
    """One row per disturbance and finder: the share found, from the mildest level to the strongest."""
    table = Table(title="Share of patches found", box=box.SIMPLE, title_justify="left")
    table.add_column("change, and by whom found", no_wrap=True)
    table.add_column("levels, and found in %", no_wrap=True)
    for name, found in curves.items():
        table.add_row(name, " ".join(f"{level:>6g}" for level in DISTURBANCES[name].levels), style="bold")
        for finder, shares in found.items():
            table.add_row(f"  {finder}", " ".join(f"{100 * share:6.0f}" for share in shares))
    return table
