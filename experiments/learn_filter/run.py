"""The command: find a filter from its input and output, blindly, or through its design; write a figure and JSON."""

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
from experiments.learn_filter.biquad import GRID, biquad_problem
from experiments.learn_filter.blind import aligned
from experiments.learn_filter.blind import blind as descend_blindly
from experiments.learn_filter.cutoff import cutoff_problem
from experiments.learn_filter.designed import Problem, Raw, error_of_free_taps
from experiments.learn_filter.designed import descend as descend_design
from experiments.learn_filter.figure import draw
from experiments.learn_filter.gabor import gabor_problem, mosaic
from experiments.learn_filter.identify import distance, least_squares
from experiments.learn_filter.identify import identify as descend
from experiments.learn_filter.problems import observe, picture, ripple, spikes
from experiments.learn_filter.record import Step
from experiments.learn_filter.responses import draw_responses
from sigconv import design

_RESULTS = Path(__file__).parent / "results"
T = TypeVar("T")

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
Steps = Annotated[int, typer.Option(help="Of the descent.", min=1)]
Noise = Annotated[float, typer.Option(help="Standard deviation of the noise; pictures are of the order of 1.", min=0)]
Taps = Annotated[int, typer.Option(help="Per axis of the filter.", min=3, max=31)]
Share = Annotated[float, typer.Option(help="Standard deviation of the noise, as a share of the output's.", min=0)]
Samples = Annotated[int, typer.Option(help="Of the white noise that goes in.", min=200)]
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


@app.command()
def cutoff(
    steps: Steps = 300,
    noise: Share = 0.1,
    taps: Annotated[int, typer.Option(help="Of the filter.", min=3)] = 61,
    samples: Samples = 4000,
    seed: Seed = 0,
    output: Output = _RESULTS,
) -> None:
    """Find the cut-offs and the window of a band-pass filter, through its design."""
    problem = cutoff_problem(taps, samples, noise, jax.random.key(seed))
    history, ways = _follow_all(descend_design(problem, steps, rate=0.05), steps)
    shown = np.linspace(0, 0.5, GRID, dtype="f4")
    kernels = {"unknown": problem.unknown(), "start": problem.found(ways[0]), "found": problem.found(ways[-1])}
    responses = {name: np.asarray(design.frequency_response(k, shown)) for name, k in kernels.items()}
    free = error_of_free_taps(problem)
    Console().print(f"least squares for {taps} free taps leaves an error of {free:.2e}")
    settings = {"steps": steps, "noise": noise, "taps": taps, "samples": samples, "seed": seed}
    settings["error_of_free_taps"] = free
    title = "A band-pass filter, found through its design"
    _finish_design("cutoff", title, problem, responses, history, ways, settings, output)


@app.command()
def biquad(
    steps: Steps = 300, noise: Share = 0.1, samples: Samples = 4000, seed: Seed = 0, output: Output = _RESULTS
) -> None:
    """Find a recursive filter, a resonant low pass and a peak, through the filter and its design."""
    problem = biquad_problem(samples, noise, jax.random.key(seed))
    history, ways = _follow_all(descend_design(problem, steps, rate=0.05), steps)
    shown = np.linspace(0, 0.5, GRID, dtype="f4")
    kernels = {"unknown": problem.unknown(), "start": problem.found(ways[0]), "found": problem.found(ways[-1])}
    responses = {name: np.asarray(design.sos_response(k, shown)) for name, k in kernels.items()}
    settings = {"steps": steps, "noise": noise, "samples": samples, "seed": seed}
    title = "A recursive filter, found through its design"
    _finish_design("biquad", title, problem, responses, history, ways, settings, output)


@app.command()
def gabor(
    steps: Steps = 300,
    noise: Share = 0.1,
    radius: Annotated[int, typer.Option(help="Of the filters.", min=2, max=15)] = 8,
    seed: Seed = 0,
    output: Output = _RESULTS,
) -> None:
    """Find a bank of four Gabor filters from a photograph and what they made of it, through their design."""
    x = picture(96)
    problem = gabor_problem(x, radius, noise, jax.random.key(seed))
    history, ways = _follow_all(descend_design(problem, steps, rate=0.05), steps)
    banks = {"unknown": problem.unknown(), "start": problem.found(ways[0]), "found": problem.found(ways[-1])}
    filters = {name: mosaic(bank) for name, bank in banks.items()}
    filters["difference"] = filters["found"] - filters["unknown"]
    pictures = {"input": x}
    for name, bank in banks.items():
        pictures[f"energy, {name}"] = np.sqrt(np.sum(np.asarray(problem.apply(bank)) ** 2, 0))
    settings = {"steps": steps, "noise": noise, "radius": radius, "seed": seed}
    settings |= _parameters(problem, ways[-1])
    _finish("gabor", "A Gabor bank, found through its design", filters, pictures, history, settings, output)


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


def _follow_all(descent: Iterator[tuple[Step, Raw]], steps: int) -> tuple[list[Step], list[Raw]]:
    """Also what every step began at."""
    ways: list[Raw] = []

    def kept() -> Iterator[tuple[Step, Raw]]:
        for step, raw in descent:
            ways.append(raw)
            yield step, raw

    history, _ = _follow(kept(), steps)
    return history, ways


def _parameters(problem: Problem, raw: Raw) -> dict[str, dict[str, Any]]:
    found = problem.legal(raw)
    rows = {"found": found, "truth": problem.truth}
    return {
        f"parameters, {kind}": {name: np.asarray(values[name], float).round(6).tolist() for name in problem.truth}
        for kind, values in rows.items()
    }


def _finish_design(
    name: str,
    title: str,
    problem: Problem,
    responses: dict[str, np.ndarray],
    history: list[Step],
    ways: list[Raw],
    settings: dict[str, Any],
    output: Path,
) -> None:
    legal = jax.vmap(problem.legal)(jax.tree.map(lambda *values: np.stack(values), *ways))
    parameters = {key: np.asarray(values) for key, values in legal.items()}
    truth = {key: float(value) for key, value in problem.truth.items()}
    draw_responses(responses, parameters, truth, history, title, output / f"{name}.png")
    settings = settings | _parameters(problem, ways[-1])
    for key, value in truth.items():
        Console().print(f"{key}: {parameters[key][-1]:.4g}, truly {value:.4g}, from {parameters[key][0]:.4g}")
    _write(name, np.asarray(problem.found(ways[-1])), history, settings, output)


def _finish(
    name: str,
    title: str,
    filters: dict[str, Any],
    pictures: dict[str, Any],
    history: list[Step],
    settings: dict[str, Any],
    output: Path,
) -> None:
    taps, images = ({key: np.asarray(value) for key, value in group.items()} for group in (filters, pictures))
    draw(taps, images, history, title, output / f"{name}.png")
    _write(name, taps["found"], history, settings, output)


def _write(name: str, found: np.ndarray, history: list[Step], settings: dict[str, Any], output: Path) -> None:
    console = Console()
    last = history[-1]
    record = {
        "settings": settings | {"device": str(jax.devices()[0]), "jax": jax.__version__},
        "loss": last.loss,
        "error": last.error,
        "steps": [dataclasses.asdict(step) for step in history[:: max(1, len(history) // 200)]],
        "found": found.tolist(),
    }
    replace_text(output / f"{name}.json", json.dumps(record, indent=2) + "\n")
    console.print(f"error of the filter {last.error:.2e} after {len(history)} steps (from {history[0].error:.2f})")
    for kind in ("png", "json"):
        console.print(f"wrote {output / f'{name}.{kind}'}", soft_wrap=True, highlight=False, markup=False)


if __name__ == "__main__":
    app()
