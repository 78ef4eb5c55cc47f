"""The tables of docs/conventions.md, out of those that the code runs on."""

from sigconv._core.boundary import BOUNDARIES, LIBRARY_BOUNDARIES
from sigconv._core.conventions import CONVENTIONS, Convention

STEPS = ("stride", "dilation", "input_dilation", "output_padding")
READS = {"zero": "0 0 0", "edge": "1 1 1", "reflect": "4 3 2", "symmetric": "3 2 1", "periodic": "2 3 4"}


def kernel_table() -> str:
    """What each function does to its kernel."""
    header = ["function", "flips", "conjugates", "`same`: tap on n, K = 4", "K = 5", "default mode", "default boundary"]
    rows = [
        [
            f"`{row.name}`",
            _yes(row.flips),
            _yes(row.conjugates),
            *_origins(row),
            "must be given" if row.default_mode is None else row.default_mode,
            row.default_boundary,
        ]
        for row in CONVENTIONS.values()
    ]
    return _table(header, rows)


def layout_table() -> str:
    """What each function takes."""
    header = ["function", "modes", "steps", "swaps a longer kernel in", "data", "kernel"]
    rows = [[f"`{row.name}`", _modes(row), *_words(row)] for row in CONVENTIONS.values()]
    return _table(header, rows)


def boundary_table() -> str:
    """Boundary names of the libraries that have several, and the rule each stands for."""
    header = ["library", *(f"{READS[name]} \\| 1 2 3 4" for name in BOUNDARIES)]
    rows: list[list[object]] = [["sigconv", *(f"`{name}`" for name in BOUNDARIES)]]
    for library, table in LIBRARY_BOUNDARIES.items():
        words = ([f"`{word}`" for word, reads in table.items() if reads == rule] for rule in BOUNDARIES.values())
        rows.append([library, *(", ".join(known) or "–" for known in words)])
    return _table(header, rows)


def notes() -> str:
    """What does not fit in a column."""
    found: dict[str, list[str]] = {}
    for row in CONVENTIONS.values():
        if row.note:
            found.setdefault(row.note, []).append(f"`{row.name}`")
    return "\n".join(f"- {', '.join(names)}: {note}." for note, names in found.items())


def _table(header: list[str], rows: list[list[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _origins(row: Convention) -> list[object]:
    return [row.origin(4), row.origin(5)] if has_same(row) else ["–", "–"]


def _modes(row: Convention) -> str:
    return ", ".join([*row.modes, *(["numbers"] if row.count else []), *(["pairs"] if row.pairs else [])])


def _words(row: Convention) -> list[object]:
    steps = [step.replace("_", " ") for step in STEPS if step in row.steps]
    return [", ".join(steps) or "–", ", ".join(row.swaps) or "–", row.signal_layout, row.kernel_layout]


def has_same(row: Convention) -> bool:
    """Whether the function has a word for a result that is as long as the signal."""
    return not row.transposed and any(word.lower() == "same" for word in row.modes)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
