"""The command `learn`: a template learned by gradient until it responds to faces and to nothing else."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from experiments.console import Output, new_progress, refusing, say_written, write_json
from experiments.template_matching.descent import (
    Crops,
    Step,
    area,
    descend,
    faces,
    first_template,
    responses,
)
from experiments.template_matching.results_folder import RESULTS
from experiments.template_matching.snapshots import draw_learned

_SIDE, _STEPS = 19, 400


@dataclasses.dataclass(frozen=True)
class Learned:
    """A descent, and what three templates answer to the crops that were held out.

    Attributes:
        steps: Of the descent; the last holds the template that was learned.
        average: Of the middles of the wanted crops, for comparison.
        responses: To the crops held out: of the first template, the learned one and the average.
        is_wanted: Of the crops held out.
    """

    steps: Sequence[Step]
    average: np.ndarray
    responses: dict[str, np.ndarray]
    is_wanted: np.ndarray

    @property
    def areas(self) -> dict[str, float]:
        return {name: area(scores, self.is_wanted) for name, scores in self.responses.items()}


@refusing
def learn(
    output: Output = RESULTS, seed: Annotated[int, typer.Option(help="Of the split and the first template.")] = 0
) -> None:
    """Learn a template by gradient through the score, from noise to a face."""
    with new_progress() as progress:
        task = progress.add_task("learn: descending", total=_STEPS + 1)
        rng = np.random.default_rng(seed)
        seen, held_out = faces(rng)
        learned = train(seen, held_out, _SIDE, _STEPS, rng, lambda: progress.advance(task))
        progress.update(task, description="learn: drawing")
        figure, numbers = output / "learn.png", output / "learn.json"
        draw_learned(learned.steps, learned.average, learned.responses, learned.is_wanted, figure)
        record = make_record(learned, len(seen.images), seed)
        write_json(numbers, record)
        progress.update(task, description="done", advance=1)
    console = Console()
    console.print(make_table(record))
    say_written(console, [figure, numbers])


def train(
    seen: Crops,
    held_out: Crops,
    side: int,
    steps: int,
    rng: np.random.Generator,
    tell: Callable[[], None] = lambda: None,
) -> Learned:
    """Learn from some crops and answer to others."""
    taken = []
    for step in descend(seen, first_template(side, rng), steps):
        taken.append(step)
        tell()
    edge = (seen.images.shape[1] - side) // 2
    wanted = np.asarray(seen.images)[seen.is_wanted]
    average = wanted[:, edge : edge + side, edge : edge + side].mean(axis=0)
    templates = {"noise, before": taken[0].template, "learned": taken[-1].template, "average face": average}
    answers = {name: np.asarray(responses(held_out.images, jnp.asarray(w))) for name, w in templates.items()}
    return Learned(taken, average, answers, held_out.is_wanted)


def make_record(learned: Learned, seen: int, seed: int) -> dict[str, Any]:
    """In JSON's types."""
    wanted = learned.is_wanted
    return {
        "seed": seed,
        "crops_seen": seen,
        "crops_held_out": len(wanted),
        "steps": len(learned.steps),
        "losses": [step.loss for step in learned.steps],
        "template": learned.steps[-1].template.tolist(),
        "held_out": {
            name: {
                "area_under_roc": learned.areas[name],
                "mean_of_faces": float(scores[wanted].mean()),
                "mean_of_others": float(scores[~wanted].mean()),
            }
            for name, scores in learned.responses.items()
        },
    }


def make_table(record: dict[str, Any]) -> Table:
    """One row per template."""
    title = f"Responses to {record['crops_held_out']} crops held out"
    table = Table(title=title, box=box.SIMPLE, title_justify="left")
    table.add_column("template", no_wrap=True)
    for heading in ("faces", "others", "area under ROC"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, row in record["held_out"].items():
        cells = (row["mean_of_faces"], row["mean_of_others"], row["area_under_roc"])
        table.add_row(name, *(f"{cell:.3f}" for cell in cells))
    table.caption = f"loss {record['losses'][0]:.3f} before the first step, {record['losses'][-1]:.3f} before the last"
    return table
