"""The benchmark's harness, its guard and its command."""

import dataclasses
import pathlib
import subprocess
import sys
import time

import numpy as np
import pytest
from outcomes import HERE
from typer.testing import CliRunner

from experiments.benchmarks import (
    knobs,
    run,
    store,
)
from experiments.benchmarks.guard import UNWATCHED, Guard, Snapshot, foreign_cores, is_clean, snapshot
from experiments.benchmarks.harness import Candidate, Effort, measure
from experiments.benchmarks.store import Saved
from experiments.benchmarks.workloads.single import Single
from experiments.benchmarks.workloads.workload import OURS
from experiments.files import replace_file, replace_text


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


def test_error_of_several_arrays_is_that_of_the_worst():
    clock = Clock()
    candidate = clock.work("a", steady(0.01), (np.float32(2.0), np.array([1.0, -4.0], np.float32)))
    row = timed(clock, {"a": candidate}, (np.float64(2.5), np.array([1.5, -4.0])))
    assert row.timings["a"].error == pytest.approx(0.2)


def test_result_is_read_off_the_clock():
    clock = Clock()
    work = clock.work("a", steady(0.01), np.zeros(3))
    candidate = dataclasses.replace(work, read=lambda y: clock.sleep(5.0) or y + 1)
    row = timed(clock, {"a": candidate}, np.ones(3))
    assert row.timings["a"].error == 0
    assert row.timings["a"].median == pytest.approx(0.01)


def test_hopeless_candidate_is_not_timed_further():
    clock = Clock()
    row = timed(
        clock, {"slow": clock.work("slow", steady(0.1)), "fast": clock.work("fast", steady(0.01))}, hopeless=5.0
    )
    assert row.timings["slow"].skipped == "one call took 0.1 s"
    assert clock.log.count("slow") == 3
    assert not row.timings["fast"].skipped


def test_compilation_and_first_call_are_timed_apart():
    x, w = np.ones(32, np.float32), np.ones(3, np.float32)
    ours = {OURS: Single((32,), (3,), "full").jax_candidates(x, w)[OURS]}
    row = measure(ours, np.convolve(x, w), guard=UNWATCHED, effort=Effort(seconds=0.01, pause=0.0))
    a = row.timings[OURS]
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


@pytest.mark.skipif(snapshot() is None, reason="this system does not tell what others use")
def test_cpu_burnt_by_our_own_child_is_ours():
    before = snapshot()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"], check=True)
    after = snapshot()
    assert after.own - before.own > 0.4


# The command


def test_quick_run_leaves_docs_alone(tmp_path):
    assert not any("docs" in folder.parts for folder in run.folders(quick=True, output=None))
    assert [folder.name for folder in run.folders(quick=False, output=None)] == ["docs", "results"]
    assert run.folders(quick=False, output=tmp_path) == (tmp_path, tmp_path)


def test_command_measures_saves_and_writes(tmp_path):
    arguments = ["--quick", "--output", str(tmp_path), "--only", "accuracy", "--only", "transposed"]
    result = CliRunner().invoke(run.app, arguments)
    assert result.exit_code == 0, result.output
    assert {path.name for path in tmp_path.glob("*.json")} == {"accuracy.json", "transposed.json"}
    page = (tmp_path / "benchmarks.md").read_text()
    assert "A smoke run" in page
    assert "polyphase" in page
    (tmp_path / "benchmarks.md").unlink()
    again = CliRunner().invoke(run.app, ["--render", "--output", str(tmp_path)])
    assert again.exit_code == 0, again.output
    assert (tmp_path / "benchmarks.md").read_text() == page


def test_command_refuses_unknown_sections():
    result = CliRunner().invoke(run.app, ["--only", "nonsense"])
    assert result.exit_code == 2
    assert "--only must be one of" in " ".join(result.output.split())


def test_performance_page_is_written_from_its_own_text(tmp_path):
    effect = knobs.Effect("a knob", "off", "on", "a task", 2e-3, 1e-3, (2.0,), 0.0)
    store.save(tmp_path, "settings", Saved(HERE, 1.0, [dataclasses.asdict(effect)]))
    run.write_pages(tmp_path, tmp_path)
    page = (tmp_path / "performance.md").read_text()
    assert page.startswith("# Making it fast")
    assert "### a knob" in page


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


def test_files_hold_one_idea():
    for path in pathlib.Path(run.__file__).parent.rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 300
