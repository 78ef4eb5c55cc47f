"""The command: bound random layers, or ResNet-18's shapes, and write a table, a figure and JSON."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import jax
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from experiments.files import replace_text
from experiments.lipschitz.bounds import BOUNDS
from experiments.lipschitz.figure import EXACT, draw
from experiments.lipschitz.study import RANDOM, RESNET18, Layer, Measured, study

_RESULTS = Path(__file__).parent / "results"
_SLOW_FOR_RESNET = ("Gram iteration of filters, T = 3",)

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def random(
    seed: Annotated[int, typer.Option(help="Of the weights.")] = 0,
    repeats: Annotated[int, typer.Option(help="Timed calls per bound.", min=1)] = 5,
    output: Annotated[Path, typer.Option(help="Folder for figure and JSON.", show_default=False)] = _RESULTS,
) -> None:
    """The two layers of Delattre et al.'s notebook, with standard normal weights."""
    _run("random", RANDOM, tuple(BOUNDS), repeats, seed, output)


@app.command()
def resnet18(
    seed: Annotated[int, typer.Option(help="Of the weights.")] = 0,
    repeats: Annotated[int, typer.Option(help="Timed calls per bound.", min=1)] = 1,
    output: Annotated[Path, typer.Option(help="Folder for figure and JSON.", show_default=False)] = _RESULTS,
) -> None:
    """The shapes of ResNet-18's layers at 224², with standard normal weights: strides included."""
    _run("resnet18", RESNET18, tuple(name for name in BOUNDS if name not in _SLOW_FOR_RESNET), repeats, seed, output)


def _run(name: str, layers: tuple[Layer, ...], bounds: tuple[str, ...], repeats: int, seed: int, output: Path) -> None:
    console = Console()
    output.mkdir(parents=True, exist_ok=True)
    measured: list[Measured] = []
    columns = (TextColumn("{task.description:<40}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        steps = progress.add_task("compiling", total=len(layers) * len(bounds))
        for found in study(layers, repeats, seed, bounds):
            measured.append(found)
            progress.update(steps, description=f"{found.layer}: {found.bound}", advance=1)
    draw(measured, output / f"{name}.png")
    settings = {"seed": seed, "repeats": repeats, "device": str(jax.devices()[0]), "jax": jax.__version__}
    record = {"settings": settings, "measured": [dataclasses.asdict(m) for m in measured]}
    replace_text(output / f"{name}.json", json.dumps(record, indent=2) + "\n")
    for layer in layers:
        console.print(_table(layer, [m for m in measured if m.layer == layer.name]))
    for kind in ("png", "json"):
        console.print(f"wrote {output / f'{name}.{kind}'}", soft_wrap=True, highlight=False, markup=False)


def _table(layer: Layer, measured: list[Measured]) -> Table:
    norm = next(m.value for m in measured if m.bound == EXACT)
    words = f"{layer.name}: {layer.weights}, {layer.image[0]}×{layer.image[1]}, stride {layer.stride}"
    table = Table("bound", "value", "÷ exact − 1", "milliseconds", title=words, title_justify="left")
    for m in measured:
        table.add_row(m.bound, f"{m.value:.4f}", f"{m.value / norm - 1:.2e}", f"{m.seconds * 1e3:.2f}")
    return table


if __name__ == "__main__":
    app()
