"""The measurements as Markdown, the bad ones as plainly as the good ones."""

from collections.abc import Sequence

from experiments.benchmarks.correlation import EAGER, FORCED, OURS, RIVALS, Result
from experiments.benchmarks.guard import CONTAMINATED
from experiments.benchmarks.harness import Timing
from experiments.benchmarks.setting import Setting
from experiments.benchmarks.verdict import TIE, Verdict, best_of, least, ratio, verdicts

_MARKS = {True: "**holds**", False: "**does not hold**", None: "not tested"}
_CLEAN = {True: "clean", False: "CONTAMINATED", None: "unknown"}


def render(results: Sequence[Result], setting: Setting, images: dict[int, str]) -> str:
    """The whole page. `images` has the path of the figure of each rank, relative to the page."""
    parts = ["# Benchmarks", _head(results, setting), "## Verdicts", _verdicts(verdicts(results))]
    parts += ["## Where sigconv is slower", _slower(results)]
    for rank in sorted({len(result.case.signal) for result in results}):
        chosen = [result for result in results if len(result.case.signal) == rank]
        parts += [f"## {rank}-d, {', '.join(sorted({repr(r.case.mode) for r in chosen}))}"]
        if rank in images:
            parts.append(f"![Time against kernel length, {rank}-d]({images[rank]})")
        parts += ["### Ratios", _ratios(chosen, setting), "### Times", _times(chosen)]
    return "\n\n".join(parts) + "\n"


def _head(results: Sequence[Result], setting: Setting) -> str:
    dispatch = {True: "on (JAX's default)", False: "off", None: "unknown"}[setting.async_dispatch]
    foreign = [result.row.foreign for result in results if result.row.foreign is not None]
    load = f"at most {max(foreign):.2f} cores in any row" if foreign else "unknown"
    lines = [
        f"- Device: {setting.device}, {setting.cores} cores",
        f"- System: {setting.system}",
        f"- Versions: {', '.join(f'{name} {version}' for name, version in setting.versions.items())}",
        f"- Date: {setting.date}",
        f"- Settings: float32 white noise; asynchronous CPU dispatch {dispatch}; SciPy's transforms with "
        f"{setting.cores} workers",
        f"- Memory limit: 8 bytes per output at {setting.bandwidth / 1e9:.1f} GB/s, the best copy in this run",
        f"- CPU used by other processes: {load}; above {CONTAMINATED} cores a row counts as contaminated",
    ]
    first = (
        "Written by `make bench`. What is asked, how it is measured and how to read it: experiments/benchmarks/README."
    )
    if setting.is_quick:
        first = "**A smoke run: too few cases and too little time to say anything.**"
    return first + "\n\n" + "\n".join(lines)


def _verdicts(given: Sequence[Verdict]) -> str:
    return "\n".join(f"- {_MARKS[verdict.holds]}: {verdict.text}" for verdict in given)


def _slower(results: Sequence[Result]) -> str:
    lines = []
    for result in results:
        behind = {name: ratio(result, name) for name in RIVALS if name in result.row.timings}
        behind = {name: value for name, value in behind.items() if value < 1 / TIE}
        if behind:
            listed = ", ".join(f"{1 / value:.1f}× than {name}" for name, value in behind.items())
            lines.append(f"- {result.case.name}: slower by {listed}.")
    if not lines:
        return f"Nowhere by more than {TIE}×."
    return f"Every rival that is ahead by more than {TIE}× (medians):\n\n" + "\n".join(lines)


def _ratios(results: Sequence[Result], setting: Setting) -> str:
    rivals = [name for name in RIVALS if any(name in result.row.timings for result in results)]
    rows = []
    for result in results:
        ours, best = result.row.timings[OURS], best_of(result, FORCED)
        cells = [result.case.name, result.chosen, f"{_ms(ours.median)}"]
        cells += [_ratio(result, name) for name in rivals]
        cells += [f"{_ratio(result, best)} {best.removeprefix('sigconv ')}", _ratio(result, EAGER)]
        cells += [f"{ours.median / result.limit:.1f}", _cleanliness(result)]
        rows.append(cells)
    head = ["case", "`auto` picks", "ours, ms", *rivals, "best of ours", "eager", "ours ÷ limit", "row"]
    legend = (
        "Rival's time ÷ ours, medians, with that of the minima in parentheses: above 1 we are ahead, "
        f"**bold** is below 1/{TIE}, ~ is a rival that was skipped after one call."
    )
    return legend + "\n\n" + _table(head, rows)


def _times(results: Sequence[Result]) -> str:
    rows = []
    for result in results:
        for name, timing in result.row.timings.items():
            if timing.skipped:
                times = [f"skipped: {timing.skipped}", "", "", "0"]
            else:
                times = [_ms(timing.median), f"{_ms(timing.low)}–{_ms(timing.high)}", _ms(timing.least)]
                times.append(str(timing.calls))
            rows.append([result.case.name, name, *times, *_beside(timing)])
    head = ["case", "", "median, ms", "quartiles, ms", "minimum, ms", "calls", "error", "compile, ms", "first call, ms"]
    return _table(head, rows)


def _beside(timing: Timing) -> list[str]:
    error = "" if timing.error is None else f"{timing.error:.0e}"
    return [error, "" if timing.compiled is None else _ms(timing.compiled), _ms(timing.first)]


def _ratio(result: Result, name: str) -> str:
    timings = result.row.timings
    if name not in timings:
        return ""
    value = ratio(result, name)
    if timings[name].skipped or timings[OURS].skipped:
        return f"~{value:.3g}"
    text = f"{value:.2f} ({ratio(result, name, least):.2f})"
    return f"**{text}**" if value < 1 / TIE else text


def _cleanliness(result: Result) -> str:
    row = result.row
    text = _CLEAN[row.is_clean] + ("" if row.foreign is None else f", {row.foreign:.2f}")
    return text + (f", attempt {row.attempts}" if row.attempts > 1 else "")


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3g}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
