"""The commands of style transfer, with all that can go wrong."""

import json
import re
import signal

import jax
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from experiments.style_transfer import compare, gallery, jobs, run, texture
from experiments.style_transfer.loading import as_picture, load_file, load_sample
from experiments.style_transfer.metrics import Metrics
from experiments.style_transfer.options import Filters, Settings, Statistic
from experiments.style_transfer.run import app
from experiments.style_transfer.running import End
from experiments.style_transfer.samples import TEXTURES
from experiments.style_transfer.statistics import MEASURES
from experiments.style_transfer.synthesis import Frame
from sigconv import style

SMALL = ("--count", 4, "--scales", 2, "--levels", 1, "--steps", 4)
GRAVEL = load_sample("gravel", TEXTURES)[:, :64, :64]


@pytest.fixture
def files(tmp_path):
    """Pictures of all kinds of modes, and things that are no use."""
    rng = np.random.default_rng(9)
    Image.fromarray(rng.integers(0, 256, (40, 44, 3), dtype=np.uint8)).save(tmp_path / "colour.png")
    Image.fromarray(rng.integers(0, 256, (40, 44), dtype=np.uint8)).save(tmp_path / "grey.png")
    Image.fromarray(rng.integers(0, 256, (40, 44, 4), dtype=np.uint8)).save(tmp_path / "clear.png")
    Image.fromarray(rng.integers(0, 4096, (40, 44), dtype=np.uint16)).save(tmp_path / "deep.png")
    Image.fromarray(rng.integers(0, 256, (12, 30, 3), dtype=np.uint8)).save(tmp_path / "small.png")
    (tmp_path / "text.png").write_text("not an image")
    (tmp_path / "w.npz").write_text("no weights")
    (tmp_path / "weights.pth").write_text("")
    return tmp_path


def test_files_of_all_modes_are_read(files):
    assert [len(load_file(files / f"{name}.png")) for name in ("colour", "grey", "clear", "deep")] == [3, 1, 3, 1]
    deep = load_file(files / "deep.png")
    assert (float(deep.min()), float(deep.max())) == (0, 1)
    assert load_file(files / "colour.png", 20).shape == (3, 20, 22)


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def read_json(path):
    def refuse(name):
        raise ValueError(name)

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def test_texture_writes_all_once_and_the_same_for_the_same_seed(files):
    own = (
        "texture",
        "--image",
        files / "grey.png",
        "--tile",
        "--redraw",
        3,
        "--height",
        40,
        "--width",
        32,
        "--frames",
        3,
        *SMALL,
    )
    ran = invoke(*own, "--output", files / "one")
    assert ran.exit_code == 0, ran.output
    names = ["texture_grey.json", "texture_grey.png", "texture_grey_figure.png", "texture_grey_frames"]
    assert sorted(path.name for path in (files / "one").iterdir()) == names
    assert [path.name for path in (files / "one" / names[-1]).iterdir()] == ["00003.png"]
    record = read_json(files / "one" / names[0])
    assert record["end"] == "finished"
    assert record["settings"]["tile"]
    assert record["settings"]["statistic"] == "lagged"
    assert record["settings"]["redraw"] == 3
    assert len(record["losses"]) == record["steps"] == 4
    assert record["versions"]["jax"]
    with Image.open(files / "one" / names[1]) as made:
        assert made.size == (32, 40)
        assert made.mode == "L"
    picture = (files / "one" / names[1]).read_bytes()

    again = invoke(*own, "--output", files / "one")
    assert again.exit_code == 2
    assert "is a run that is there already" in again.stderr
    assert invoke(*own, "--output", files / "one", "--overwrite", "--seed", 1).exit_code == 0
    assert (files / "one" / names[1]).read_bytes() != picture
    assert invoke(*own, "--output", files / "two").exit_code == 0
    assert (files / "two" / names[1]).read_bytes() == picture


