"""Template matching: the tasks, the counts, the followed patch, and the commands."""

import functools
import json
import re

import numpy as np
import pytest
import skimage.data
from PIL import Image
from typer.testing import CliRunner

import sigconv
from experiments.template_matching import run
from experiments.template_matching.coins import CENTRES, Circle, is_each_found_once
from experiments.template_matching.frames import Poses, make_frames, make_poses
from experiments.template_matching.letters import LETTERS, TEXT, Found, tally
from experiments.template_matching.run import app
from experiments.template_matching.search import as_applied, best_places, run_task
from experiments.template_matching.tasks import TASKS


def test_best_places_keep_their_distance_and_skip_slopes():
    scores = np.zeros((20, 20))
    scores[5, 5:9] = [1.0, 0.9, 0.8, 0.7]
    scores[15, 15] = scores[15, 16] = 0.5
    found = best_places(scores - np.arange(20) / 1e3, 2, (4, 5))
    assert [(peak.row, peak.column) for peak in found] == [(5, 5), (15, 15)]
    assert best_places(np.ones((3, 3)), 5, (6, 6)) == [(0, 0, 1.0)]


@functools.cache
def searched(name):
    return {result.operation: result for result in run_task(TASKS[name])}


@pytest.mark.parametrize("name", TASKS)
def test_tasks_find_exactly_the_expected_places(name):
    result = searched(name)["correlate"]
    assert result.is_correct
    assert result.is_as_expected
    assert len(result.found) == len(TASKS[name].expected)
    assert result.next_best.score < result.found[-1].score
    assert np.abs(result.scores).max() <= 1


def test_flipped_letter_is_found_elsewhere():
    wrong = searched("flip")["convolve"]
    assert not wrong.is_correct
    assert wrong.is_as_expected
    # The “p” of “pixels”, with a score that most of the real “d”s do not reach.
    assert wrong.found[0][:2] == (71, 220)
    assert wrong.found[0].score > searched("flip")["correlate"].found[2].score


def test_flipped_round_coin_goes_unnoticed():
    assert searched("round")["convolve"].is_correct
    assert searched("round")["convolve"].found[0].score < searched("round")["correlate"].found[0].score - 0.1


def test_clean_coin_scores_as_published():
    coins = skimage.data.coins()
    first, second = best_places(np.asarray(sigconv.match_template(coins, coins[155:205, 225:275])), 2, (50, 50))
    assert first == (155, 225, pytest.approx(1, abs=1e-5))
    assert second.score == pytest.approx(0.811, abs=1e-3)


def test_the_mistake_is_what_a_convolution_does():
    rng = np.random.default_rng(8)
    image, template = (rng.integers(-9, 10, shape) for shape in ((30, 40), (6, 7)))
    products = sigconv.correlate(image, as_applied(template, "convolve"), mode="valid")
    np.testing.assert_array_equal(sigconv.convolve(image, template, mode="valid"), products)
    np.testing.assert_array_equal(as_applied(template, "correlate"), template)


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
def test_find_finds_own_patch(patch, files):
    out = files / "deep" / "out"
    ran = invoke("find", "--image", files / "image.png", "--template", files / patch, "--matches", 2, "--output", out)
    assert ran.exit_code == 0, ran.output
    assert sorted(path.name for path in out.iterdir()) == ["own.json", "own.png"]
    (found,) = read_json(out / "own.json")["searches"]
    assert found["found"][0] | {"score": 1} == {"row": 20, "column": 30, "height": 12, "width": 15, "score": 1}
    assert len(found["found"]) == 2
    with Image.open(out / "own.png") as figure:
        assert figure.width == 1500


def test_find_runs_one_task(tmp_path):
    ran = invoke("find", "--task", "flip", "--output", tmp_path)
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
def test_find_refuses_in_one_line(line, files, monkeypatch):
    monkeypatch.chdir(files)
    before = sorted(files.iterdir())
    ran = invoke("find", *line.split(), *([] if "--output" in line else ["--output", "out"]))
    assert ran.exit_code == 2
    assert ran.stderr.startswith("Error: ")
    assert MISTAKES[line] in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert ran.stdout == ""
    assert sorted(files.iterdir()) == before


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("count --image missing.png", "missing.png: there is no such file"),
        ("count --image text.png", "text.png: it is not an image"),
        ("count --smallest 50 --largest 40", "--largest must not be less than --smallest, 50; got 40"),
        (
            "count --image image.png --largest 100",
            "circles of 100 pixels and what is around them do not fit into the image (80x60)",
        ),
        ("count --output text.png", "text.png"),
        ("characters --output text.png", "text.png"),
        ("track --output text.png/deeper", "text.png"),
        ("all --output text.png", "text.png"),
    ],
)
def test_other_commands_refuse_in_one_line(line, message, files, monkeypatch):
    monkeypatch.chdir(files)
    before = sorted(files.iterdir())
    ran = invoke(*line.split())
    assert ran.exit_code == 2
    assert ran.stderr.startswith("Error: ")
    assert message in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert sorted(files.iterdir()) == before


