"""Learn a recursive filter, a resonant low pass and a peak, from white noise and what it made of it."""

import jax
import jax.numpy as jnp

from experiments.learn_filter.designed import Problem, Raw, between, inverse_between, with_noise
from sigconv import design
from sigconv.iir import sosfilt

GRID = 256
"""Frequencies that the error is measured at."""


def biquad_problem(samples: int, noise: float, key: jax.Array) -> Problem:
    """A low pass at 0.18 with Q 2 and a peak of 9 dB at 0.05; the descent starts at 0.25, Q 1, 3 dB at 0.08."""
    drawn, noisy = jax.random.split(key)
    signal = jax.random.normal(drawn, (samples,))
    frequencies = (jnp.arange(GRID) + 0.5) / (2 * GRID)

    def cascade(cutoff: jax.Array, q: jax.Array, centre: jax.Array, peak_q: jax.Array, gain: jax.Array) -> jax.Array:
        low = design.biquad("lowpass", cutoff, q=q)
        return jnp.concatenate([low, design.biquad("peaking", centre, q=peak_q, gain=gain)])

    def legal(raw: Raw) -> dict[str, jax.Array]:
        return {
            "cutoff": between(0.0, 0.5, raw["cutoff"]),
            "q": jnp.exp(raw["q"]),
            "centre": between(0.0, 0.5, raw["centre"]),
            "peak_q": jnp.exp(raw["peak_q"]),
            "gain": 10 * raw["gain"],
        }

    def apply(sos: jax.Array) -> jax.Array:
        return sosfilt(sos, signal)  # type: ignore[return-value]

    def shape(sos: jax.Array) -> jax.Array:
        return design.sos_response(sos, frequencies)

    truth = {"cutoff": 0.18, "q": 2.0, "centre": 0.05, "peak_q": 2.5, "gain": 9.0}
    known = {name: jnp.float32(value) for name, value in truth.items()}
    observed = with_noise(apply(cascade(**known)), noise, noisy)
    start = {
        "cutoff": inverse_between(0.0, 0.5, 0.25),
        "q": jnp.float32(0.0),
        "centre": inverse_between(0.0, 0.5, 0.08),
        "peak_q": jnp.float32(0.0),
        "gain": jnp.float32(0.3),
    }
    return Problem(cascade, apply, observed, legal, known, start, shape)
