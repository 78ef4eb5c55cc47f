"""A descent watched: progress, frames on disk, and an end that always leaves the last good picture."""

import enum
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jax
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from experiments.files import replace_file
from experiments.style_transfer.interruption import interruptible
from experiments.style_transfer.loading import as_picture
from experiments.style_transfer.synthesis import Frame


class End(enum.Enum):
    """How a descent ended, and the exit code for it."""

    FINISHED = 0
    NOT_FINITE = 1
    INTERRUPTED = 130


@dataclass(frozen=True)
class Outcome:
    """The last good picture, the loss after every step with its level, and how it ended."""

    picture: jax.Array
    losses: list[tuple[int, float]]
    end: End
    seconds: float

    @property
    def steps(self) -> int:
        return len(self.losses)


def watch(frames: Iterator[Frame], total: int, title: str, folder: Path | None, every: int) -> Outcome:
    """Run to the end, to Ctrl-C, or to a loss that is not finite; save every so manieth frame into the folder."""
    losses: list[tuple[int, float]] = []
    picture, end = None, End.FINISHED
    begun = time.perf_counter()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    with interruptible() as is_interrupted, Progress(*columns, console=Console()) as progress:
        task = progress.add_task(title, total=total, loss="-")
        for frame in frames:
            picture = frame.picture
            if frame.fault:
                end = End.NOT_FINITE
                break
            losses.append((frame.level, frame.loss))
            progress.update(task, completed=frame.step, loss=f"{frame.loss:.4f}")
            if folder is not None and every and frame.step % every == 0:
                save_picture(frame.picture, folder / f"{frame.step:05d}.png")
            if is_interrupted():
                end = End.INTERRUPTED
                break
        else:
            progress.update(task, completed=total)
    assert picture is not None
    return Outcome(picture, losses, end, time.perf_counter() - begun)


def save_picture(picture: jax.Array, path: Path) -> None:
    image = Image.fromarray(as_picture(picture))
    replace_file(path, lambda fresh: image.save(fresh, format="PNG"))
