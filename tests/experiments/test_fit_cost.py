"""The constants of the cost model: that the fit finds them, and on what."""

import dataclasses

import pytest

from experiments.benchmarks import fit_cost, problems
from sigconv._engine.cost import CPU


def test_fit_recovers_constants_that_made_the_times():
    true = dataclasses.replace(CPU, call=40e-6, direct_tap=1e-9, fft_point=3e-9, pass_point=0.2e-9)
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
