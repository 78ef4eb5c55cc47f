"""The command: clean a noisy photograph by every rule, learned ones too; and PSNR against the noise."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import jax
import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress

from experiments.console import Output, new_progress, refuse, refusing, say_written, write_json
from experiments.denoise import learning, rivals
from experiments.denoise.figure import draw_curves, draw_descent, draw_pictures
from experiments.denoise.problems import camera, observe, score
from experiments.denoise.shrinkage import Transform, by_formula, denoise, noise_level
from experiments.pictures import PictureError, as_grey, read_picture
from sigconv import OptionError, wavelets

_RESULTS = Path(__file__).parent / "results"
_SIGMAS = (5.0, 10.0, 15.0, 25.0, 35.0, 50.0)
_SMALLEST = 64
_EVERY = 4

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Take noise out of a photograph by shrinking its wavelet coefficients.",
)
Sigma = Annotated[float, typer.Option(help="Standard deviation of the noise; pictures are from 0 to 255.", min=0.5)]
Steps = Annotated[int, typer.Option(help="Of each descent.", min=2)]
Name = Annotated[str, typer.Option(help="Wavelet, as `sigconv.design.wavelet` has it.")]
Levels = Annotated[int, typer.Option(help="Of the transform.", min=1, max=6)]
Seed = Annotated[int, typer.Option(help="Of whatever is random.")]
Image = Annotated[Path | None, typer.Option(help="Your own photograph, taken as clean.", show_default=False)]


@app.command()
@refusing
def compare(
    sigma: Sigma = 25.0,
    steps: Steps = 100,
    wavelet: Name = "haar",
    levels: Levels = 4,
    seed: Seed = 0,
    image: Image = None,
    output: Output = _RESULTS,
) -> None:
    """Add noise to a photograph, and take it out: by formulas, by learned thresholds, and by scikit-image."""
    problem = observe(_picture(image), sigma, seed)
    transform = _transform(wavelet, levels, problem.noisy.shape)
    apply = _application(transform)
    found: dict[str, Any] = {"clean": problem.clean, "noisy": problem.noisy}
    histories: dict[str, dict[int, float]] = {}
    rules: dict[str, learning.Shrinkage] = {}
    descents: dict[str, Callable[[], Iterator[tuple[learning.Step, learning.Shrinkage]]]] = {
        "learned from other pictures": lambda: learning.from_clean(sigma, transform, steps, seed),
        "learned from the noisy one": lambda: learning.from_noisy(problem.noisy, transform, steps, seed),
    }
    with new_progress() as progress:
        found |= _formulas(progress, problem.noisy, wavelet, levels)
        for name, descent in descents.items():
            histories[name], rules[name] = _follow(
                progress, name, descent(), steps, lambda rule: score(problem.clean, apply(problem.noisy, rule))
            )
            found[name] = apply(problem.noisy, rules[name])
        found |= _theirs(progress, problem.noisy, wavelet, levels)
    pictures = {name: np.asarray(picture) for name, picture in found.items()}
    scores = {name: score(problem.clean, picture) for name, picture in pictures.items() if name != "clean"}
    paths = [output / name for name in ("compare.png", "learned.png", "compare.json")]
    draw_pictures(pictures, scores, _middle(problem.clean.shape), paths[0])
    formula = {name: scores[name] for name in ("BayesShrink", "BayesShrink, every shift")}
    draw_descent(histories, formula, {name: np.asarray(rule.thresholds) for name, rule in rules.items()}, paths[1])
    write_json(
        paths[2],
        {
            "settings": {"sigma": sigma, "steps": steps, "seed": seed, "image": str(image) if image else "camera"}
            | dataclasses.asdict(transform),
            "estimated_sigma": float(noise_level(problem.noisy)),
            "scikit_image": _availability(),
            "psnr": scores,
            "psnr_by_step": histories,
            "learned": {name: learning.table(rule) for name, rule in rules.items()},
        },
    )
    _say(scores)
    say_written(Console(), paths)


@app.command()
@refusing
def noise(
    wavelet: Name = "haar",
    levels: Levels = 4,
    steps: Steps = 100,
    seed: Seed = 0,
    image: Image = None,
    output: Output = _RESULTS,
) -> None:
    """PSNR against the noise; the thresholds are learned once, at σ = 25, in units of σ."""
    picture = _picture(image)
    transform = _transform(wavelet, levels, picture.shape)
    apply = _application(transform)
    curves: dict[str, list[float]] = {}
    with new_progress() as progress:
        _, rule = _follow(progress, "learning", learning.from_clean(25.0, transform, steps, seed), steps)
        for number, sigma in enumerate(_SIGMAS):
            problem = observe(picture, sigma, seed + number)
            found: dict[str, Any] = {"noisy": problem.noisy} | _formulas(progress, problem.noisy, wavelet, levels)
            found["learned from other pictures"] = apply(problem.noisy, rule)
            for name, cleaned in (found | _theirs(progress, problem.noisy, wavelet, levels)).items():
                curves.setdefault(name, []).append(score(problem.clean, cleaned))
    paths = [output / "noise.png", output / "noise.json"]
    draw_curves(_SIGMAS, curves, paths[0])
    settings = {"steps": steps, "seed": seed, "image": str(image) if image else "camera"}
    record = {"settings": settings | dataclasses.asdict(transform), "scikit_image": _availability()}
    write_json(paths[1], record | {"sigmas": list(_SIGMAS), "psnr": curves})
    say_written(Console(), paths)


def _picture(image: Path | None) -> np.ndarray:
    if image is None:
        return camera()
    try:
        picture = as_grey(read_picture(image)).astype(np.float32)
    except PictureError as error:
        refuse(str(error))
    if min(picture.shape) < _SMALLEST:
        refuse(f"{image} must have at least {_SMALLEST} pixels per side; it has {picture.shape[0]}×{picture.shape[1]}")
    return picture


def _transform(wavelet: str, levels: int, shape: tuple[int, ...]) -> Transform:
    """Of every shift, where the decimated one has so many levels too."""
    try:
        most = min(wavelets.dwt_max_level(length, wavelet) for length in shape)
    except OptionError as error:
        refuse(str(error))
    if levels > most:
        refuse(f"--levels must be at most {most} for a picture of {shape[0]}×{shape[1]} and {wavelet}; got {levels}")
    return Transform(wavelet, levels, stationary=True)


def _formulas(progress: Progress, noisy: jax.Array, wavelet: str, levels: int) -> dict[str, jax.Array]:
    jobs = {
        "VisuShrink": ("visu", False),
        "BayesShrink": ("bayes", False),
        "BayesShrink, every shift": ("bayes", True),
    }
    found = {}
    for name, (rule, stationary) in progress.track(jobs.items(), description="formulas"):
        found[name] = jax.block_until_ready(by_formula(noisy, rule, Transform(wavelet, levels, stationary)))
    return found


def _theirs(progress: Progress, noisy: jax.Array, wavelet: str, levels: int) -> dict[str, np.ndarray]:
    jobs = rivals.scikit_image(wavelet, levels)
    y = np.asarray(noisy, float)
    return {f"scikit-image: {name}": job(y) for name, job in progress.track(jobs.items(), description="scikit-image")}


def _follow(
    progress: Progress,
    name: str,
    descent: Iterator[tuple[learning.Step, learning.Shrinkage]],
    steps: int,
    watch: Callable[[learning.Shrinkage], float] | None = None,
) -> tuple[dict[int, float], learning.Shrinkage]:
    """The rule that was found, and what `watch` saw of it on the way."""
    task = progress.add_task(f"{name}: compiling", total=steps)
    seen: dict[int, float] = {}
    rule: learning.Shrinkage | None = None
    for step, latest in descent:
        rule = latest
        if watch and (step.number % _EVERY == 0 or step.number == steps - 1):
            seen[step.number + 1] = watch(rule)
        progress.update(task, advance=1, description=name)
    assert rule is not None, "there are two steps at least"
    return seen, rule


def _application(transform: Transform) -> Callable[[jax.Array, learning.Shrinkage], jax.Array]:
    return jax.jit(lambda noisy, rule: denoise(noisy, noise_level(noisy), rule, transform))


def _availability() -> str:
    return "compared" if rivals.are_there() else "not compared: its denoise_wavelet needs PyWavelets, which is missing"


def _middle(shape: tuple[int, ...]) -> slice:
    """The rows and columns to show."""
    least = min(shape)
    return slice(int(0.15 * least), int(0.15 * least) + min(220, least))


def _say(scores: dict[str, float]) -> None:
    console = Console()
    for name, decibels in scores.items():
        console.print(f"{name:<42} {decibels:6.2f} dB", highlight=False)
    if not rivals.are_there():
        console.print("scikit-image was not compared: its denoise_wavelet needs PyWavelets (the extra `peers`)")


if __name__ == "__main__":
    app()
