"""Means and energies of windows against float64, where float32 has little room."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from sigconv.matching.window_growth import RADIX
from sigconv.matching.window_sums import windows

EPS = 2.0**-23
RNG = np.random.default_rng(0)
SIGNALS = {
    "noise": RNG.standard_normal(400),
    "spikes": (RNG.random(400) < 0.01) * 1e4 + 1e-2 * RNG.standard_normal(400),
    "ramp": 100 * np.arange(400) + RNG.standard_normal(400),
    "offset": 1e4 + RNG.standard_normal(400),
}


# One digit, powers of the radix, and lengths whose windows are made of parts of very different lengths.
@pytest.mark.parametrize("length", [2, 7, 8, 64, 65, 73, 200])
def test_errors_are_roundings_of_each_windows_own_energy(length):
    x = np.stack([*SIGNALS.values()]).astype("f4")
    found = jax.jit(lambda x: (lambda w: (w.offset, w.energy))(windows(x, (length,))))(jnp.asarray(x)[:, None])
    offset, energy = (np.asarray(a, float)[:, 0] for a in found)
    seen = np.lib.stride_tricks.sliding_window_view(x.astype(float), length, axis=1)
    mean = seen.mean(-1, keepdims=True)
    # A merge loses a factor of the radix at most.
    expected = ((seen - mean) ** 2).sum(-1)
    assert np.all(np.abs(energy - expected) <= 8 * RADIX * EPS * expected)
    wanted = mean[..., 0] - seen[..., 0]
    spread = np.abs(seen - seen[..., :1]).max(-1)
    assert np.all(np.abs(offset - wanted) <= 8 * EPS * spread)


@pytest.mark.parametrize("length", [2, 8, 73])
def test_derivatives_are_sums_over_the_windows_of_a_sample(length):
    x = np.stack([*SIGNALS.values()]).astype("f4")
    of_offset, of_energy = RNG.standard_normal((2, len(x), x.shape[1] - length + 1)).astype("f4")

    @jax.jit
    def derivative(x, *cotangents):
        _sums, back = jax.vjp(lambda x: (lambda w: (w.offset, w.energy))(windows(x, (length,))), x)
        return back(cotangents)[0]

    found = derivative(*(jnp.asarray(a)[:, None] for a in (x, of_offset, of_energy)))
    seen = np.lib.stride_tricks.sliding_window_view(x.astype(float), length, axis=1)
    rests = seen - seen.mean(-1, keepdims=True)
    expected, weight, reach, scale = np.zeros((4, *x.shape))
    for t in range(length):
        place = slice(t, t + seen.shape[1])
        expected[:, place] += 2 * of_energy * rests[..., t] + of_offset / length
        # Windows of a sample are told apart by their means, which differ as samples near it do, and no more.
        weight[:, place] += 2 * np.abs(of_energy)
        reach[:, place] = np.maximum(reach[:, place], np.ptp(seen, axis=-1))
        scale[:, place] += np.abs(of_offset) / length
    scale += weight * reach
    expected[:, : seen.shape[1]] -= of_offset
    scale[:, : seen.shape[1]] += np.abs(of_offset)
    assert np.all(np.abs(np.asarray(found)[:, 0] - expected) <= 8 * EPS * scale)


def test_derivatives_of_two_axes_are_right_in_both_modes_and_orders(x64):
    x = jnp.asarray(RNG.standard_normal((1, 2, 13, 6)))
    check_grads(jax.jit(lambda x: (lambda w: (w.offset, w.energy))(windows(x, (9, 3)))), (x,), order=2)


def test_flat_windows_have_no_energy_whatever_is_beside_them():
    x = np.full((1, 1, 12, 60), 3e4, "f4")
    x[..., 50:] = RNG.standard_normal((12, 10))
    found = windows(jnp.asarray(x), (5, 9))
    assert np.all(np.asarray(found.energy)[..., :42] == 0)
    assert np.all(np.asarray(found.offset)[..., :42] == 0)
