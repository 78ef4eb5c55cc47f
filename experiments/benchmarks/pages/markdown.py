"""Tables and numbers as Markdown."""

from collections.abc import Sequence

CLEAN = {True: "clean", False: "CONTAMINATED", None: "load unknown"}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def ms(seconds: float) -> str:
    """Milliseconds with three digits."""
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def times(value: float) -> str:
    """A ratio with three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}" if value >= 10 else f"{value:.2f}"


def both(medians: float, minima: float, *, is_rough: bool = False) -> str:
    """Ratio of medians, with that of minima in parentheses; ~ and one alone if a call was timed once only."""
    return f"~{times(medians)}" if is_rough else f"{times(medians)} ({times(minima)})"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def shape(lengths: Sequence[int]) -> str:
    return " × ".join(map(str, lengths))
