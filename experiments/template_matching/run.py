"""The command: one subcommand per question, and `all` for those of the demonstration."""

import typer

from experiments.console import Output, refusing
from experiments.template_matching.characters import characters, find_characters
from experiments.template_matching.count import count, count_circles
from experiments.template_matching.find import find, run_tasks
from experiments.template_matching.learning import learn
from experiments.template_matching.motion import motion
from experiments.template_matching.registering import register
from experiments.template_matching.results_folder import RESULTS
from experiments.template_matching.robustness import robustness
from experiments.template_matching.track import track, track_patch

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Find things in real images: where they are, how many, and where they go.",
)
for command in (find, count, characters, track, register, motion, learn, robustness):
    app.command()(command)


@app.command("all")
@refusing
def everything(output: Output = RESULTS) -> None:
    """Run find's tasks, count, characters and track; the exit code is 1 if one of them is wrong."""
    # All of them run, also after one that is wrong.
    are_right = [job(output) for job in (run_tasks, count_circles, find_characters, track_patch)]
    if not all(are_right):
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
