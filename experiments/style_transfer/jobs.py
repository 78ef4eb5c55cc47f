"""One picture from settings to files: shared by the commands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import jax
import typer
from rich.console import Console

from experiments.console import say_written, write_json
from experiments.style_transfer.figure import draw_outcome
from experiments.style_transfer.folders import claim, frames_folder
from experiments.style_transfer.metrics import Metrics, measure_picture
from experiments.style_transfer.options import Settings
from experiments.style_transfer.report import make_record, make_table
from experiments.style_transfer.running import End, Outcome, save_picture, watch
from experiments.style_transfer.synthesis import Frame


@dataclass(frozen=True)
class Job:
    """What is made, and where it goes.

    Attributes:
        name: Of the files.
        title: At the terminal.
        source: What is imitated: the metrics compare with it.
        inputs: All pictures that went in, for the figure.
        is_periodic: Whether the result tiles.
    """

    name: str
    title: str
    source: jax.Array
    inputs: Mapping[str, jax.Array]
    output: Path
    overwrite: bool = False
    every: int = 0
    is_periodic: bool = False


def run_job(job: Job, frames: Iterator[Frame], settings: Settings, **more: object) -> tuple[Outcome, Metrics]:
    """The picture, its figure and its JSON, whole also after Ctrl-C or a loss that was not finite."""
    record = claim(job.output, job.name, overwrite=job.overwrite)
    total = settings.steps * (settings.halvings + 1)
    outcome = watch(frames, total, job.title, frames_folder(job.output, job.name), job.every)
    metrics = measure_picture(outcome.picture, job.source, is_periodic=job.is_periodic)
    picture, figure = (job.output / f"{job.name}{ending}.png" for ending in ("", "_figure"))
    save_picture(outcome.picture, picture)
    draw_outcome(job.inputs, job.name, outcome, figure, is_periodic=job.is_periodic)
    write_json(record, make_record(settings, outcome, metrics, **more))
    console = Console()
    console.print(make_table({job.name: (outcome, metrics)}))
    say_written(console, [picture, figure, record])
    return outcome, metrics


def leave_unless_finished(outcome: Outcome) -> None:
    """Exit 1 after a loss that was not finite and 130 after Ctrl-C, and say at which step."""
    if outcome.end is End.FINISHED:
        return
    step = outcome.steps
    reasons = {
        End.NOT_FINITE: f"the loss was not finite at step {step + 1}; what was written is the picture before it",
        End.INTERRUPTED: f"interrupted after step {step}; what was written is the picture so far",
    }
    typer.echo(f"Error: {reasons[outcome.end]}", err=True)
    raise typer.Exit(outcome.end.value)
