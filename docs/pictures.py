"""The picture of docs/conventions.md: which tap each function's 'same' puts on sample n, drawn from the table."""

import itertools
import pathlib
from collections.abc import Iterator
from html import escape

from tables import has_same

from sigconv._core.conventions import CONVENTIONS, Convention

PICTURE = pathlib.Path(__file__).parent / "images" / "same.svg"
CELL, GAP, LEFT, TOP, LINE = 34, 60, 330, 64, 18
REACH = 3
LENGTHS = (4, 5)


def same_groups() -> list[tuple[Convention, list[str]]]:
    """The functions that have a 'same', by what it does: one of each kind, and the names of all."""
    kinds: dict[tuple[object, ...], list[str]] = {}
    for row in CONVENTIONS.values():
        if has_same(row):
            kinds.setdefault((row.flips, *(row.origin(k) for k in LENGTHS)), []).append(row.name)
    return [(CONVENTIONS[names[0]], names) for _, names in sorted(kinds.items())]


def same_picture() -> str:
    """The picture, as SVG."""
    groups = same_groups()
    heights = [max(4 * CELL, (len(_short(names)) + 2) * LINE) for _, names in groups]
    wide = 2 * REACH + 1
    width = LEFT + len(LENGTHS) * (wide * CELL + GAP)
    tops = list(itertools.accumulate(heights, initial=TOP))
    parts = [
        _text(LEFT + i * (wide * CELL + GAP) + wide * CELL / 2, 26, f"{k} taps", "middle", weight="bold")
        for i, k in enumerate(LENGTHS)
    ]
    for (row, names), top, height in zip(groups, tops, heights, strict=False):
        parts.append(f'<line x1="10" x2="{width - 10}" y1="{top - 12}" y2="{top - 12}" stroke="#bbb"/>')
        title = f"the kernel is {'flipped' if row.flips else 'not flipped'}"
        parts.append(_text(14, top + 8, title, weight="bold"))
        parts += [_text(14, top + 8 + LINE * (i + 1), name) for i, name in enumerate(_short(names))]
        for i, k in enumerate(LENGTHS):
            parts += _drawing(row, k, LEFT + i * (wide * CELL + GAP), top + height / 2 - 1.5 * CELL)
    height = tops[-1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="13">\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _short(names: list[str]) -> list[str]:
    """The names, with those of one library on one line as far as they fit."""
    lines: list[str] = []
    for library, members in itertools.groupby(names, key=lambda name: name.split("(")[0].rpartition(".")[0]):
        line = f"{library}: "
        for member in (name[len(library) + 1 :] for name in members):
            if len(line) + len(member) > 46:
                lines.append(line.rstrip(", ") + ",")
                line = "    "
            line += f"{member}, "
        lines.append(line.rstrip(", "))
    return lines


def _drawing(row: Convention, k: int, left: float, top: float) -> Iterator[str]:
    """The samples around n, the taps that meet them, and their sum."""
    origin = row.origin(k)
    for offset in range(-REACH, REACH + 1):
        x = left + (offset + REACH) * CELL
        label = f"n{offset:+d}".replace("-", "−") if offset else "n"
        yield _cell(x, top, label, "#dbe9f6" if offset else "#9ec5e8")
        tap = origin - offset if row.flips else origin + offset
        if 0 <= tap < k:
            yield _cell(x, top + 1.5 * CELL, f"w[{tap}]", "#f6c28b" if tap == origin else "#fbe6cf")
            middle = x + CELL / 2
            yield f'<line x1="{middle}" x2="{middle}" y1="{top + CELL}" y2="{top + 1.5 * CELL}" stroke="#888"/>'


def _cell(x: float, y: float, label: str, fill: str) -> str:
    box = f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{fill}" stroke="#555"/>'
    return box + _text(x + CELL / 2, y + CELL / 2 + 4, label, "middle", size=11)


def _text(x: float, y: float, words: str, anchor: str = "start", weight: str = "normal", size: int = 13) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" font-size="{size}" '
        f'xml:space="preserve">{escape(words)}</text>'
    )
