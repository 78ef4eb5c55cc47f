"""What a run tells: the metrics as a table, and everything as JSON."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from experiments.style_transfer.metrics import Metrics
from experiments.style_transfer.options import Settings
from experiments.style_transfer.running import Outcome


def make_table(results: Mapping[str, tuple[Outcome, Metrics]]) -> Table:
    """One row per picture; all columns but the last are errors or distances, relative to the source."""
    table = Table(title="Beside the source", box=box.SIMPLE, title_justify="left")
    table.add_column("picture", overflow="fold")
    headings = ("Gram, other\nfilters", "autocor-\nrelation", "spec-\ntrum", "patches of\n3², 5², 7²", "copied", "s")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, (outcome, metrics) in results.items():
        table.add_row(
            escape(name),
            f"{metrics.gram:.1%}",
            f"{metrics.autocorrelation:.1%}",
            f"{metrics.spectrum:.1%}",
            " ".join(f"{100 * distance:.0f}" for distance in metrics.patches) + " %",
            f"{metrics.copied:.0%}",
            f"{outcome.seconds:.0f}",
        )
    return table


def make_record(settings: Settings, outcome: Outcome, metrics: Metrics, **more: Any) -> dict[str, Any]:
    """Everything that was set and measured, in JSON's types."""
    chosen = {name: str(value) if isinstance(value, Path) else value for name, value in vars(settings).items()}
    return {
        "settings": chosen | more,
        "end": outcome.end.name.lower(),
        "steps": outcome.steps,
        "seconds": outcome.seconds,
        "metrics": dataclasses.asdict(metrics),
        "losses": [{"level": level, "loss": loss} for level, loss in outcome.losses],
    }
