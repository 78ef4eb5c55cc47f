"""What a careful user of `rfft` and `irfft` writes by hand: a fast length, and no longer a one than is needed."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import scipy.fft


@dataclasses.dataclass(frozen=True)
class Cyclic:
    """A correlation with flipped taps (a convolution) as a cyclic one.

    Attributes:
        lengths: Of the transforms, per axis.
        window: Which of the cyclic outputs are wanted, per axis.
    """

    lengths: tuple[int, ...]
    window: tuple[slice, ...]


def cyclic(space: Sequence[int], taps: Sequence[int], pads: Sequence[tuple[int, int]]) -> Cyclic:
    """The shortest fast one whose wrapped-around outputs all fall outside the window."""
    fast: Any = scipy.fft.next_fast_len
    lengths = tuple(fast(n + max(lo, hi), real=True) for n, (lo, hi) in zip(space, pads, strict=True))
    window = tuple(slice(k - 1 - lo, n + hi) for n, k, (lo, hi) in zip(space, taps, pads, strict=True))
    return Cyclic(lengths, window)


def convolve_with_jax(x: jax.Array, w: jax.Array, plan: Cyclic, *, is_dense: bool = False) -> jax.Array:
    """Of rows by one kernel, channels by a kernel each, or (`is_dense`) channels by kernels for all pairs."""
    axes = tuple(range(-len(plan.lengths), 0))
    x, w = (jnp.fft.rfftn(a, plan.lengths, axes) for a in (x, w))
    y = jnp.fft.irfftn(_product(x, w, jnp, is_dense=is_dense), plan.lengths, axes)
    return y[(..., *plan.window)]


def convolve_with_torch(x: Any, w: Any, plan: Cyclic, torch: Any, *, is_dense: bool = False) -> Any:
    """The same of tensors."""
    axes = tuple(range(-len(plan.lengths), 0))
    x, w = (torch.fft.rfftn(a, plan.lengths, axes) for a in (x, w))
    y = torch.fft.irfftn(_product(x, w, torch, is_dense=is_dense), plan.lengths, axes)
    return y[(..., *plan.window)]


def _product(x: Any, w: Any, library: Any, *, is_dense: bool) -> Any:
    return library.einsum("bc...,oc...->bo...", x, w) if is_dense else x * w
