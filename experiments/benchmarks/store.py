"""The measurements on disk, a JSON file per section, so that sections can be measured apart and shown together."""

import dataclasses
import json
import pathlib
from typing import Any

from experiments.benchmarks.setting import Setting
from experiments.files import replace_text


@dataclasses.dataclass(frozen=True)
class Saved:
    """A section measured.

    Attributes:
        setting: Where and when.
        seconds: How long it took.
        data: What was measured, in JSON's types.
    """

    setting: Setting
    seconds: float
    data: Any


def save(folder: pathlib.Path, section: str, saved: Saved) -> pathlib.Path:
    path = folder / f"{section}.json"
    replace_text(path, json.dumps(dataclasses.asdict(saved), indent=1) + "\n")
    return path


def load(folder: pathlib.Path, section: str) -> Saved | None:
    """None where it has not been measured."""
    path = folder / f"{section}.json"
    if not path.exists():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    return Saved(Setting(**data["setting"]), data["seconds"], data["data"])
