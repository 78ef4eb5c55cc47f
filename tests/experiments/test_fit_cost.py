"""The constants of the cost model: that the fit finds them, and on what."""

import dataclasses
import json

import jax
import pytest
import typer
from typer.testing import CliRunner

from experiments.benchmarks import choice, fit_cost, problems
from sigconv._engine.cost import CPU

TRUE = dataclasses.replace(CPU, call=40e-6, direct_tap=1e-9, fft_point=3e-9, pass_point=0.2e-9)


@pytest.fixture(autouse=True)
def dispatch():
    """The command turns asynchronous dispatch off for its process."""
    yield
    jax.config.update("jax_cpu_enable_async_dispatch", True)


@pytest.fixture(scope="module")
def samples():
    """Problems whose times are what a machine of other constants is predicted to take."""
    found = []
    for family, problem in problems.draw_problems(30, seed=1):
        methods = problems.contenders(problem)
        seconds = {name: method.cost(problem, TRUE) for name, method in methods.items()}
        found.append(fit_cost.Sample(family, problem, methods, seconds))
    return found


def test_fit_recovers_constants_that_made_the_times(samples):
    fitted = fit_cost.fit(samples, CPU)
    assert fit_cost.shares(samples, fitted)[1.25] > fit_cost.shares(samples, CPU)[1.25]
    assert fitted.direct_tap == pytest.approx(TRUE.direct_tap, rel=0.1)
    assert fitted.fft_point == pytest.approx(TRUE.fft_point, rel=0.2)
    assert all(middle < 1.1 for middle, _ in fit_cost.spread(samples, fitted).values())
    assert eval(fit_cost.constructor(fitted).replace("Machine", "dict"))["call"] == pytest.approx(fitted.call, rel=0.01)


def test_sharpened_constants_choose_better_and_the_others_stay(samples, monkeypatch):
    monkeypatch.setattr(fit_cost, "_SWEEPS", 1)
    fitted = fit_cost.sharpen(samples, CPU)
    assert fit_cost.mean_loss(samples, fitted) < fit_cost.mean_loss(samples, CPU)
    # What no time speaks of stays where it is: these problems are all of 32 bits.
    assert fitted.wide_tap == pytest.approx(CPU.wide_tap)
    assert fitted.call == pytest.approx(CPU.call)


@pytest.mark.parametrize("options", [["--quick"], ["--reuse"], ["--reuse", "--keep"]], ids=" ".join)
def test_command_prints_the_row_for_the_cost_model(options, monkeypatch, tmp_path):
    drawn = problems.draw_problems(12)

    def measured(given, console, patience):
        assert patience == 2.0
        return [record(problem) for _, problem in given]

    def record(problem):
        seconds = {name: m.cost(problem, TRUE) for name, m in problems.contenders(problem).items()}
        return {"shapes": [list(problem.signal), list(problem.weights)], "seconds": seconds, "clean": True}

    times = tmp_path / "times.json"
    times.write_text(json.dumps([record(problem) for _, problem in drawn]))
    fitted = []
    monkeypatch.setattr(fit_cost, "_TIMES", times)
    monkeypatch.setattr(fit_cost, "_SWEEPS", 1)
    monkeypatch.setattr(fit_cost, "fit_problems", lambda: drawn)
    monkeypatch.setattr(fit_cost, "measure_all", measured)
    monkeypatch.setattr(fit_cost, "fit", lambda samples, start: fitted.append(samples) or TRUE)
    app = typer.Typer()
    app.command()(fit_cost.main)
    ran = CliRunner().invoke(app, options)
    assert ran.exit_code == 0, ran.output
    # For the judgement and for all; not where the constants that there are stay the start.
    assert len(fitted) == (0 if "--keep" in options else 2)
    assert ("those nearest to the times" in ran.output) == bool(fitted)
    row = eval(ran.output[ran.output.rindex("Machine(") :].replace("Machine", "dict", 1))
    assert row["call"] == pytest.approx((TRUE if fitted else CPU).call, rel=0.01)
    assert not any(key in ran.output for key in ("CONTAMINATED", "Traceback"))


def test_times_of_other_problems_are_refused(monkeypatch, tmp_path):
    times = tmp_path / "times.json"
    times.write_text(json.dumps([{"shapes": [[1], [1]], "seconds": {}, "clean": True}]))
    monkeypatch.setattr(fit_cost, "_TIMES", times)
    monkeypatch.setattr(fit_cost, "fit_problems", lambda: problems.draw_problems(12)[:1])
    with pytest.raises(typer.BadParameter, match="the problems have changed"):
        fit_cost.main(reuse=True)


def test_problems_of_the_fit_are_not_those_of_the_judgement():
    fit = {str(problem) for _, problem in fit_cost.fit_problems()}
    judged = {str(problem) for _, problem in problems.draw_problems(choice.COUNT, choice.SEED)}
    assert len(fit) > 400
    assert not fit & judged
    assert all(problems.contenders(problem) for _, problem in fit_cost.fit_problems())


def test_problems_repeat_and_have_contenders():
    drawn = problems.draw_problems(12)
    assert drawn == problems.draw_problems(12)
    assert {name for name, _ in drawn} == {family.name for family in problems.FAMILIES}
    for _, problem in drawn:
        assert all(method.refusal(problem) is None for method in problems.contenders(problem).values())
