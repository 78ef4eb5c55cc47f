"""The command: run the built-in tasks, or search the user's own picture, and write figures and JSON."""

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from experiments.files import replace_text
from experiments.template_matching.figure import draw_summary, draw_task
from experiments.template_matching.pictures import PictureError, make_comparable, read_picture
from experiments.template_matching.report import make_record, make_table
from experiments.template_matching.search import Search, run_task, search
from experiments.template_matching.tasks import TASKS

_RESULTS = Path(__file__).parent / "results"

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    image: Annotated[Path | None, typer.Option(help="Your own picture to search in; needs --template.")] = None,
    template: Annotated[Path | None, typer.Option(help="The patch to search for; needs --image.")] = None,
    matches: Annotated[int | None, typer.Option(help="How many places to find in --image (1 unless given).")] = None,
    task: Annotated[list[str] | None, typer.Option(help=f"Run only this task: {', '.join(TASKS)}. Repeatable.")] = None,
    output: Annotated[Path, typer.Option(help="Folder for the figures and the JSON.", show_default=False)] = _RESULTS,
) -> None:
    """Find templates in real images by zero-mean normalised cross-correlation.

    Without options it runs the built-in tasks, on pictures that scikit-image and scikit-learn bring along. The exit
    code is 1 if one of them finds the wrong place and 2 if the options or files cannot be used.
    """
    try:
        if image is None and template is None:
            if matches is not None:
                _refuse("--matches goes with --image and --template; the built-in tasks have their own")
            results = _run_tasks(task, output)
        elif image is None or template is None:
            _refuse("--image and --template go together; give both or neither")
        elif task:
            _refuse("--task chooses built-in tasks; it does not go with --image and --template")
        else:
            results = _search_own(image, template, 1 if matches is None else matches, output)
    except PictureError as error:
        _refuse(str(error))
    except OSError as error:
        _refuse(f"{error.filename}: {error.strerror}" if error.filename else " ".join(str(error).split()))
    if not all(result.is_as_expected for result in results):
        raise typer.Exit(1)


def _run_tasks(names: list[str] | None, output: Path) -> list[Search]:
    for name in names or ():
        if name not in TASKS:
            _refuse(f"there is no task {name!r}; the tasks are {', '.join(TASKS)}")
    output.mkdir(parents=True, exist_ok=True)
    chosen = [task for task in TASKS.values() if not names or task.name in names]
    results: list[Search] = []
    written = []
    with _new_progress() as progress:
        steps = progress.add_task("", total=len(chosen) + 1)
        for task in chosen:
            progress.update(steps, description=f"{task.name}: searching")
            found = run_task(task)
            progress.update(steps, description=f"{task.name}: drawing")
            written.append(output / f"{task.name}.png")
            draw_task(found, written[-1])
            results += found
            progress.advance(steps)
        progress.update(steps, description="all tasks on one sheet")
        # A subset must not replace the sheet of all tasks.
        if len(chosen) == len(TASKS):
            written.append(output / "template_matching.png")
            draw_summary(results, written[-1])
        progress.update(steps, description="done", advance=1)
    _finish(results, [*written, output / "results.json"])
    return results


def _search_own(image: Path, template: Path, matches: int, output: Path) -> list[Search]:
    if matches < 1:
        _refuse(f"--matches must be at least 1; got {matches}")
    pair = make_comparable(read_picture(image), read_picture(template))
    output.mkdir(parents=True, exist_ok=True)
    with _new_progress() as progress:
        steps = progress.add_task("searching", total=2)
        results = [search(*pair, matches, name=image.name, title=f"{template.name} in {image.name}")]
        progress.update(steps, description="drawing", advance=1)
        figure = output / "own.png"
        draw_task(results, figure)
        progress.update(steps, description="done", advance=1)
    _finish(results, [figure, output / "own.json"])
    return results


def _finish(results: list[Search], written: list[Path]) -> None:
    """Write the JSON, the last of the files, and say what was found and where it lies."""
    replace_text(written[-1], json.dumps(make_record(results), indent=2) + "\n")
    console = Console()
    console.print(make_table(results))
    for path in written:
        console.print(f"wrote {path}", soft_wrap=True, highlight=False, markup=False)


def _new_progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=Console()
    )


def _refuse(reason: str) -> NoReturn:
    typer.echo(f"Error: {reason}", err=True)
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
