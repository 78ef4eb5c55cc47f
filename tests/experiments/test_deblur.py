"""Deblurring: the stroke is found, borders are what they are called, and the commands write what they say."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
from typer.testing import CliRunner

from experiments.deblur import kernels, methods, motion, run, scenes, scores


def test_kernels_have_unit_sums_and_the_shapes_they_are_called():
    for taps in (kernels.line((9, 13), 11.0, jnp.asarray(0.3)), kernels.disc(3.5), kernels.bump(9)):
        assert abs(float(taps.sum()) - 1) < 1e-5
        np.testing.assert_allclose(taps, taps[::-1, ::-1], atol=1e-6)
    flat = kernels.line((3, 9), 4.0, jnp.asarray(0.0))
    np.testing.assert_allclose(flat[1], np.array([0, 0, 0.5, 1, 1, 1, 0.5, 0, 0]) / 4, atol=1e-6)


def test_periodic_and_real_borders_differ_near_the_border_only():
    one, two = (scenes.problem("camera", border, 64, 1e-6, 0) for border in ("periodic", "real"))
    np.testing.assert_array_equal(one.truth, two.truth)
    difference = np.abs(one.observed - two.observed)
    assert difference[~one.near].max() < 1e-4 < 0.1 < difference[one.near].max()


def test_the_best_setting_is_kept():
    seen = scenes.problem("camera", "periodic", 48, 0.01, 0)
    way = methods.Method("scaled", lambda problem, factor: factor * problem.truth, (0.5, 1.0, 2.0), "factor")
    found = list(scores.compare(seen, (way,)))
    assert [result.setting for result in found] == [0.0, 1.0]
    assert found[0].score.whole < 40


def test_crop_writes_figures_and_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "SCENES", {"camera": scenes.SCENES["camera"]})
    monkeypatch.setattr(methods, "_BALANCES", (0.003,))
    monkeypatch.setattr(methods, "_COUNTS", (3,))
    result = CliRunner().invoke(run.app, ["crop", "--size", "48", "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    cases = json.loads((tmp_path / "crop.json").read_text())["cases"]
    assert [case["border"] for case in cases] == ["periodic", "real"]
    by_name = {m["name"]: m for m in cases[0]["methods"]}
    native, ours = by_name["scikit-image wiener"], by_name["tikhonov, Laplacian, periodic"]
    assert ours["whole"] == pytest.approx(native["whole"], abs=0.01)
    assert (tmp_path / "camera_real.png").stat().st_size > 10_000


@pytest.mark.full
def test_clock_finds_its_motion_and_writes_it(tmp_path, monkeypatch):
    monkeypatch.setattr(motion, "_LENGTHS", (30.0, 36.0))
    result = CliRunner().invoke(run.app, ["clock", "--steps", "2", "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "clock.json").read_text())
    assert record["descent"][0]["length"] == pytest.approx(36, rel=1e-4)
    assert (tmp_path / "clock.png").stat().st_size > 10_000
