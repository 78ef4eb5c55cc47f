"""Functions of a spectrum's matrices: products, powers and inverses that stay finite in their derivatives."""

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.dtypes import common

_HIGHEST = lax.Precision.HIGHEST


def applied(matrices: jax.Array, values: jax.Array) -> jax.Array:
    """(*f, out, in) times (in, *f) → (out, *f)."""
    if matrices.shape[-2:] == (1, 1):
        return values * matrices[None, ..., 0, 0].astype(values.dtype)
    dtype = common(matrices, values)
    vectors = jnp.moveaxis(values, 0, -1)[..., None].astype(dtype)
    return jnp.moveaxis(jnp.matmul(matrices.astype(dtype), vectors, precision=_HIGHEST)[..., 0], -1, 0)


def adjoint(matrices: jax.Array) -> jax.Array:
    """Of each, its conjugate transpose."""
    return jnp.conj(jnp.swapaxes(matrices, -2, -1))


def modulus(values: jax.Array) -> jax.Array:
    """|z| with gradient 0 at 0."""
    is_zero = values == 0
    return jnp.where(is_zero, 0, jnp.abs(jnp.where(is_zero, jnp.ones_like(values), values)))


def power(values: jax.Array, exponent: jax.Array) -> jax.Array:
    """Elementwise, the principal branch; with derivative 0 at 0."""
    kind = common(values, exponent)
    is_zero = values == 0
    safe = jnp.where(is_zero, jnp.ones_like(values), values)
    real = jnp.real(exponent)
    at_zero = jnp.where(real > 0, 0.0, jnp.where(real == 0, 1.0, jnp.inf)).astype(kind)
    return jnp.where(is_zero, at_zero, safe.astype(kind) ** exponent.astype(kind))


def exponential(matrices: jax.Array) -> jax.Array:
    """Of every matrix."""
    # Imported here: it takes long.
    from jax.scipy.linalg import expm

    # JAX's expm halves a matrix once too little (jax 0.10: 1e-8 off at a norm of 10, in float64), so half of it.
    half = jax.vmap(expm)(matrices.reshape(-1, *matrices.shape[-2:]) / 2)
    return jnp.matmul(half, half, precision=_HIGHEST).reshape(matrices.shape)


def pseudo_inverse(matrices: jax.Array, limit: jax.Array) -> jax.Array:
    """Per frequency, with one limit for all; its derivative is that of the matrices whose rank stays."""
    if matrices.shape[-2:] == (1, 1):
        is_small = modulus(matrices) <= limit
        return jnp.where(is_small, 0, 1 / jnp.where(is_small, jnp.ones_like(matrices), matrices))
    return _pinv(matrices, limit)


@jax.custom_jvp
def _pinv(matrices: jax.Array, limit: jax.Array) -> jax.Array:
    u, s, vh = jnp.linalg.svd(matrices, full_matrices=False)
    is_small = s <= limit
    inverse = jnp.where(is_small, 0, 1 / jnp.where(is_small, jnp.ones_like(s), s)).astype(u.dtype)
    return jnp.matmul(adjoint(vh) * inverse[..., None, :], adjoint(u), precision=_HIGHEST)


@_pinv.defjvp
def _pinv_jvp(primals: tuple[jax.Array, ...], tangents: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
    """Golub & Pereyra, "The differentiation of pseudo-inverses", SIAM J. Numer. Anal. 10 (1973)."""
    a, limit = primals
    da = tangents[0]
    p = _pinv(a, limit)

    def product(*factors: jax.Array) -> jax.Array:
        result = factors[0]
        for factor in factors[1:]:
            result = jnp.matmul(result, factor, precision=_HIGHEST)
        return result

    ph, dah = adjoint(p), adjoint(da)
    left = dah - product(dah, a, p)
    right = dah - product(p, a, dah)
    tangent = -product(p, da, p) + product(p, ph, left) + product(right, ph, p)
    return p, tangent
