"""Folders of results, where a run is not replaced unless that is asked for."""

from pathlib import Path

from experiments.console import refuse


def claim(folder: Path, name: str, *, overwrite: bool) -> Path:
    """The JSON's path, which is written last; refuses where there is one already. Old frames are taken away."""
    path = folder / f"{name}.json"
    if path.exists() and not overwrite:
        refuse(f"{path} is a run that is there already; give another --output, or --overwrite to replace it")
    folder.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    for frame in frames_folder(folder, name).glob("[0-9][0-9][0-9][0-9][0-9].png"):
        frame.unlink()
    return path


def frames_folder(folder: Path, name: str) -> Path:
    return folder / f"{name}_frames"
