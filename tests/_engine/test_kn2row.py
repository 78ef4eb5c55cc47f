"""`kn2row` where it works on a batch item by item, and where its derivatives leave the planes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import CASES, SUBSET
from oracle import extend, oracle, wide
from tolerance import assert_correlation

from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import kn2row
from sigconv._engine.run import METHODS, run

pytestmark = pytest.mark.optimised
GEOMETRY = Geometry((Axis(1, 1), Axis(2, 0, dilation=2)))
INSERTED = Geometry((Axis(1, 2, input_dilation=2), Axis(1, 1)))
PLANES = 5 * 3 * 3 * 9 * 11
"""Numbers in the planes of one item below."""


def operands(batch):
    rng = np.random.default_rng(0)
    return rng.standard_normal((batch, 4, 9, 11)).astype("f4"), rng.standard_normal((5, 4, 3, 3)).astype("f4")


def correlate(x, w, geometry=GEOMETRY):
    return run(jnp.asarray(x), jnp.asarray(w), geometry, METHODS["kn2row"])


@pytest.mark.parametrize(
    ("batch", "many", "part", "turns"),
    [
        (6, 2 * PLANES, 2 * PLANES, 3),
        (7, 2 * PLANES, 2 * PLANES, 7),
        (3, PLANES, PLANES // 2, 3),
        (5, 5 * PLANES, 0, 1),
    ],
)
def test_large_planes_are_made_some_items_at_a_time(batch, many, part, turns, monkeypatch):
    monkeypatch.setattr(kn2row, "MANY_NUMBERS", many)
    monkeypatch.setattr(kn2row, "PART_NUMBERS", part)
    jax.clear_caches()
    x, w = operands(batch)
    lowered = jax.jit(correlate).lower(x, w).as_text()
    assert ("stablehlo.while" in lowered) == (turns > 1)
    assert f"tensor<{batch // turns}x5x3x3x9x11xf32>" in lowered
    assert_correlation(correlate(x, w), oracle(x, w, GEOMETRY), x, w)
    jax.clear_caches()


SINGLE = [
    pytest.param(case, id=case.name, marks=() if case in SUBSET or len(case.signal) > 3 else pytest.mark.full)
    for case in CASES
    if case.signal[1] == case.weights[0] == 1 and np.prod(case.weights) > 1
]
"""Every step, boundary and number of axes, of one channel each."""


@pytest.mark.parametrize("case", SINGLE)
def test_every_geometry_mixes_channels_as_the_definition_does(case, x64):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((case.signal[0], 2, *case.signal[2:]))
    w = rng.standard_normal((3, 2, *case.weights[2:]))
    one = lambda x, w: run(x, w, case.geometry, METHODS["kn2row"])  # noqa: E731
    y, pull = jax.vjp(one, jnp.asarray(x), jnp.asarray(w))
    assert_correlation(y, oracle(x, w, case.geometry), x, w, extended=extend(wide(x), case.geometry))
    # ⟨g, A x⟩ = ⟨Aᵀ g, x⟩ for the linear part: a constant boundary adds an offset.
    g = rng.standard_normal(y.shape)
    to_x, to_w = pull(jnp.asarray(g))
    offset = oracle(np.zeros_like(x), w, case.geometry)
    bound = 64 * np.finfo(float).eps * np.linalg.norm(x) * np.linalg.norm(w) * np.linalg.norm(g) * 4
    assert abs(np.vdot(g, y - offset) - np.vdot(to_x, x)) <= bound
    assert abs(np.vdot(g, y) - np.vdot(to_w, w)) <= bound


@pytest.mark.parametrize("geometry", [GEOMETRY, INSERTED], ids=["plain", "inserted"])
@pytest.mark.parametrize("many", [1, 10**9])
def test_derivatives_are_the_same_however_large_the_planes_are(geometry, many, monkeypatch):
    """Against those of the definition, which is linear in each: ⟨g, A(x)⟩ at unit signals."""
    monkeypatch.setattr(kn2row, "MANY_NUMBERS", many)
    jax.clear_caches()
    x, w = operands(2)
    y, pull = jax.vjp(lambda x, w: correlate(x, w, geometry), jnp.asarray(x), jnp.asarray(w))
    # XLA's convolution is what large planes are left for, and only where nothing is inserted.
    program = jax.jit(pull).lower(y).as_text()
    assert ("stablehlo.convolution" in program) == (many == 1 and geometry is GEOMETRY)
    g = np.random.default_rng(1).standard_normal(y.shape).astype("f4")
    to_x, to_w = (np.asarray(cotangent) for cotangent in pull(jnp.asarray(g)))
    for index in [(0, 0, 0, 0), (1, 3, 8, 10), (0, 2, 4, 5)]:
        unit = np.zeros_like(x)
        unit[index] = 1
        reads = oracle(unit, w, geometry)
        assert abs(to_x[index] - (reads * g).sum()) <= 8 * 2.0**-23 * np.abs(reads).sum() * np.abs(g).max()
    for index in [(0, 0, 0, 0), (4, 3, 2, 2), (2, 1, 0, 1)]:
        unit = np.zeros_like(w)
        unit[index] = 1
        reads = oracle(x, unit, geometry)
        terms = np.abs(reads).sum() * np.abs(g).max()
        assert abs(to_w[index] - (reads * g).sum()) <= max(8, np.sqrt(g.size) / 4) * 2.0**-23 * terms
    jax.clear_caches()
