"""Learning filters: the descents go down, and the command writes what it says."""

import json

import jax
import numpy as np
import pytest
from typer.testing import CliRunner

from experiments.learn_filter import biquad, blind, cutoff, designed, gabor, identify, problems
from experiments.learn_filter.run import app
from sigconv import Filter


def test_unknowns_are_what_they_are_called():
    assert problems.ripple(11).min() < -0.1 < 0.9 < problems.ripple(11).max()
    assert problems.picture(64).shape == (64, 64)


def test_filter_is_identified_from_input_and_output():
    x = jax.random.normal(jax.random.key(0), (24, 24))
    seen = problems.observe(x, problems.ripple(5), 0.0, jax.random.key(1), "symmetric")
    steps = [step for step, _ in identify.identify(seen, 5, 40)]
    assert steps[0].error == pytest.approx(1)
    assert steps[-1].error < 1e-2
    assert steps[-1].loss < 1e-4 * steps[0].loss
    assert identify.distance(identify.least_squares(seen, 5), seen.filter) < 1e-5


def test_filter_and_spikes_are_found_from_the_output_alone():
    lit, noisy = jax.random.split(jax.random.key(2))
    seen = problems.observe(problems.spikes(32, 0.01, lit), problems.ripple(5), 0.0, noisy, "periodic")
    steps = list(blind.blind(seen, 9, 250, rate=0.03, penalty=1e-3))
    assert steps[0][0].error > 0.5
    assert steps[-1][0].error < 0.1
    guess = blind.aligned(steps[-1][1], seen)
    assert identify.distance(guess.filter, seen.filter) < 0.1
    correlation = np.corrcoef(np.ravel(guess.picture), np.ravel(seen.picture))[0, 1]
    assert correlation > 0.9


@pytest.mark.parametrize(("shift", "scale"), [((0, 0), 1.0), ((2, -1), -3.0), ((-2, 2), 0.5)])
def test_guess_is_aligned_to_the_truth(shift, scale):
    """A shifted and scaled filter with the opposite done to its input makes the same output; both come back."""
    lit, noisy = jax.random.split(jax.random.key(0))
    seen = problems.observe(problems.spikes(16, 0.05, lit), problems.ripple(5), 0.0, noisy, "periodic")
    wide = np.roll(np.pad(seen.filter.weights, 2), shift, (0, 1)) * scale
    picture = np.roll(seen.picture, shift, (0, 1)) / scale
    guess = blind.Guess(Filter(wide, channels=False), picture)
    np.testing.assert_allclose(guess.filter(guess.picture, boundary="periodic"), seen.observed, atol=1e-5)
    assert blind.misfit(guess.filter, seen.filter) < 1e-3
    back = blind.aligned(guess, seen)
    np.testing.assert_allclose(back.filter.weights, seen.filter.weights, atol=1e-5)
    np.testing.assert_allclose(back.picture, seen.picture, atol=1e-5)


def test_a_picture_has_a_spike_at_least():
    assert np.count_nonzero(problems.spikes(8, 0.0, jax.random.key(0))) == 1


@pytest.mark.parametrize("command", ["identify", "blind"])
def test_command_writes_figure_and_numbers(command, tmp_path):
    options = [command, "--steps", "30", "--taps", "5", "--output", str(tmp_path)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / f"{command}.json").read_text())
    assert len(record["steps"]) == 30
    assert record["steps"][-1]["loss"] < record["steps"][0]["loss"]
    assert np.shape(record["found"]) == (5, 5)
    assert (tmp_path / f"{command}.png").stat().st_size > 10_000


KEY = jax.random.key(0)
DESIGNED = {
    "cutoff": lambda: cutoff.cutoff_problem(31, 1000, 0.0, KEY),
    "biquad": lambda: biquad.biquad_problem(1000, 0.0, KEY),
    "gabor": lambda: gabor.gabor_problem(problems.picture(32), 6, 0.0, KEY),
}


@pytest.mark.parametrize("name", ["cutoff", *(pytest.param(n, marks=pytest.mark.full) for n in ("biquad", "gabor"))])
def test_parameters_are_found_through_the_design(name):
    problem = DESIGNED[name]()
    steps = list(designed.descend(problem, 200, 0.05))
    assert steps[0][0].error > 0.5
    assert steps[-1][0].error < 0.03
    assert steps[-1][0].loss < 1e-3 * steps[0][0].loss
    assert float(problem.error(steps[-1][1])) == pytest.approx(steps[-1][0].error, rel=1e-3)


def test_numbers_without_bounds_become_legal_ones():
    for value in (0.01, 0.3, 0.49):
        assert float(designed.between(0.0, 0.5, designed.inverse_between(0.0, 0.5, value))) == pytest.approx(value)


@pytest.mark.parametrize("command", ["gabor", *(pytest.param(n, marks=pytest.mark.full) for n in ("biquad", "cutoff"))])
def test_designing_command_writes_figure_and_numbers(command, tmp_path):
    smaller = ["--radius", "4"] if command == "gabor" else ["--samples", "500"]
    result = CliRunner().invoke(app, [command, "--steps", "20", *smaller, "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / f"{command}.json").read_text())
    assert len(record["steps"]) == 20
    assert record["steps"][-1]["loss"] < record["steps"][0]["loss"]
    assert record["settings"]["parameters, found"].keys() == record["settings"]["parameters, truth"].keys()
    assert (tmp_path / f"{command}.png").stat().st_size > 10_000
