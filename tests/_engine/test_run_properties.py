"""Invariants of the engine over geometries that hypothesis draws."""

import numpy as np
import pytest

pytest.importorskip("hypothesis")
import jax
import jax.numpy as jnp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import extend, oracle, wide
from strategies import geometries
from tolerance import assert_correlation

from sigconv._core.geometry import Axis, Geometry
from sigconv._engine.method import Problem
from sigconv._engine.overlap import OverlapSave
from sigconv._engine.polyphase import Polyphase
from sigconv._engine.run import METHODS, run
from sigconv._engine.windows import windows

pytestmark = pytest.mark.optimised
# Every example compiles a program: few of them, the same in every run.
COMPILES = settings(max_examples=10, deadline=None, derandomize=True)

RUNNERS = {name: METHODS[name] for name in ("direct", "shift_add", "kn2row", "toeplitz", "fft", "overlap")} | {
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


@settings(COMPILES, max_examples=25)
@given(
    n=st.integers(1, 60),
    k=st.integers(1, 9),
    pads=st.tuples(st.integers(-3, 12), st.integers(-3, 12)),
    steps=st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 2)),
    more=st.integers(0, 30),
    batch=st.integers(1, 2),
)
def test_blocks_of_any_length_are_the_definition(n, k, pads, steps, more, batch):
    stride, dilation, insertion = steps
    axis = Axis(*pads, stride=stride, dilation=dilation, input_dilation=insertion)
    assume(axis.out_length(n, k) > 0)
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((batch, 1, n)).astype("f4"), rng.standard_normal((1, 1, k)).astype("f4")
    geometry = Geometry((axis,))
    y = run(jnp.asarray(x), jnp.asarray(w), geometry, OverlapSave(axis.extent(k) + more))
    assert_correlation(y, oracle(x, w, geometry), x, w, "overlap")


@settings(COMPILES, max_examples=25)
@given(st.integers(1, 12), st.lists(st.integers(-6, 18), min_size=2, max_size=12, unique=True).map(sorted))
def test_any_spans_are_read_and_laid_back(length, marks):
    """Of sorted marks, from each to the next but one: each span begins after the last but one has ended."""
    spans = list(zip(marks[:-2], marks[2:], strict=True)) or [(marks[0], marks[1])]
    matrix = np.zeros((sum(b - a for a, b in spans), length))
    for row, index in enumerate(i for a, b in spans for i in range(a, b)):
        if 0 <= index < length:
            matrix[row, index] = 1
    rng = np.random.default_rng(0)
    # Whole numbers below 100 and their sums are exact.
    x, g = rng.integers(-99, 99, length).astype("f4"), rng.integers(-99, 99, len(matrix)).astype("f4")
    y, back = jax.vjp(lambda x: jnp.concatenate(windows(x, 0, spans)), jnp.asarray(x))
    np.testing.assert_array_equal(y, matrix @ x)
    np.testing.assert_array_equal(back(jnp.asarray(g))[0], matrix.T @ g)
