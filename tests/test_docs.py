"""README, docs and docstrings: their code runs, their tables are the code's, their links and commands exist."""

import dataclasses
import doctest
import importlib
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = [
    "sigconv.signal",
    "sigconv.filter",
    "sigconv.composition",
    "sigconv.operators.periodic",
    "sigconv.operators.convolution",
    "sigconv.operators.toeplitz",
    "sigconv._core.conventions",
    "sigconv._core.conventions.row",
    "sigconv.matching.scores",
    "sigconv.matching.bank",
    "sigconv.matching.warps",
    "sigconv.matching.peaks",
    "sigconv.matching.registration",
    "sigconv.matching.delay",
    "sigconv.matching.lags",
    "sigconv.matching.soft",
    "sigconv.matching.confidence",
    "sigconv._gram.grams",
    "sigconv._gram.lagged",
    "sigconv._gram.kernels",
    "sigconv.style.losses",
    "sigconv.style.variation",
    "sigconv.design.derivatives",
    "sigconv.design.fir",
    "sigconv.design.gabor",
    "sigconv.design.kaiser",
    "sigconv.design.least_squares",
    "sigconv.design.minimum_phase",
    "sigconv.design.recursive",
    "sigconv.design.response",
    "sigconv.design.savitzky_golay",
    "sigconv.design.smooth",
    "sigconv.design.steerable",
    "sigconv.design.windows",
    "sigconv.restore.inverse",
    "sigconv.restore.wiener",
    "sigconv.restore.tikhonov",
    "sigconv.restore.richardson_lucy",
    "sigconv.restore.blind",
    "sigconv.design.wavelets",
    "sigconv.wavelets.levels",
    "sigconv.wavelets.single",
    "sigconv.wavelets.multilevel",
    "sigconv.wavelets.stationary",
    "sigconv.convert",
    "sigconv.compat.matlab",
    "sigconv.compat.numpy",
    "sigconv.compat.opencv",
    "sigconv.compat.scipy",
    "sigconv.compat.ndimage",
    "sigconv.compat.tensorflow",
    "sigconv.compat.torch",
    "sigconv.compat.torch7",
]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_code_of_page_runs_and_prints_what_it_says(page):
    text = page.read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    assert all(block.lstrip().startswith(">>>") for block in blocks), "examples show what they print"
    result = doctest.testfile(str(page), module_relative=False, optionflags=FLAGS)
    assert result.failed == 0
    assert (result.attempted > 0) == bool(blocks)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_run(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert result.failed == 0


def test_docstrings_have_examples_at_all():
    assert doctest.testmod(importlib.import_module("sigconv.signal"), optionflags=FLAGS).attempted >= 5


@pytest.fixture
def write(monkeypatch):
    """docs/write.py, which imports its neighbours."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    return importlib.import_module("write")


def test_conventions_page_and_picture_are_the_table_that_the_code_runs_on(write):
    assert write.written(write.PAGE.read_text()) == write.PAGE.read_text(), "run docs/write.py"
    assert write.PICTURE.read_text() == write.same_picture(), "run docs/write.py"


def test_conventions_page_does_not_build_where_the_table_disagrees(write, monkeypatch):
    tables = importlib.import_module("tables")
    row = dataclasses.replace(tables.CONVENTIONS["numpy.convolve"], flips=False)
    changed = {**tables.CONVENTIONS, "numpy.convolve": row}
    monkeypatch.setattr(tables, "CONVENTIONS", changed)
    monkeypatch.setattr(importlib.import_module("pictures"), "CONVENTIONS", changed)
    monkeypatch.setattr(write.doctest, "testfile", lambda *_, **__: doctest.TestResults(0, 1))
    assert [found.split(":")[0] for found in write.disagreements()] == [
        "docs/conventions.md is not what the table says",
        "docs/images/same.svg is not what the table says",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_and_images_exist(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_readme_opens_with_the_two_commands():
    lines = [line.strip() for line in (ROOT / "README.md").read_text().splitlines() if line.strip()]
    assert lines[1].startswith("make demo")
    assert lines[2].startswith("make test")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = re.findall(r"(?:^    |`)make ([a-z-]+)", page.read_text(), re.M)
    assert set(named) <= targets
