"""The pages that the benchmark writes: the bad news as plainly as the good."""

import dataclasses
import json

from outcomes import HERE, choose, outcome, point, workload

from experiments.benchmarks import (
    choice,
    store,
)
from experiments.benchmarks.comparison import outcome_of
from experiments.benchmarks.pages import benchmarks, figures, verdicts
from experiments.benchmarks.sections import SECTIONS
from experiments.benchmarks.setting import ABSENT
from experiments.benchmarks.store import Saved
from experiments.benchmarks.workloads.workload import Target


def saved_sections():
    """One of each, as it comes back from disk."""
    rows = [
        outcome("n = 1000, k = 8", sigconv=1, jax_convolve=5000, numpy_convolve=0.1, skipped=["jax_convolve"]),
        outcome("n = 1000, k = 64", kernel=(64,), sigconv=1, jax_convolve=2, scipy_oaconvolve=0.4, foreign=0.7),
    ]
    flat = [outcome("512², K = 3", signal=(512, 512), kernel=(3, 3), sigconv=1, jax_convolve=30)]
    chosen = choice.record([choose("a", {"a": 2, "b": 1})], [])
    data = {
        "one-d": [dataclasses.asdict(row) for row in rows],
        "two-d": [dataclasses.asdict(row) for row in flat],
        "crossovers": [{"signal": [1000], "changes": [[2, "shift_add"], [16, "fft"]]}],
        "choice": chosen,
        "scaling": [dataclasses.asdict(point(n, n * 1e-9)) for n in (10**3, 10**7)],
        "accuracy": {
            "tail": [
                {"method": "fft", "error": 3e-3, "signal": 4e-3},
                {"method": "shift_add", "error": None, "signal": 4e-3},
            ],
            "growth": [{"n": 1024, "k": 256, "errors": {"fft": 1.5e-7}}],
        },
    }
    return {name: Saved(HERE, 12.0, json.loads(json.dumps(section))) for name, section in data.items()}


def test_page_says_what_is_bad():
    page = benchmarks.render(saved_sections(), {"one-d": "images/one.png"})
    assert "n = 1000, k = 8: slower by 10× than numpy convolve." in page
    assert "one-d, n = 1000, k = 64: slower by 2.50× than scipy oaconvolve (CONTAMINATED)." in page
    assert "| ~5000 |" in page
    assert "**0.40 (0.40)**" in page
    assert "CONTAMINATED, 0.70" in page
    assert "not to be believed, as others used more than 0.1 cores: n = 1000, k = 64" in page
    assert (
        "| 1-d, n = 10³…10⁴, k ≤ 64 | scipy | ≥ 1.2 | 0.40 (0.40) at n = 1000, k = 64 |  | 1 | contaminated |" in page
    )
    assert "![Time against kernel length, 1-d](images/one.png)" in page
    assert "**does not hold**: `auto` within 1.25×" in page
    assert "| fft | 3.0e-03 | 75 % |" in page
    assert "Methods that cannot do this: shift_add." in page
    assert "not measured" in page
    tables = [[line.count("|") for line in block.splitlines()] for block in page.split("\n\n") if block.startswith("|")]
    assert all(len(set(widths)) == 1 for widths in tables), "one width per table"


def test_page_without_measurements_says_so():
    page = benchmarks.render({}, {})
    assert page.count("Not measured.") >= 4
    assert "Nowhere by more than" not in page


def test_page_names_what_is_missing_and_what_does_not_fit_together():
    saved = saved_sections()
    bare = dataclasses.replace(HERE, versions={**HERE.versions, "torch": ABSENT})
    page = benchmarks.render({"one-d": dataclasses.replace(saved["one-d"], setting=bare)}, {})
    assert "**Rivals left out, as they are not installed: torch**" in page
    other = dataclasses.replace(HERE, device="another chip")
    mixed = benchmarks.render({**saved, "two-d": dataclasses.replace(saved["two-d"], setting=other)}, {})
    assert "**The sections were not measured with the same device: do not compare them.**" in mixed
    later = dataclasses.replace(HERE, versions={**HERE.versions, "sigconv": "def"})
    assert "not measured with the same" not in benchmarks.render(
        {**saved, "two-d": dataclasses.replace(saved["two-d"], setting=later)}, {}
    )
    quick = dataclasses.replace(HERE, is_quick=True)
    assert "A smoke run" in benchmarks.render({"one-d": dataclasses.replace(saved["one-d"], setting=quick)}, {})


def test_every_section_is_on_one_page_and_pages_show_their_own():
    assert sorted(s for page in benchmarks.PAGES.values() for s in page.sections) == sorted(SECTIONS)
    page = benchmarks.render(saved_sections(), {}, benchmarks.PAGES["benchmarks_features"])
    assert page.startswith("# Benchmarks of matching, style and recursive filters\n\nWritten by `make bench`.")
    assert "one-d" not in page
    assert "1-d, n = 10³" not in page
    assert "## Large images by tiles\n\nNot measured." in page
    assert "## Scaling" not in page


def test_target_table_counts_its_words():
    target = Target("jax", 2)
    cases = {"one-d": (workload(target), workload(Target("torch"), goal="other"))}
    text = verdicts.target_table({"one-d": {"n = 1000, k = 8": outcome(sigconv=1, jax_conv=1)}}, cases)
    assert text.startswith("2 targets: 1 short, 1 not measured.")
    assert "| goal | jax | ≥ 2 | 1.00 (1.00) at n = 1000, k = 8 |  | 1 | **short** |" in text


def test_figures_are_drawn(tmp_path):
    paths = figures.draw_figures(saved_sections(), tmp_path)
    assert set(paths) == {"one-d", "two-d", "limit", "scaling"}
    assert all((tmp_path / path).read_bytes().startswith(b"\x89PNG") for path in paths.values())


def test_outcome_survives_the_disk(tmp_path):
    one = outcome(sigconv=1, jax_conv=2)
    path = store.save(tmp_path, "one-d", Saved(HERE, 3.0, [dataclasses.asdict(one)]))
    assert path.name == "one-d.json"
    loaded = store.load(tmp_path, "one-d")
    assert loaded.setting == HERE
    assert outcome_of(loaded.data[0]) == one
    assert store.load(tmp_path, "two-d") is None
