"""Kernel composition: the ring is where it is predicted, and the command writes what it says."""

import json

import numpy as np
from typer.testing import CliRunner

from experiments.kernel_composition import run, study


def test_correlated_kernels_are_not_the_composite():
    flip = study.flip(seed=0)
    assert flip.convolved.max() < 1e-4 < 1 < flip.correlated.max()


def test_rings_are_as_predicted_and_the_command_writes_what_it_found(tmp_path, monkeypatch):
    rings = study.rings(24, seed=1)
    assert all(ring.is_as_predicted for ring in rings)
    assert [int(np.flatnonzero(~ring.predicted[:, 12])[0]) for ring in rings] == [0, 0, 1, 2, 4]
    monkeypatch.setattr(run, "rings", lambda size, seed: rings)
    monkeypatch.setattr(run, "gains", lambda size, seconds: [study.Gain((1, 1, 1), 3, 2e-3, 1e-3)])
    result = CliRunner().invoke(run.app, ["--output", str(tmp_path)])
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
    found = study.gains(8, 0.01, [(1, 2, 1)], [1, 3])
    assert len(found) == len(calls) == 2
    assert all(len(set(shapes.values())) == 1 for shapes in calls)