@pytest.mark.full
def test_transfer_shows_a_grey_picture_in_the_style_of_one_with_transparency(files):
    ran = invoke(
        "transfer",
        *("--image", files / "grey.png", "--style", files / "clear.png", "--size", 32),
        *("--optimiser", "adam", "--smoothness", 0.1, "--filters", "analytic", *SMALL, "--output", files / "out"),
    )
    assert ran.exit_code == 0, ran.output
    assert "transfer_grey_clear" in ran.stdout
    with Image.open(files / "out" / "transfer_grey_clear.png") as made:
        assert made.size == (35, 32)
        assert made.mode == "RGB"
    assert read_json(files / "out" / "transfer_grey_clear.json")["settings"]["content_weight"] > 0


@pytest.mark.full
def test_compare_draws_the_statistics_side_by_side(files):
    own = ("--image", files / "grey.png", "--size", 32, "--statistic", "gram", "--statistic", "wasserstein")
    ran = invoke("compare", *own, *SMALL, "--output", files / "out")
    assert ran.exit_code == 0, ran.output
    record = read_json(files / "out" / "compare_grey.json")
    assert list(record["results"]) == ["gram", "wasserstein"]
    assert sorted(path.name for path in (files / "out").iterdir()) == ["compare_grey.json", "compare_grey.png"]


@pytest.mark.parametrize("name", MEASURES)
def test_every_statistic_of_the_options_is_zero_for_the_same_picture(name):
    measure = MEASURES[Statistic(name)]
    features = [jax.random.normal(jax.random.key(2), (2, 24, 24))]
    targets = style.statistics(features, measure.statistic(False))
    loss = style.style_loss(features, targets, statistic=measure.statistic(False), distance=measure.distance)
    assert abs(float(loss)) < 1e-4


