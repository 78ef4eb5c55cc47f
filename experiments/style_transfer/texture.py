"""`texture`: a new texture of any size like a given one."""

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import Output, refuse, refusing
from experiments.features.arrays import WeightsError
from experiments.pictures import PictureError
from experiments.style_transfer import options
from experiments.style_transfer.jobs import Job, leave_unless_finished, run_job
from experiments.style_transfer.loading import check_size, load_file, load_sample
from experiments.style_transfer.metrics import Metrics
from experiments.style_transfer.options import Filters, Rule, Settings, Statistic
from experiments.style_transfer.results_folder import RESULTS
from experiments.style_transfer.running import Outcome
from experiments.style_transfer.samples import TEXTURES
from experiments.style_transfer.synthesis import make_texture


@refusing
def texture(
    image: Annotated[Path | None, typer.Option(help="Your own texture.")] = None,
    sample: Annotated[str, typer.Option(help=f"A built-in one: {', '.join(TEXTURES)}.")] = "gravel",
    height: Annotated[int, typer.Option(min=1, help="Of the result.")] = 256,
    width: Annotated[int, typer.Option(min=1, help="Of the result.")] = 256,
    tile: Annotated[bool, typer.Option(help="Whether the result goes on around its ends.")] = False,
    filters: options.FiltersOption = Filters.random,
    count: options.CountOption = 32,
    scales: options.ScalesOption = 4,
    statistic: options.StatisticOption = Statistic.lagged,
    optimiser: options.OptimiserOption = Rule.lbfgs,
    steps: options.StepsOption = 150,
    redraw: options.RedrawOption = 25,
    levels: options.LevelsOption = 3,
    seed: options.SeedOption = 0,
    smoothness: options.SmoothnessOption = 0.0,
    weights: options.WeightsOption = None,
    frames: options.FramesOption = 50,
    overwrite: options.OverwriteOption = False,
    output: Output = RESULTS,
) -> None:
    """Make a texture like a given one: other places, the same statistics.

    The exit code is 1 if the loss stopped being finite, 130 after Ctrl-C, 2 if options or files cannot be used.
    """
    settings = Settings(filters, count, scales, statistic, optimiser, steps, redraw, levels, seed, smoothness, weights)
    name = f"texture_{image.stem if image else sample}"
    try:
        source = load_file(image) if image else load_sample(sample, TEXTURES)
        job = Job(name, name.replace("_", " "), source, {"source": source}, output, overwrite, frames, tile)
        outcome, _ = synthesise(job, (height, width), settings)
    except (PictureError, WeightsError) as error:
        refuse(str(error))
    leave_unless_finished(outcome)


def synthesise(job: Job, shape: tuple[int, int], settings: Settings) -> tuple[Outcome, Metrics]:
    """The texture and its files; `PictureError` or `WeightsError` for what cannot be used."""
    check_size("the texture", job.source.shape, settings.smallest)
    check_size("the result", shape, settings.smallest)
    whole = 1 << max(settings.halvings, settings.scales - 1)
    if job.is_periodic and any(n % whole for n in shape):
        height, width = (-(-n // whole) * whole for n in shape)
        refuse(f"height and width must be multiples of {whole} to tile; take {width}x{height}, or leave out --tile")
    made = make_texture(job.source, shape, settings.plan(), is_periodic=job.is_periodic)
    return run_job(job, made, settings, height=shape[0], width=shape[1], tile=job.is_periodic)
