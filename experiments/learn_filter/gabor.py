"""Learn a bank of Gabor filters: frequencies, angles, widths and phases, from a picture and what it made of it."""

import jax
import jax.numpy as jnp
import numpy as np

from experiments.learn_filter.designed import Problem, Raw, between, inverse_between, with_noise
from sigconv import convolve_channels, design


def gabor_problem(picture: jax.Array, radius: int, noise: float, key: jax.Array) -> Problem:
    """Four unknown filters; the descent starts at four alike, at even angles."""

    def bank(frequency: jax.Array, angle: jax.Array, sigma: jax.Array, phase: jax.Array) -> jax.Array:
        def one(f: jax.Array, a: jax.Array, s: jax.Array, p: jax.Array) -> jax.Array:
            return jnp.real(design.gabor(f, a, sigma=s, phase=p, radius=radius, zero_mean=True))

        return jax.vmap(one)(frequency, angle, sigma, phase)

    def legal(raw: Raw) -> dict[str, jax.Array]:
        return raw | {"frequency": between(0.0, 0.5, raw["frequency"]), "sigma": jnp.exp(raw["sigma"])}

    def apply(kernels: jax.Array) -> jax.Array:
        # Every filter's own share of the loss: they are all brought to norm 1.
        kernels = kernels / jnp.sqrt(jnp.sum(kernels**2, (1, 2), keepdims=True))
        responses = convolve_channels(picture[None], kernels[:, None], padding="same", boundary="symmetric")
        return responses / jnp.asarray(scale)[:, None, None]

    truth = {
        "frequency": jnp.array([0.12, 0.22, 0.15, 0.18], jnp.float32),
        "angle": jnp.array([0.1, 1.0, 1.8, 2.9], jnp.float32),
        "sigma": jnp.array([[2.5, 3.5], [2.0, 2.5], [3.0, 2.0], [2.0, 4.0]], jnp.float32),
        "phase": jnp.array([0.3, -0.8, 1.2, 0.0], jnp.float32),
    }
    scale = np.ones(4, "f4")
    scale = np.asarray(jnp.std(apply(bank(**truth)), (1, 2)))
    observed = with_noise(apply(bank(**truth)), noise, key)
    start = {
        "frequency": jnp.full(4, inverse_between(0.0, 0.5, 0.16)),
        "angle": jnp.array([0.0, 0.8, 1.6, 2.4], jnp.float32),
        "sigma": jnp.log(jnp.full((4, 2), 2.0)),
        "phase": jnp.zeros(4),
    }
    return Problem(bank, apply, observed, legal, truth, start)


def mosaic(bank: jax.Array) -> np.ndarray:
    """The filters side by side, each at norm 1, with a line between them."""
    kernels = np.asarray(bank / jnp.sqrt(jnp.sum(bank**2, (1, 2), keepdims=True)))
    framed = np.pad(kernels, ((0, 0), (1, 1), (1, 1)))
    return np.block([[framed[0], framed[1]], [framed[2], framed[3]]])
