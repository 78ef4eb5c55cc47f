"""Files that are either the old ones or the new ones, never half of each."""

import os
import pathlib
import tempfile
from collections.abc import Callable


def replace_file(path: pathlib.Path, write: Callable[[pathlib.Path], object]) -> None:
    """Let `write` fill a new file beside `path`, then put it in its place; on an error the old one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    fresh = pathlib.Path(name)
    try:
        write(fresh)
        # mkstemp's files are private; these are meant to be read.
        fresh.chmod(0o644)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def replace_text(path: pathlib.Path, text: str) -> None:
    """`replace_file` with a text."""
    replace_file(path, lambda fresh: fresh.write_text(text, encoding="utf-8"))
