"""The constants of the cost model: that the fit finds them, and on what."""

import dataclasses

import pytest

from experiments.benchmarks import fit_cost, problems
from sigconv._engine.cost import CPU

TRUE = dataclasses.replace(CPU, call=40e-6, direct_tap=1e-9, fft_point=3e-9, pass_point=0.2e-9)


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


def test_between_two_rows_is_their_geometric_mean():
    middle = fit_cost.between(CPU, dataclasses.replace(CPU, call=CPU.call * 16, pair_work=4.0), 0.25)
    assert middle.call == pytest.approx(2 * CPU.call)
    assert middle.pair_work < 1
    assert middle.fft_point == pytest.approx(CPU.fft_point)


def test_problems_repeat_and_have_contenders():
    drawn = problems.draw_problems(12)
    assert drawn == problems.draw_problems(12)
    assert {name for name, _ in drawn} == {family.name for family in problems.FAMILIES}
    for _, problem in drawn:
        assert all(method.refusal(problem) is None for method in problems.contenders(problem).values())
