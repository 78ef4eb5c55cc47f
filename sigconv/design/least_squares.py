"""`least_squares`: linear-phase filters nearest to a piecewise linear response in the mean square; SciPy's `firls`."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv.design._parameters import check_positive, constant, count, known, parameter, result_dtype


@front_door("design.least_squares")
def least_squares(
    taps: int,
    bands: ArrayLike,
    desired: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    fs: ArrayLike = 1.0,
    dtype: DTypeLike | None = None,
) -> jax.Array:
    """Design the filter whose response A minimises Σ_bands weight · ∫ (A(f) − D(f))² df, D linear in each band.

    SciPy's `firls`. It is solved by QR on Gauss–Legendre points, exactly those integrals, which is good in float32 too
    where the normal equations are not; what the bands leave undetermined is kept small.

    Args:
        taps: Their number; odd.
        bands: Edges of each band, in pairs, from 0 to Nyquist, in cycles/sample or in the unit of `fs`; SciPy's
            default, 1 at Nyquist, is `fs=2`. May be traced; bands that then come to overlap are both fitted.
        desired: The response at each edge. May be traced.
        weight: Of each band, not negative; 1 if None. May be traced.
        fs: Sampling rate.
        dtype: A float type; that of the parameters if None.
    Shapes:
        bands and desired (2·b,) or (b, 2), weight (b,) → (taps,), symmetric.
    Raises:
        OptionError: Even `taps`, edges outside of [0, Nyquist] or not increasing, negative `desired` or `weight`.
        ShapeError: Edges not in pairs, or not one `desired` for each, or not one `weight` for each pair.
    Reference:
        Selesnick, Linear-phase FIR filter design by least squares, OpenStax CNX, 2005.
    Example:
        >>> print(np.array(least_squares(3, (0.0, 0.25, 0.25, 0.5), (1.0, 1.0, 0.0, 0.0))).round(3))
        [0.318 0.5   0.318]
    """
    n = count("taps", taps)
    if n % 2 == 0:
        raise OptionError(f"`taps` must be odd; got {taps}.")
    kind = result_dtype(dtype, bands, desired, weight, fs)
    edges, goals = (parameter(name, v, kind, None) for name, v in (("bands", bands), ("desired", desired)))
    if not edges.size or edges.size % 2 or edges.size != goals.size:
        raise ShapeError(
            f"`bands` must hold pairs of edges, and `desired` one value for each; got shapes {edges.shape} and "
            f"{goals.shape}."
        )
    weights = jnp.ones(edges.size // 2, edges.dtype) if weight is None else parameter("weight", weight, kind, None)
    if weights.size != edges.size // 2:
        raise ShapeError(f"`weight` must hold one value for each of {edges.size // 2} bands; got {weights.shape}.")
    check_positive("fs", fs)
    check_positive("desired", desired, zero=True)
    if weight is not None:
        check_positive("weight", weight, zero=True)
    _check_edges(bands, fs)
    pairs = edges.reshape(-1, 2) / parameter("fs", fs, kind)
    return _least_squares(n, kind, pairs, goals.reshape(-1, 2), weights.reshape(-1))


def _check_edges(bands: ArrayLike, fs: ArrayLike) -> None:
    values, rate = known("bands", bands), known("fs", fs)
    if values is None or rate is None:
        return
    edges = values.reshape(-1)
    if not np.all((edges >= 0) & (edges <= rate / 2)):
        raise OptionError(
            f"`bands` must lie between 0 and Nyquist, {rate / 2:g}; got {values.tolist()}. Without `fs` they are in "
            "cycles/sample; SciPy's default, 1 at Nyquist, is `fs=2`."
        )
    if np.any(np.diff(edges) < 0) or np.any(edges[1::2] <= edges[::2]):
        raise OptionError(f"`bands` must increase, and each have a width; got {values.tolist()}.")


@functools.partial(jax.jit, static_argnums=(0, 1))
def _least_squares(taps: int, dtype: np.dtype, edges: jax.Array, desired: jax.Array, weight: jax.Array) -> jax.Array:
    half = taps // 2
    # Products of two cosines oscillate at most 2·half/2 times in a band: these points integrate them to rounding.
    places, shares = np.polynomial.legendre.leggauss(half + 16)
    along, shares = constant((places + 1) / 2, dtype)[None], constant(shares / 2, dtype)[None]
    start, width = edges[:, :1], edges[:, 1:] - edges[:, :1]
    f = (start + width * along).reshape(-1)
    goal = (desired[:, :1] + (desired[:, 1:] - desired[:, :1]) * along).reshape(-1)
    power = weight[:, None] * width * shares
    # Where a weight is 0 its root has no derivative, and needs none: the rows are 0.
    is_used = power > 0
    rows = jnp.where(is_used, jnp.sqrt(jnp.where(is_used, power, 1)), 0).reshape(-1)
    k = constant(2 * np.pi * np.arange(half + 1), dtype)
    matrix = jnp.cos(f[:, None] * k[None]) * rows[:, None]
    # Directions that no band sees are held by rows at the level of rounding.
    slight = float(jnp.finfo(f.dtype).eps) * jnp.sqrt(jnp.sum(rows**2))
    q, r = jnp.linalg.qr(jnp.concatenate([matrix, slight * jnp.eye(half + 1, dtype=f.dtype)]))
    target = jnp.concatenate([goal * rows, jnp.zeros(half + 1, f.dtype)])
    a = lax.linalg.triangular_solve(r, (q.T @ target)[:, None], left_side=True)[:, 0]
    return jnp.concatenate([a[:0:-1] / 2, a[:1], a[1:] / 2]).astype(dtype)
