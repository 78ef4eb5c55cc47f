"""Choices, scaling, accuracy and settings: what is measured, and what follows from it."""

import dataclasses
import itertools
import json

import pytest
from outcomes import HERE, choose, point

from experiments.benchmarks import (
    accuracy,
    choice,
    crossovers,
    knob_tasks,
    knobs,
    scaling,
    tiled,
)
from experiments.benchmarks.child import call_child
from experiments.benchmarks.guard import UNWATCHED
from experiments.benchmarks.pages import performance, plot_kernels, studies


def test_shares_count_what_the_pick_loses():
    choices = [choose("a", {"a": 1, "b": 2}), choose("a", {"a": 1.4, "b": 1}), choose("a", {"a": 4, "b": 1})]
    assert choice.shares(choices) == pytest.approx({1.25: 1 / 3, 1.5: 2 / 3, 2.0: 2 / 3, 3.0: 2 / 3})
    assert choices[1].best == "b"
    again = choice.Again(choices[2], choices[2], {"jax conv": (1, 1)})
    assert again.behind_jax == pytest.approx(4)
    lines = studies.choice_verdicts(choices, [again])
    assert lines[0].startswith("**does not hold**: `auto` within 1.25× of the best measured in at least 80 %")
    assert "33 % by medians" in lines[0]
    assert "the worst takes 4.00× its time" in lines[3]
    assert choice.choices_of(json.loads(json.dumps(choice.record(choices, [again])))) == (choices, [again])


@pytest.mark.full
def test_choices_are_measured_on_the_drawn_problems():
    choices = choice.measure_slice(UNWATCHED, 4, 1, 3)
    assert len(choices) == 2
    worst = choice.worst_of(choices, 1)
    effort = dataclasses.replace(choice.EFFORT, seconds=0.01)
    again = choice.measure_again(UNWATCHED, 4, [1 + worst[0]], [choices[worst[0]]], effort)
    assert len(again) == 1
    assert all(one.picked in one.seconds and one.loss() >= 1 for one in choices)
    assert again[0].first.loss() == max(one.loss() for one in choices)
    assert again[0].again.problem == again[0].first.problem
    assert again[0].behind_jax > 0


def test_scaling_finds_the_cliff_and_the_memory():
    n = 2_000_000
    points = [
        point(n, 1e-3, above=16 * n),
        point(2 * n, 2e-3, above=8 * n),
        point(4 * n, 20e-3, above=4 * n),
        point(100, 1e-4),
    ]
    factor, a, b = scaling.steps(points)[0]
    assert (factor, a.samples, b.samples) == (pytest.approx(5), 2 * n, 4 * n)
    assert points[0].multiple == pytest.approx(20 / 8)
    assert points[3].multiple is None
    cliff, memory = studies.scaling_verdicts(points)
    assert cliff.startswith("**does not hold**: no cliff")
    assert "the worst step is 5.00×" in cliff
    assert memory.startswith("**holds**: peak memory")
    assert "the most is 2.50×, at 2000000 samples" in memory
    points = [dataclasses.replace(p, plain=p.samples**2 * 1e-18) for p in points]
    assert "taps, where that of `x + 1` grows 2.00×." in studies.scaling_verdicts(points)[0]
    assert "8e-06" in studies.scaling_section([dataclasses.replace(points[0], plain=8e-9)])


def test_scaling_measures_time_and_memory_in_a_child():
    data = call_child(
        "experiments.benchmarks.scaling", "measure_here", {"signal": [2_000_000], "kernel": [8], "mode": "full"}
    )
    found = scaling.point_of(data)
    assert found.operands == (8_000_000, 8_000_028)
    assert found.above >= 8_000_000
    assert found.median > 0
    assert found.plain is not None
    assert found.plain > 0
    assert found.calls >= 3


def test_child_gets_its_environment_and_flags():
    given = {"key": "SIGCONV_PROBE"}
    assert call_child("os", "getenv", given, environment={"SIGCONV_PROBE": "7"}) == "7"
    with pytest.raises(RuntimeError, match=r"os\.getenv failed in its child"):
        call_child("os", "getenv", given, flags={"jax_no_such_flag": True})


