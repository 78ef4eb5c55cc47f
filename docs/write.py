"""Writes what docs/conventions.md and its picture take from the table, and says whether they are up to date."""

import doctest
import pathlib

from pictures import PICTURE, same_picture
from ports import ports_text
from tables import boundary_table, kernel_table, layout_table, notes

PAGE = pathlib.Path(__file__).parent / "conventions.md"
PARTS = {
    "kernels": kernel_table,
    "layouts": layout_table,
    "notes": notes,
    "boundaries": boundary_table,
    "ports": ports_text,
}


def written(page: str) -> str:
    """The page with its generated parts written anew."""
    for name, part in PARTS.items():
        start, end = f"<!-- table: {name} -->", f"<!-- end: {name} -->"
        before, rest = page.split(start)
        page = f"{before}{start}\n\n{part().strip()}\n\n{end}{rest.split(end)[1]}"
    return page


def disagreements() -> list[str]:
    """What the page or its picture says that the table or the code does not."""
    found = []
    if PAGE.read_text() != written(PAGE.read_text()):
        found.append("docs/conventions.md is not what the table says: run docs/write.py")
    if PICTURE.read_text() != same_picture():
        found.append("docs/images/same.svg is not what the table says: run docs/write.py")
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if doctest.testfile(str(PAGE), module_relative=False, optionflags=flags).failed:
        found.append("docs/conventions.md prints what its code does not")
    return found


if __name__ == "__main__":
    PICTURE.write_text(same_picture())
    PAGE.write_text(written(PAGE.read_text()))
