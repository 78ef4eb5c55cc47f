"""The table of docs/conventions.md, out of the table that the code runs on. Run this file to rewrite the page's."""

import pathlib

from sigconv._core.boundary import Rule
from sigconv._core.conventions import CONVENTIONS, Convention

PAGE = pathlib.Path(__file__).parent / "conventions.md"
START, END = "<!-- the table, by docs/tables.py -->", "<!-- the end of the table -->"
HEADER = "| function | flips | conjugates | 'same' sits on tap, K = 4 / 5 | default mode, boundary | modes | layouts: data; kernel |"


def conventions_table() -> str:
    """One line per row of the table."""
    return "\n".join([HEADER, "|---|---|---|---|---|---|---|", *map(_line, CONVENTIONS.values())])


def boundary_table() -> str:
    """One line per function with more than one boundary: its names, and what they are here."""
    lines = ["| function | its names, and ours |", "|---|---|"]
    for row in CONVENTIONS.values():
        if len(row.boundaries) > 1 and not row.name.startswith("sigconv"):
            names = ", ".join(f"{word}: {_rule(reads)}" for word, reads in row.boundaries.items())
            lines.append(f"| `{row.name}` | {names} |")
    return "\n".join(lines)


def page_with_tables(page: str) -> str:
    """The page with its tables written anew."""
    before, rest = page.split(START)
    _, after = rest.split(END)
    return f"{before}{START}\n\n{conventions_table()}\n\n{boundary_table()}\n\n{END}{after}"


def _line(row: Convention) -> str:
    same = f"{row.origin(4)} / {row.origin(5)}" if "same" in row.modes else "–"
    modes = ", ".join(row.modes) + (", numbers" if row.counts else "")
    swaps = f"; swaps a longer kernel in {', '.join(row.swaps)}" if row.swaps else ""
    words = [f"`{row.name}`", _yes(row.flips), _yes(row.conjugates), same]
    words += [f"{row.default_mode}, {row.default_boundary}", modes.lstrip(", ") + swaps]
    words += [f"{row.signal_layout}; {row.kernel_layout}"]
    return f"| {' | '.join(words)} |"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _rule(reads: object) -> str:
    return reads.value if isinstance(reads, Rule) else "zero or the fill value"


if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text()))
