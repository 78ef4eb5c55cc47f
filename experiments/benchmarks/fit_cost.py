"""Fit the constants of the cost model to this machine, and say how good its choices are with them.

Every method is timed on random problems; the constants minimise the error of log(predicted ÷ measured) over all of
them jointly, on two thirds of the problems; the choices are judged on the rest. What is printed is fitted to all.
"""

import dataclasses
import json
import math
import pathlib
from collections.abc import Sequence
from typing import Annotated, Any

import jax
import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from scipy.optimize import least_squares

from experiments.benchmarks.guard import Guard
from experiments.benchmarks.harness import Effort, measure
from experiments.benchmarks.problems import candidates, contenders, draw_problems
from experiments.files import replace_text
from sigconv._engine.cost import CPU, Machine
from sigconv._engine.method import Method, Problem

CONSTANTS = tuple(field.name for field in dataclasses.fields(Machine) if field.type in (float, "float"))
_EFFORT = Effort(seconds=0.25, slowest=2.0, is_cold=False, repeats=1)
_SHARES = (1.25, 1.5, 2.0)
_TIMES = pathlib.Path(__file__).parent / "results" / "fit_cost.json"
_PRIOR = 0.05
"""Pull towards the start, per e-fold: it only holds constants that no measurement speaks of."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """A problem, the methods that were timed on it, and what they took."""

    family: str
    problem: Problem
    methods: dict[str, Method]
    seconds: dict[str, float]

    def predicted(self, machine: Machine) -> dict[str, float]:
        return {name: self.methods[name].cost(self.problem, machine) for name in self.seconds}

    def loss(self, machine: Machine) -> tuple[float, str, str]:
        """Time of the predicted best over that of the measured best, and the two."""
        costs = self.predicted(machine)
        chosen, best = min(costs, key=lambda n: costs[n]), min(self.seconds, key=lambda n: self.seconds[n])
        return self.seconds[chosen] / self.seconds[best], chosen, best


def fit(samples: Sequence[Sample], start: Machine) -> Machine:
    """The constants under which the predicted times are nearest to the measured ones, in the logarithm."""
    initial = np.log([getattr(start, name) for name in CONSTANTS])
    # A method far behind the best one need not be predicted well.
    weights = [
        math.sqrt(min(sample.seconds.values()) / seconds) for sample in samples for seconds in sample.seconds.values()
    ]
    measured = np.log([seconds for sample in samples for seconds in sample.seconds.values()])

    def residuals(logarithms: np.ndarray) -> np.ndarray:
        machine = _machine(start, logarithms)
        costs = np.log([cost for sample in samples for cost in sample.predicted(machine).values()])
        return np.concatenate([weights * (costs - measured), _PRIOR * (logarithms - initial)])

    # soft_l1: single rows that other load spoiled should not bend the rest.
    found = least_squares(residuals, initial, loss="soft_l1", f_scale=0.3, diff_step=1e-3)
    return _machine(start, found.x)


def _machine(start: Machine, logarithms: np.ndarray) -> Machine:
    return dataclasses.replace(start, **dict(zip(CONSTANTS, np.exp(logarithms).tolist(), strict=True)))


def shares(samples: Sequence[Sample], machine: Machine) -> dict[float, float]:
    """In what share of the problems the choice costs at most that many times the best."""
    losses = [sample.loss(machine)[0] for sample in samples]
    return {limit: float(np.mean([loss <= limit for loss in losses])) for limit in _SHARES}


def mean_loss(samples: Sequence[Sample], machine: Machine) -> float:
    """Geometric mean of what the choice takes over what the best takes."""
    return math.exp(np.mean([math.log(sample.loss(machine)[0]) for sample in samples]))


def spread(samples: Sequence[Sample], machine: Machine) -> dict[str, tuple[float, float]]:
    """By method, the median and the 90th percentile of how many times off the prediction is, either way."""
    off: dict[str, list[float]] = {}
    for sample in samples:
        for name, cost in sample.predicted(machine).items():
            off.setdefault(sample.methods[name].name, []).append(abs(math.log(cost / sample.seconds[name])))
    return {name: (math.exp(np.median(logs)), math.exp(np.percentile(logs, 90))) for name, logs in off.items()}


def constructor(machine: Machine) -> str:
    """The row to paste into sigconv/_engine/cost.py."""
    lines = [f"    {name}={getattr(machine, name):.2e}," for name in CONSTANTS]
    return "\n".join(["Machine(", *lines, f"    fft_is_accurate={machine.fft_is_accurate},", ")"])


def main(
    quick: Annotated[bool, typer.Option(help="A few problems only, for a smoke run.")] = False,
    reuse: Annotated[bool, typer.Option(help="Fit to the last full run's times, after a change of formulas.")] = False,
) -> None:
    """Measure on an idle machine, fit, and print the row for sigconv/_engine/cost.py."""
    # Waking up a thread for a call says nothing about a method.
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    console = Console()
    problems = draw_problems(12 if quick else 330)
    if reuse:
        records = json.loads(_TIMES.read_text())
    else:
        records = measure_all(problems, console, quick=quick)
        if not quick:
            replace_text(_TIMES, json.dumps(records, indent=1) + "\n")
    samples = []
    for (family, problem), record in zip(problems, records, strict=True):
        if record["shapes"] != [list(problem.signal), list(problem.weights)]:
            raise typer.BadParameter("the problems have changed since those times were taken; measure again.")
        if len(record["seconds"]) > 1:
            samples.append(Sample(family, problem, contenders(problem), record["seconds"]))
    report(samples, console)
    unclean = sum(record["clean"] is not True for record in records)
    if unclean:
        console.print(f"\n{unclean} of {len(records)} rows are CONTAMINATED or unknown: do not use these constants.")


def measure_all(problems: Sequence[tuple[str, Problem]], console: Console, *, quick: bool) -> list[dict[str, Any]]:
    """Time every contender of every problem; medians, as plain data."""
    guard = Guard(patience=2.0 if quick else 120.0)
    effort = dataclasses.replace(_EFFORT, seconds=0.05, repeats=0) if quick else _EFFORT
    records = []
    for _, problem in track(problems, "measuring", console=console, auto_refresh=False):
        row = measure(candidates(problem, contenders(problem)), guard=guard, effort=effort)
        seconds = {name: timing.median for name, timing in row.timings.items() if not timing.skipped}
        shapes = [list(problem.signal), list(problem.weights)]
        records.append({"shapes": shapes, "seconds": seconds, "clean": row.is_clean})
    return records


def report(samples: Sequence[Sample], console: Console) -> None:
    """Fit on two thirds, judge on the rest, and print both."""
    training = [sample for i, sample in enumerate(samples) if i % 3]
    held_out = samples[::3]
    fitted = fit(training, CPU)
    for title, machine in (("constants of cost.py", CPU), ("fitted constants", fitted)):
        console.print(f"\n{title}, on the {len(held_out)} problems held out:")
        for limit, share in shares(held_out, machine).items():
            console.print(f"  the choice is within {limit}× of the best in {share:.0%}")
        console.print(f"  and takes {mean_loss(held_out, machine):.2f}× the best on average (geometric mean)")
        for name, (middle, tail) in spread(held_out, machine).items():
            console.print(f"  {name}: predicted within {middle:.2f}× (median), {tail:.2f}× (90 %)")
    console.print("\nworst choices with the fitted constants, of all problems:")
    for sample in sorted(samples, key=lambda s: -s.loss(fitted)[0])[:10]:
        loss, chosen, best = sample.loss(fitted)
        shapes = f"{sample.problem.signal} * {sample.problem.weights}"
        console.print(f"  {loss:.2f}× {sample.family} {shapes}: {chosen}, best {best}", soft_wrap=True)
    console.print("\n" + constructor(fit(samples, CPU)), highlight=False)


if __name__ == "__main__":
    typer.run(main)
