"""Means and energies of windows against float64, where float32 has little room."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sigconv.matching.window_sums import RADIX, windows

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


def test_flat_windows_have_no_energy_whatever_is_beside_them():
    x = np.full((1, 1, 12, 60), 3e4, "f4")
    x[..., 50:] = RNG.standard_normal((12, 10))
    found = windows(jnp.asarray(x), (5, 9))
    assert np.all(np.asarray(found.energy)[..., :42] == 0)
    assert np.all(np.asarray(found.offset)[..., :42] == 0)
