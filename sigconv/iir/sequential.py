"""`scan`: sample by sample, with SciPy's arithmetic, the transposed direct form II."""

import jax
import jax.numpy as jnp
from jax import lax


def sequential(b: jax.Array, a: jax.Array, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Filter rows through sections in series: y = b₀ u + z₀, zᵢ ← bᵢ₊₁ u − aᵢ₊₁ y + zᵢ₊₁, and y is the next one's u.

    Shapes:
        b, a (S, M + 1), x (R, N), state (R, S, M) → (R, N), (R, S, M).
    """

    def step(z: jax.Array, u: jax.Array) -> tuple[jax.Array, jax.Array]:
        after = []
        for section, (numerator, denominator) in enumerate(zip(b, a, strict=True)):
            y = numerator[0] * u + z[section, 0]
            moved = jnp.concatenate([z[section, 1:], jnp.zeros_like(u)[None]])
            after.append(numerator[1:, None] * u[None] - denominator[1:, None] * y[None] + moved)
            u = y
        return jnp.stack(after), u

    final, y = lax.scan(step, state.transpose(1, 2, 0), x.T)
    return y.T, final.transpose(2, 0, 1)
