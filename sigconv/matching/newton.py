"""One step uphill to where a quadratic has its maximum, which is finite whatever the quadratic is."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def uphill(gradient: jax.Array, hessian: jax.Array, most: float) -> jax.Array:
    """−H⁻¹ g where H is negative definite, otherwise the same along each axis by itself; no further than `most`.

    Along an axis that does not bend down the step is 0, and so are its derivatives.

    Shapes:
        gradient (..., rank), hessian (..., rank, rank) → (..., rank).
    """
    rank = gradient.shape[-1]
    identity = jnp.asarray(np.eye(rank), hessian.dtype)
    bend = -jnp.diagonal(hessian, axis1=-2, axis2=-1)
    bends = bend > 0
    step = jnp.where(bends, gradient / jnp.where(bends, bend, 1), 0)
    if rank > 1:
        fixed = lax.stop_gradient(hessian)
        scale = jnp.max(jnp.where(bends, lax.stop_gradient(bend), 0), axis=-1)
        smallest = jnp.linalg.eigvalsh(-jnp.where(jnp.isfinite(fixed), fixed, 0))[..., 0]
        is_cap = smallest > float(jnp.finfo(hessian.dtype).eps) * rank * scale
        matrix = jnp.where(is_cap[..., None, None], -hessian, jnp.broadcast_to(identity, hessian.shape))
        together = jnp.linalg.solve(matrix, gradient[..., None])[..., 0]
        step = jnp.where(is_cap[..., None], together, step)
    return jnp.clip(step, -most, most)
