"""Cleaning a picture: the rules do what they say, the descents go down, and the commands write what they say."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from typer.testing import CliRunner

from experiments.denoise import learning, problems, rivals
from experiments.denoise.run import app
from experiments.denoise.shrinkage import Transform, bayes_shrink, by_formula, denoise, noise_level, soft


@pytest.fixture(scope="module")
def problem():
    return problems.observe(problems.camera()[100:196, 180:276], 25.0, 0)


def test_noise_is_estimated(problem):
    assert float(noise_level(problem.noisy)) == pytest.approx(25, rel=0.1)


def test_soft_shrinks_towards_zero():
    d = jnp.array([-3.0, -1.0, 0.5, 4.0])
    assert soft(d, jnp.float32(1)).tolist() == [-2, 0, 0, 3]


@pytest.mark.parametrize("stationary", [False, True])
def test_no_threshold_changes_nothing(problem, stationary):
    """With margins cut off again, also where 2^levels does not divide the lengths."""
    part = problem.noisy[:50, :37]
    kept = denoise(part, jnp.float32(0), lambda bands, level, sigma: bands, Transform("haar", 2, stationary))
    assert float(jnp.abs(kept - part).max()) < 1e-3


def test_rules_clean_and_every_shift_cleans_better(problem):
    scores = {
        (rule, stationary): problems.score(
            problem.clean, by_formula(problem.noisy, rule, Transform("haar", 3, stationary))
        )
        for rule, stationary in (("visu", False), ("bayes", False), ("bayes", True))
    }
    noisy = problems.score(problem.clean, problem.noisy)
    assert noisy < scores["visu", False] < scores["bayes", False] < scores["bayes", True]


def test_bayes_shrink_takes_out_bands_of_noise_alone():
    noise = {"d": jax.random.normal(jax.random.key(0), (64, 64))}
    assert float(jnp.abs(bayes_shrink(noise, 0, jnp.float32(1.1))["d"]).max()) == 0


@pytest.mark.full
def test_thresholds_are_learned_with_and_without_clean_pictures(problem):
    transform = Transform("haar", 2, stationary=True)
    formula = problems.score(problem.clean, by_formula(problem.noisy, "bayes", transform))
    for descent in (learning.from_clean(25.0, transform, 40, 0), learning.from_noisy(problem.noisy, transform, 40, 0)):
        steps = list(descent)
        found = denoise(problem.noisy, noise_level(problem.noisy), steps[-1][1], transform)
        assert problems.score(problem.clean, found) > formula


def test_training_pictures_are_others():
    assert "camera" not in problems.TRAINING
    patches = problems.training_patches(32, 8, 0)
    assert patches.shape == (8, 32, 32)
    assert 0 <= patches.min() < patches.max() <= 255


@pytest.mark.parametrize("command", ["compare", pytest.param("noise", marks=pytest.mark.full)])
def test_command_writes_figures_and_numbers(command, tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.denoise.run.camera", lambda: problems.camera()[100:196, 180:276])
    monkeypatch.setattr("experiments.denoise.run._SIGMAS", (10.0, 25.0))
    monkeypatch.setattr(rivals, "are_there", lambda: False)
    options = [command, "--steps", "2", "--levels", "2", "--output", str(tmp_path)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / f"{command}.json").read_text())
    assert record["scikit_image"].startswith("not compared")
    assert set(record["psnr"]) >= {"noisy", "VisuShrink", "BayesShrink", "learned from other pictures"}
    assert np.all(np.isfinite(np.concatenate([np.ravel(score) for score in record["psnr"].values()])))
    for figure in ("compare", "learned") if command == "compare" else ("noise",):
        assert (tmp_path / f"{figure}.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--wavelet", "db99"], "must be one of haar, db1"),
        (["--wavelet", "db10", "--levels", "5"], "--levels must be at most 4 for a picture of 512×512 and db10; got 5"),
        (["--image", "missing.png"], "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(options, message):
    result = CliRunner().invoke(app, ["compare", *options])
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.peers
def test_shrinkage_is_scikit_images(problem):
    """BayesShrink of one transform, by the same formula: the same quality to a tenth of a decibel."""
    pytest.importorskip("pywt")
    ours = problems.score(problem.clean, by_formula(problem.noisy, "bayes", Transform("sym4", 2)))
    theirs = rivals.scikit_image("sym4", 2)["BayesShrink"](np.asarray(problem.noisy, float))
    assert abs(ours - problems.score(problem.clean, theirs)) < 0.1
