"""The forms in which the transforming methods work: folded, nested, packed, in chunks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from oracle import oracle
from tolerance import assert_correlation

from sigconv._core.boundary import Rule
from sigconv._core.extend import extend
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import cuts, fft, parts, spectra, whole
from sigconv._engine.cost import CPU, MACHINES
from sigconv._engine.fft import FFT
from sigconv._engine.host import core_count
from sigconv._engine.method import Problem
from sigconv._engine.overlap import OverlapSave


def noise(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("f4")


def problem(geometry, x, w):
    return Problem(geometry, x.shape, w.shape, np.dtype("float32"))


def trace(method, x, w, geometry):
    """Not through `run`, whose compiled programs would not see a constant that a test changes."""
    given = problem(geometry, x, w)
    return method.apply(jnp.asarray(x), method.prepare(jnp.asarray(w), given), given, lax.Precision.HIGHEST)


def solve(method, x, w, geometry):
    """Compiled anew as one program, which takes less time than operation by operation."""
    return jax.jit(lambda x, w: trace(method, x, w, geometry))(x, w)


def correlate_valid(x, w):
    """Valid correlation of (1, 1, n) with (1, 1, k), in float64."""
    return np.correlate(x[0, 0].astype(float), w[0, 0].astype(float))[None, None]


@pytest.mark.parametrize(("n", "k"), [(40, 3), (37, 36), (1000, 1), (64, 64)])
def test_a_long_row_as_a_matrix_of_blocks_is_the_same_correlation(monkeypatch, n, k):
    monkeypatch.setattr(spectra, "NEST_FROM", 1)
    monkeypatch.setattr(spectra, "NEST_BLOCK", 8)
    x, w = noise((1, 1, n)), noise((1, 1, k), 1)
    assert whole.plan(problem(Geometry((Axis(),)), x, w), 1).cycle.nest == 8
    assert_correlation(solve(FFT(), x, w, Geometry((Axis(),))), correlate_valid(x, w), x, w, "fft")


def test_a_long_row_is_nested_and_many_rows_are_not():
    for rows, nested in ((1, True), (2, False)):
        cycle = spectra.linear_cycle((spectra.NEST_FROM,), np.dtype("float32"), rows, (True,))
        assert (cycle.nest > 0) is nested


@pytest.mark.parametrize("length", [40, 64])
def test_a_long_closed_row_keeps_its_period(monkeypatch, length):
    """A matrix of blocks only where it is as long: else what wraps around would be read too late."""
    monkeypatch.setattr(spectra, "NEST_FROM", 1)
    monkeypatch.setattr(spectra, "NEST_BLOCK", 16)
    x, w = noise((1, 1, length)), noise((1, 1, 5), 1)
    geometry = Geometry((Axis(2, 2, low=Rule.PERIODIC, high=Rule.PERIODIC),))
    cycle = whole.plan(problem(geometry, x, w), 1).cycle
    assert cycle.lengths == (length,)
    assert cycle.nest == (16 if length == 64 else 0)
    wide = np.asarray(extend(jnp.asarray(x), geometry))
    assert_correlation(solve(FFT(), x, w, geometry), oracle(x, w, geometry), x, w, "fft", wide)


def test_long_rotations_are_as_exact_as_short_ones():
    half = 3 * 2**14
    exact = np.exp(0.5j * np.pi * np.arange(half) / half)
    error = np.abs(np.asarray(spectra._rotation(half, np.dtype("float32"))) - exact).max()
    assert error <= 2 * 2.0**-23


@pytest.mark.parametrize("fold", [0, 1, None])
def test_every_axis_can_be_folded(fold):
    """y[m] = Σ x[m + t] w[t] wherever nothing wraps around."""
    x, w = noise((9, 7)), noise((3, 4), 1)
    cycle = spectra.Cycle((10, 8), fold=fold)

    @jax.jit
    def correlate(x, w):
        product = spectra.transform(x, cycle) * spectra.correlation_spectrum(w, cycle)
        return spectra.inverse(product, cycle, np.dtype("float32"))

    y = np.asarray(correlate(x, w))
    reference = np.array([[(x[i : i + 3, j : j + 4].astype(float) * w).sum() for j in range(4)] for i in range(7)])
    assert_correlation(y[:7, :4], reference, x, w, "fft")


@pytest.mark.parametrize(
    ("axis", "length", "taps", "cycle"),
    [
        (Axis(), 512, 63, 512),
        (Axis(31, 31), 480, 63, spectra.fast_length(511)),
        (Axis(62, 62), 512, 63, spectra.fast_length(574)),
        (Axis(31, 31, low=Rule.PERIODIC, high=Rule.PERIODIC), 512, 63, 512),
        (Axis(31, 31, low=Rule.PERIODIC, high=Rule.PERIODIC), 509, 63, spectra.fast_length(571)),
        (Axis(31, 31, low=Rule.EDGE, high=Rule.EDGE), 512, 63, spectra.fast_length(574)),
    ],
)
def test_a_cycle_is_no_longer_than_the_geometry_needs(axis, length, taps, cycle):
    given = Problem(Geometry((axis,)), (1, 1, length), (1, 1, taps), np.dtype("float32"))
    assert whole.plan(given, 1).cycle.lengths == (cycle,)


@pytest.mark.parametrize("chunk", [1, 100, 700])
def test_chunks_of_blocks_give_what_all_blocks_give(monkeypatch, chunk):
    monkeypatch.setattr(cuts, "CHUNK", chunk)
    x, w = noise((2, 3, 201)), noise((2, 3, 6), 1)
    geometry, method = Geometry((Axis(2, 3, stride=2),)), OverlapSave(16)
    cut = method._cuts(problem(geometry, x, w), CPU)
    assert cut.chunks > 1
    assert all(axis.count % 2 == 0 for axis in cut.per_chunk)
    chunked = solve(method, x, w, geometry)
    monkeypatch.setattr(cuts, "CHUNK", 2**40)
    at_once = solve(method, x, w, geometry)
    np.testing.assert_allclose(chunked, at_once, rtol=0, atol=8 * 2.0**-23 * np.linalg.norm(x) * np.linalg.norm(w))


def test_chunks_are_differentiated_without_full_copies(monkeypatch):
    """The cotangent of the signal is gathered from the chunks' own parts: no add of a whole signal per chunk."""
    monkeypatch.setattr(cuts, "CHUNK", 64)
    monkeypatch.setattr(cuts, "MOST_PAIRS", 0)
    x, w = noise((1, 1, 400)), noise((1, 1, 5), 1)
    geometry = Geometry((Axis(),))
    gradient = jax.grad(lambda x: jnp.sum(trace(OverlapSave(16), x, w, geometry) ** 2))
    y = correlate_valid(x, w)
    reference = np.convolve(2 * y[0, 0], w[0, 0].astype(float))[None, None]
    # Two correlations in turn: each adds the error of its own norms.
    bound = 2 * 2 * 8 * 2.0**-23 * np.linalg.norm(x) * np.linalg.norm(w) ** 2
    assert np.abs(jax.jit(gradient)(x) - reference).max() <= bound
    loops = [e for e in jax.make_jaxpr(gradient)(jnp.asarray(x)).jaxpr.eqns if e.primitive.name == "scan"]
    assert loops
    for loop in loops:
        assert loop.params["num_carry"] == 0 or all(
            v.aval.size < x.size for v in loop.outvars[: loop.params["num_carry"]]
        )


