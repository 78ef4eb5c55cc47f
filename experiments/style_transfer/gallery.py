"""`gallery`: every built-in texture at the default settings, on one sheet and in one table."""

from typing import Annotated

import typer
from rich.console import Console

from experiments.console import Output, refuse, refusing, say_written, write_json
from experiments.pictures import PictureError
from experiments.style_transfer import options
from experiments.style_transfer.figure import draw_sheet
from experiments.style_transfer.folders import claim
from experiments.style_transfer.jobs import Job, leave_unless_finished
from experiments.style_transfer.loading import load_sample
from experiments.style_transfer.options import Settings
from experiments.style_transfer.report import make_record, make_table
from experiments.style_transfer.results_folder import RESULTS
from experiments.style_transfer.samples import TEXTURES
from experiments.style_transfer.texture import synthesise

_SHAPE = (256, 256)
NAMES = ("brick", "grass", "gravel", "tissue", "stars", "wood")


@refusing
def gallery(
    sample: Annotated[list[str] | None, typer.Option(help="Only this texture; repeatable.")] = None,
    tile: Annotated[bool, typer.Option(help="Whether the results go on around their ends.")] = False,
    count: options.CountOption = 32,
    scales: options.ScalesOption = 4,
    statistic: options.StatisticOption = options.Statistic.lagged,
    steps: options.StepsOption = 150,
    redraw: options.RedrawOption = 25,
    levels: options.LevelsOption = 3,
    seed: options.SeedOption = 0,
    overwrite: options.OverwriteOption = False,
    output: Output = RESULTS,
) -> None:
    """Make six textures like built-in ones, 256x256 pixels each."""
    settings = Settings(
        count=count, scales=scales, statistic=statistic, steps=steps, redraw=redraw, levels=levels, seed=seed
    )
    record = claim(output, "gallery", overwrite=overwrite)
    sources, made = {}, {}
    try:
        for name in sample or NAMES:
            sources[name] = source = load_sample(name, TEXTURES)
            job = Job(f"texture_{name}", name, source, {"source": source}, output, overwrite, is_periodic=tile)
            made[name] = synthesise(job, _SHAPE, settings)
            leave_unless_finished(made[name][0])
    except PictureError as error:
        refuse(str(error))
    figure = output / "gallery.png"
    draw_sheet({name: (sources[name], outcome) for name, (outcome, _) in made.items()}, figure)
    write_json(record, {"results": {name: make_record(settings, *pair) for name, pair in made.items()}})
    console = Console()
    console.print(make_table(made))
    say_written(console, [figure, record])
