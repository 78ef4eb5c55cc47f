"""Upper bounds of a convolution layer's spectral norm from the literature, each from weights alone.

References:
    Sedghi, Gupta & Long, ICLR 2019; Delattre et al., ICML 2023 and arXiv 2402.00240;
    Singla & Feizi, "Fantastic four: differentiable bounds on singular values of convolution layers", ICLR 2021;
    Araujo et al., "On Lipschitz regularization of convolutional layers using Toeplitz matrix theory", AAAI 2021.
"""

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp

from sigconv import Filter, circulant
from sigconv.operators import Convolution, spectral_norm, spectral_norm_bound

Bound = Callable[[jax.Array, tuple[int, int], int], jax.Array]
"""From weights (out, in, height, width), the size of the image and the stride to a number."""


def exact(weights: jax.Array, shape: tuple[int, int], stride: int) -> jax.Array:
    """The norm for periodic images, by singular values at every frequency (with a stride: of aliased frequencies)."""
    norm = spectral_norm(Convolution(Filter(weights, stride=stride), shape, "periodic"))
    assert isinstance(norm, jax.Array)
    return norm


def gram_iteration(iterations: int) -> Bound:
    """Delattre et al. 2023, for periodic images; with a stride of the aliased frequencies, which they ignore."""

    def bound(weights: jax.Array, shape: tuple[int, int], stride: int) -> jax.Array:
        return spectral_norm_bound(Convolution(Filter(weights, stride=stride), shape, "periodic"), iterations)

    return bound


def zero_padded_gram(iterations: int) -> Bound:
    """Delattre et al. 2024: K ← Kᴴ K as a filter, then the largest row sum; for zero padding at every image size."""

    def bound(weights: jax.Array, shape: tuple[int, int], stride: int) -> jax.Array:
        layer, logarithm = Filter(weights), jnp.zeros(())
        for _ in range(iterations):
            size = jnp.linalg.norm(layer.weights.reshape(-1))
            layer, logarithm = (layer / size).autocorrelation(), 2 * (logarithm + jnp.log(size))
        rows = jnp.abs(layer.weights).sum((1, 2, 3)).max()
        return jnp.exp((jnp.log(rows) + logarithm) * 2.0**-iterations)

    return bound


def unfolded(weights: jax.Array, shape: tuple[int, int], stride: int) -> jax.Array:
    """Singla & Feizi: √(h·w) times the least norm of four matrices that the weights can be laid out as."""
    out, channels, height, width = weights.shape
    layouts = {
        (0, 2, 1, 3): (out * height, channels * width),
        (0, 3, 1, 2): (out * width, channels * height),
        (0, 1, 2, 3): (out, channels * height * width),
        (0, 2, 3, 1): (out * height * width, channels),
    }
    norms = [jnp.linalg.norm(weights.transpose(order).reshape(size), 2) for order, size in layouts.items()]
    return jnp.sqrt(height * width) * jnp.stack(norms).min()


def sampled(samples: int) -> Bound:
    """Araujo et al.: the largest Frobenius norm over channels on a grid of frequencies, times a factor."""

    def bound(weights: jax.Array, shape: tuple[int, int], stride: int) -> jax.Array:
        spectrum = circulant(weights, (samples, samples)).spectrum
        largest = jnp.sqrt((jnp.abs(spectrum) ** 2).sum((-2, -1)).max())
        degree = max(weights.shape[2:]) // 2
        return largest / (1 - 2 * degree / samples)

    return bound


def power_iteration(iterations: int) -> Bound:
    """The norm for zero-padded images of the same size, from below: the reference that the others must not undercut."""

    def bound(weights: jax.Array, shape: tuple[int, int], stride: int) -> jax.Array:
        bracket = spectral_norm(Convolution(Filter(weights, stride=stride), shape), iterations=iterations)
        return bracket.lower  # type: ignore[union-attr]

    return bound


BOUNDS: Mapping[str, Bound] = {
    "exact, periodic": exact,
    **{f"Gram iteration, T = {t}": gram_iteration(t) for t in (1, 3, 5, 7)},
    "Gram iteration of filters, T = 3": zero_padded_gram(3),
    "four unfoldings": unfolded,
    "50 samples": sampled(50),
    "power iteration, zero-padded": power_iteration(100),
}
