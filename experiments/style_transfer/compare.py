"""`compare`: one texture by every statistic, side by side."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from experiments.console import Output, refuse, refusing, say_written, write_json
from experiments.pictures import PictureError
from experiments.style_transfer import options
from experiments.style_transfer.figure import draw_side_by_side
from experiments.style_transfer.folders import claim
from experiments.style_transfer.jobs import leave_unless_finished
from experiments.style_transfer.loading import check_size, load_file, load_sample
from experiments.style_transfer.metrics import Metrics, measure_picture
from experiments.style_transfer.options import Settings, Statistic
from experiments.style_transfer.report import make_record, make_table
from experiments.style_transfer.results_folder import RESULTS
from experiments.style_transfer.running import End, Outcome, watch
from experiments.style_transfer.samples import TEXTURES
from experiments.style_transfer.synthesis import make_texture


@refusing
def compare(
    image: Annotated[Path | None, typer.Option(help="Your own texture.")] = None,
    sample: Annotated[str, typer.Option(help=f"A built-in one: {', '.join(TEXTURES)}.")] = "brick",
    statistic: Annotated[list[Statistic] | None, typer.Option(help="Only this one; repeatable.")] = None,
    size: Annotated[int, typer.Option(min=1, help="Side of the results.")] = 256,
    count: options.CountOption = 32,
    scales: options.ScalesOption = 4,
    steps: options.StepsOption = 100,
    redraw: options.RedrawOption = 25,
    levels: options.LevelsOption = 3,
    seed: options.SeedOption = 0,
    overwrite: options.OverwriteOption = False,
    output: Output = RESULTS,
) -> None:
    """Make one texture by each of the statistics, with the same filters and as many steps."""
    settings = Settings(count=count, scales=scales, steps=steps, redraw=redraw, levels=levels, seed=seed)
    name = f"compare_{image.stem if image else sample}"
    try:
        source = load_file(image) if image else load_sample(sample, TEXTURES)
        check_size("the texture", source.shape, settings.smallest)
    except PictureError as error:
        refuse(str(error))
    if size < settings.smallest:
        refuse(f"--size must be at least {settings.smallest}; got {size}")
    record = claim(output, name, overwrite=overwrite)
    results: dict[str, tuple[Outcome, Metrics]] = {}
    last = None
    for chosen in statistic or list(Statistic):
        plan = replace(settings, statistic=chosen).plan()
        frames = make_texture(source, (size, size), plan, is_periodic=False)
        last = watch(frames, steps * plan.levels, f"{chosen:<16}", None, 0)
        results[chosen.value] = last, measure_picture(last.picture, source, is_periodic=False)
        if last.end is End.INTERRUPTED:
            break
    notes = {label: f"Gram error {metrics.gram:.1%}" for label, (_, metrics) in results.items()}
    figure = output / f"{name}.png"
    draw_side_by_side(source, {label: outcome for label, (outcome, _) in results.items()}, notes, figure)
    records = {label: make_record(settings, *pair, statistic=label) for label, pair in results.items()}
    write_json(record, {"results": records})
    console = Console()
    console.print(make_table(results))
    say_written(console, [figure, record])
    if last is not None:
        leave_unless_finished(last)
