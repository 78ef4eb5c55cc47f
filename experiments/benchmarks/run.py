"""The command: measure sections, keep their numbers, and write the pages from all there are."""

import pathlib
import time
from typing import Annotated

import typer
from rich.console import Console

from experiments.benchmarks.guard import Guard
from experiments.benchmarks.knobs import effect_of
from experiments.benchmarks.pages.benchmarks import PAGES, render, sections_of
from experiments.benchmarks.pages.figures import draw_figures
from experiments.benchmarks.pages.performance import settings_block, written
from experiments.benchmarks.sections import SECTIONS, Session
from experiments.benchmarks.setting import current_setting
from experiments.benchmarks.store import Saved, load, save
from experiments.files import replace_text

_HERE = pathlib.Path(__file__).parent
_RESULTS = _HERE / "results"
_DOCS = _HERE.parent.parent / "docs"
_PATIENCE = 180.0
"""Seconds to wait for other processes and to repeat what they spoiled, per run."""

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    only: Annotated[
        list[str] | None, typer.Option(help=f"Measure this only: {', '.join(SECTIONS)}. Repeatable.")
    ] = None,
    quick: Annotated[bool, typer.Option(help="A smoke run of about 30 s; it never touches docs/.")] = False,
    render_only: Annotated[bool, typer.Option("--render", help="Measure nothing; write the pages anew.")] = False,
    output: Annotated[pathlib.Path | None, typer.Option(help="Write everything below this folder instead.")] = None,
) -> None:
    """Measure sigconv beside its rivals; write docs/benchmarks*.md and the table in docs/performance.md."""
    console = Console()
    unknown = sorted(set(only or ()) - set(SECTIONS))
    if unknown:
        raise typer.BadParameter(f"--only must be one of {', '.join(SECTIONS)}; got {', '.join(unknown)}.")
    page, numbers = folders(quick=quick, output=output)
    if not render_only:
        measure_sections(only or list(SECTIONS), numbers, console, quick=quick)
    for path in write_pages(page, numbers):
        console.print(f"wrote {path}", soft_wrap=True, highlight=False)


def folders(*, quick: bool, output: pathlib.Path | None) -> tuple[pathlib.Path, pathlib.Path]:
    """Where the pages and their figures go, and where the numbers go."""
    if output is not None:
        return output, output
    return (_RESULTS / "quick", _RESULTS / "quick") if quick else (_DOCS, _RESULTS)


def measure_sections(names: list[str], numbers: pathlib.Path, console: Console, *, quick: bool) -> None:
    """One after the other; each is saved as it is finished."""
    guard = Guard(patience=2.0 if quick else _PATIENCE)
    guard.wait_idle()
    setting = current_setting(is_quick=quick)

    def say(line: str) -> None:
        console.print(f"  {line}", soft_wrap=True, highlight=False)

    for name in [section for section in SECTIONS if section in names]:
        console.print(name)
        began = time.perf_counter()
        data = SECTIONS[name](Session(setting, guard, say))
        seconds = time.perf_counter() - began
        save(numbers, name, Saved(setting, seconds, data))
        console.print(f"  {seconds:.0f} s")


def write_pages(page: pathlib.Path, numbers: pathlib.Path) -> list[pathlib.Path]:
    """Write the figures and the pages from what has been saved; return the pages' paths."""
    saved = {name: section for name in SECTIONS if (section := load(numbers, name)) is not None}
    paths = []
    for name, about in PAGES.items():
        if sections_of(saved, about):
            paths.append(page / f"{name}.md")
            replace_text(paths[-1], render(saved, draw_figures(saved, page, about), about))
    if "settings" in saved:
        section = saved["settings"]
        block = settings_block([effect_of(effect) for effect in section.data], section.setting)
        paths.append(page / "performance.md")
        replace_text(paths[-1], written((_DOCS / "performance.md").read_text(encoding="utf-8"), block))
    return paths


if __name__ == "__main__":
    app()
