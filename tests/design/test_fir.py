"""Linear-phase filters: the ideal response cut off by a window, and the nearest in the mean square."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from design.designs import assert_close
from hypothesis import given, settings
from hypothesis import strategies as st

from sigconv import convolve, design


def ideal(n, edges, passes_zero, window):
    """The inverse transform of the ideal response, integrated numerically over each pass band; times the window."""
    edges = [*([0.0] if passes_zero else []), *edges]
    edges = [*edges, 0.5] if len(edges) % 2 else edges
    nodes, weights = np.polynomial.legendre.leggauss(4 * n + 20)
    m = np.arange(n) - (n - 1) / 2
    h = np.zeros(n)
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        f = low + (high - low) * (nodes + 1) / 2
        h += (high - low) * (weights * np.cos(2 * np.pi * np.outer(m, f))).sum(1)
    h *= window
    centre = 0.0 if edges[0] == 0 else 0.5 if edges[1] == 0.5 else (edges[0] + edges[1]) / 2
    return h / (h * np.cos(2 * np.pi * m * centre)).sum()


@pytest.mark.parametrize(
    ("n", "kind", "edges"),
    [
        (1, "lowpass", [0.2]),
        (8, "lowpass", [0.2]),
        (9, "lowpass", [0.2]),
        (9, "highpass", [0.3]),
        (10, "bandpass", [0.1, 0.3]),
        (11, "bandstop", [0.1, 0.3]),
        (21, True, [0.1, 0.2, 0.3]),
        (21, False, [0.1, 0.2, 0.3]),
        (22, "bandpass", [0.05, 0.1, 0.3, 0.4]),
    ],
    ids=str,
)
def test_taps_are_the_ideal_response_under_the_window(n, kind, edges, x64):
    passes_zero = kind in ("lowpass", "bandstop", True)
    reference = ideal(n, edges, passes_zero, np.hamming(n))
    cutoff = edges[0] if len(edges) == 1 else edges
    # Each edge adds a term of up to 2f.
    scale = 1 + 2 * sum(edges)
    assert_close(design.windowed_sinc(n, cutoff, kind=kind), reference, scale=scale, terms=n)
    scaled = design.windowed_sinc(n, 1000 * np.array(edges), kind=np.bool_(passes_zero), fs=1000)
    assert_close(scaled, reference, scale=scale, terms=n)


@settings(max_examples=30, deadline=None)
@given(f=st.floats(0.02, 0.45), width=st.floats(0.01, 0.04))
def test_responses_are_half_at_the_edges_and_one_in_the_middle(f, width):
    """At half the sum of the ripples' height from it, which Kaiser's formula bounds."""
    low, high, band = _responses(f, width)
    ripple = 10 ** (-float(design.kaiser_attenuation(61, width)) / 20) + 0.02
    assert abs(low[0] - 1) < 1e-5
    assert abs(high[2] - 1) < 1e-5
    assert abs(low[1] - 0.5) < ripple
    assert abs(high[1] - 0.5) < ripple
    assert abs(band) < 1e-5


@jax.jit
def _responses(f, width):
    places = jnp.stack([0 * f, f, 0 * f + 0.5])
    low = design.windowed_sinc(61, f, width=width)
    high = design.windowed_sinc(61, f, kind="highpass", width=width)
    # What one passes the other stops, but for the scale.
    both = design.windowed_sinc(61, f, scale=False) + design.windowed_sinc(61, f, kind="highpass", scale=False)
    rest = jnp.max(jnp.abs(both - jnp.zeros(61).at[30].set(both[30])))
    return [jnp.abs(design.frequency_response(h, places)) for h in (low, high)] + [rest]


def dense_least_squares(n, bands, desired, weight):
    """The normal equations, with integrals on a fine grid of Gauss points."""
    nodes, shares = np.polynomial.legendre.leggauss(200)
    half = n // 2
    q, b = np.zeros((half + 1, half + 1)), np.zeros(half + 1)
    for (low, high), (first, last), w in zip(
        np.reshape(bands, (-1, 2)), np.reshape(desired, (-1, 2)), weight, strict=True
    ):
        f = low + (high - low) * (nodes + 1) / 2
        rows = np.cos(2 * np.pi * np.outer(f, np.arange(half + 1)))
        power = w * (high - low) * shares
        q += rows.T @ (power[:, None] * rows)
        b += rows.T @ (power * (first + (last - first) * (nodes + 1) / 2))
    a = np.linalg.solve(q, b)
    return np.concatenate([a[:0:-1] / 2, a[:1], a[1:] / 2])


@pytest.mark.parametrize(
    ("n", "bands", "desired", "weight"),
    [
        (1, (0, 0.25, 0.25, 0.5), (1, 1, 0, 0), (1, 1)),
        (9, (0, 0.2, 0.25, 0.5), (1, 1, 0, 0), (1, 1)),
        (15, (0, 0.1, 0.15, 0.3, 0.35, 0.5), (0, 0, 1, 0.5, 0, 0), (1, 2, 3)),
    ],
    ids=str,
)
def test_least_squares_solves_the_normal_equations(n, bands, desired, weight, x64):
    reference = dense_least_squares(n, bands, desired, weight)
    taps = design.least_squares(n, bands, desired, weight=weight)
    # The normal equations square the condition number, of the order of 10, and this is held against them.
    assert_close(taps, reference, scale=100 * np.abs(reference).max())
    assert_close(taps, taps[::-1])


def test_least_squares_in_single_precision_is_good_where_the_normal_equations_are_singular():
    """Half of the spectrum is left open: their condition number is 10^19 at 41 taps."""
    bands, desired = (0.0, 0.1, 0.35, 0.5), (1.0, 1.0, 0.0, 0.0)
    taps = design.least_squares(41, bands, desired)
    assert np.isfinite(taps).all()
    f = np.concatenate([np.linspace(0, 0.1, 50), np.linspace(0.35, 0.5, 50)])
    goal = np.repeat([1.0, 0.0], 50)
    amplitude = np.abs(np.exp(-2j * np.pi * np.outer(f, np.arange(41))) @ np.asarray(taps, float))
    assert np.abs(amplitude - goal).max() < 2e-4
    slopes = jax.jacrev(lambda d: design.least_squares(41, bands, d))(jnp.asarray(desired))
    assert np.isfinite(slopes).all()


def test_band_of_weight_zero_has_finite_derivatives(x64):
    slope = jax.jacrev(lambda w: design.least_squares(7, (0, 0.2, 0.3, 0.5), (1, 1, 0, 0), weight=w))(
        jnp.array([1.0, 0.0])
    )
    assert np.isfinite(slope).all()


def test_frequency_response_is_the_transform(x64):
    draw = np.random.default_rng(0)
    h, a, f = draw.standard_normal(7), np.r_[1, draw.standard_normal(2)], draw.uniform(-1, 1, (2, 3))

    def waves(row):
        return np.exp(-2j * np.pi * f[..., None] * np.arange(row.size)) @ row

    def size(row):
        """The angles 2πfn are rounded, and the sums with them."""
        return 2 * np.pi * np.abs(row * np.arange(1, row.size + 1)).sum()

    assert_close(design.frequency_response(h, f), waves(h), scale=size(h))
    condition = (size(h) + size(a) * np.abs(waves(h) / waves(a)).max()) / np.abs(waves(a)).min()
    assert_close(design.frequency_response(h, f, denominator=a), waves(h) / waves(a), scale=condition)
    assert_close(design.frequency_response(h + 1j, f * 8, fs=8), waves(h + 1j), scale=size(h + 1j))


def test_low_pass_removes_a_fast_wave_and_keeps_a_slow_one():
    n = np.arange(200)
    slow, fast = np.sin(2 * np.pi * 0.02 * n), np.sin(2 * np.pi * 0.3 * n)
    y = convolve((slow + fast).astype("f4"), design.windowed_sinc(41, 0.1), mode="same")
    assert np.abs(y - slow)[20:-20].max() < 0.01


@pytest.mark.parametrize(("attenuation", "width"), [(a, w) for a in (20.0, 40.0, 70.0) for w in (0.05, 0.2)])
def test_kaiser_rules_agree(attenuation, width, x64):
    taps, beta = design.kaiser_order(attenuation, width)
    assert beta == pytest.approx(float(design.kaiser_beta(attenuation)))
    assert float(design.kaiser_attenuation(taps, width)) >= attenuation
    assert float(design.kaiser_attenuation(taps - 1, width)) < attenuation
    assert design.kaiser_order(-attenuation, 1000 * width, fs=1000) == (taps, pytest.approx(beta))
