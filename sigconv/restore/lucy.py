"""One step of Richardson and Lucy: what the image says more of than the scene explains is added where it came from."""

import dataclasses

import jax
import jax.numpy as jnp

from sigconv._core.pytree import pytree
from sigconv.operators import LinearOperator
from sigconv.restore.model import Model
from sigconv.restore.variation import pulls

_SHARPNESS = 10
"""N of White's damping."""


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Steps:
    """Everything that the steps on one image share.

    Attributes:
        model, adjoint: A and Aᵀ.
        image: y, 0 where it does not count.
        mask: Weights w of its samples.
        reach: Aᵀw: how much of a sample of the scene is seen.
        background: What the image has besides the scene.
        damping: Standard deviations within which a difference is noise; 0 for none.
        variation: Weight of total variation; None for none.
        smoothing: Steps that are small for it.
    """

    model: Model
    adjoint: LinearOperator
    image: jax.Array
    mask: jax.Array
    reach: jax.Array
    background: jax.Array
    damping: jax.Array | None
    variation: jax.Array | None
    smoothing: jax.Array

    def step(self, x: jax.Array) -> jax.Array:
        """x · (Aᵀ(w y/(Ax + b)) + λ U) / (Aᵀw + λ V), V − U from total variation; x stays where nothing is seen."""
        back = self.adjoint.mv(self.mask * self.ratio(self.model.operator.mv(x) + self.background))
        gain, loss = jnp.maximum(back, 0), self.reach
        if self.variation is not None:
            up, down = pulls(x, self.model.sight, self.smoothing)
            gain, loss = gain + self.variation * up, loss + self.variation * down
        is_seen = self.reach > jnp.sqrt(jnp.finfo(x.dtype).eps) * self.reach.max()
        return jnp.where(is_seen, x * gain / jnp.where(is_seen, loss, 1), x)

    def ratio(self, expected: jax.Array) -> jax.Array:
        """y/Ax, damped. Transforms round: what is expected is taken to be at least that rounding."""
        eps, tiny = jnp.finfo(expected.dtype).eps, jnp.finfo(expected.dtype).tiny
        floor = jnp.maximum(jnp.maximum(eps * expected.max(), eps * eps * self.image.max()), tiny)
        expected = jnp.maximum(expected, floor)
        ratio = self.image / expected
        if self.damping is None:
            return ratio
        is_dark = self.image == 0
        excess = jnp.log(jnp.where(is_dark, 1, ratio))
        likelihood = jnp.where(is_dark, 0, self.image * excess) + expected - self.image
        u = jnp.minimum(2 * likelihood / jnp.square(self.damping), 1)
        u = jnp.maximum(u, 0)
        return 1 + u ** (_SHARPNESS - 1) * (_SHARPNESS - (_SHARPNESS - 1) * u) * (ratio - 1)
