"""Filters with many more zeros than poles: the zeros by the engine's convolution, then the poles alone."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from sigconv.iir.powers import product
from sigconv.signal import convolve

_SURPLUS = 16
"""Coefficients of b beyond those of a from which a state that holds them all costs more than a convolution."""


def is_long(b: jax.Array, a: jax.Array) -> bool:
    """Whether the filter is one of these."""
    return b.shape[-1] - a.shape[-1] > _SURPLUS or (a.shape[-1] == 1 and b.shape[-1] > 1)


def with_long_numerator(
    b: jax.Array, a: jax.Array, x: jax.Array, state: jax.Array, run: Callable
) -> tuple[jax.Array, jax.Array]:
    """Filter rows: a ∗ y = b ∗ x + z, in which z, the state as SciPy keeps it, is added to the first samples.

    Shapes:
        b (1, K + 1), a (1, M + 1), x (R, N), state (R, 1, max(K, M)) → (R, N), (R, 1, max(K, M)).
    """
    length, order = x.shape[1], state.shape[2]
    poles = a.shape[1] - 1
    whole = convolve(x, b, axes=-1)
    whole = jnp.pad(whole, ((0, 0), (0, length + order - whole.shape[1])))
    whole = whole + jnp.pad(state[:, 0], ((0, 0), (0, length)))
    y, pending = whole[:, :length], whole[:, length:]
    if not poles:
        return y, pending[:, None]
    unit = jnp.zeros_like(a).at[:, 0].set(1)
    y, _ = run(unit, a, y, jnp.zeros((x.shape[0], 1, poles), x.dtype))
    # What the last outputs still take off those to come: Σ_k a[k] y[N + i − k] over the y that are there.
    last = y[:, max(length - poles, 0) :]
    back = poles + np.arange(poles)[:, None] - np.arange(poles)[None]
    taken = jnp.where(back <= poles, a[0, np.minimum(back, poles)], jnp.zeros((), a.dtype))[:, poles - last.shape[1] :]
    return y, (pending - jnp.pad(product(last, taken.T), ((0, 0), (0, order - poles))))[:, None]
