"""Learn the two cut-offs and the window of a band-pass filter, from white noise and what it made of it."""

import jax
import jax.numpy as jnp

from experiments.learn_filter.designed import Problem, Raw, between, inverse_between, with_noise
from sigconv import convolve, design


def cutoff_problem(taps: int, samples: int, noise: float, key: jax.Array) -> Problem:
    """An unknown band from 0.08 to 0.19 cycles/sample under a Kaiser window; the descent starts at 0.14 to 0.35.

    The two overlap. Where they do not, no small step towards the unknown lowers the loss.
    """
    drawn, noisy = jax.random.split(key)
    signal = jax.random.normal(drawn, (samples,))

    def band(low: jax.Array, high: jax.Array, beta: jax.Array) -> jax.Array:
        return design.windowed_sinc(taps, jnp.stack([low, high]), kind="bandpass", window=("kaiser", beta))

    def legal(raw: Raw) -> dict[str, jax.Array]:
        low = between(0.0, 0.5, raw["low"])
        return {"low": low, "high": between(low, 0.5, raw["high"]), "beta": jnp.exp(raw["beta"])}

    def apply(kernel: jax.Array) -> jax.Array:
        return convolve(signal, kernel, mode="valid")

    truth = {"low": jnp.float32(0.08), "high": jnp.float32(0.19), "beta": jnp.float32(6.0)}
    observed = with_noise(apply(band(**truth)), noise, noisy)
    start = {
        "low": inverse_between(0.0, 0.5, 0.14),
        "high": inverse_between(0.14, 0.5, 0.35),
        "beta": jnp.log(jnp.float32(2.0)),
    }
    return Problem(band, apply, observed, legal, truth, start)
