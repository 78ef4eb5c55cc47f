"""The benchmark: what it times, what it notices, and that it says so."""

import dataclasses
import json
import pathlib
import subprocess
import sys
import time

import numpy as np
import pytest

from experiments.benchmarks import correlation, fit_cost, problems, run, setting, verdict
from experiments.benchmarks.correlation import Case, Result
from experiments.benchmarks.guard import Guard, Snapshot, foreign_cores, is_clean, snapshot
from experiments.benchmarks.harness import Candidate, Effort, Row, Timing, measure
from experiments.benchmarks.report import render
from experiments.files import replace_file, replace_text
from sigconv._engine.cost import CPU

HERE = setting.Setting("a chip", 2, "an OS", {"jax": "1"}, "today", True, 8e9, is_quick=False)


class Clock:
    """Time that passes only when somebody says so, and a machine on which others use `foreign` cores."""

    def __init__(self, foreign=0.0):
        self.now, self.busy, self.own, self.foreign, self.log = 0.0, 0.0, 0.0, foreign, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        self.busy += seconds * self.foreign

    def read(self):
        return Snapshot(self.now, self.busy, 2 * self.now, self.own)

    def work(self, name, durations, result=None):
        durations = iter(durations)

        def call():
            seconds = next(durations)
            self.sleep(seconds)
            self.busy, self.own = self.busy + seconds, self.own + seconds
            self.log.append(name)
            return result

        return Candidate(call)

    def guard(self, patience=10.0):
        return Guard(patience, self.read, self.sleep)


def steady(seconds):
    while True:
        yield seconds


def timed(clock, candidates, reference=None, guard=None, **effort):
    effort = Effort(**{"is_cold": False, "seconds": 0.1, **effort})
    guard = guard or clock.guard()
    return measure(candidates, reference, guard=guard, effort=effort, clock=clock, sleep=clock.sleep)


def timing(seconds, **others):
    return Timing(seconds, seconds, seconds, seconds, 10, 1.0, **others)


def result(ours, convolve, fftconvolve, forced=None, foreign=0.0, chosen="fft", k=8, skipped=(), **others):
    """A row in milliseconds; all of our own methods take what `auto` takes unless `forced` says otherwise."""
    own = dict(zip(("sigconv direct", "sigconv fft", "sigconv overlap"), forced or (ours,) * 3, strict=True))
    times = {"sigconv": ours, "sigconv eager": ours, **own, "jax convolve": convolve, "jax fftconvolve": fftconvolve}
    times |= others
    timings = {name: timing(1e-3 * ms, skipped="one call" * (name in skipped)) for name, ms in times.items()}
    return Result(Case((1000,), (k,), "full"), chosen, 1e-6, Row(timings, foreign, 1))


# The harness


def test_statistics_are_those_of_the_calls():
    clock = Clock()
    # First call, warm-up and estimate come before the timed calls; 30 ms calls have no further warm-up.
    row = timed(clock, {"a": clock.work("a", [1.0, 0.03, 0.03, 0.01, 0.02, 0.09])}, seconds=0.09)
    a = row.timings["a"]
    assert (a.calls, a.first, a.compiled, a.skipped) == (3, pytest.approx(1.0), None, "")
    assert (a.median, a.least) == (pytest.approx(0.02), pytest.approx(0.01))
    assert (a.low, a.high) == (pytest.approx(0.015), pytest.approx(0.055))
    assert row.is_clean is True
    assert row.attempts == 1


def test_blocks_are_interleaved_over_the_whole_row():
    clock = Clock()
    row = timed(clock, {name: clock.work(name, steady(0.03)) for name in "ab"}, seconds=0.35)
    log = clock.log[6:]
    assert row.timings["a"].calls == row.timings["b"].calls == 10
    assert log != sorted(log)
    # Each tenth of the row has a block of each.
    assert all(set(log[i : i + 2]) == {"a", "b"} for i in range(0, 20, 2))
    assert {tuple(log[i : i + 2]) for i in range(0, 20, 2)} == {("a", "b"), ("b", "a")}


def test_long_compilation_does_not_count_as_a_slow_call():
    clock = Clock()
    durations = iter([2.5, 2.0])
    row = timed(clock, {"a": clock.work("a", (next(durations, 0.001) for _ in range(10**6)))})
    assert row.timings["a"].calls > 10


def test_slow_candidate_is_called_once_and_skipped():
    clock = Clock()
    row = timed(clock, {"slow": clock.work("slow", [4.0]), "fast": clock.work("fast", steady(0.01))})
    assert clock.log.count("slow") == 1
    assert row.timings["slow"].skipped == "one call took 4 s"
    assert row.timings["slow"].median == pytest.approx(4.0)
    assert not row.timings["fast"].skipped


