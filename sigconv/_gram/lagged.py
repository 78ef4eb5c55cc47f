"""`lagged_gram`: how features at one place go with features at another, at the lags asked for or at all."""

import functools
import math

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.errors import OptionError, front_door
from sigconv._gram.all_lags import all_lags, pair_weights_of, per_pair
from sigconv._gram.grams import Boundary, Lags, Normalization, gram
from sigconv._gram.products import Samples, mean_of
from sigconv._gram.request import Request, checked_features, checked_mask, resolve_request


@front_door("lagged_gram")
def lagged_gram(
    features: ArrayLike,
    lags: Lags | None = None,
    *,
    normalize: Normalization = "spatial",
    centered: bool = False,
    mask: ArrayLike | None = None,
    chunk: int | None = None,
    precision: str | lax.Precision | None = None,
    channel_axis: int = -3,
    boundary: Boundary = "zero",
) -> jax.Array:
    """Gram matrices of features against themselves moved: G[δ, i, j] = Σ_x F[i, x] conj(F[j, x + δ]) / pairs(δ).

    Entry (i, j) is a cross-correlation of two features; at δ = 0 it is `gram`. G[−δ] is the adjoint of G[δ].

    Args:
        features: Real or complex.
        lags: Shifts, as in `gram`; None for all, by transforms: per axis of space of length L −(L − 1) … L − 1, as
            `correlation_lags(L, L)`, or 0 … L − 1 where they wrap around.
        normalize, centered, mask, precision, channel_axis, boundary: As in `gram`.
        chunk: As in `gram`, where lags are given.
    Shapes:
        features (..., C, *space) → (..., lags, C, C); for all lags (..., *lags, C, C), an axis for each of space.
    Raises:
        ShapeError, OptionError, DTypeError: As `gram`.
    Reference:
        Berger & Memisevic, "Incorporating long-range consistency in CNN-based texture generation", 2016; Sendik &
        Cohen-Or, "Deep correlations for texture synthesis", 2017.
    Example:
        >>> found = lagged_gram(jnp.array([[1.0, 2.0, 4.0]]), channel_axis=-2, normalize="none")
        >>> jnp.rint(found[:, 0, 0]).tolist()
        [4.0, 10.0, 21.0, 10.0, 4.0]
    """
    if lags is not None:
        return gram(
            features,
            lags=lags,
            normalize=normalize,
            centered=centered,
            mask=mask,
            chunk=chunk,
            precision=precision,
            channel_axis=channel_axis,
            boundary=boundary,
        )
    if chunk is not None:
        raise OptionError(f"`chunk` must be None unless `lags` are given; got {chunk!r}. All are transformed whole.")
    x = checked_features("features", features, channel_axis)
    front, space = x.shape[:channel_axis], x.shape[channel_axis + 1 :]
    weights = checked_mask(mask, front, space)
    request = resolve_request(
        x,
        x,
        normalize=normalize,
        centered=centered,
        lags=None,
        mask=weights,
        chunk=None,
        precision=precision,
        channel_axis=channel_axis,
        boundary=boundary,
        exact=False,
    )
    return _at_all_lags(x, weights, front, request)


@functools.partial(jax.jit, static_argnames=("front", "request"))
def _at_all_lags(x: jax.Array, mask: jax.Array | None, front: tuple[int, ...], request: Request) -> jax.Array:
    space, rank, periodic = request.space, len(request.space), request.periodic
    x = x.reshape(math.prod(front), -1, *space)
    x, roots = weighted_by_roots(x, mask, request)
    found = all_lags(x[:, :, None], x[:, None], rank, periodic=periodic)
    if request.share:
        weights = None if roots is None else pair_weights_of(roots, periodic=periodic)[:, None, None]
        weights = None if weights is None else weights.astype(found.dtype)
        found = per_pair(found, weights, space, periodic=periodic) / request.share
    found = jnp.moveaxis(found, (1, 2), (-2, -1))
    return found.reshape(*front, *found.shape[1:])


def weighted_by_roots(x: jax.Array, mask: jax.Array | None, request: Request) -> tuple[jax.Array, jax.Array | None]:
    """Features without their means times the roots of the weights, and these roots, (batch or 1, *space).

    The root of 0 is given the derivative 0.
    """
    samples = Samples(x, mask, mean_of(x, mask, request), request.dtype)
    whole = samples.block((0,) * len(request.space), request.space).reshape(x.shape)
    if mask is None:
        return whole, None
    real = jnp.finfo(request.dtype).dtype
    if mask.dtype == bool:
        return whole, mask.astype(real)
    some = mask > 0
    roots = jnp.where(some, jnp.sqrt(jnp.where(some, mask, 1).astype(real)), 0)
    return whole * roots[:, None].astype(whole.dtype), roots
