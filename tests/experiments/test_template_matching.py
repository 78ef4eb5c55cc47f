"""Template matching: the score against its definition, the tasks, and the command."""

import json

import jax
import numpy as np
import pytest
import skimage.data
from PIL import Image
from skimage.feature import match_template
from typer.testing import CliRunner

import sigconv
from experiments.template_matching.energy import window_energy
from experiments.template_matching.peaks import find_peaks
from experiments.template_matching.run import app
from experiments.template_matching.search import run_task
from experiments.template_matching.tasks import TASKS
from experiments.template_matching.zncc import zncc

SHAPES = [((60, 70), (7, 9)), ((64, 48), (16, 16)), ((50, 61, 3), (6, 5, 3))]


EPS = 2.0**-23


def define_zncc(image, template):
    """The formula, window by window in float64, on what float32 can hold of the pictures; and the windows' norms."""
    x, w = (np.asarray(a, np.float32).astype(float).reshape(*a.shape[:2], -1) for a in (image, template))
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[:2], axis=(0, 1))  # (rows, columns, channel, h, w)
    windows = windows - windows.mean(axis=(-2, -1), keepdims=True)
    taps = np.moveaxis(w - w.mean(axis=(0, 1)), -1, 0)
    product = (windows * taps).sum(axis=(-3, -2, -1))
    norms = np.sqrt((windows**2).sum(axis=(-3, -2, -1)))
    scale = norms * np.sqrt((taps**2).sum())
    return np.divide(product, scale, out=np.zeros_like(product), where=scale > 0), norms


def tolerance(image, template, norms):
    """The rule: 8 eps ‖x‖ ‖w‖ of the centred operands, over what the score divides by, and the direct rule for that."""
    centred = np.asarray(image, float) - np.mean(image, axis=(0, 1))
    return 8 * EPS * np.linalg.norm(centred) / norms + EPS * max(8, np.sqrt(template.size) / 4)


def check_scores(image, template):
    scores = np.asarray(zncc(image, template))
    reference, norms = define_zncc(image, template)
    assert scores.dtype == np.float32
    assert scores.shape == reference.shape
    assert np.all(np.abs(scores - reference) <= tolerance(image, template, norms))
    return scores


@pytest.mark.parametrize("offset", [0.0, 1e2, 1e4, -1e4])
@pytest.mark.parametrize(("shape", "size"), SHAPES, ids=str)
@pytest.mark.parametrize("seed", [0, 1])
def test_zncc_matches_definition_at_any_offset(shape, size, offset, seed):
    image = np.random.default_rng(seed).normal(offset, 1, shape)
    scores = check_scores(image, image[20 : 20 + size[0], 30 : 30 + size[1]])
    # The published target for noise at any offset.
    assert np.abs(scores).max() <= 1 + 1e-6


@pytest.mark.parametrize("crop", [(35, 45, 50, 50), (0, 0, 20, 20), (90, 100, 15, 15)], ids=str)
def test_zncc_matches_definition_on_a_photograph(crop):
    row, column, height, width = crop
    image = skimage.data.coins()[120:240, 180:310]
    check_scores(image, image[row : row + height, column : column + width])


def test_zncc_matches_definition_on_a_steep_ramp():
    image = np.linspace(0, 1000, 90) + np.random.default_rng(0).normal(0, 1, (80, 90))
    check_scores(image, image[20:36, 20:36])


def test_zncc_matches_definition_in_the_faintest_windows():
    # Steps of one grey level in a sky: the deviation is down to 1/150 of the image's, so rounding weighs that much more.
    image = skimage.data.camera()[:200:2, ::2]
    check_scores(image, image[3:10, 3:10])


def test_zncc_matches_scikit_image():
    image = np.random.default_rng(3).random((80, 90))
    template = image[11:31, 40:57]
    theirs = match_template(image, template)
    assert np.all(np.abs(zncc(image, template) - theirs) <= tolerance(image, template, define_zncc(image, template)[1]))