@pytest.mark.parametrize("how", knob_tasks.CALLERS)
def test_every_way_of_calling_runs(how, request):
    if how == "double":
        request.getfixturevalue("x64")
    task = knob_tasks.Task((64,), (8,), "same")
    call, fresh = knob_tasks.CALLERS[how](task)
    assert call(fresh()) is not None
    assert call(fresh()) is not None


def test_knobs_are_measured_in_turn(monkeypatch):
    calls = []
    seconds = iter([4.0, 1.0, 3.0, 1.0, 8.0, 2.0])
    monkeypatch.setattr(knobs, "_in_child", lambda way, tasks: calls.append(way.words) or [next(seconds)])
    task = knob_tasks.Task((10,), (3,))
    knob = knobs.Knob("a knob", knobs.Way("off"), knobs.Way("on"), (task,))
    (effect,) = knobs.measure_knobs(UNWATCHED, [knob], rounds=3)
    assert calls == ["off", "on"] * 3
    assert (effect.seconds_off, effect.seconds_on) == (4.0, 1.0)
    assert effect.ratios == (4.0, 3.0, 4.0)
    assert effect.gain == 4.0
    assert knobs.effect_of(json.loads(json.dumps(dataclasses.asdict(effect)))) == effect


def test_settings_block_says_what_helps_and_what_hurts():
    def effect(knob, *ratios):
        return knobs.Effect(knob, "off", "on", "10 with 3, 'full'", 2e-3, 1e-3, ratios, 0.0)

    block = performance.settings_block(
        [effect("good", 2, 3, 2), effect("bad", 0.5, 0.5), effect("none", 0.9, 1.6, 1.5)], HERE
    )
    assert "### good\n\nHelps by 2.00× in 1 of 1." in block
    assert "### bad\n\nHurts by 2.00× in 1 of 1." in block
    assert "### none\n\nNo difference beyond noise in any of 1." in block
    page = f"before\n{performance.START}\nold\n{performance.END}\nafter\n"
    assert performance.written(page, "new") == f"before\n{performance.START}\n\nnew\n\n{performance.END}\nafter\n"


def test_crossovers_are_where_the_method_changes():
    found = crossovers.changes((100_000,), 16384, "full")
    assert found[0][0] == 2
    assert len(found) >= 2
    assert all(a[0] < b[0] and a[1] != b[1] for a, b in itertools.pairwise(found))


def test_changes_of_mind_that_lie_close_together_get_one_word():
    changes = [(2, "a"), (33, "b"), (36, "a"), (43, "b"), (67, "c"), (74, "b")]
    assert plot_kernels.together(changes, 1.25) == [(2, "a"), (33, "b/a"), (67, "c/b")]
    assert plot_kernels.together(changes, 1.0) == changes
    assert plot_kernels.together([], 2.0) == []


def test_accuracy_shows_what_a_burst_does():
    losses = {loss.method: loss for loss in accuracy.tail_losses()}
    assert losses["direct"].error < 1e-5 * losses["direct"].signal
    assert losses["fft"].error > 0.1 * losses["fft"].signal
    assert losses["shift_add"].error is None
    errors = accuracy.growth(256, 16).errors
    assert {"direct", "fft", "scipy fftconvolve"} <= set(errors)
    assert all(0 < error < 1e-6 for error in errors.values())


@pytest.mark.full
def test_tiles_give_the_same_peaks_in_a_child():
    arguments = ({"side": 192, "tile": tile} for tile in (None, 64))
    found = [tiled.tiled_of(call_child("experiments.benchmarks.tiled", "measure_here", a)) for a in arguments]
    assert found[0].peaks[0] == (64, 96)
    assert tiled.same_peaks(found) == {192: True}
    page = studies.tiles_section(found)
    assert "| 192² | none |" in page
    assert "| 192² | 64² |" in page
    others = dataclasses.replace(found[1], peaks=found[1].peaks[1:])
    assert tiled.same_peaks([found[0], others]) == {192: False}
