"""The command: one subcommand per question, and `all` for those of the demonstration."""

from typing import Annotated

import typer

from experiments.console import Output, refuse, refusing
from experiments.pictures import PictureError
from experiments.style_transfer import options
from experiments.style_transfer.compare import compare
from experiments.style_transfer.gallery import gallery
from experiments.style_transfer.jobs import Job, leave_unless_finished
from experiments.style_transfer.loading import alike, load_sample
from experiments.style_transfer.options import Settings
from experiments.style_transfer.results_folder import RESULTS
from experiments.style_transfer.samples import PHOTOGRAPHS, TEXTURES
from experiments.style_transfer.texture import synthesise, texture
from experiments.style_transfer.transfer import CONTENT_WEIGHT, restyle, transfer

_SIDE = 160
"""Of the demonstration's pictures."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Textures and style transfer by optimisation, without a trained network.",
)
for command in (transfer, texture, compare, gallery):
    app.command()(command)


@app.command("all")
@refusing
def everything(
    steps: Annotated[int, typer.Option(min=1, help="On each level of size.")] = 20,
    overwrite: options.OverwriteOption = False,
    output: Output = RESULTS,
) -> None:
    """A short texture and a short transfer, smaller than the defaults: the demonstration."""
    settings = Settings(scales=3, steps=steps, levels=2)
    try:
        stones = load_sample("gravel", TEXTURES)
        job = Job("demo_texture", "gravel", stones, {"source": stones}, output, overwrite, is_periodic=True)
        leave_unless_finished(synthesise(job, (_SIDE, _SIDE), settings)[0])
        shown, style = alike(load_sample("astronaut", PHOTOGRAPHS, _SIDE), load_sample("tissue", TEXTURES))
        job = Job("demo_transfer", "astronaut as tissue", style, {"content": shown, "style": style}, output, overwrite)
        leave_unless_finished(restyle(job, settings, CONTENT_WEIGHT)[0])
    except PictureError as error:
        refuse(str(error))


if __name__ == "__main__":
    app()
