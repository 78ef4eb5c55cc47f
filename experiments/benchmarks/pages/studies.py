"""How good the choices are, how time and memory grow, and how exact the results are."""

from collections.abc import Sequence

from experiments.benchmarks.accuracy import Growth, Loss
from experiments.benchmarks.choice import Again, Choice, shares
from experiments.benchmarks.guard import is_clean
from experiments.benchmarks.pages.markdown import CLEAN, both, bullets, ms, percent, shape, table, times
from experiments.benchmarks.scaling import MULTIPLE, STEP, Point, steps
from experiments.benchmarks.tiled import PEAKS, TEMPLATE, Tiled, same_peaks

_WANTED_SHARES = {1.25: 0.80, 1.5: 0.95}
_WORST_LOSS, _WORST_BEHIND_JAX = 3.0, 1.3
_MARKS = {True: "**holds**", False: "**does not hold**"}


def choice_verdicts(choices: Sequence[Choice], again: Sequence[Again]) -> list[str]:
    """What was wanted of `auto`, and whether it is so."""
    by_medians, by_minima = shares(choices), shares(choices, 1)
    lines = [
        f"{_MARKS[by_medians[limit] >= wanted]}: `auto` within {limit:g}× of the best measured in at least "
        f"{percent(wanted)} of {len(choices)} random shapes: {percent(by_medians[limit])} by medians, "
        f"{percent(by_minima[limit])} by minima."
        for limit, wanted in _WANTED_SHARES.items()
    ]
    if again:
        worst = max(again, key=lambda a: a.again.loss())
        loss = worst.again.loss()
        lines.append(
            f"{_MARKS[loss <= _WORST_LOSS]}: none of the {len(again)} worst, measured again alone, is beyond "
            f"{_WORST_LOSS:g}×: the worst is {times(loss)}×, at {worst.again.problem}."
        )
    behind = {a.again.problem: b for a in again if (b := a.behind_jax) is not None}
    if behind:
        name = max(behind, key=lambda n: behind[n])
        lines.append(
            f"{_MARKS[behind[name] <= _WORST_BEHIND_JAX]}: none of them is beyond {_WORST_BEHIND_JAX:g}× behind JAX's "
            f"better way: the worst takes {times(behind[name])}× its time, at {name}."
        )
    return lines


def choice_section(choices: Sequence[Choice], again: Sequence[Again]) -> str:
    by_medians, by_minima = shares(choices), shares(choices, 1)
    summary = table(
        ["", *(f"within {limit:g}×" for limit in by_medians)],
        [[word, *map(percent, some.values())] for word, some in (("medians", by_medians), ("minima", by_minima))],
    )
    families = []
    for family in dict.fromkeys(choice.family for choice in choices):
        own = [choice for choice in choices if choice.family == family]
        families.append([family, str(len(own)), *map(percent, shares(own).values())])
    unclean = sum(is_clean(choice.foreign) is not True for choice in choices)
    rows = [_again_row(a) for a in again]
    parts = [
        f"The time of `auto`'s pick over that of the fastest contender, on {len(choices)} shapes drawn at random with "
        "a seed of their own, without asynchronous dispatch. The best of many noisy times is too good, which counts "
        "against `auto`. "
        f"{unclean} of the shapes were not certainly measured on an idle machine.",
        summary,
        table(["kind", "shapes", *(f"within {limit:g}×" for limit in by_medians)], families),
        f"The {len(again)} worst, measured again alone with ten times the repeats, beside JAX's own ways:",
        table(["shape", "pick", "best", "first", "again (minima)", "pick ÷ jax's better", "row"], rows),
    ]
    return "\n\n".join(parts)


def _again_row(a: Again) -> list[str]:
    behind = "" if a.behind_jax is None else times(a.behind_jax)
    lost = both(a.again.loss(), a.again.loss(1))
    state = CLEAN[is_clean(a.again.foreign)]
    return [a.again.problem, a.again.picked, a.again.best, times(a.first.loss()), lost, behind, state]


