"""Biquads, Butterworth and minimum phase: the cookbook, the definition of flatness, and where poles and zeros lie."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from design.designs import BIQUADS, assert_close
from hypothesis import given, settings
from hypothesis import strategies as st

from sigconv import design


def cookbook(kind, f, q, gain):
    """Bristow-Johnson's text, as it is written."""
    a, w = 10 ** (gain / 40), 2 * np.pi * f
    cos, alpha = np.cos(w), np.sin(w) / (2 * q)
    root = 2 * np.sqrt(a) * alpha
    up, down = a + 1, a - 1
    plain = [1 + alpha, -2 * cos, 1 - alpha]
    b, den = {
        "lowpass": ([(1 - cos) / 2, 1 - cos, (1 - cos) / 2], plain),
        "highpass": ([(1 + cos) / 2, -(1 + cos), (1 + cos) / 2], plain),
        "bandpass": ([alpha, 0, -alpha], plain),
        "notch": ([1, -2 * cos, 1], plain),
        "allpass": ([1 - alpha, -2 * cos, 1 + alpha], plain),
        "peaking": ([1 + alpha * a, -2 * cos, 1 - alpha * a], [1 + alpha / a, -2 * cos, 1 - alpha / a]),
        "lowshelf": (
            [a * (up - down * cos + root), 2 * a * (down - up * cos), a * (up - down * cos - root)],
            [up + down * cos + root, -2 * (down + up * cos), up + down * cos - root],
        ),
        "highshelf": (
            [a * (up + down * cos + root), -2 * a * (down + up * cos), a * (up + down * cos - root)],
            [up - down * cos + root, 2 * (down - up * cos), up - down * cos - root],
        ),
    }[kind]
    return np.array([[*b, *den]]) / den[0]


@pytest.mark.parametrize("kind", BIQUADS)
def test_biquads_are_the_cookbooks(kind, x64):
    for f, q, gain in ((0.1, 0.7, 6.0), (0.3, 4.0, -9.0)):
        reference = cookbook(kind, f, q, gain)
        # The cookbook's own differences 1 − cos round at the level of 1.
        assert_close(design.biquad(kind, f, q=q, gain=gain), reference, scale=max(1, np.abs(reference).max()))
    assert_close(design.biquad(kind, 4800.0, fs=48000), cookbook(kind, 0.1, 1 / np.sqrt(2), 0.0), scale=2)


def test_a_low_cutoff_keeps_its_digits_in_single_precision():
    """1 − cos would be 0 here."""
    taps = np.asarray(design.biquad("lowpass", 1e-5)[0, :3])
    reference = cookbook("lowpass", 1e-5, 1 / np.sqrt(2), 0.0)[0, :3]
    np.testing.assert_allclose(taps, reference, rtol=1e-5)


EDGES = {"lowpass": 0.12, "highpass": 0.3, "bandpass": (0.1, 0.2), "bandstop": (0.05, 0.45)}


def butterworth(order, kind, edges, f):
    """|H|² = 1/(1 + x^2N), with the bilinear transform's x."""
    w, e = np.tan(np.pi * f), np.tan(np.pi * np.asarray(edges))
    x = {
        "lowpass": lambda: w / e,
        "highpass": lambda: e / w,
        "bandpass": lambda: (w**2 - e[0] * e[1]) / (w * (e[1] - e[0])),
        "bandstop": lambda: w * (e[1] - e[0]) / (w**2 - e[0] * e[1]),
    }[kind]()
    return 1 / (1 + x ** (2 * order))


