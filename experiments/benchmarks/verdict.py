"""What the numbers say to the question: ratios, and whether the targets hold."""

import dataclasses
from collections.abc import Callable, Sequence

from experiments.benchmarks.correlation import FORCED, JAX_AUTO, JAX_FFT, OURS, Result
from experiments.benchmarks.harness import Timing

TIE = 1.3
"""Medians differ by this much between runs of the same code: less is a tie."""
GAIN = 3.0
"""How far ahead of JAX's `auto` we want to be where it picks the wrong method, and from where on it is wrong."""

Statistic = Callable[[Timing], float]


def median(timing: Timing) -> float:
    return timing.median


def least(timing: Timing) -> float:
    return timing.least


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One target.

    Attributes:
        holds: Whether it was reached; None where no case puts it to the test.
        text: What was measured, in a sentence.
    """

    holds: bool | None
    text: str


def ratio(result: Result, rival: str, statistic: Statistic = median) -> float:
    """The rival's time over ours: above 1, we are ahead. A skipped rival counts with its one call."""
    timings = result.row.timings
    return statistic(timings[rival]) / statistic(timings[OURS])


def best_of(result: Result, names: Sequence[str], statistic: Statistic = median) -> str:
    """The fastest of these that could do the case."""
    return min(
        (name for name in names if name in result.row.timings), key=lambda name: statistic(result.row.timings[name])
    )


def mistakes(results: Sequence[Result]) -> list[Result]:
    """Cases in which JAX's `auto`, which is always its direct method, is far slower than another would be."""
    others = (JAX_FFT, *(name for name in FORCED if not name.endswith("direct")))
    return [result for result in results if ratio(result, JAX_AUTO) >= GAIN * ratio(result, best_of(result, others))]


def verdicts(results: Sequence[Result]) -> list[Verdict]:
    """The targets, worst cases first, with the medians and with the minima."""
    return [
        *(_never_worse(results, word, statistic) for word, statistic in (("medians", median), ("minima", least))),
        _ahead_of_mistakes(results),
        _choice(results),
        _trust(results),
    ]


def _never_worse(results: Sequence[Result], word: str, statistic: Statistic) -> Verdict:
    def against_better(result: Result) -> float:
        return ratio(result, best_of(result, (JAX_AUTO, JAX_FFT), statistic), statistic)

    worst = min(results, key=against_better)
    slower = [result.case.name for result in results if against_better(result) < 1 / TIE]
    better = best_of(worst, (JAX_AUTO, JAX_FFT), statistic)
    text = (
        f"Never slower than the better of JAX's two by more than {TIE}× ({word}): the worst ratio is "
        f"{against_better(worst):.2f}, at {worst.case.name}, against {better}."
    )
    return Verdict(not slower, text + (f" Slower at: {'; '.join(slower)}." if slower else ""))


def _ahead_of_mistakes(results: Sequence[Result]) -> Verdict:
    wrong = mistakes(results)
    claim = f"Ahead of JAX's `auto` by {GAIN:g}× or more wherever that picks the wrong method"
    if not wrong:
        return Verdict(None, f"{claim}: it never did by as much as {GAIN:g}×.")
    least_gain = min(wrong, key=lambda result: ratio(result, JAX_AUTO))
    short = [result.case.name for result in wrong if ratio(result, JAX_AUTO) < GAIN]
    text = (
        f"{claim}: in {len(wrong)} of {len(results)} cases it did, and the smallest ratio there is "
        f"{ratio(least_gain, JAX_AUTO):.4g}, at {least_gain.case.name}."
    )
    return Verdict(not short, text + (f" Short of it at: {'; '.join(short)}." if short else ""))


def _choice(results: Sequence[Result]) -> Verdict:
    worst = min(results, key=lambda result: ratio(result, best_of(result, FORCED)))
    better = best_of(worst, FORCED)
    value = ratio(worst, better)
    text = (
        f"`auto` within {TIE}× of the best of sigconv's own methods: the worst ratio is {value:.2f}, at "
        f"{worst.case.name}, where it picked {worst.chosen} and {better.removeprefix('sigconv ')} was the fastest."
    )
    return Verdict(value >= 1 / TIE, text)


def _trust(results: Sequence[Result]) -> Verdict:
    unclean = [result for result in results if result.row.is_clean is False]
    unknown = [result for result in results if result.row.is_clean is None]
    text = f"Measured on an idle machine: {len(results) - len(unclean) - len(unknown)} of {len(results)} rows are clean"
    if unclean:
        text += f"; CONTAMINATED by other load, not to be believed: {'; '.join(r.case.name for r in unclean)}"
    if unknown:
        text += f"; {len(unknown)} rows are unknown, as this system does not tell what others use"
    return Verdict(not unclean and not unknown, text + ".")
