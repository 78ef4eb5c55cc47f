"""A kernel as a sum of separable ones, by singular values."""

import dataclasses

import jax
import jax.numpy as jnp

from sigconv._core.dtypes import floating
from sigconv._core.errors import OptionError
from sigconv._core.factors import SeparableKernel
from sigconv._core.pytree import pytree


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Separated:
    """Separable kernels whose sum is nearest to a kernel.

    Attributes:
        factors: Per axis, the taps of every term.
        error: ‖kernel − sum‖₂ / ‖kernel‖₂ (Frobenius).
    Shapes:
        factors (rank, taps) per axis; error ().
    """

    factors: tuple[jax.Array, ...]
    error: jax.Array

    @property
    def kernels(self) -> tuple[SeparableKernel, ...]:
        """The terms, for `correlate`, which conjugates."""
        count = self.factors[0].shape[0]
        return tuple(SeparableKernel(tuple(jnp.conj(f[term]) for f in self.factors)) for term in range(count))


def separated(kernel: jax.Array, rank: int) -> Separated:
    """The best such sum along two axes (Eckart–Young); along more, axis after axis, which is near the best.

    Shapes:
        kernel (*taps).
    """
    if kernel.ndim < 2:
        raise OptionError(f"`weights` must have two axes or more to be separated; got {kernel.ndim}.")
    wide = kernel.astype(floating(kernel))
    factors = _split(wide, rank)
    letters = "abcdefgh"[: kernel.ndim]
    total = jnp.einsum(",".join(f"r{letter}" for letter in letters) + "->" + letters, *factors)
    norm = jnp.linalg.norm(wide.reshape(-1))
    error = jnp.linalg.norm((wide - total).reshape(-1)) / jnp.where(norm > 0, norm, 1)
    return Separated(factors, error)


def _split(kernel: jax.Array, rank: int) -> tuple[jax.Array, ...]:
    """Factors (rank, taps) per axis: the first axis against the others, and each of those parts again."""
    u, s, v = jnp.linalg.svd(kernel.reshape(kernel.shape[0], -1), full_matrices=False)
    count = min(rank, s.shape[0])
    # Along two axes the scale is shared out; along more it stays with the rest.
    if kernel.ndim == 2:
        root = jnp.sqrt(s[:count])[:, None].astype(u.dtype)
        return u[:, :count].T * root, v[:count] * root
    rest = (v[:count] * s[:count, None].astype(v.dtype)).reshape(count, *kernel.shape[1:])
    parts = [_split(rest[term], rank) for term in range(count)]
    firsts = jnp.concatenate(
        [jnp.broadcast_to(u[:, term], (part[0].shape[0], kernel.shape[0])) for term, part in enumerate(parts)]
    )
    others = [jnp.concatenate([part[axis] for part in parts]) for axis in range(kernel.ndim - 1)]
    sizes = jnp.prod(jnp.stack([jnp.linalg.norm(factor, axis=1) for factor in others]), axis=0)
    _, best = jax.lax.top_k(sizes, min(rank, sizes.shape[0]))
    return tuple(factor[best] for factor in (firsts, *others))
