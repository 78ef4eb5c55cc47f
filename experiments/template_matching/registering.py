"""The command `register`: find the shift between two views of a scene, and how noise spoils it."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
import scipy.ndimage
import typer
from rich import box
from rich.console import Console
from rich.table import Table

import sigconv
from experiments.console import Output, new_progress, refusing, say_written, write_json
from experiments.template_matching.curves import draw_noise
from experiments.template_matching.fields import draw_views
from experiments.template_matching.noise_curve import (
    CROPPED,
    PERIODIC,
    DelayCurve,
    ShiftCurve,
    delay_curve,
    shift_curve,
)
from experiments.template_matching.results_folder import RESULTS
from experiments.template_matching.shifted_views import Pairs, cropped_pairs, periodic_pairs

_TRIALS, _DELAYS = 32, 400
LEVELS = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Of noise, in deviations of the picture."""

SNR_DB = (-6, -3, 0, 3, 6, 10, 15, 20, 30, 40)


@dataclasses.dataclass(frozen=True)
class Aligned:
    """One pair: the second view laid on the first, and what is left of their difference inside."""

    reference: np.ndarray
    moving: np.ndarray
    laid: np.ndarray
    shift: tuple[float, float]
    found: tuple[float, float]
    before: float
    after: float


@refusing
def register(
    output: Output = RESULTS, seed: Annotated[int, typer.Option(help="Of crops, shifts and noise.")] = 0
) -> None:
    """Register two views of a photograph between the pixels, and measure the error against noise."""
    with new_progress() as progress:
        task = progress.add_task("register", total=6)

        def tell(what: str) -> None:
            progress.update(task, description=f"register: {what}", advance=1)

        pair = align(cropped_pairs(2, np.random.default_rng(seed)), 1)
        tell("two views")
        shifts, delays = measure(_TRIALS, LEVELS, _DELAYS, SNR_DB, seed, tell)
        written = [output / "register.png", output / "register_noise.png", output / "register.json"]
        draw_views(pair.reference, pair.moving, pair.laid, pair.shift, pair.found, written[0])
        draw_noise(shifts, delays, written[1])
        write_json(written[2], make_record(pair, shifts, delays, _TRIALS, seed))
        tell("done")
    console = Console()
    console.print(make_table(shifts))
    console.print(
        f"One pair: true shift {_place(pair.shift)}, found {_place(pair.found)} pixels; "
        f"difference {pair.before:.1f} grey levels before and {pair.after:.1f} after (root mean square)."
    )
    ratios = [error / bound for error, bound in zip(delays.error, delays.bound, strict=True)]
    cells = ", ".join(f"{ratio:.2f} at {snr:g} dB" for snr, ratio in zip(delays.snr_db, ratios, strict=True))
    console.print(f"Delay: error over the Cramér–Rao bound {cells}.")
    say_written(console, written)


def align(pairs: Pairs, number: int) -> Aligned:
    """One of the pairs, by phase correlation of the frequencies that do not alias, and a cubic spline."""
    reference, moving = pairs.reference[number], pairs.moving[number]
    found = np.asarray(
        sigconv.phase_correlation(
            reference.astype("f4"), moving.astype("f4"), normalization="band", upsampling=100
        ).shift
    )
    laid = scipy.ndimage.shift(moving, found, order=3, mode="nearest")
    # Where one view sees what the other does not, nothing can agree.
    edge = int(np.ceil(np.abs(pairs.shift[number]).max())) + 2
    inside = (slice(edge, -edge),) * 2
    before, after = (float(np.sqrt(np.mean((reference - other)[inside] ** 2))) for other in (moving, laid))
    truth = pairs.shift[number]
    return Aligned(reference, moving, laid, (truth[0], truth[1]), (float(found[0]), float(found[1])), before, after)


def measure(
    trials: int,
    levels: Sequence[float],
    delays: int,
    snr_db: Sequence[float],
    seed: int,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[list[ShiftCurve], DelayCurve]:
    """Curves for views that repeat, at two grids, for views cut out of a scene, and for delays."""
    periodic = periodic_pairs(trials, np.random.default_rng(seed))
    cropped = cropped_pairs(trials, np.random.default_rng(seed))
    settings = (
        ("repeating view", "A view shifted as if it repeated", PERIODIC, periodic, 10),
        ("repeating view", "A view shifted as if it repeated", PERIODIC, periodic, 100),
        ("two crops", "Two crops of one scene, four times reduced", CROPPED, cropped, 100),
    )
    curves = []
    for name, title, finders, pairs, upsampling in settings:
        curves.append(shift_curve(name, title, finders, pairs, upsampling, levels, seed))
        tell(f"upsampling {upsampling}")
    delayed = delay_curve(snr_db, delays, seed)
    tell("delays")
    return curves, delayed


def make_record(
    pair: Aligned, shifts: Sequence[ShiftCurve], delays: DelayCurve, trials: int, seed: int
) -> dict[str, Any]:
    """In JSON's types."""
    return {
        "seed": seed,
        "pairs_per_level": trials,
        "one_pair": {
            "shift": list(pair.shift),
            "found": list(pair.found),
            "difference_before": pair.before,
            "difference_after": pair.after,
        },
        "shifts": [
            dataclasses.asdict(curve) | {"is_within_half_a_step_without_noise": within(curve)} for curve in shifts
        ],
        "delays": dataclasses.asdict(delays),
    }


def within(curve: ShiftCurve) -> dict[str, bool]:
    """Whether every error along an axis is at most 1/(2·upsampling) without noise."""
    number = list(curve.levels).index(0)
    return {
        name: bool(errors[number] <= 0.5 / curve.upsampling + 1e-9) for name, errors in curve.largest_per_axis.items()
    }


def make_table(shifts: Sequence[ShiftCurve]) -> Table:
    """One row per setting and finder: median errors at every level, and the largest without noise."""
    table = Table(title="Median error of shifts, in thousandths of a pixel", box=box.SIMPLE, title_justify="left")
    table.add_column("views, 1/grid,\nand by whom registered", no_wrap=True)
    table.add_column("at noise of", no_wrap=True)
    table.add_column("largest\nat 0", justify="right", no_wrap=True)
    for curve in shifts:
        table.add_row(
            f"{curve.name}, 1/{curve.upsampling}", " ".join(f"{level:>5g}" for level in curve.levels), "", style="bold"
        )
        for finder, errors in curve.median.items():
            largest = curve.largest_per_axis[finder][list(curve.levels).index(0)]
            says = "" if within(curve)[finder] else " !"
            table.add_row(f"  {finder}", " ".join(map(_thousandths, errors)), _thousandths(largest) + says)
    table.caption = "!: along an axis more than half a step of the grid, 1/(2·upsampling)"
    return table


def _place(shift: tuple[float, float]) -> str:
    return f"({shift[0]:.3f}, {shift[1]:.3f})"


def _thousandths(pixels: float) -> str:
    return f"{1e3 * pixels:5.{0 if pixels >= 0.01 else 1}f}"