PAIRED = {
    "a row, odd number of blocks": ((1, 1, 203), (1, 1, 6), (Axis(),), 1, 24),
    "zeros read beyond both ends": ((1, 1, 203), (1, 1, 6), (Axis(9, 7, stride=3),), 1, 24),
    "cropped": ((1, 1, 203), (1, 1, 6), (Axis(-5, -4),), 1, 24),
    "edge values": ((1, 1, 90), (1, 1, 6), (Axis(4, 3, low=Rule.EDGE, high=Rule.EDGE),), 1, 24),
    "dilated": ((1, 1, 90), (1, 1, 4), (Axis(2, 2, dilation=3),), 1, 24),
    "zeros inserted": ((1, 1, 60), (1, 1, 5), (Axis(2, 2, input_dilation=2),), 1, 24),
    "a batch of channels": ((3, 2, 70), (2, 1, 5), (Axis(2, 2),), 2, 16),
    "an image in bands": ((1, 1, 61, 19), (1, 1, 5, 4), (Axis(2, 2), Axis(1, 2, stride=2)), 1, (16, 27)),
}


@pytest.mark.parametrize("case", PAIRED)
def test_pairs_of_blocks_by_themselves_are_the_definition(case):
    signal, weights, axes, groups, block = PAIRED[case]
    x, w, geometry, method = noise(signal), noise(weights, 1), Geometry(axes, groups), OverlapSave(block)
    assert method._cuts(problem(geometry, x, w), CPU).is_pairwise
    wide = np.asarray(extend(jnp.asarray(x), geometry))
    assert_correlation(solve(method, x, w, geometry), oracle(x, w, geometry), x, w, "overlap", wide)