def test_count_finds_every_coin_once(tmp_path):
    ran = invoke("count", "--output", tmp_path)
    assert ran.exit_code == 0, ran.output
    assert "24 found; a person counts 24" in ran.stdout
    record = read_json(tmp_path / "count.json")
    assert record["count"] == record["counted_by_a_person"] == len(CENTRES) == 24
    for row, column in CENTRES:
        near = [c for c in record["circles"] if np.hypot(c["row"] - row, c["column"] - column) <= 8]
        assert len(near) == 1
    with Image.open(tmp_path / "count.png") as figure:
        assert figure.width == 1500


@pytest.mark.full
def test_count_of_own_picture_finds_drawn_discs(tmp_path):
    down, right = np.mgrid[:120, :150]
    places = {(30, 30): 20, (80, 40): 28, (60, 100): 36}
    picture = np.random.default_rng(0).normal(60, 5, (120, 150))
    for (row, column), diameter in places.items():
        picture[np.hypot(down - row, right - column) <= diameter / 2] += 80
    Image.fromarray(picture.astype(np.uint8)).save(tmp_path / "discs.png")
    sizes = ("--smallest", 16, "--largest", 40)
    ran = invoke("count", "--image", tmp_path / "discs.png", *sizes, "--output", tmp_path / "out")
    assert ran.exit_code == 0, ran.output
    record = read_json(tmp_path / "out" / "own_count.json")
    assert record["count"] == 3
    for circle in record["circles"]:
        place = min(places, key=lambda p: np.hypot(p[0] - circle["row"], p[1] - circle["column"]))
        assert max(abs(circle["row"] - place[0]), abs(circle["column"] - place[1])) <= 1
        assert abs(circle["diameter"] - places[place]) <= 2


def test_a_count_that_is_wrong_says_so(tmp_path):
    # With a threshold that nothing reaches.
    ran = invoke("count", "--threshold", 1, "--output", tmp_path)
    assert ran.exit_code == 1
    assert read_json(tmp_path / "count.json")["each_found_once"] is False


def test_each_coin_must_be_found_once():
    circles = [Circle(row, column, 40, 1.0) for row, column in CENTRES]
    assert is_each_found_once(circles)
    assert not is_each_found_once(circles[1:])
    assert not is_each_found_once([circles[0], *circles[:-1]])


def test_characters_are_those_of_the_text(tmp_path):
    ran = invoke("characters", "--output", tmp_path)
    assert ran.exit_code == 0, ran.output
    record = read_json(tmp_path / "characters.json")
    assert {letter: counts["found"] for letter, counts in record["letters"].items()} == {
        letter: "".join(TEXT).count(letter) for letter in LETTERS
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["characters.json", "characters.png"]


def test_tally_counts_misses_and_strangers_line_by_line():
    # The first line has two “d”, the second one.
    found = [Found("d", 14, 90, 1.0), Found("d", 32, 100, 0.9), Found("d", 29, 10, 0.8)]
    assert [f.line for f in found] == [0, 1, 1]
    assert vars(tally(found)["d"]) == {"found": 3, "in_text": 5, "right": 2}


def test_first_frame_shows_the_patch_where_its_pose_says():
    poses = make_poses(40)
    frames = make_frames(Poses(poses.places[:1], poses.angles[:1]), 0)
    camera = skimage.data.camera()
    row, column = poses.places[0].astype(int)
    patch = camera[160 - 20 : 160 + 21, 245 - 20 : 245 + 21]
    (found,) = best_places(np.asarray(sigconv.match_template(frames[0], patch)), 1, patch.shape)
    assert found[:2] == (row - 20, column - 20)


@pytest.mark.full
def test_track_follows_with_the_turned_template_and_not_with_the_cut_one(tmp_path):
    ran = invoke("track", "--frames", 40, "--seed", 1, "--output", tmp_path)
    assert ran.exit_code == 0, ran.output
    record = read_json(tmp_path / "track.json")
    errors = np.hypot(*(np.array(record["turned"]["places"]) - record["true"]["places"]).T)
    assert record["turned"]["largest_error_pixels"] == pytest.approx(errors.max())
    assert record["turned"]["mean_error_pixels"] == pytest.approx(errors.mean())
    assert errors.max() < 1
    assert record["as cut"]["largest_error_pixels"] > 5
    assert (tmp_path / "track.png").exists()


def test_all_runs_every_job_and_fails_if_one_does(monkeypatch, tmp_path):
    ran = []
    for name in ("run_tasks", "count_circles", "find_characters", "track_patch"):
        monkeypatch.setattr(run, name, lambda output, name=name: ran.append((name, output)) or name != "count_circles")
    assert invoke("all", "--output", tmp_path).exit_code == 1
    assert [name for name, _ in ran] == ["run_tasks", "count_circles", "find_characters", "track_patch"]


def test_every_command_is_there():
    names = re.findall(r"^  (\w+)  ", invoke("--help").stdout, re.M)
    assert set(names) == {"find", "count", "characters", "track", "register", "motion", "learn", "robustness", "all"}
