"""Invariants of the engine over geometries that hypothesis draws."""

import numpy as np
import pytest

pytest.importorskip("hypothesis")
import jax.numpy as jnp
from hypothesis import assume, given, settings
from oracle import extend, oracle, wide
from strategies import geometries
from tolerance import assert_correlation

from sigconv._engine.method import Problem
from sigconv._engine.polyphase import Polyphase
from sigconv._engine.run import METHODS, run

pytestmark = pytest.mark.optimised
# Every example compiles a program: few of them, the same in every run.
COMPILES = settings(max_examples=10, deadline=None, derandomize=True)

RUNNERS = {name: METHODS[name] for name in ("direct", "shift_add", "toeplitz", "fft", "overlap")} | {
    "polyphase": Polyphase((METHODS["direct"],))
}
"""Not those that most geometries are refused by; polyphase with one method, as the rewrites are what is tested."""


@pytest.mark.parametrize("runner", RUNNERS)
@COMPILES
@given(drawn=geometries())
def test_run_matches_definition_on_any_geometry(runner, drawn):
    check(runner, drawn)


@pytest.mark.full
@pytest.mark.parametrize("runner", RUNNERS)
@settings(COMPILES, max_examples=50)
@given(drawn=geometries())
def test_run_matches_definition_on_many_geometries(runner, drawn):
    check(runner, drawn)


def check(runner, drawn):
    geometry, signal, weights = drawn
    assume(RUNNERS[runner].refusal(Problem(geometry, signal, weights, np.dtype("float32"))) is None)
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(signal).astype("f4"), rng.standard_normal(weights).astype("f4")
    y = run(jnp.asarray(x), jnp.asarray(w), geometry, RUNNERS[runner])
    name = "direct" if runner == "polyphase" else runner
    assert_correlation(y, oracle(x, w, geometry), x, w, name, extended=extend(wide(x), geometry))
