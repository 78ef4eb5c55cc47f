"""The command: restore photographs with a known truth, or a clock that the camera moved for."""

import dataclasses
from pathlib import Path
from typing import Annotated

import jax.numpy as jnp
import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from experiments.console import Output, new_progress, refusing, say_written, write_json
from experiments.deblur import clock as clocks
from experiments.deblur import motion
from experiments.deblur.figure import draw_clock, draw_crop, draw_search
from experiments.deblur.methods import methods
from experiments.deblur.scenes import SCENES, Border, problem
from experiments.deblur.scores import Result, compare

_RESULTS = Path(__file__).parent / "results"

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
@refusing
def crop(
    noise: Annotated[float, typer.Option(help="Standard deviation; pictures go from 0 to 1.", min=1e-6)] = 0.005,
    size: Annotated[int, typer.Option(help="Rows and columns of the crop.", min=48, max=256)] = 256,
    seed: Annotated[int, typer.Option(help="Of the noise.")] = 0,
    output: Output = _RESULTS,
) -> None:
    """Blur three photographs, restore them, and compare with scikit-image: on a cycle, and with a real border."""
    borders: tuple[Border, ...] = ("periodic", "real")
    cases: list[tuple[str, Border]] = [(name, border) for border in borders for name in SCENES]
    record, written = [], []
    console = Console()
    with new_progress() as progress:
        task = progress.add_task("", total=sum(1 + len(methods(border)) for _, border in cases))
        for name, border in cases:
            seen = problem(name, border, size, noise, seed)
            results: list[Result] = []
            for result in compare(seen, methods(border)):
                results.append(result)
                progress.update(task, advance=1, description=f"{name}, {border}: {result.name}"[:32])
            record.append({"problem": seen.name, "border": border, "methods": [_numbers(r) for r in results]})
            written.append(output / f"{name}_{border}.png")
            draw_crop(seen, results, written[-1])
            progress.console.print(_table(f"{seen.name}, {border} border", results))
    settings = {"noise": noise, "size": size, "seed": seed}
    write_json(output / "crop.json", {"settings": settings, "cases": record})
    say_written(console, [*written, output / "crop.json"])


@app.command()
@refusing
def clock(
    steps: Annotated[int, typer.Option(help="Of the descent.", min=1)] = 60,
    rate: Annotated[float, typer.Option(help="Of the descent, at first.", min=1e-6)] = 0.01,
    output: Output = _RESULTS,
) -> None:
    """Find how the camera moved in scikit-image's picture of a clock, and undo it."""
    picture = clocks.photograph()
    middle = jnp.asarray(picture[clocks.MIDDLE])
    console = Console()
    history: list[motion.Stroke] = []
    with new_progress() as progress:
        task = progress.add_task("scanning lengths", total=steps + 2)
        scanned = motion.scan(middle)
        length = min(scanned, key=lambda pair: pair[1])[0]
        progress.update(task, advance=1)
        for stroke in motion.descend(middle, length, steps, rate):
            history.append(stroke)
            words = f"{stroke.length:.2f} pixels, {np.rad2deg(stroke.angle):+.2f}°"
            progress.update(task, advance=1, description=words)
        kernel = clocks.kernel_of(history[-1])
        found = clocks.restored(picture, kernel)
        progress.update(task, advance=1, description="restored")
    written = [output / "clock.png", output / "clock_search.png", output / "clock.json"]
    draw_clock(found, written[0])
    draw_search(scanned, history, kernel, written[1])
    record = {
        "settings": {"steps": steps, "rate": rate},
        "scan": [{"length": length, "roughness": value} for length, value in scanned],
        "descent": [dataclasses.asdict(stroke) for stroke in history],
        "pictures": [{"name": p.name, "edges": p.edges, "border": p.border} for p in found],
    }
    write_json(written[2], record)
    last = history[-1]
    console.print(f"The camera moved over {last.length:.1f} pixels at {np.rad2deg(last.angle):.1f}°.")
    table = Table("", "edges, of the blurred", "near the border, of the blurred")
    for p in found:
        table.add_row(p.name, f"{p.edges:.2f}", f"{p.border:.2f}")
    console.print(table)
    say_written(console, written)


def _numbers(result: Result) -> dict[str, object]:
    return {"name": result.name, result.word: result.setting, **dataclasses.asdict(result.score)}


def _table(title: str, results: list[Result]) -> Table:
    table = Table("PSNR in dB", "best setting", "whole", "near the border", "edges", title=title)
    for result in results:
        setting = "" if result.word == "nothing" else f"{result.word} {result.setting:.2g}"
        numbers = (f"{value:.2f}" for value in dataclasses.astuple(result.score))
        table.add_row(result.name, setting, *numbers)
    return table


if __name__ == "__main__":
    app()