def scaling_verdicts(points: Sequence[Point]) -> list[str]:
    """Whether there is a cliff, and whether memory stays in bounds."""
    lines = []
    grown = steps(points)
    if grown:
        factor, a, b = grown[0]
        lines.append(
            f"{_MARKS[factor <= STEP]}: no cliff: between neighbouring sizes the time per sample grows by at most "
            f"{STEP:g}×: the worst step is {times(factor)}×, from {shape(a.signal)} to {shape(b.signal)} samples with "
            f"{shape(b.kernel)} taps"
            + (f", where that of `x + 1` grows {times(_plain_step(a, b))}×." if a.plain and b.plain else ".")
        )
    solid = [point for point in points if point.multiple is not None]
    if solid:
        worst = max(solid, key=lambda point: point.multiple or 0.0)
        multiple = worst.multiple or 0.0
        lines.append(
            f"{_MARKS[multiple <= MULTIPLE]}: peak memory within {MULTIPLE:g}× of input and output together: the most "
            f"is {times(multiple)}×, at {shape(worst.signal)} samples with {shape(worst.kernel)} taps."
        )
    return lines


def _plain_step(a: Point, b: Point) -> float:
    """How many times the time per sample of adding 1 grows between two sizes."""
    assert a.plain is not None
    assert b.plain is not None
    return (b.plain / b.samples) / (a.plain / a.samples)


def scaling_section(points: Sequence[Point]) -> str:
    legend = (
        "Each point in a process of its own. Memory is the input and whatever came on top of it until the peak, "
        "without the program itself, over input and output: 1 is these two. Below 8 MiB of them it is not stated. "
        "Beside it what `x + 1` takes in the same process: from 32 MiB on every result is memory that is new to the "
        "process, which the system must first make ready."
    )
    head = ["signal", "kernel", "method", "ms", "minimum", "calls", "ns per sample", "`x + 1`, ms", "memory", "row"]
    rows = [
        [
            shape(p.signal),
            shape(p.kernel),
            p.method,
            ms(p.median),
            ms(p.least),
            str(p.calls),
            f"{1e9 * p.median / p.samples:.3g}",
            "" if p.plain is None else ms(p.plain),
            "" if p.multiple is None else f"{p.multiple:.2f}×",
            CLEAN[is_clean(p.foreign)],
        ]
        for p in points
    ]
    return legend + "\n\n" + table(head, rows)


def tiles_section(found: Sequence[Tiled]) -> str:
    legend = (
        f"The scores 'zncc' of a template of {TEMPLATE}², once, compiled before, each image in a process of its own. "
        "Memory is the image and whatever came on top of it until the peak, without the program "
        "itself."
    )
    head = ["image", "tile", "s", "image and map, GiB", "memory, GiB", "row"]
    rows = [
        [
            f"{one.side}²",
            "none" if one.tile is None else f"{one.tile}²",
            f"{one.seconds:.3g}",
            f"{sum(one.operands) / 2**30:.2f}",
            f"{one.total / 2**30:.2f}",
            CLEAN[is_clean(one.foreign)],
        ]
        for one in found
    ]
    said = [
        f"{_MARKS[same]}: the {PEAKS} highest peaks of the image of {side}² are the same with and without tiles."
        for side, same in same_peaks(found).items()
    ]
    return "\n\n".join([legend, table(head, rows), bullets(said)])


def accuracy_section(tail: Sequence[Loss], growth: Sequence[Growth]) -> str:
    names = list(dict.fromkeys(name for size in growth for name in size.errors))
    done = [(loss.method, loss.error, loss.signal) for loss in tail if loss.error is not None]
    tail_rows = [[name, f"{error:.1e}", f"{100 * error / signal:.2g} %"] for name, error, signal in done]
    unable = [loss.method for loss in tail if loss.error is None]
    rows = [
        [f"n = {g.n}, k = {g.k}", *(f"{g.errors[name]:.1e}" if name in g.errors else "" for name in names)]
        for g in growth
    ]
    level = f"{tail[0].signal:.1e}" if tail else "unknown"
    parts = [
        "A burst of 10⁶ in noise of 10⁻³, 2¹⁴ samples, through 512 taps of exp(−n/50), in float32. Root mean square of "
        f"the error in the second half, where the kernel no longer reaches the burst and the result is {level}:",
        table(["", "error", "of the result"], tail_rows),
        f"Methods that cannot do this: {', '.join(unable) or 'none'}.",
        "‖error‖₂ ÷ ‖reference‖₂ on white noise, against float64:",
        table(["", *names], rows),
    ]
    return "\n\n".join(parts)
