"""What the experiments' commands share at the terminal: progress, files and refusals."""

import functools
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import jax
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from experiments.files import replace_text

Output = Annotated[Path, typer.Option(help="Folder for the figures and the JSON.", show_default=False)]

_PACKAGES = ("sigconv", "jax", "jaxlib", "numpy", "scikit-image", "scikit-learn", "scipy")
_Command = TypeVar("_Command", bound=Callable[..., None])


def new_progress() -> Progress:
    columns = (TextColumn("{task.description:<32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console())


def write_json(path: Path, record: Mapping[str, Any]) -> None:
    """The record, after the device and the versions it was made with; its numbers must be finite."""
    device = jax.devices()[0]
    made_with = {
        "device": {"platform": device.platform, "kind": device.device_kind, "count": jax.device_count()},
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES},
    }
    replace_text(path, json.dumps(made_with | dict(record), indent=2, allow_nan=False) + "\n")


def say_written(console: Console, paths: Sequence[Path]) -> None:
    for path in paths:
        console.print(f"wrote {path}", soft_wrap=True, highlight=False, markup=False)


def refuse(reason: str) -> NoReturn:
    """One line on stderr and exit code 2."""
    typer.echo(f"Error: {reason}", err=True)
    raise typer.Exit(2)


def refusing(command: _Command) -> _Command:
    """The command, with files that cannot be read or written refused in one line."""

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except OSError as error:
            refuse(f"{error.filename}: {error.strerror}" if error.filename else " ".join(str(error).split()))

    return run  # type: ignore[return-value]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
