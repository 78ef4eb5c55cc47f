"""The command `motion`: a field of motion and the disparities of a stereo pair, by matching blocks."""

from typing import Annotated, Any

import numpy as np
import skimage.data
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from experiments.console import Output, new_progress, refusing, say_written, write_json
from experiments.template_matching.blocks import (
    Disparities,
    Motion,
    find_disparities,
    find_motion,
    has_stereo,
    smooth_field,
)
from experiments.template_matching.fields import draw_motion
from experiments.template_matching.results_folder import RESULTS

_NOISE, _LARGEST, _REACH = 5.0, 8.0, 10
_FIELD_BLOCK, _FIELD_STEP = 21, 16
_STEREO_BLOCK, _STEREO_STEP, _STEREO_REACH = 15, 6, 70


@refusing
def motion(
    output: Output = RESULTS, seed: Annotated[int, typer.Option(help="Of the field and the noise.")] = 0
) -> None:
    """Recover a known field of motion, and the depth in a stereo pair, by matching blocks."""
    with new_progress() as progress:
        task = progress.add_task("motion: field", total=3)
        moved = field_of_photograph(seed)
        progress.update(task, description="motion: stereo pair", advance=1)
        stereo = find_disparities(block=_STEREO_BLOCK, reach=_STEREO_REACH, step=_STEREO_STEP) if has_stereo() else None
        progress.update(task, description="motion: drawing", advance=1)
        figure, numbers = output / "motion.png", output / "motion.json"
        draw_motion(moved, stereo, figure)
        record = make_record(moved, stereo, seed)
        write_json(numbers, record)
        progress.update(task, description="done", advance=1)
    console = Console()
    console.print(make_table(record))
    if stereo is None:
        console.print("This scikit-image does not bring the stereo pair along, so it is left out.")
    say_written(console, [figure, numbers])


def field_of_photograph(seed: int) -> Motion:
    """A photograph warped by arrows of up to 8 pixels, both views with noise of 5 grey levels."""
    rng = np.random.default_rng(seed)
    picture = skimage.data.gravel().astype(float)
    field = smooth_field(picture.shape, _LARGEST, rng)
    return find_motion(picture, field, _NOISE, rng, block=_FIELD_BLOCK, reach=_REACH, step=_FIELD_STEP)


def make_record(moved: Motion, stereo: Disparities | None, seed: int) -> dict[str, Any]:
    """Errors of the blocks, in pixels, and what they would be had nothing been found."""
    return {
        "seed": seed,
        "noise": _NOISE,
        "field": _errors(moved.error) | {"of_no_motion": float(np.linalg.norm(moved.truth, axis=-1).mean())},
        "stereo": None
        if stereo is None
        else _errors(stereo.error) | {"range": [float(np.nanmin(stereo.truth)), float(np.nanmax(stereo.truth))]},
    }


def make_table(record: dict[str, Any]) -> Table:
    """One row per pair of views."""
    table = Table(title="Errors of matched blocks, in pixels", box=box.SIMPLE, title_justify="left")
    table.add_column("views", no_wrap=True)
    for heading in ("blocks", "mean", "median", "within 1", "within 2"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name in ("field", "stereo"):
        errors = record[name]
        if errors is not None:
            shares = (f"{100 * errors[f'share_within_{limit}']:.1f} %" for limit in (1, 2))
            table.add_row(name, str(errors["blocks"]), f"{errors['mean']:.3f}", f"{errors['median']:.3f}", *shares)
    return table


def _errors(error: np.ndarray) -> dict[str, Any]:
    shares = {f"share_within_{limit}": float(np.mean(error <= limit)) for limit in (1, 2)}
    return {"blocks": int(error.size), "mean": float(error.mean()), "median": float(np.median(error)), **shares}
