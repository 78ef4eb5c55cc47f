"""The command: identify a filter, or find it blindly, and write a figure and JSON."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import jax
import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from experiments.files import replace_text
from experiments.learn_filter.blind import aligned
from experiments.learn_filter.blind import blind as descend_blindly
from experiments.learn_filter.figure import draw
from experiments.learn_filter.identify import distance, least_squares
from experiments.learn_filter.identify import identify as descend
from experiments.learn_filter.problems import observe, picture, ripple, spikes
from experiments.learn_filter.record import Step

_RESULTS = Path(__file__).parent / "results"
T = TypeVar("T")

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
Steps = Annotated[int, typer.Option(help="Of the descent.", min=1)]
Noise = Annotated[float, typer.Option(help="Standard deviation of the noise; pictures are of the order of 1.", min=0)]
Taps = Annotated[int, typer.Option(help="Per axis of the filter.", min=3, max=31)]
Density = Annotated[float, typer.Option(help="Share of the pixels that are lit.", min=0, max=1)]
Seed = Annotated[int, typer.Option(help="Of whatever is random.")]
Output = Annotated[Path, typer.Option(help="Folder for figure and JSON.", show_default=False)]


@app.command()
def identify(
    steps: Steps = 300, noise: Noise = 0.002, taps: Taps = 11, seed: Seed = 0, output: Output = _RESULTS
) -> None:
    """Find a band-pass filter from a photograph and what it made of it."""
    seen = observe(picture(96), ripple(taps), noise, jax.random.key(seed), "symmetric")
    history, found = _follow(descend(seen, taps, steps), steps)
    filters = {"unknown": seen.filter.weights, "found": found.weights}
    filters["difference"] = filters["found"] - filters["unknown"]
    pictures = {
        "input": seen.picture,
        "output": seen.observed,
        "found filter's": found(seen.picture, boundary="symmetric"),
    }
    settings = {"steps": steps, "noise": noise, "taps": taps, "seed": seed}
    limit = float(distance(least_squares(seen, taps), seen.filter))
    Console().print(f"least squares, which no descent can beat, has an error of {limit:.2e}")
    settings["least_squares_error"] = limit
    _finish("identify", "A filter from its input and output", filters, pictures, history, settings, output)


@app.command()
def blind(
    steps: Steps = 800,
    noise: Noise = 0.01,
    taps: Taps = 9,
    density: Density = 0.01,
    seed: Seed = 0,
    output: Output = _RESULTS,
) -> None:
    """Find a band-pass filter and the few spikes that it was applied to, from the result alone."""
    lit, noisy = jax.random.split(jax.random.key(seed))
    seen = observe(spikes(96, density, lit), ripple(taps), noise, noisy, "periodic")
    history, guess = _follow(descend_blindly(seen, 2 * taps - 1, steps, rate=0.02, penalty=2 * noise + 1e-3), steps)
    guess = aligned(guess, seen)
    filters = {"unknown": seen.filter.weights, "found": guess.filter.weights}
    filters["difference"] = filters["found"] - filters["unknown"]
    pictures = {"unknown input": seen.picture, "output": seen.observed, "found input": guess.picture}
    settings = {"steps": steps, "noise": noise, "taps": taps, "density": density, "seed": seed}
    _finish("blind", "A filter and its input from the output alone", filters, pictures, history, settings, output)


def _follow(descent: Iterator[tuple[Step, T]], steps: int) -> tuple[list[Step], T]:
    columns = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    history: list[Step] = []
    state: T | None = None
    with Progress(*columns, console=Console()) as progress:
        task = progress.add_task("compiling", total=steps)
        for step, found in descent:
            history.append(step)
            state = found
            progress.update(task, advance=1, description=f"loss {step.loss:.2e}, error {step.error:.2e}")
    assert state is not None, "there is a step at least"
    return history, state


def _finish(
    name: str,
    title: str,
    filters: dict[str, Any],
    pictures: dict[str, Any],
    history: list[Step],
    settings: dict[str, Any],
    output: Path,
) -> None:
    console = Console()
    taps, images = ({key: np.asarray(value) for key, value in group.items()} for group in (filters, pictures))
    draw(taps, images, history, title, output / f"{name}.png")
    last = history[-1]
    record = {
        "settings": settings | {"device": str(jax.devices()[0]), "jax": jax.__version__},
        "loss": last.loss,
        "error": last.error,
        "steps": [dataclasses.asdict(step) for step in history[:: max(1, len(history) // 200)]],
        "found": taps["found"].tolist(),
    }
    replace_text(output / f"{name}.json", json.dumps(record, indent=2) + "\n")
    console.print(f"error of the filter {last.error:.2e} after {len(history)} steps (from {history[0].error:.2f})")
    for kind in ("png", "json"):
        console.print(f"wrote {output / f'{name}.{kind}'}", soft_wrap=True, highlight=False, markup=False)


if __name__ == "__main__":
    app()
