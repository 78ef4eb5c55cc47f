"""What `find` tells: a table for the reader, and the same with every number as JSON."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from experiments.template_matching.search import Peak, Search


def make_table(results: Sequence[Search]) -> Table:
    """One row per search, with its matches below each other from top to bottom of the image; fits 80 columns."""
    table = Table(title="Found by zero-mean normalised cross-correlation", box=box.SIMPLE, title_justify="left")
    for heading in ("task", "found at\nrow, col", "expected\nrow, col"):
        table.add_column(heading, no_wrap=True)
    for heading in ("score", "next\npeak", "first\ns", "later\nms"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("ok?", no_wrap=True)
    for result in results:
        found = sorted(result.found)
        table.add_row(
            escape(result.name) if result.operation == "correlate" else f"{result.name}\n{result.operation}",
            _lines([f"{peak.row}, {peak.column}" for peak in found]),
            _lines([f"{row}, {column}" for row, column in sorted(result.expected or ())]),
            _lines([f"{peak.score:.3f}" for peak in found]),
            f"{result.next_best.score:.3f}" if result.next_best else "-",
            f"{result.first_seconds:.2f}",
            f"{1e3 * result.later_seconds:.1f}",
            verdict(result),
        )
    return table


def score_range(found: Sequence[Peak]) -> str:
    """The best score, and the worst one if there are several."""
    scores = [f"{peak.score:.3f}" for peak in found]
    return scores[0] if len(scores) == 1 else f"{scores[0]} to {scores[-1]}"


def verdict(result: Search) -> str:
    """In words: whether the places are right, and whether that is what the task is about."""
    if result.is_correct is None:
        return "-"
    if not result.is_as_expected:
        return "NO"
    if result.operation == "correlate":
        return "yes"
    return "unnoticed" if result.is_correct else "wrong,\nas it must"


def make_record(results: Sequence[Search]) -> dict[str, Any]:
    """Everything that was measured, in JSON's types."""
    return {"searches": [_record_search(result) for result in results]}


def _record_search(result: Search) -> dict[str, Any]:
    height, width = result.template.shape[:2]
    return {
        "task": result.name,
        "title": result.title,
        "operation": result.operation,
        "image_shape": list(result.image.shape),
        "template_shape": list(result.template.shape),
        "found": [
            {"row": row, "column": column, "height": height, "width": width, "score": score}
            for row, column, score in result.found
        ],
        "next_best": result.next_best._asdict() if result.next_best else None,
        "expected": None if result.expected is None else [list(place) for place in result.expected],
        "correct": result.is_correct,
        "as_expected": result.is_as_expected,
        "seconds": {"first_call": result.first_seconds, "later_call": result.later_seconds},
    }


def _lines(cells: Sequence[str]) -> str:
    return "\n".join(cells) or "-"
