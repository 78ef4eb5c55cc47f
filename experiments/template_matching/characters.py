"""`characters`: all places of several letters in a scanned paragraph, beside what the paragraph says."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from matplotlib.colors import TABLEAU_COLORS
from matplotlib.patches import Rectangle
from rich import box
from rich.console import Console
from rich.table import Table

from experiments.canvas import new_figure, save_figure, show
from experiments.console import Output, new_progress, refusing, say_written, write_json
from experiments.template_matching.letters import (
    LETTERS,
    Found,
    Tally,
    find_letters,
    load_paragraph,
    tally,
)
from experiments.template_matching.results_folder import RESULTS

_THRESHOLD = 0.8
_COLOURS = (*(colour for name, colour in TABLEAU_COLORS.items() if name != "tab:gray"), "gold", "lime")


@refusing
def characters(
    threshold: Annotated[float, typer.Option(help="Least score of a match.", min=-1, max=1)] = _THRESHOLD,
    output: Output = RESULTS,
) -> None:
    """Find every place of several letters in a paragraph, each by one example, and compare with its text.

    The exit code is 1 if a letter is missed or seen where there is none.
    """
    if not find_characters(output, threshold):
        raise typer.Exit(1)


def find_characters(output: Path, threshold: float = _THRESHOLD) -> bool:
    """Find, draw, tell and write; whether the counts are the text's on every line."""
    output.mkdir(parents=True, exist_ok=True)
    written = [output / "characters.png", output / "characters.json"]
    with new_progress() as progress:
        steps = progress.add_task(f"characters: {len(LETTERS)} letters", total=2)
        picture = load_paragraph()
        found = find_letters(picture, threshold)
        tallies = tally(found)
        progress.update(steps, description="characters: drawing", advance=1)
        _draw(picture, found, tallies, written[0])
        progress.update(steps, description="done", advance=1)
    record = {
        "threshold": threshold,
        "letters": {letter: asdict(counts) for letter, counts in tallies.items()},
        "found": [asdict(f) | {"line": f.line} for f in found],
    }
    write_json(written[1], record)
    console = Console()
    console.print(_table(found, tallies))
    say_written(console, written)
    return all(t.found == t.in_text == t.right for t in tallies.values())


def _table(found: Sequence[Found], tallies: dict[str, Tally]) -> Table:
    table = Table(title="Letters of the paragraph", box=box.SIMPLE, title_justify="left")
    table.add_column("letter")
    for heading in ("in the text", "found", "right", "missed", "wrong", "least score"):
        table.add_column(heading, justify="right")
    for letter, t in tallies.items():
        least = min((f.score for f in found if f.letter == letter), default=float("nan"))
        cells = (t.in_text, t.found, t.right, t.in_text - t.right, t.found - t.right)
        table.add_row(letter, *map(str, cells), f"{least:.3f}")
    return table


def _draw(picture: np.ndarray, found: Sequence[Found], tallies: dict[str, Tally], path: Path) -> None:
    figure = new_figure(15.0, 4.9)
    axes = figure.subplots()
    show(axes, picture, "each letter by one example, boxed in its own colour; the examples with thick lines")
    colours = dict(zip(LETTERS, _COLOURS, strict=True))
    for f in found:
        row, column, height, width = LETTERS[f.letter]
        corner = f.column - width / 2, f.row - height / 2
        is_example = abs(corner[0] - column) < 1 and abs(corner[1] - row) < 1
        axes.add_patch(Rectangle(corner, width, height, fill=False, ec=colours[f.letter], lw=4 if is_example else 2))
    for number, (letter, t) in enumerate(tallies.items()):
        axes.text(
            (number + 0.5) / len(tallies),
            -0.04,
            f"{letter}\n{t.right} of {t.in_text}\n{t.found - t.right} wrong",
            transform=axes.transAxes,
            color=colours[letter],
            fontsize=13,
            ha="center",
            va="top",
        )
    save_figure(figure, path)