@pytest.mark.parametrize("kind", EDGES)
@pytest.mark.parametrize("order", [1, 2, 3, 6])
def test_butterworth_is_maximally_flat_and_stable(kind, order, x64):
    edges = EDGES[kind]
    sos = np.asarray(design.butterworth(order, edges, kind=kind))
    assert sos.shape == (order if kind.startswith("band") else (order + 1) // 2, 6)
    poles = np.concatenate([np.roots(row[3:]) for row in sos])
    zeros = np.concatenate([np.roots(row[:3]) for row in sos])
    assert np.abs(poles).max() < 1
    # On the circle, or at 0 where a section is of first order.
    assert np.all(np.isclose(np.abs(zeros), 1, atol=1e-6) | (zeros == 0))
    f = np.linspace(0.013, 0.487, 29)
    power = np.abs(design.sos_response(sos, f)) ** 2
    # Near a pole the sections lose what their denominators are small by.
    loss = max(1 / np.abs(np.polyval(row[3:], np.exp(2j * np.pi * f))).min() for row in sos)
    assert_close(power, butterworth(order, kind, edges, f), scale=2 * len(sos) * loss)
    scaled = design.butterworth(order, 100 * np.array(edges), kind=kind, fs=100)
    assert_close(scaled, sos, scale=4)


@settings(max_examples=40, deadline=None)
@given(edges=st.tuples(st.floats(1e-3, 0.499), st.floats(1e-3, 0.499)).filter(lambda e: abs(e[0] - e[1]) > 1e-3))
def test_every_cutoff_is_at_half_the_power_and_every_filter_stable(edges):
    powers, largest = _at_edges(np.sort(np.array(edges)))
    np.testing.assert_allclose(powers, 0.5, atol=1e-6)
    assert largest < 1


def _at_edges(edges):
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, _compiled_at_edges(edges))


@jax.jit
def _compiled_at_edges(edges):
    designs = [design.butterworth(3, edges, kind=kind) for kind in ("bandpass", "bandstop")]
    designs.append(design.butterworth(3, edges[0]))
    powers = [jnp.abs(design.sos_response(sos, edges)) ** 2 for sos in designs]
    powers[2] = powers[2][:1]
    # Both roots of z² + a₁z + a₂ lie inside the circle iff |a₂| < 1 and |a₁| < 1 + a₂.
    rows = jnp.concatenate(designs)
    return jnp.concatenate(powers), jnp.max(jnp.maximum(jnp.abs(rows[:, 5]), jnp.abs(rows[:, 4]) - rows[:, 5]))


@pytest.mark.parametrize("half", [True, False])
def test_minimum_phase_keeps_the_magnitude_and_has_its_zeros_inside(half, x64):
    h = np.array([0.1, -0.2, 1.0, -0.2, 0.1]) if half else np.array([0.2, 1.0, -0.3, 0.4])
    taps = np.asarray(design.minimum_phase(h, half=half))
    assert taps.shape == ((3,) if half else (4,))
    assert np.abs(np.roots(taps)).max() < 1
    f = np.linspace(0, 0.5, 20)
    magnitude = np.abs(design.frequency_response(h, f)) ** (0.5 if half else 1)
    # Against the floor of 10⁻⁷ of the least magnitude under the logarithm.
    np.testing.assert_allclose(np.abs(design.frequency_response(taps, f)), magnitude, rtol=2e-7)


def test_zero_on_the_circle_gives_finite_taps_and_derivatives():
    h = jnp.array([1.0, 2.0, 1.0])
    assert np.isfinite(design.minimum_phase(h, half=False)).all()
    assert np.isfinite(jax.jacrev(lambda h: design.minimum_phase(h, half=False, points=64))(h)).all()
    silent = design.minimum_phase(jnp.zeros(3))
    assert np.isfinite(silent).all()


def test_sos_response_is_the_product(x64):
    rows = np.concatenate([cookbook("peaking", 0.1, 2.0, 6.0), cookbook("highpass", 0.3, 1.0, 0.0)])
    z = np.exp(-2j * np.pi * np.array([0.05, 0.2]))
    reference = np.prod([np.polyval(r[2::-1], z) / np.polyval(r[:2:-1], z) for r in rows], 0)
    assert_close(design.sos_response(rows, np.array([0.05, 0.2]) * 10, fs=10), reference, scale=16)