def test_zncc_ignores_brightness_and_contrast():
    image = np.random.default_rng(4).random((40, 50))
    template = image[5:15, 8:20]
    brighter, contrasted = 250 * image - 7, 3 * template + 90
    bound = tolerance(image, template, define_zncc(image, template)[1])
    # Each picture is rounded to float32 on its own scale, the template on the larger one of the two.
    rounding = EPS * np.abs(contrasted).max() / contrasted.std()
    assert np.all(np.abs(zncc(image, template) - zncc(brighter, contrasted)) <= 2 * bound + rounding)


def test_zncc_ignores_each_channels_offset_but_not_its_sign():
    image = np.random.default_rng(4).random((30, 30, 3))
    template = image[5:15, 8:20]
    shifted = image + np.array([1, 20, 300])
    bound = tolerance(image, template, define_zncc(image, template)[1])
    rounding = EPS * shifted.max() / image.std()
    assert np.all(np.abs(zncc(shifted, template) - zncc(image, template)) <= 2 * bound + rounding)
    assert float(zncc(1 - image, template)[5, 8]) == pytest.approx(-1, abs=bound[5, 8])


@pytest.mark.parametrize("value", [0.0, 0.1, 255.0, 1e6])
def test_zncc_of_flat_pictures_is_zero(value):
    noise = np.random.default_rng(5).normal(size=(40, 40))
    flat = np.full((40, 40), value)
    for image, template in ((flat, noise[:5, :6]), (noise, flat[:5, :6]), (flat, flat[:5, :6])):
        assert not np.asarray(zncc(image, template)).any()


def test_zncc_of_flat_windows_beside_others_is_zero():
    image = np.full((60, 60), 0.1)
    image[:20] = np.random.default_rng(6).normal(size=(20, 60))
    image[40:] = 0.7
    scores = np.asarray(zncc(image, image[3:10, 4:12]))
    assert np.isfinite(scores).all()
    assert not scores[20:34].any()
    assert not scores[40:].any()
    assert scores.max() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (1, 6), (7, 1), (5, 8), (13, 21)], ids=str)
def test_window_energy_matches_definition(size):
    x = np.random.default_rng(7).normal(300, 1, (2, 25, 30)).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), size, axis=(1, 2))
    expected = windows.var(axis=(-2, -1)) * size[0] * size[1]
    # Every deviation is rounded by eps of the largest sample; their squares are added up by the direct rule.
    slack = EPS * np.abs(x).max()
    bound = 2 * slack * np.sqrt(expected * size[0] * size[1]) + 8 * EPS * expected
    assert np.all(np.abs(jax.jit(window_energy, static_argnums=1)(x, size) - expected) <= bound)


def test_find_peaks_keeps_its_distance_and_skips_slopes():
    scores = np.zeros((20, 20))
    scores[5, 5:9] = [1.0, 0.9, 0.8, 0.7]
    scores[15, 15] = scores[15, 16] = 0.5
    found = find_peaks(scores - np.arange(20) / 1e3, 2, 2)
    assert [(peak.row, peak.column) for peak in found] == [(5, 5), (15, 15)]
    assert find_peaks(np.ones((3, 3)), 5, 3)[0] == (0, 0, 1.0)


@pytest.fixture(scope="module")
def searches():
    return {(result.name, result.operation): result for task in TASKS.values() for result in run_task(task)}


@pytest.mark.parametrize("name", TASKS)
def test_tasks_find_exactly_the_expected_places(name, searches):
    result = searches[name, "correlate"]
    assert result.is_correct
    assert result.is_as_expected
    assert len(result.found) == len(TASKS[name].expected)
    assert result.next_best.score < result.found[-1].score
    assert np.abs(result.scores).max() <= 1 + 1e-6


def test_flipped_letter_is_found_elsewhere(searches):
    wrong = searches["flip", "convolve"]
    assert not wrong.is_correct
    assert wrong.is_as_expected
    # The “p” of “pixels”, with a score that most of the real “d”s do not reach.
    assert wrong.found[0][:2] == (71, 220)
    assert wrong.found[0].score > searches["flip", "correlate"].found[2].score


def test_flipped_round_coin_goes_unnoticed(searches):
    assert searches["round", "convolve"].is_correct
    assert searches["round", "convolve"].found[0].score < searches["round", "correlate"].found[0].score - 0.1


