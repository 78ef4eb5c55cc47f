"""Where the results go unless `--output` says otherwise."""

from pathlib import Path

RESULTS = Path(__file__).parent / "results"
