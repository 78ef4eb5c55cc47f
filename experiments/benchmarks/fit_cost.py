"""Fit the constants of the cost model to this machine, and say how good its choices are with them.

Every method is timed on random problems. The constants first minimise the error of log(predicted ÷ measured) over all
of them jointly; then those of products and of moving numbers move, as little as pays, to where the choices cost least:
no formula is right everywhere, and where two methods take much the same it matters which is taken to be ahead. Both on
two thirds of the problems; the choices are judged on the rest. What is printed is fitted to all.
"""

import dataclasses
import itertools
import json
import math
import pathlib
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import jax
import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from scipy.optimize import least_squares

from experiments.benchmarks.choice import CHUNK, measure_problems
from experiments.benchmarks.guard import Guard, is_clean
from experiments.benchmarks.problems import TRANSPOSED, contenders, draw_problems, usual_problems
from experiments.files import replace_text
from sigconv._engine.cost import CPU, Machine
from sigconv._engine.method import Method, Problem

CONSTANTS = tuple(field.name for field in dataclasses.fields(Machine) if field.type in (float, "float"))
_SHARES = (1.25, 1.5, 2.0)
_TIMES = pathlib.Path(__file__).parent / "results" / "fit_cost.json"
_PRIOR = 0.05
"""Pull of the first fit towards the start, per e-fold: it only holds constants that no measurement speaks of."""
_FAR = 6.0
"""Times the best one's time above which it does not matter what a method takes."""
_PULL = 0.001
"""That of the second, per e-fold²: moving a constant by a factor of 2.7 has to make choices 0.1 % better."""
_SOFTNESS = 0.1
"""Factor (e-folds) within which two predictions count as a draw: a choice that hangs by a thread is worth little."""
_SWEEPS = 6
_HELD = ("call", "loop", "fft_", "pair_", "turn_", "product_", "pass_", "far_", "fresh_")
"""How the constants begin that the second leaves alone."""
_LIMITS = {"pair_work": 0.98}
"""From 1 on it says that nothing is done in pairs, and not how long pairs take."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """A problem, the methods that were timed on it, and what they took."""

    family: str
    problem: Problem
    methods: dict[str, Method]
    seconds: dict[str, float]

    def predicted(self, machine: Machine) -> dict[str, float]:
        return {name: self.methods[name].cost(self.problem, machine) for name in self.seconds}

    def costs(self, names: Iterable[str], machine: Machine) -> np.ndarray:
        """Logarithms of what these are predicted to take."""
        return np.log([self.methods[name].cost(self.problem, machine) for name in names])

    def loss(self, machine: Machine) -> tuple[float, str, str]:
        """Time of the predicted best over that of the measured best, and the two."""
        costs = self.predicted(machine)
        chosen, best = min(costs, key=lambda n: costs[n]), min(self.seconds, key=lambda n: self.seconds[n])
        return self.seconds[chosen] / self.seconds[best], chosen, best


def fit(samples: Sequence[Sample], start: Machine) -> Machine:
    """The constants under which the predicted times are nearest to the measured ones, in the logarithm."""
    initial = _logarithms(start)
    near = [_near(sample) for sample in samples]
    # A method far behind the best one need not be predicted well.
    weights = [math.sqrt(min(seconds.values()) / value) for seconds in near for value in seconds.values()]
    measured = np.log([value for seconds in near for value in seconds.values()])

    def residuals(logarithms: np.ndarray) -> np.ndarray:
        machine = _machine(start, logarithms)
        costs = [sample.costs(seconds, machine) for sample, seconds in zip(samples, near, strict=True)]
        return np.concatenate([weights * (np.concatenate(costs) - measured), _PRIOR * (logarithms - initial)])

    # soft_l1: single rows that other load spoiled should not bend the rest.
    found = least_squares(residuals, initial, loss="soft_l1", f_scale=0.3, diff_step=1e-3, max_nfev=15)
    return _machine(start, found.x)


def sharpen(samples: Sequence[Sample], start: Machine) -> Machine:
    """Constants near `start` by which the choices cost less, one moved after the other.

    But for those of transforms, calls and loops, by which blocks are cut too: of the ways to cut a signal few were
    timed.
    """
    measured = [np.log(list(sample.seconds.values())) for sample in samples]
    behind = [times - times.min() for times in measured]

    def objective(logarithms: np.ndarray) -> float:
        machine = _machine(start, logarithms)
        losses = [_soft_loss(s.costs(s.seconds, machine), loss) for s, loss in zip(samples, behind, strict=True)]
        return float(np.mean(losses) + _PULL * np.sum((logarithms - initial) ** 2))

    initial = _logarithms(start)
    found, value = initial, objective(initial)
    steps, rng = np.full(len(initial), 0.25), np.random.default_rng(0)
    movable = [number for number, name in enumerate(CONSTANTS) if not name.startswith(_HELD)]
    for number in itertools.chain.from_iterable(rng.permutation(movable) for _ in range(_SWEEPS)):
        for sign in (1, -1):
            moved = found.copy()
            moved[number] += sign * steps[number]
            if (better := objective(moved)) < value - 1e-6:
                found, value = moved, better
                steps[number] *= 1.3
                break
        else:
            steps[number] /= 2
    return _machine(start, found)


def _near(sample: Sample) -> dict[str, float]:
    """The methods whose time matters."""
    limit = _FAR * min(sample.seconds.values())
    return {name: seconds for name, seconds in sample.seconds.items() if seconds <= limit}


def _soft_loss(costs: np.ndarray, behind: np.ndarray) -> float:
    """How far behind the best is what is chosen at random, the likelier the less it is predicted to cost; e-folds."""
    shares = np.exp((costs.min() - costs) / _SOFTNESS)
    return float(shares @ behind / shares.sum())


def _logarithms(machine: Machine) -> np.ndarray:
    return np.log([getattr(machine, name) for name in CONSTANTS])


def _machine(start: Machine, logarithms: np.ndarray) -> Machine:
    values = dict(zip(CONSTANTS, np.exp(logarithms).tolist(), strict=True))
    return dataclasses.replace(start, **{name: min(value, _LIMITS.get(name, value)) for name, value in values.items()})


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
    keep: Annotated[
        bool, typer.Option(help="Sharpen the constants that there are: for a row that other machines share.")
    ] = False,
) -> None:
    """Measure on an idle machine, fit, and print the row for sigconv/_engine/cost.py."""
    # Waking up a thread for a call says nothing about a method.
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    console = Console()
    problems = draw_problems(12) if quick else fit_problems()
    if reuse:
        records = json.loads(_TIMES.read_text())
    else:
        records = measure_all(problems, console, patience=2.0 if quick else 120.0)
        if not quick:
            replace_text(_TIMES, json.dumps(records, indent=1) + "\n")
    samples = []
    for (family, problem), record in zip(problems, records, strict=True):
        if record["shapes"] != [list(problem.signal), list(problem.weights)]:
            raise typer.BadParameter("the problems have changed since those times were taken; measure again.")
        if len(record["seconds"]) > 1:
            samples.append(Sample(family, problem, contenders(problem), record["seconds"]))
    report(samples, console, keep=keep)
    unclean = sum(record["clean"] is not True for record in records)
    if unclean:
        console.print(f"\n{unclean} of {len(records)} rows are CONTAMINATED or unknown: do not use these constants.")


def fit_problems() -> list[tuple[str, Problem]]:
    """Random ones of all kinds, more transposed ones, and usual sizes."""
    return [*draw_problems(330), *draw_problems(24, families=TRANSPOSED), *usual_problems()]


def measure_all(problems: Sequence[tuple[str, Problem]], console: Console, patience: float) -> list[dict[str, Any]]:
    """Time every contender of every problem, as plain data: between median and minimum, both of which are noisy."""
    guard = Guard(patience=patience)
    records = []
    for first in track(range(0, len(problems), CHUNK), "measuring", console=console, auto_refresh=False):
        some = problems[first : first + CHUNK]
        for (_, problem), row in zip(some, measure_problems(some, guard), strict=True):
            # Not `auto`'s own pick: what it does depends on the constants.
            seconds = {name: math.sqrt(math.prod(row.seconds[name])) for name in contenders(problem)}
            shapes = [list(problem.signal), list(problem.weights)]
            records.append({"shapes": shapes, "seconds": seconds, "clean": is_clean(row.foreign)})
    return records


def report(samples: Sequence[Sample], console: Console, *, keep: bool) -> None:
    """Fit on two thirds, judge on the rest, and print both."""
    training = [sample for i, sample in enumerate(samples) if i % 3]
    held_out = samples[::3]
    start = CPU if keep else fit(training, CPU)
    fitted = sharpen(training, start)
    nearest = {} if keep else {"those nearest to the times": start}
    for title, machine in {"constants of cost.py": CPU, **nearest, "sharpened": fitted}.items():
        console.print(f"\n{title}, on the {len(held_out)} problems held out:")
        for limit, part in shares(held_out, machine).items():
            console.print(f"  the choice is within {limit}× of the best in {part:.0%}")
        console.print(f"  and takes {mean_loss(held_out, machine):.2f}× the best on average (geometric mean)")
        for name, (middle, tail) in spread(held_out, machine).items():
            console.print(f"  {name}: predicted within {middle:.2f}× (median), {tail:.2f}× (90 %)")
    console.print("\nworst choices with the fitted constants, of all problems:")
    for sample in sorted(samples, key=lambda s: -s.loss(fitted)[0])[:10]:
        loss, chosen, best = sample.loss(fitted)
        shapes = f"{sample.problem.signal} * {sample.problem.weights}"
        console.print(f"  {loss:.2f}× {sample.family} {shapes}: {chosen}, best {best}", soft_wrap=True)
    console.print("\n" + constructor(sharpen(samples, CPU if keep else fit(samples, CPU))), highlight=False)


if __name__ == "__main__":
    typer.run(main)
