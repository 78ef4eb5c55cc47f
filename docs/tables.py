"""The tables of docs/conventions.md, out of those that the code runs on. Run this file to rewrite the page's."""

import pathlib

from sigconv._core.boundary import BOUNDARIES, LIBRARY_BOUNDARIES
from sigconv._core.conventions import CONVENTIONS, Convention

PAGE = pathlib.Path(__file__).parent / "conventions.md"


def kernel_table() -> str:
    """What each function does to its kernel."""
    header = ["function", "flips", "conjugates", "`same`: tap on n, K = 4", "K = 5", "default mode", "default boundary"]
    rows = [
        [f"`{row.name}`", _yes(row.flips), _yes(row.conjugates), *_origins(row), row.default_mode, row.default_boundary]
        for row in CONVENTIONS.values()
    ]
    return _table(header, rows)


def layout_table() -> str:
    """What each function takes."""
    header = ["function", "modes", "swaps a longer kernel in", "data", "kernel"]
    rows = [[f"`{row.name}`", _modes(row), *_words(row)] for row in CONVENTIONS.values()]
    return _table(header, rows)


def boundary_table() -> str:
    """Boundary names of the libraries that have several, and the rule each stands for."""
    header = ["sigconv", *LIBRARY_BOUNDARIES]
    rows = [
        [
            f"`{name}`",
            *(", ".join(w for w, r in table.items() if r == reads) or "–" for table in LIBRARY_BOUNDARIES.values()),
        ]
        for name, reads in BOUNDARIES.items()
    ]
    return _table(header, rows)


TABLES = {"kernels": kernel_table, "layouts": layout_table, "boundaries": boundary_table}


def page_with_tables(page: str) -> str:
    """The page with its tables written anew."""
    for name, table in TABLES.items():
        start, end = f"<!-- table: {name} -->", f"<!-- end: {name} -->"
        before, rest = page.split(start)
        page = f"{before}{start}\n\n{table()}\n\n{end}{rest.split(end)[1]}"
    return page


def _table(header: list[str], rows: list[list[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _origins(row: Convention) -> list[object]:
    return [row.origin(4), row.origin(5)] if "same" in row.modes else ["–", "–"]


def _modes(row: Convention) -> str:
    return ", ".join([*row.modes, *(["numbers"] if row.count else [])])


def _words(row: Convention) -> list[object]:
    return [", ".join(row.swaps) or "–", row.signal_layout, row.kernel_layout]


def _yes(value: bool) -> str:
    return "yes" if value else "no"


if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text()))
