"""The studies of template matching: robustness, registration, motion and learning, at small settings."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
import skimage.data
from rich.console import Console

from experiments.console import write_json
from experiments.template_matching import blocks, descent, learning, motion, noise_curve, registering, robustness
from experiments.template_matching.curves import draw_noise, draw_robustness
from experiments.template_matching.disturbances import DISTURBANCES, PATCH, scenes
from experiments.template_matching.fields import draw_motion, draw_views
from experiments.template_matching.finders import FINDERS, find
from experiments.template_matching.shifted_views import cropped_pairs, periodic_pairs
from experiments.template_matching.snapshots import draw_learned


def text(table):
    console = Console(width=100)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def written(path, record):
    write_json(path, record)
    return json.loads(path.read_text())


@pytest.mark.parametrize("name", DISTURBANCES)
def test_mild_changes_hide_no_patch(name):
    """At the first level everybody finds everything, and the patch is where it is said to be."""
    curves = robustness.measure(name, DISTURBANCES[name].levels[:1], 4, 0)
    assert set(FINDERS) <= set(curves)
    assert all(shares == [1.0] for shares in curves.values())


def test_patches_are_cut_from_where_they_are_said_to_be():
    drawn = list(scenes(5, np.random.default_rng(0)))
    for scene in drawn:
        row, column = scene.place
        np.testing.assert_array_equal(scene.image[row : row + PATCH, column : column + PATCH], scene.template)
        assert find(FINDERS["sigconv"], scene) == scene.place


def test_what_is_covered_is_told_to_the_mask():
    scene = next(scenes(1, np.random.default_rng(0)))
    changed = DISTURBANCES["occlusion"].apply(scene, 0.5, np.random.default_rng(1))
    assert changed.visible is not None
    assert np.count_nonzero(~changed.visible) == PATCH * PATCH // 2
    assert np.abs(changed.image.astype(float) - scene.image)[changed.visible].max() < 12


def test_large_offsets_do_not_matter():
    curves = robustness.measure("offset", (1e4,), 4, 0)
    assert curves["sigconv"] == [1.0]


def test_robustness_is_written_and_drawn(tmp_path):
    curves = {name: robustness.measure(name, DISTURBANCES[name].levels[:1], 1, 0) for name in DISTURBANCES}
    full = {
        name: {finder: shares * len(DISTURBANCES[name].levels) for finder, shares in found.items()}
        for name, found in curves.items()
    }
    draw_robustness(full, 1, 1, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000
    record = written(tmp_path / "a.json", robustness.make_record(full, 1, 0))
    assert record["disturbances"]["noise"]["found"] == full["noise"]
    said = text(robustness.make_table(full))
    assert all(name in said for name in (*DISTURBANCES, *FINDERS))


def test_views_are_shifted_as_they_say():
    """By whole pixels, which can be checked without a formula."""
    pairs = cropped_pairs(16, np.random.default_rng(0))
    number = int(np.flatnonzero(np.all(pairs.shift == np.rint(pairs.shift), axis=1))[0])
    reference, moving, shift = pairs.reference[number], pairs.moving[number], pairs.shift[number]
    rows, columns = (slice(9, -9),) * 2
    back = np.roll(moving, shift.astype(int), (0, 1))
    np.testing.assert_allclose(back[rows, columns], reference[rows, columns], atol=1e-9)


@pytest.mark.parametrize("upsampling", [10, 100])
def test_shifts_are_found_within_half_a_step_without_noise(upsampling):
    pairs = periodic_pairs(3, np.random.default_rng(0))
    curve = noise_curve.shift_curve("", "", noise_curve.PERIODIC, pairs, upsampling, (0.0, 0.5), 0)
    assert all(registering.within(curve).values())
    assert all(errors[0] < errors[1] for errors in curve.median.values())


def test_delays_are_as_good_as_can_be():
    curve = noise_curve.delay_curve((10,), 200, 0)
    # Of 200 trials the root mean square is known to 5 %: three times that.
    assert 0.85 <= curve.error[0] / curve.bound[0] <= 1.15


def test_registration_is_written_and_drawn(tmp_path, monkeypatch):
    # sigconv's own curves are tested above; each takes seconds to compile.
    for name in ("PERIODIC", "CROPPED"):
        monkeypatch.setattr(registering, name, {"scikit-image": noise_curve.CROPPED["scikit-image"]})
    pair = registering.align(cropped_pairs(2, np.random.default_rng(0)), 1)
    assert pair.after < pair.before / 2
    np.testing.assert_allclose(pair.found, pair.shift, atol=0.05)
    shifts, delays = registering.measure(2, (0.0, 1.0), 4, (0, 20), 0)
    draw_views(pair.reference, pair.moving, pair.laid, pair.shift, pair.found, tmp_path / "a.png")
    draw_noise(shifts, delays, tmp_path / "b.png")
    record = written(tmp_path / "a.json", registering.make_record(pair, shifts, delays, 2, 0))
    assert record["one_pair"]["found"] == list(pair.found)
    assert [curve["median"] for curve in record["shifts"]] == [curve.median for curve in shifts]
    assert "two crops, 1/100" in text(registering.make_table(shifts))


def test_motion_is_found_and_written(tmp_path):
    rng = np.random.default_rng(0)
    picture = skimage.data.gravel()[:120, :120].astype(float)
    field = blocks.smooth_field(picture.shape, 4.0, rng)
    assert np.linalg.norm(field, axis=-1).max() == pytest.approx(4)
    moved = blocks.find_motion(picture, field, 2.0, rng, block=21, reach=6, step=12)
    assert np.median(moved.error) < 0.3 < np.linalg.norm(moved.truth, axis=-1).mean()
    draw_motion(moved, None, tmp_path / "a.png")
    record = motion.make_record(moved, None, 0)
    assert written(tmp_path / "a.json", record)["field"]["median"] == np.median(moved.error)
    assert f"{np.mean(moved.error):.3f}" in text(motion.make_table(record))


def test_field_says_where_blocks_come_from():
    """A field of whole pixels, without noise: every block is found exactly there, up to the fit of the peak."""
    picture = skimage.data.gravel()[:100, :100].astype(float)
    field = np.broadcast_to(np.array([2.0, -3.0]), (*picture.shape, 2))
    moved = blocks.find_motion(picture, field, 0.0, np.random.default_rng(0), block=15, reach=5, step=20)
    np.testing.assert_array_equal(np.rint(moved.found), np.broadcast_to([2, -3], moved.found.shape))


@pytest.mark.skipif(not blocks.has_stereo(), reason="this scikit-image does not bring the stereo pair along")
def test_disparities_are_those_of_the_left_view():
    stereo = blocks.find_disparities(block=15, reach=70, step=40)
    assert np.median(stereo.error) < 1
    assert np.median(np.abs(stereo.found + stereo.truth)[np.isfinite(stereo.truth)]) > 10


def test_template_learns_a_class(tmp_path):
    rng = np.random.default_rng(0)
    seen, held_out = descent.faces(rng)
    assert seen.is_wanted.sum() == 100
    assert held_out.is_wanted.sum() == 50
    learned = learning.train(seen, held_out, 19, 80, rng)
    assert learned.steps[-1].loss < learned.steps[0].loss / 2
    assert learned.areas["learned"] > 0.9 > learned.areas["noise, before"]
    draw_learned(learned.steps, learned.average, learned.responses, learned.is_wanted, tmp_path / "a.png")
    record = written(tmp_path / "a.json", learning.make_record(learned, len(seen.images), 0))
    assert record["held_out"]["learned"]["area_under_roc"] == learned.areas["learned"]
    assert f"{learned.areas['learned']:.3f}" in text(learning.make_table(record))


def test_area_under_the_roc_counts_pairs():
    scores, wanted = np.array([3.0, 1.0, 2.0, 2.0, 0.0]), np.array([True, False, True, False, False])
    # Of six pairs five are in order and one is a tie.
    assert descent.area(scores, wanted) == pytest.approx(5.5 / 6)


def test_response_is_nearly_the_highest_score():
    rng = np.random.default_rng(0)
    image = rng.standard_normal((25, 25)).astype("f4")
    answer = float(descent.responses(jnp.asarray(image)[None], jnp.asarray(image[3:22, 2:21]))[0])
    assert 0.75 < answer < 1