def test_a_nan_reaches_no_more_than_the_pair_of_blocks_that_reads_it():
    x, w = noise((1, 1, 400)), noise((1, 1, 6), 1)
    clean = solve(OverlapSave(32), x, w, Geometry((Axis(),)))
    x[..., 150] = np.nan
    y = np.asarray(solve(OverlapSave(32), x, w, Geometry((Axis(),))))
    spoiled = np.flatnonzero(np.isnan(y[0, 0]))
    # Outputs 145 to 150 read it; blocks give 27 outputs each, pairs start at multiples of 54.
    assert spoiled.min() == 108
    assert spoiled.max() == 161
    np.testing.assert_array_equal(y[0, 0, :108], clean[0, 0, :108])
    np.testing.assert_array_equal(y[0, 0, 162:], clean[0, 0, 162:])


def test_what_is_not_written_out_in_pairs():
    """More pairs than a program should hold, mixed channels, complex values, and devices without a cost for pairs."""
    long, short = (1, 1, 50_000), (1, 1, 500)
    for signal, weights, dtype, machine, is_pairwise in [
        (short, (1, 1, 5), "float32", CPU, True),
        (long, (1, 1, 5), "float32", CPU, False),
        ((1, 2, 500), (1, 2, 5), "float32", CPU, False),
        (short, (1, 1, 5), "complex64", CPU, False),
        (short, (1, 1, 5), "float32", MACHINES["gpu"], False),
    ]:
        given = Problem(Geometry((Axis(),)), signal, weights, np.dtype(dtype))
        assert OverlapSave(16)._cuts(given, machine).is_pairwise is is_pairwise


@pytest.mark.parametrize("batch", [2, 5, 40])
def test_a_batch_in_parts_is_the_batch(monkeypatch, batch):
    monkeypatch.setattr(parts, "LEAST_POINTS", 32)
    x, w = noise((batch, 2, 50)), noise((2, 1, 7), 1)
    geometry = Geometry((Axis(3, 3),), 2)
    seen = []
    monkeypatch.setattr(
        fft, "in_parts", lambda f, x, n: parts.in_parts(lambda p: seen.append(p.shape[0]) or f(p), x, n)
    )
    assert_correlation(solve(FFT(), x, w, geometry), oracle(x, w, geometry), x, w, "fft")
    assert sum(seen) == batch
    assert max(seen) - min(seen) <= 1
    assert 2 <= len(seen) <= parts.PARTS_PER_CORE * core_count()


def test_few_blocks_are_even_bands():
    """An image is not cut into so many rows that the last band is mostly empty."""
    given = Problem(Geometry((Axis(31, 31),) * 2), (1, 1, 512, 512), (1, 1, 63, 63), np.dtype("float32"))
    cut = OverlapSave()._cuts(given, CPU).axes[0]
    assert cut.count * cut.step < 1.2 * cut.lags