def test_error_is_relative_to_the_largest_reference():
    clock = Clock()
    candidate = clock.work("a", steady(0.01), np.array([1.0, -4.0], np.float32))
    row = timed(clock, {"a": candidate}, np.array([1.5, -4.0]))
    assert row.timings["a"].error == pytest.approx(0.125)


def test_compilation_and_first_call_are_timed_apart():
    case = Case((32,), (3,), "full")
    x, w = np.ones(32, np.float32), np.ones(3, np.float32)
    ours = {"sigconv": correlation.candidates(case, x, w)["sigconv"]}
    effort = Effort(seconds=0.01, pause=0.0)
    row = measure(ours, np.convolve(x, w), guard=Guard(0.0, lambda: None, lambda _: None), effort=effort)
    a = row.timings["sigconv"]
    assert a.compiled > 10 * a.median
    assert a.first > 10 * a.median
    assert a.error < 1e-6
    assert row.is_clean is None


# The guard


def test_contaminated_row_is_repeated_twice_and_marked():
    clock = Clock(foreign=0.5)
    guard = clock.guard()
    guard.wait_idle = lambda: True
    row = timed(clock, {"a": clock.work("a", steady(0.01))}, guard=guard)
    assert row.attempts == 3
    assert row.is_clean is False
    assert row.foreign == pytest.approx(0.5)


def test_least_contaminated_attempt_is_kept():
    clock = Clock(foreign=0.5)
    guard = clock.guard()
    guard.wait_idle = lambda: setattr(clock, "foreign", clock.foreign - 0.2) or True
    row = timed(clock, {"a": clock.work("a", steady(0.01))}, guard=guard)
    assert row.attempts == 3
    assert row.foreign == pytest.approx(0.0 if clock.foreign < 0 else clock.foreign, abs=1e-9)
    assert row.is_clean is True


def test_waiting_ends_with_patience_and_nothing_is_repeated_then():
    clock = Clock(foreign=0.5)
    row = timed(clock, {"a": clock.work("a", steady(0.01))}, guard=clock.guard(patience=3.0))
    assert row.attempts == 1
    assert row.is_clean is False
    assert clock.guard(patience=2.0).wait_idle() is False


def test_unknown_load_is_not_clean():
    guard = Guard(1.0, lambda: None, lambda _: None)
    assert guard.wait_idle() is None
    assert foreign_cores(None, snapshot()) is None
    assert foreign_cores(Snapshot(0, 1, 2, 0), Snapshot(1, 1, 2, 0)) is None, "a clock that stands still tells nothing"
    assert is_clean(None) is None


@pytest.mark.skipif(snapshot() is None, reason="this system does not tell what others use")
def test_cpu_burnt_by_another_process_is_noticed():
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True)\nwhile True: pass"], stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        before = snapshot()
        time.sleep(0.6)
        foreign = foreign_cores(before, snapshot())
        child.kill()
    assert foreign > 0.10
    assert is_clean(foreign) is False


# Verdicts


def test_ratio_is_the_rival_over_ours():
    assert verdict.ratio(result(2, 4, 1), "jax convolve") == pytest.approx(2)
    assert verdict.ratio(result(2, 4, 1), "jax fftconvolve") == pytest.approx(0.5)


def test_never_worse_compares_with_the_better_of_two():
    tie = verdict.verdicts([result(1, 0.8, 5), result(1, 9, 2)])[0]
    assert tie.holds is True
    assert "0.80, at n = 1000, k = 8, against jax convolve" in tie.text
    lost = verdict.verdicts([result(1, 5, 5), result(1, 9, 0.5, k=64)])[0]
    assert lost.holds is False
    assert "0.50, at n = 1000, k = 64, against jax fftconvolve" in lost.text
    assert "Slower at: n = 1000, k = 64." in lost.text


def test_mistakes_of_jax_are_where_a_transform_is_three_times_faster():
    right = result(1, 2, 1)
    by_jax, by_us = result(1, 9, 2, k=64), result(1, 9, 20, forced=(9, 2, 20), k=512)
    assert verdict.mistakes([right, by_jax, by_us]) == [by_jax, by_us]
    assert verdict.verdicts([right])[2].holds is None
    assert verdict.verdicts([right, by_jax])[2].holds is True
    short = verdict.verdicts([result(5, 9, 2)])[2]
    assert short.holds is False
    assert "smallest ratio there is 1.8" in short.text


def test_choice_names_the_better_method():
    wrong = verdict.verdicts([result(2, 9, 9, forced=(1, 2, 3))])[3]
    assert wrong.holds is False
    assert "0.50, at n = 1000, k = 8, where it picked fft and direct was the fastest" in wrong.text