MISTAKES = {
    "texture --sample marble": "there is no built-in picture 'marble'; those are brick",
    "texture --image missing.png": "missing.png: there is no such file",
    "texture --image text.png": "text.png: it is not an image",
    "texture --image small.png --scales 2": "the texture (30x12 pixels) is smaller than the largest filter, which spans 22",
    "texture --height 40 --scales 3": "the result (256x40 pixels) is smaller than the largest filter",
    "texture --tile --height 250": "height and width must be multiples of 8 to tile; take 256x256, or leave out --tile",
    "texture --filters full --image colour.png": "which spans 55 pixels",
    "texture --filters vgg": "VGG-19 needs a file of weights",
    "texture --filters vgg --weights weights.pth": "it may run code when it is opened",
    "texture --filters vgg --weights w.npz": "cannot read w.npz",
    "texture --output text.png": "text.png",
    "transfer --photograph dog": "there is no built-in picture 'dog'; those are astronaut",
    "transfer --style small.png": "the style (30x12 pixels) is smaller than",
    "transfer --image colour.png --size 20": "the picture to show (22x20 pixels) is smaller than",
    "compare --size 80": "--size must be at least 88; got 80",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_commands_refuse_what_cannot_be_used(line, files, monkeypatch):
    monkeypatch.chdir(files)
    before = sorted(files.rglob("*"))
    ran = invoke(*line.split(), *([] if "--output" in line else ["--output", "out"]))
    assert ran.exit_code == 2
    assert ran.stderr.startswith("Error: ")
    assert MISTAKES[line] in ran.stderr
    assert ran.stderr.count("\n") == 1 or "vgg" in line
    assert sorted(files.rglob("*")) == before


def test_a_huge_picture_is_refused_in_one_line(files, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    ran = invoke("texture", "--image", files / "colour.png", "--output", files / "out")
    assert ran.exit_code == 2
    assert "exceeds limit" in ran.stderr
    assert ran.stderr.count("\n") == 1


def frames_that(happen):
    """In place of a descent: three good pictures, and something after the second."""

    def make(source, shape, plan, *, is_periodic):
        for step in (1, 2, 3):
            if step == 3 and happen == "fault":
                yield Frame(0, step, 0.5, source / 2, fault=True)
                return
            if step == 2 and happen == "interruption":
                signal.raise_signal(signal.SIGINT)
            yield Frame(0, step, 1 / step, source / step)

    return make


@pytest.mark.parametrize(
    ("happen", "code", "message", "steps"),
    [
        ("fault", 1, "the loss was not finite at step 3; what was written is the picture before it", 2),
        ("interruption", 130, "interrupted after step 2; what was written is the picture so far", 2),
    ],
)
def test_an_end_before_the_end_leaves_everything_whole(happen, code, message, steps, files, monkeypatch):
    monkeypatch.setattr(texture, "make_texture", frames_that(happen))
    own = (
        "texture",
        "--image",
        files / "grey.png",
        "--tile",
        "--redraw",
        3,
        "--height",
        40,
        "--width",
        44,
        *SMALL,
        "--frames",
        0,
    )
    ran = invoke(*own, "--output", files / "out")
    assert ran.exit_code == code
    assert message in ran.stderr
    record = read_json(files / "out" / "texture_grey.json")
    assert record["end"] == {"fault": "not_finite", "interruption": "interrupted"}[happen]
    assert record["steps"] == steps
    with Image.open(files / "out" / "texture_grey.png") as made:
        half = load_file(files / "grey.png") / 2
        np.testing.assert_array_equal(np.asarray(made), as_picture(half))


def test_compare_keeps_what_it_has_when_it_is_interrupted(files, monkeypatch):
    monkeypatch.setattr(compare, "make_texture", frames_that("interruption"))
    ran = invoke("compare", "--image", files / "grey.png", "--size", 32, *SMALL, "--output", files / "out")
    assert ran.exit_code == 130
    assert list(read_json(files / "out" / "compare_grey.json")["results"]) == ["lagged"]


def test_gallery_has_a_sheet_and_a_table(monkeypatch, tmp_path):
    monkeypatch.setattr(texture, "make_texture", frames_that("nothing"))
    monkeypatch.setattr(gallery, "load_sample", lambda name, table: load_sample(name, table)[:1, :48, :48])
    monkeypatch.setattr(gallery, "_SHAPE", (48, 48))
    metrics = Metrics(0.02, (0.02,), 0.1, 0.1, (0.1, 0.1, 0.1), 0.0, 0.5, None)
    monkeypatch.setattr(jobs, "measure_picture", lambda *_, **__: metrics)
    ran = invoke(
        "gallery", "--sample", "brick", "--sample", "wood", "--tile", "--redraw", 0, *SMALL, "--output", tmp_path
    )
    assert ran.exit_code == 0, ran.output
    assert list(read_json(tmp_path / "gallery.json")["results"]) == ["brick", "wood"]
    assert {"brick", "wood"} <= {line.split()[0] for line in ran.stdout.splitlines() if "%" in line}
    assert (tmp_path / "gallery.png").exists()
    again = invoke("gallery", "--output", tmp_path)
    assert "is a run that is there already" in again.stderr


def test_all_makes_a_texture_and_a_transfer(monkeypatch, tmp_path):
    made = []

    class Done:
        end = End.FINISHED

    monkeypatch.setattr(run, "synthesise", lambda job, shape, settings: made.append((job.name, shape)) or (Done, None))
    monkeypatch.setattr(run, "restyle", lambda job, settings, weight: made.append((job.name, weight)) or (Done, None))
    assert invoke("all", "--output", tmp_path).exit_code == 0
    assert [name for name, _ in made] == ["demo_texture", "demo_transfer"]


def test_every_command_is_there():
    names = re.findall(r"^  (\w+)  ", invoke("--help").stdout, re.M)
    assert set(names) == {"transfer", "texture", "compare", "gallery", "all"}


@pytest.mark.parametrize(("filters", "smallest"), [("random", 88), ("analytic", 88), ("full", 55), ("vgg", 192)])
def test_settings_know_the_least_side(filters, smallest):
    assert Settings(filters=Filters(filters)).smallest == smallest
