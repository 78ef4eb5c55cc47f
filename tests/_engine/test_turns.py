"""`fft_channels`: every way to divide a correlation among turns, and where its signals lie in the cycle."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from oracle import oracle
from tolerance import assert_correlation

from sigconv._core.boundary import Rule
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import fft_channels, parts, spectra, turns, whole
from sigconv._engine.cost import CPU
from sigconv._engine.fft import FFT
from sigconv._engine.fft_channels import FFTChannels
from sigconv._engine.method import Problem
from sigconv._engine.run import METHODS, run
from sigconv._engine.turns import Turns

SAME, CAUSAL = Geometry((Axis(2, 2),)), Geometry((Axis(4, 0),))
GROUPED, STEPPED = Geometry((Axis(2, 2),), 4), Geometry((Axis(1, 3, stride=2, dilation=2),), 2)
CLOSED = Geometry((Axis(2, 2, low=Rule.PERIODIC, high=Rule.PERIODIC),), 4)
INSERTED = Geometry((Axis(2, 2, input_dilation=2),), 2)

WAYS = {
    "some signals": (SAME, (6, 3, 20), (4, 3, 5), Turns("items", 2, 1, 4), 3),
    "some signals of one channel": (SAME, (6, 1, 20), (1, 1, 5), Turns("items", 3, 1, 1), 2),
    "some groups of one signal": (GROUPED, (3, 4, 20), (8, 1, 5), Turns("items", 1, 2, 2), 6),
    "some groups": (GROUPED, (3, 8, 20), (4, 2, 5), Turns("groups", 3, 2, 1), 2),
    "some kernels": (CAUSAL, (3, 2, 20), (6, 2, 5), Turns("outs", 3, 1, 2), 3),
    "steps": (STEPPED, (2, 4, 20), (6, 2, 3), Turns("groups", 2, 1, 3), 2),
    "another boundary": (CLOSED, (3, 4, 20), (8, 1, 5), Turns("groups", 3, 2, 2), 2),
    "inserted zeros": (INSERTED, (2, 4, 12), (2, 2, 5), Turns("groups", 2, 1, 1), 2),
}


def operands(signal, weights):
    rng = np.random.default_rng(0)
    return rng.standard_normal(signal).astype("f4"), rng.standard_normal(weights).astype("f4")


def problem(geometry, x, w):
    return Problem(geometry, x.shape, w.shape, np.dtype("float32"))


def solve(method, x, w, geometry):
    """Not through `run`, whose compiled programs would not see a constant that a test changes."""
    return method.correlate(jnp.asarray(x), jnp.asarray(w), problem(geometry, x, w), lax.Precision.HIGHEST)


def compiled(method, x, w, geometry):
    """Compiled anew as one program, which takes less time than operation by operation."""
    return jax.jit(lambda x, w: solve(method, x, w, geometry))(x, w)


@pytest.fixture
def forced(monkeypatch):
    """The way that the value is worked out in, in parts of few numbers, and derivatives in turns as small."""

    def force(given, way):
        real = turns.cheapest
        choose = lambda problem, machine, **kept: way if problem == given else real(problem, machine, **kept)  # noqa: E731
        in_turns = lambda problem, machine: FFT() if FFTChannels().refusal(problem) else FFTChannels()  # noqa: E731
        monkeypatch.setattr(fft_channels.turns, "cheapest", choose)
        monkeypatch.setattr(fft_channels, "_cheaper", in_turns)
        monkeypatch.setattr(turns, "TURN_POINTS", 32)
        monkeypatch.setattr(parts, "LEAST_POINTS", 16)

    caches = turns.ways.cache_clear, turns.cheapest.cache_clear, jax.clear_caches
    for clear in caches:
        clear()
    yield force
    for clear in caches:
        clear()


@pytest.mark.parametrize("case", WAYS)
def test_every_way_is_the_definition(case, forced):
    geometry, signal, weights, way, count = WAYS[case]
    x, w = operands(signal, weights)
    given = problem(geometry, x, w)
    points = np.prod(whole.transformed_shape(given, given.rows))
    assert way.over in {found.over for found in turns.ways(given, int(points))}
    assert way.count(given) == count
    forced(given, way)
    reference, method = oracle(x, w, geometry), FFTChannels()
    g = np.random.default_rng(1).standard_normal(reference.shape).astype("f4")

    @jax.jit
    def everything(x, w, g):
        y, pull = jax.vjp(lambda x, w: solve(method, x, w, geometry), x, w)
        kept = method.apply(x, method.prepare(w, given), given, lax.Precision.HIGHEST)
        # Those of the method that multiplies every tap, which stand beside the definition elsewhere.
        _, exact = jax.vjp(lambda x, w: run(x, w, geometry, METHODS["direct"]), x, w)
        return y, kept, pull(g), exact(g)

    y, kept, derivatives, exact = everything(x, w, g)
    assert_correlation(y, reference, x, w, "fft", np.concatenate([x, x], -1))
    assert_correlation(kept, reference, x, w, "fft", np.concatenate([x, x], -1))
    sizes = [np.linalg.norm(a) for a in (w, np.concatenate([x, x], -1))]
    for got, wanted, size in zip(derivatives, exact, sizes, strict=True):
        assert np.abs(got - wanted).max() <= 16 * 2.0**-23 * size * np.linalg.norm(g)


def test_derivatives_go_in_turns_too(forced):
    geometry, signal, weights, way, _ = WAYS["some kernels"]
    x, w = map(jnp.asarray, operands(signal, weights))
    forced(problem(geometry, x, w), way)
    gradient = jax.grad(lambda x, w: solve(FFTChannels(), x, w, geometry).sum(), (0, 1))
    assert jax.jit(gradient).lower(x, w).as_text().count("stablehlo.while") == 2


@pytest.mark.parametrize(("points", "counts"), [(2**18, (1, 1)), (64, (3, 4)), (2, (12, 4))])
def test_a_turn_makes_few_numbers_if_it_can_be_divided(points, counts, monkeypatch):
    monkeypatch.setattr(turns, "TURN_POINTS", points)
    turns.ways.cache_clear()
    given = Problem(GROUPED, (3, 8, 20), (4, 2, 5), np.dtype("float32"))
    assert tuple(way.count(given) for way in turns.ways(given, 8)) == counts
    turns.ways.cache_clear()


@pytest.mark.parametrize(
    ("signal", "weights", "axis", "groups", "over"),
    [
        ((2, 16, 256), (64, 16, 128), Axis(63, 64), 1, "outs"),
        ((2, 8, 2**15), (8, 1, 2**15), Axis(2**14, 2**14), 8, "items"),
        ((1, 64, 4096), (64, 1, 4096), Axis(2048, 2047), 64, "groups"),
    ],
)
def test_no_more_memory_is_needed_than_is_said(signal, weights, axis, groups, over):
    x, w = operands(signal, weights)
    geometry = Geometry((axis,), groups)
    given = problem(geometry, x, w)
    assert turns.cheapest(given, CPU).over == over
    needed = {}
    for method in (FFT(), FFTChannels()):
        solved = jax.jit(lambda x, w, method=method: solve(method, x, w, geometry))
        needed[method.name] = solved.lower(x, w).compile().memory_analysis().temp_size_in_bytes
        assert needed[method.name] <= 1.1 * method.workspace(given)
        kept = jax.jit(lambda w, method=method: method.prepare(w, given)).lower(w).compile().memory_analysis()
        made = kept.temp_size_in_bytes + kept.output_size_in_bytes
        assert made <= 1.1 * method.workspace_kept(given)
    assert over == "items" or needed["fft_channels"] < needed["fft"]


@pytest.mark.parametrize(
    ("length", "taps", "axis", "early"),
    [
        (16, 16, Axis(15, 0), 15),
        (16, 5, Axis(18, 3), 18),
        (13, 20, Axis(19, -2, stride=2), 19),
        (8, 17, Axis(16, 0, input_dilation=2), 16),
        (10, 6, Axis(10, 0, dilation=3), 10),
        (30, 5, Axis(4, 0), 0),
        (16, 16, Axis(0, 15), 0),
        (16, 16, Axis(15, 0, low=Rule.EDGE), 0),
        (4, 3, Axis(20, -3), 20),
        (4, 3, Axis(20, -10), 0),
        (4, 3, Axis(-10, 20), 0),
    ],
)
def test_a_signal_that_fits_half_a_cycle_begins_with_it(length, taps, axis, early):
    x, w = operands((2, 2, length), (2, 1, taps))
    geometry = Geometry((axis,), 2)
    plan = whole.plan(problem(geometry, x, w), 4)
    assert plan.early == early
    laid_out = whole.lay_out(jnp.asarray(x), geometry, plan)
    assert not early or laid_out.shape[-1] <= plan.cycle.lengths[0] // 2
    assert_correlation(
        compiled(FFT(), x, w, geometry), oracle(x, w, geometry), x, w, "fft", np.concatenate([x] * 3, -1)
    )


def test_the_second_axis_can_be_the_one_that_begins_early():
    x, w = operands((1, 2, 7, 8), (4, 1, 3, 5))
    closed = Axis(1, 1, low=Rule.PERIODIC, high=Rule.PERIODIC)
    geometry = Geometry((closed, Axis(9, 0, stride=2, dilation=2)), 2)
    plan = whole.plan(problem(geometry, x, w), 2)
    assert plan.cycle.fold == 1
    assert plan.early == 9
    extended = np.concatenate([x] * 2, -2)
    assert_correlation(compiled(FFT(), x, w, geometry), oracle(x, w, geometry), x, w, "fft", extended)


def test_half_a_cycle_is_all_that_a_causal_filter_turns_back():
    """The imaginary half is neither read nor written: no array of the program is as long as the cycle but the kernel."""
    x, w = operands((3, 2, 64), (2, 1, 64))
    geometry = Geometry((Axis(63, 0),), 2)
    text = jax.jit(lambda x, w: solve(FFT(), x, w, geometry)).lower(x, w).as_text()
    assert f"tensor<3x2x{spectra.fast_length(127)}xf32>" not in text
    assert f"tensor<2x1x{spectra.fast_length(127)}xf32>" in text
