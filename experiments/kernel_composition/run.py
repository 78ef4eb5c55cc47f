"""The command: compose layers, look at the border, and write figures and JSON."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import jax
import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from experiments.files import replace_text
from experiments.kernel_composition.figure import draw_flip, draw_gains, draw_rings
from experiments.kernel_composition.study import Gain, Ring, flip, gains, rings

_RESULTS = Path(__file__).parent / "results"

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    seed: Annotated[int, typer.Option(help="Of the weights.")] = 0,
    size: Annotated[int, typer.Option(help="Rows and columns of the picture.", min=16, max=128)] = 64,
    seconds: Annotated[float, typer.Option(help="Of timing, per layer.", min=0.01)] = 0.2,
    output: Annotated[Path, typer.Option(help="Folder for figures and JSON.", show_default=False)] = _RESULTS,
) -> None:
    """Compose two layers into one: where that is exact, what flipping does, when it pays.

    The exit code is 1 if an output differs that was predicted not to.
    """
    console = Console()
    output.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        steps = progress.add_task("border rings", total=3)
        found = rings(size, seed)
        draw_rings(found, output / "ring.png")
        progress.update(steps, description="flipping", advance=1)
        flipped = flip(seed)
        draw_flip(flipped, output / "flip.png")
        progress.update(steps, description="timing", advance=1)
        gained = gains(96, seconds)
        draw_gains(gained, output / "gain.png")
        progress.update(steps, description="done", advance=1)
    record = {
        "settings": {"seed": seed, "size": size, "device": str(jax.devices()[0]), "jax": jax.__version__},
        "rings": [_numbers(ring) for ring in found],
        "flip": {name: float(getattr(flipped, name).max()) for name in ("convolved", "correlated")},
        "gains": [dataclasses.asdict(gain) | {"ratio": gain.ratio} for gain in gained],
    }
    replace_text(output / "results.json", json.dumps(record, indent=2) + "\n")
    console.print(_ring_table(found))
    console.print(
        f"kernels convolved: off by {flipped.convolved.max():.1e}; correlated: by {flipped.correlated.max():.3g}"
    )
    console.print(_gain_table(gained))
    for name in ("ring.png", "flip.png", "gain.png", "results.json"):
        console.print(f"wrote {output / name}", soft_wrap=True, highlight=False, markup=False)
    if not all(ring.is_as_predicted for ring in found):
        raise typer.Exit(1)


def _numbers(ring: Ring) -> dict[str, object]:
    inside = ring.as_one[~ring.predicted]
    return {
        "name": ring.name,
        "outputs predicted to differ": int(ring.predicted.sum()),
        "largest difference there": float(ring.as_one[ring.predicted].max(initial=0)),
        "largest difference elsewhere": float(np.max(inside, initial=0)),
        "largest difference once corrected": float(ring.exact.max()),
        "as predicted": ring.is_as_predicted,
    }


def _ring_table(found: list[Ring]) -> Table:
    table = Table("layers", "outputs that differ", "there by", "elsewhere by", "corrected, by")
    for ring in found:
        _, count, there, elsewhere, corrected, _ = _numbers(ring).values()
        table.add_row(ring.name, str(count), f"{there:.2g}", f"{elsewhere:.1e}", f"{corrected:.1e}")
    return table


def _gain_table(gained: list[Gain]) -> Table:
    taps = sorted({gain.taps for gain in gained})
    table = Table("channels", *(f"{k}×{k}" for k in taps), title="time in turn ÷ time as one", title_justify="left")
    for channels in dict.fromkeys(gain.channels for gain in gained):
        row = {gain.taps: gain.ratio for gain in gained if gain.channels == channels}
        table.add_row(" → ".join(map(str, channels)), *(f"{row[k]:.2f}" for k in taps))
    return table


if __name__ == "__main__":
    app()
