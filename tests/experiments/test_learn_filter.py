"""Learning filters: the descents go down, and the command writes what it says."""

import json

import jax
import numpy as np
import pytest
from typer.testing import CliRunner

from experiments.learn_filter import identify, problems
from experiments.learn_filter.run import app


def test_unknowns_are_what_they_are_called():
    assert problems.ripple(11).min() < -0.1 < 0.9 < problems.ripple(11).max()
    assert problems.picture(64).shape == (64, 64)


def test_filter_is_identified_from_input_and_output():
    x = jax.random.normal(jax.random.key(0), (24, 24))
    seen = problems.observe(x, problems.ripple(5), 0.0, jax.random.key(1))
    steps = [step for step, _ in identify.identify(seen, 5, 300, rate=0.05)]
    assert steps[0].error == pytest.approx(1)
    assert steps[-1].error < 1e-2
    assert steps[-1].loss < 1e-4 * steps[0].loss


def test_command_writes_figure_and_numbers(tmp_path):
    options = ["--steps", "150", "--taps", "5", "--output", str(tmp_path)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "identify.json").read_text())
    assert len(record["steps"]) == 150
    assert record["steps"][-1]["loss"] < record["steps"][0]["loss"]
    assert np.shape(record["found"]) == (5, 5)
    assert (tmp_path / "identify.png").stat().st_size > 10_000
