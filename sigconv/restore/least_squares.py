"""The scene x with (AᴴWA + P) x = AᴴW y: one division per frequency in a cycle, conjugate gradients elsewhere."""

import dataclasses

import jax
import jax.numpy as jnp
from jax import lax

from sigconv.operators import Circulant
from sigconv.restore.model import Model
from sigconv.restore.penalty import Penalty, power_of
from sigconv.restore.request import checked_count, checked_number


@dataclasses.dataclass(frozen=True)
class Effort:
    """When conjugate gradients end: at a residual of `tolerance` times the right-hand side's, or after `iterations`."""

    tolerance: float
    iterations: int


def effort_of(tolerance: float, max_iterations: int) -> Effort:
    """The two options of conjugate gradients, checked."""
    checked_number("tolerance", tolerance, "It is relative to the right-hand side.")
    return Effort(float(tolerance), checked_count("max_iterations", max_iterations))


def solve(
    model: Model, y: jax.Array, weight: jax.Array, penalty: Penalty, mask: jax.Array | None, effort: Effort
) -> jax.Array:
    """The minimiser of ‖Ax − y‖²_W + weight · penalty(x), of the scene's shape.

    Derivatives are implicit: those of the solution, by another solve, whatever the number of iterations.
    """
    weight = weight.astype(jnp.finfo(y.dtype).dtype)
    spectrum = power_of(model.cyclic.spectrum) + weight * penalty.spectrum
    if model.sight.is_periodic and mask is None:
        adjoint = jnp.conj(model.cyclic.spectrum[..., 0, 0])
        return divided(model.cyclic, adjoint, spectrum).mv(y)
    return _iterated(model, y, weight, penalty, mask, spectrum, effort)


def divided(like: Circulant, numerator: jax.Array, denominator: jax.Array) -> Circulant:
    """The circulant numerator/denominator; what the denominator does not tell from 0 is left out, and is never Inf.

    A denominator that is not a number leaves nothing out: it is to be seen in the result.
    """
    floor = lax.stop_gradient(denominator.max()) * _rounding(denominator)
    is_known = ~(denominator <= floor)
    quotient = jnp.where(is_known, numerator / jnp.where(is_known, denominator, 1).astype(numerator.dtype), 0)
    return dataclasses.replace(like, spectrum=quotient[..., None, None])


def _rounding(power: jax.Array) -> float:
    """Of squares relative to the largest: those of values known to eps·√N."""
    eps = float(jnp.finfo(power.dtype).eps)
    return eps * eps * power.size


def _iterated(
    model: Model,
    y: jax.Array,
    weight: jax.Array,
    penalty: Penalty,
    mask: jax.Array | None,
    spectrum: jax.Array,
    effort: Effort,
) -> jax.Array:
    # Imported here: it takes long.
    from jax.scipy.sparse.linalg import cg

    adjoint = model.operator.adjoint()
    seen = jnp.ones_like(y) if mask is None else mask.astype(y.dtype)
    y = jnp.where(seen == 0, 0, y)

    def normal(x: jax.Array) -> jax.Array:
        return adjoint.mv(seen * model.operator.mv(x)) + weight.astype(x.dtype) * penalty.gradient(x)

    # No derivative goes through the preconditioner; a floor keeps it finite where nothing is known of a frequency.
    fixed = lax.stop_gradient(spectrum)
    floor = fixed.max() * jnp.finfo(fixed.dtype).eps
    inverse = dataclasses.replace(
        model.cyclic, spectrum=(1 / jnp.maximum(fixed, floor)).astype(model.cyclic.spectrum.dtype)[..., None, None]
    )
    # Squares of an image in small or large units would leave the range of its dtype.
    size = lax.stop_gradient(jnp.abs(y).max())
    size = jnp.where(size > 0, size, 1).astype(y.dtype)
    b = adjoint.mv(seen * (y / size))
    x = cg(normal, b, tol=effort.tolerance, maxiter=effort.iterations, M=inverse.mv)[0] * size
    # Conjugate gradients end at their start, 0, where a residual is not a number.
    is_spoilt = jnp.isnan(b).any() | jnp.isnan(fixed).any()
    return jnp.where(is_spoilt, jnp.nan, x)
