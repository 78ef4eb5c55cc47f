"""`transfer`: what one picture shows, made of what another one is made of."""

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import Output, refuse, refusing
from experiments.features.arrays import WeightsError
from experiments.pictures import PictureError
from experiments.style_transfer import options
from experiments.style_transfer.jobs import Job, leave_unless_finished, run_job
from experiments.style_transfer.loading import alike, check_size, load_file, load_sample
from experiments.style_transfer.metrics import Metrics
from experiments.style_transfer.options import Filters, Rule, Settings, Statistic
from experiments.style_transfer.results_folder import RESULTS
from experiments.style_transfer.running import Outcome
from experiments.style_transfer.samples import PHOTOGRAPHS, TEXTURES
from experiments.style_transfer.synthesis import transfer_style

CONTENT_WEIGHT = 0.2
SIZE = 384


@refusing
def transfer(
    image: Annotated[Path | None, typer.Option(help="Your own picture to show.")] = None,
    style: Annotated[Path | None, typer.Option(help="Your own picture to take the style of.")] = None,
    photograph: Annotated[
        str, typer.Option(help=f"A built-in picture to show: {', '.join(PHOTOGRAPHS)}.")
    ] = "astronaut",
    sample: Annotated[str, typer.Option(help=f"A built-in style: {', '.join(TEXTURES)}.")] = "tissue",
    size: Annotated[int, typer.Option(min=1, help="Shorter side of the result.")] = SIZE,
    style_size: Annotated[int | None, typer.Option(min=1, help="Shorter side that --style is brought to.")] = None,
    content_weight: Annotated[
        float, typer.Option(min=0, help="Of what is shown, beside 1 for the style.")
    ] = CONTENT_WEIGHT,
    filters: options.FiltersOption = Filters.random,
    count: options.CountOption = 32,
    scales: options.ScalesOption = 4,
    statistic: options.StatisticOption = Statistic.lagged,
    optimiser: options.OptimiserOption = Rule.lbfgs,
    steps: options.StepsOption = 100,
    redraw: options.RedrawOption = 25,
    levels: options.LevelsOption = 3,
    seed: options.SeedOption = 0,
    smoothness: options.SmoothnessOption = 0.0,
    weights: options.WeightsOption = None,
    frames: options.FramesOption = 50,
    overwrite: options.OverwriteOption = False,
    output: Output = RESULTS,
) -> None:
    """Show a picture in another one's style.

    The exit code is 1 if the loss stopped being finite, 130 after Ctrl-C, 2 if options or files cannot be used.
    """
    settings = Settings(filters, count, scales, statistic, optimiser, steps, redraw, levels, seed, smoothness, weights)
    try:
        content = load_file(image, size) if image else load_sample(photograph, PHOTOGRAPHS, size)
        source = load_file(style, style_size) if style else load_sample(sample, TEXTURES)
        names = (image.stem if image else photograph, style.stem if style else sample)
        content, source = alike(content, source)
        name = f"transfer_{names[0]}_{names[1]}"
        job = Job(
            name, f"{names[0]} as {names[1]}", source, {"content": content, "style": source}, output, overwrite, frames
        )
        outcome, _ = restyle(job, settings, content_weight)
    except (PictureError, WeightsError) as error:
        refuse(str(error))
    leave_unless_finished(outcome)


def restyle(job: Job, settings: Settings, content_weight: float) -> tuple[Outcome, Metrics]:
    """The picture and its files; `PictureError` or `WeightsError` for what cannot be used."""
    content = job.inputs["content"]
    check_size("the picture to show", content.shape, settings.smallest)
    check_size("the style", job.source.shape, settings.smallest)
    made = transfer_style(content, job.source, settings.plan(), content_weight=content_weight)
    return run_job(job, made, settings, content_weight=content_weight)
