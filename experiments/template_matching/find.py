"""`find`: the built-in tasks, or a patch of the user's own in a picture of the user's own."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from experiments.console import Output, new_progress, refuse, refusing, say_written, write_json
from experiments.pictures import PictureError, read_picture
from experiments.template_matching.figure import draw_summary, draw_task
from experiments.template_matching.pictures import make_comparable
from experiments.template_matching.report import make_record, make_table
from experiments.template_matching.results_folder import RESULTS
from experiments.template_matching.search import Search, run_task, search
from experiments.template_matching.tasks import TASKS


@refusing
def find(
    image: Annotated[Path | None, typer.Option(help="Your own picture to search in; needs --template.")] = None,
    template: Annotated[Path | None, typer.Option(help="The patch to search for; needs --image.")] = None,
    matches: Annotated[int | None, typer.Option(help="How many places to find in --image (1 unless given).")] = None,
    task: Annotated[list[str] | None, typer.Option(help=f"Run only this task: {', '.join(TASKS)}. Repeatable.")] = None,
    output: Output = RESULTS,
) -> None:
    """Find templates in real images by zero-mean normalised cross-correlation.

    Without options it runs the built-in tasks, on pictures that scikit-image and scikit-learn bring along. The exit
    code is 1 if one of them finds the wrong place and 2 if the options or files cannot be used.
    """
    try:
        if image is None and template is None:
            if matches is not None:
                refuse("--matches goes with --image and --template; the built-in tasks have their own")
            is_right = run_tasks(output, task)
        elif image is None or template is None:
            refuse("--image and --template go together; give both or neither")
        elif task:
            refuse("--task chooses built-in tasks; it does not go with --image and --template")
        else:
            is_right = _search_own(image, template, 1 if matches is None else matches, output)
    except PictureError as error:
        refuse(str(error))
    if not is_right:
        raise typer.Exit(1)


def run_tasks(output: Path, names: list[str] | None = None) -> bool:
    """The built-in tasks, or some of them; whether all came out as they must."""
    for name in names or ():
        if name not in TASKS:
            refuse(f"there is no task {name!r}; the tasks are {', '.join(TASKS)}")
    output.mkdir(parents=True, exist_ok=True)
    chosen = [task for task in TASKS.values() if not names or task.name in names]
    results: list[Search] = []
    written = []
    with new_progress() as progress:
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
    return _finish(results, [*written, output / "results.json"])


def _search_own(image: Path, template: Path, matches: int, output: Path) -> bool:
    if matches < 1:
        refuse(f"--matches must be at least 1; got {matches}")
    pair = make_comparable(read_picture(image), read_picture(template))
    output.mkdir(parents=True, exist_ok=True)
    with new_progress() as progress:
        steps = progress.add_task("searching", total=2)
        results = [search(*pair, matches, name=image.name, title=f"{template.name} in {image.name}")]
        progress.update(steps, description="drawing", advance=1)
        figure = output / "own.png"
        draw_task(results, figure)
        progress.update(steps, description="done", advance=1)
    return _finish(results, [figure, output / "own.json"])


def _finish(results: list[Search], written: list[Path]) -> bool:
    """Write the JSON, the last of the files, and say what was found and where it lies."""
    write_json(written[-1], make_record(results))
    console = Console()
    console.print(make_table(results))
    say_written(console, written)
    return all(result.is_as_expected for result in results)
