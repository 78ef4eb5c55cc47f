"""The command: measure every case, then write the page, its figures and the numbers."""

import dataclasses
import json
import pathlib
import time
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from experiments.benchmarks.correlation import CASES, JAX_AUTO, JAX_FFT, OURS, QUICK, Case, Result, measure_case
from experiments.benchmarks.guard import Guard
from experiments.benchmarks.harness import Effort
from experiments.benchmarks.plots import plot_times
from experiments.benchmarks.report import render
from experiments.benchmarks.setting import Setting, current_setting
from experiments.benchmarks.verdict import ratio, verdicts
from experiments.files import replace_text

_HERE = pathlib.Path(__file__).parent
_RESULTS = _HERE / "results"
_DOCS = _HERE.parent.parent / "docs"
_SMOKE = Effort(seconds=0.1, slowest=2.0, repeats=0)


def main(
    quick: Annotated[bool, typer.Option(help="A smoke run of about 20 s; it never touches docs/.")] = False,
    output: Annotated[pathlib.Path | None, typer.Option(help="Write everything below this folder instead.")] = None,
) -> None:
    """Measure sigconv against JAX, SciPy and NumPy; write docs/benchmarks.md."""
    console = Console()
    began = time.perf_counter()
    setting = current_setting(is_quick=quick)
    guard = Guard(patience=2.0 if quick else 180.0)
    results = _measure_all(QUICK if quick else CASES, setting, guard, _SMOKE if quick else Effort(), console)
    for path in write(results, setting, *folders(quick=quick, output=output)):
        console.print(f"wrote {path}", soft_wrap=True)
    for verdict in verdicts(results):
        console.print({True: "holds: ", False: "DOES NOT HOLD: ", None: "not tested: "}[verdict.holds] + verdict.text)
    console.print(f"{time.perf_counter() - began:.0f} s")


def folders(*, quick: bool, output: pathlib.Path | None) -> tuple[pathlib.Path, pathlib.Path]:
    """Where the page and its figures go, and where the numbers go."""
    if output is not None:
        return output, output
    return (_RESULTS / "quick", _RESULTS / "quick") if quick else (_DOCS, _RESULTS)


def write(results: Sequence[Result], setting: Setting, page: pathlib.Path, numbers: pathlib.Path) -> list[pathlib.Path]:
    """Write the numbers, the figures and the page; return their paths."""
    record = {
        "setting": dataclasses.asdict(setting),
        "results": [dataclasses.asdict(result) | {"clean": result.row.is_clean} for result in results],
        "verdicts": [dataclasses.asdict(verdict) for verdict in verdicts(results)],
    }
    written = [numbers / "correlation.json"]
    replace_text(written[0], json.dumps(record, indent=1) + "\n")
    images = {}
    for rank in sorted({len(result.case.signal) for result in results}):
        images[rank] = f"images/benchmark_{rank}d.png"
        plot_times([result for result in results if len(result.case.signal) == rank], page / images[rank])
        written.append(page / images[rank])
    written.append(page / "benchmarks.md")
    replace_text(written[-1], render(results, setting, images))
    return written


def _measure_all(
    cases: Sequence[Case], setting: Setting, guard: Guard, effort: Effort, console: Console
) -> list[Result]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    results = []
    # Redrawn only between cases: a refreshing thread would run beside what is timed.
    with Progress(*columns, console=console, auto_refresh=False) as progress:
        task = progress.add_task("", total=len(cases))
        for case in cases:
            progress.update(task, description=case.name, refresh=True)
            result = measure_case(case, setting, guard, effort)
            results.append(result)
            progress.console.print(_line(result))
            progress.update(task, advance=1, refresh=True)
    return results


def _line(result: Result) -> str:
    ours = result.row.timings[OURS]
    state = {True: "clean", False: "CONTAMINATED", None: "load unknown"}[result.row.is_clean]
    return (
        f"{result.case.name}: {result.chosen} {ours.median * 1e3:.3g} ms; jax convolve ×{ratio(result, JAX_AUTO):.2f}, "
        f"jax fftconvolve ×{ratio(result, JAX_FFT):.2f}; {state}"
    )


if __name__ == "__main__":
    typer.run(main)