def test_clean_coin_scores_as_published():
    coins = skimage.data.coins()
    first, second = find_peaks(np.asarray(zncc(coins, coins[155:205, 225:275])), 2, 25)
    assert first == (155, 225, pytest.approx(1, abs=1e-6))
    assert second.score == pytest.approx(0.811, abs=1e-3)


def test_convolve_is_correlation_with_the_turned_template():
    image = np.random.default_rng(8).random((30, 40, 3))
    template = image[3:9, 5:12]
    turned = np.ascontiguousarray(template[::-1, ::-1])
    bound = tolerance(image, turned, define_zncc(image, turned)[1])
    assert np.all(np.abs(zncc(image, template, operation=sigconv.convolve) - zncc(image, turned)) <= 2 * bound)


@pytest.fixture
def files(tmp_path):
    """A colour image, a patch of it in colour and in grey, and things that are no use."""
    picture = np.random.default_rng(9).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    image = Image.fromarray(picture)
    image.save(tmp_path / "image.png")
    image.crop((30, 20, 45, 32)).save(tmp_path / "patch.png")
    image.convert("L").crop((30, 20, 45, 32)).save(tmp_path / "grey.png")
    image.resize((200, 200)).save(tmp_path / "large.png")
    Image.new("RGB", (8, 8), "red").save(tmp_path / "flat.png")
    (tmp_path / "text.png").write_text("not an image")
    (tmp_path / "cut.png").write_bytes((tmp_path / "image.png").read_bytes()[:3000])
    (tmp_path / "folder.png").mkdir()
    return tmp_path


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def read_json(path):
    def refuse(name):
        raise ValueError(name)

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


@pytest.mark.parametrize("patch", ["patch.png", "grey.png"])
def test_command_finds_own_patch(patch, files):
    out = files / "deep" / "out"
    ran = invoke("--image", files / "image.png", "--template", files / patch, "--matches", 2, "--output", out)
    assert ran.exit_code == 0, ran.output
    assert sorted(path.name for path in out.iterdir()) == ["own.json", "own.png"]
    (found,) = read_json(out / "own.json")["searches"]
    assert found["found"][0] | {"score": 1} == {"row": 20, "column": 30, "height": 12, "width": 15, "score": 1}
    assert len(found["found"]) == 2
    with Image.open(out / "own.png") as figure:
        assert figure.width == 1500


def test_command_runs_one_task(tmp_path):
    ran = invoke("--task", "flip", "--output", tmp_path)
    assert ran.exit_code == 0, ran.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flip.png", "results.json"]
    record = read_json(tmp_path / "results.json")
    assert [(found["operation"], found["correct"]) for found in record["searches"]] == [
        ("correlate", True),
        ("convolve", False),
    ]
    assert all(place in ran.stdout for place in ("51, 90", "flip.png", "results.json"))
    assert record["device"]["platform"]
    assert record["versions"]["jax"]


OWN = "--image image.png --template patch.png"
MISTAKES = {
    "--image image.png": "--image and --template go together",
    "--template patch.png": "--image and --template go together",
    "--task nothing": "there is no task 'nothing'; the tasks are coin",
    "--matches 3": "--matches goes with",
    f"{OWN} --task coin": "--task chooses built-in tasks",
    f"{OWN} --matches 0": "--matches must be at least 1; got 0",
    "--image image.png --template missing.png": "missing.png: there is no such file",
    "--image image.png --template folder.png": "it is a folder",
    "--image text.png --template patch.png": "text.png: it is not an image",
    "--image cut.png --template patch.png": "cannot read cut.png",
    "--image image.png --template large.png": "(200x200 pixels) does not fit into the image (80x60)",
    "--image image.png --template flat.png": "the template is flat",
    f"{OWN} --output text.png": "text.png",
    f"{OWN} --output text.png/deeper": "text.png",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_command_refuses_in_one_line(line, files, monkeypatch):
    monkeypatch.chdir(files)
    before = sorted(files.iterdir())
    ran = invoke(*line.split(), *([] if "--output" in line else ["--output", "out"]))
    assert ran.exit_code == 2
    assert ran.stderr.startswith("Error: ")
    assert MISTAKES[line] in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert ran.stdout == ""
    assert sorted(files.iterdir()) == before