def test_load_is_a_verdict():
    assert verdict.verdicts([result(1, 1, 1)])[4].holds is True
    dirty = verdict.verdicts([result(1, 1, 1, foreign=0.3)])[4]
    assert dirty.holds is False
    assert "CONTAMINATED" in dirty.text
    unknown = verdict.verdicts([result(1, 1, 1, foreign=None)])[4]
    assert unknown.holds is False
    assert "unknown" in unknown.text


# The page


def test_page_says_what_is_bad():
    rows = [
        result(1, 5000, 3, skipped=["jax convolve"], **{"np.convolve": 0.1}),
        result(1, 2, 0.4, foreign=0.7, k=64, **{"np.convolve": 3}),
        result(1, 2, 2, foreign=None, k=512),
    ]
    page = render(rows, HERE, {1: "images/one.png"})
    assert "skipped: one call" in page
    assert "| ~5e+03 |" in page
    assert "n = 1000, k = 8: slower by 10.0× than np.convolve" in page
    assert "**0.40 (0.40)**" in page
    assert "CONTAMINATED, 0.70" in page
    assert "| unknown |" in page
    assert "does not hold" in page
    assert "asynchronous CPU dispatch on" in page
    assert "![Time against kernel length, 1-d](images/one.png)" in page
    tables = [line for line in page.splitlines() if line.startswith("| n = 1000")]
    assert len({line.count("|") for line in tables}) == 2, "one width per table"


def test_page_says_nowhere_where_nothing_is_slower():
    assert "Nowhere by more than 1.3×." in render([result(1, 2, 3)], HERE, {})


def test_everything_is_written(tmp_path):
    paths = run.write(
        [result(1, 2, 0.4), result(1, 5000, 0.4, k=64, skipped=["jax convolve"])], HERE, tmp_path, tmp_path
    )
    assert {path.relative_to(tmp_path).as_posix() for path in paths} == {
        "correlation.json", "images/benchmark_1d.png", "benchmarks.md",
    }  # fmt: skip
    record = json.loads((tmp_path / "correlation.json").read_text())
    assert record["results"][0]["row"]["timings"]["jax convolve"]["median"] == pytest.approx(2e-3)
    assert record["results"][0]["clean"] is True
    assert (tmp_path / "images/benchmark_1d.png").read_bytes().startswith(b"\x89PNG")


def test_quick_run_leaves_docs_alone(tmp_path):
    assert not any("docs" in folder.parts for folder in run.folders(quick=True, output=None))
    assert [folder.name for folder in run.folders(quick=False, output=None)] == ["docs", "results"]
    assert run.folders(quick=False, output=tmp_path) == (tmp_path, tmp_path)


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "page.md"
    replace_text(path, "old")

    def fail(fresh):
        fresh.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        replace_file(path, fail)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    replace_text(path, "new")
    assert path.read_text() == "new"


# Cases and the fit


def test_cases_are_those_of_the_question():
    names = [case.name for case in correlation.CASES]
    assert len(names) == len(set(names)) == 25
    assert "n = 1000000, k = 4096" in names
    assert "2048², K = 63" in names
    assert Case((10,), (3,), "full").outputs == 12
    assert Case((10, 10), (3, 3), "same").outputs == 100
    assert HERE.memory_limit(10**9) == pytest.approx(1.0)


def test_fit_recovers_constants_that_made_the_times():
    true = dataclasses.replace(CPU, call=40e-6, direct_tap=1e-9, fft_point=0.3e-9, pass_point=0.2e-9)
    samples = []
    for family, problem in problems.draw_problems(30, seed=1):
        methods = problems.contenders(problem)
        seconds = {name: method.cost(problem, true) for name, method in methods.items()}
        samples.append(fit_cost.Sample(family, problem, methods, seconds))
    fitted = fit_cost.fit(samples, CPU)
    assert fit_cost.shares(samples, fitted)[1.25] > fit_cost.shares(samples, CPU)[1.25]
    assert fitted.direct_tap == pytest.approx(true.direct_tap, rel=0.1)
    assert fitted.fft_point == pytest.approx(true.fft_point, rel=0.2)
    assert all(middle < 1.1 for middle, _ in fit_cost.spread(samples, fitted).values())
    assert eval(fit_cost.constructor(fitted).replace("Machine", "dict"))["call"] == pytest.approx(fitted.call, rel=0.01)


def test_problems_repeat_and_have_contenders():
    drawn = problems.draw_problems(12)
    assert drawn == problems.draw_problems(12)
    assert {name for name, _ in drawn} == {family.name for family in problems.FAMILIES}
    for _, problem in drawn:
        assert all(method.refusal(problem) is None for method in problems.contenders(problem).values())


def test_files_hold_one_idea():
    for path in pathlib.Path(run.__file__).parent.glob("*.py"):
        assert len(path.read_text().splitlines()) <= 300
