"""Measurements made up for the tests of what the benchmarks say about them."""

from experiments.benchmarks import choice, scaling, verdict
from experiments.benchmarks.comparison import Outcome
from experiments.benchmarks.harness import Row, Timing
from experiments.benchmarks.setting import Setting
from experiments.benchmarks.workloads.single import Single
from experiments.benchmarks.workloads.workload import Workload

HERE = Setting(
    "a chip", 2, "an OS", {"sigconv": "abc", "jax": "1", "torch": "2"}, "today", True, 8e9, 1e11, is_quick=False
)


def timing(seconds, **others):
    return Timing(seconds, seconds, seconds, seconds, 10, 1.0, **others)


def outcome(name="n = 1000, k = 8", foreign=0.0, skipped=(), method="fft", signal=(1000,), kernel=(8,), **ms):
    """A row in milliseconds; underscores are blanks."""
    names = {rival: rival.replace("_", " ") for rival in ms}
    timings = {names[rival]: timing(1e-3 * t, skipped="one call" * (rival in skipped)) for rival, t in ms.items()}
    return Outcome(name, signal, kernel, method, 1e-6, 1e-5, Row(timings, foreign, 1))


def workload(*targets, goal="goal", name="n = 1000, k = 8"):
    return Workload(goal, name, Single((1000,), (8,), "full"), targets)


def judged(target, *outcomes):
    cases = [workload(target, name=one.name) for one in outcomes]
    (judgement,) = verdict.judge(cases, {one.name: one for one in outcomes})
    return judgement


def choose(picked, seconds, problem="p", foreign=0.0):
    return choice.Choice("kind", problem, picked, {name: (t, t / 2) for name, t in seconds.items()}, (), foreign)


def point(n, seconds, above=0, k=64):
    return scaling.Point((n,), (k,), "fft", seconds, seconds, 3, (4 * n, 4 * n), above, 0.0)
