"""Kernel composition: the ring is where it is predicted, and the command writes what it says."""

import json

import numpy as np
from typer.testing import CliRunner

from experiments.kernel_composition import run, study


def test_rings_are_as_predicted():
    widths = []
    for ring in study.rings(24, seed=1):
        assert ring.is_as_predicted
        inner = np.flatnonzero(~ring.predicted[:, 12])
        widths.append(int(inner[0]))
    assert widths == [0, 0, 1, 2, 4]


def test_correlated_kernels_are_not_the_composite():
    flip = study.flip(seed=0)
    assert flip.convolved.max() < 1e-4 < 1 < flip.correlated.max()


def test_command_writes_figures_and_numbers(tmp_path, monkeypatch):
    gain = study.Gain((1, 1, 1), 3, 2e-3, 1e-3)
    monkeypatch.setattr(run, "gains", lambda size, seconds: [gain])
    result = CliRunner().invoke(run.app, ["--size", "24", "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "results.json").read_text())
    assert record["gains"][0]["ratio"] == 2
    assert [ring["as predicted"] for ring in record["rings"]] == [True] * 5
    for name in ("ring", "flip", "gain"):
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000


def test_gains_time_both_ways(monkeypatch):
    calls = []

    def measure(candidates, *, guard, effort):
        calls.append({name: candidate.call().shape for name, candidate in candidates.items()})
        timing = type("Timing", (), {"median": 1.0})
        return type("Row", (), {"timings": dict.fromkeys(candidates, timing)})

    monkeypatch.setattr(study, "measure", measure)
    found = study.gains(8, 0.01)
    assert len(found) == len(calls) == 16
    assert all(len(set(shapes.values())) == 1 for shapes in calls)
