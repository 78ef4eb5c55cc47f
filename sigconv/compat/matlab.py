"""MATLAB's convolutions, correlations and linear filters, on JAX arrays.

A vector is a 1-d array, neither row nor column; words are spelled out, in lower case. Results have MATLAB's class:
single if any operand is single, otherwise double, which is float32 here unless `jax_enable_x64` is on; integers and
logicals count as double. Where MATLAB and GNU Octave differ, these follow MATLAB's documentation.
"""

# ruff: noqa: N803  (MATLAB's own argument names)

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.conventions import CONVENTIONS
from sigconv._core.dtypes import computed_in, is_complex, is_exact
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door, lookup
from sigconv._core.layout import check_not_empty
from sigconv._core.options import MOST, is_integer
from sigconv.compat._matlab import cast, fill, filtered, image_class, of_rank, result_class, same_rank, shaped
from sigconv.compat._through import as_array
from sigconv.matching.scores import match_template

SCALES = {"none": "none", "biased": "biased", "unbiased": "unbiased", "coeff": "coeff", "normalized": "coeff"}
OPTIONS = {
    **dict.fromkeys(("corr", "conv"), "operation"),
    **dict.fromkeys(("same", "full"), "size"),
    **dict.fromkeys(("symmetric", "replicate", "circular"), "boundary"),
}
"""What each of imfilter's words is about."""


@front_door("compat.matlab.conv")
def conv(u: ArrayLike, v: ArrayLike, shape: str = "full") -> jax.Array:
    """MATLAB's `conv`: w[n] = Σ_t v[t] u[n − t]; 'same' is the middle of 'full', with the later half of an odd rest.

    Args:
        u, v: Vectors.
        shape: 'full', 'same' (u's length; of an even v, tap K/2 sits on sample n) or 'valid', empty where v is longer.
    Shapes:
        u (N,), v (K,) → (N + K − 1,), (N,) or (max(N − K + 1, 0),).
    Raises:
        ShapeError: An operand is not a vector.
        OptionError: Unknown `shape`.
    """
    x, w = of_rank(1, "u", u), of_rank(1, "v", v)
    return shaped(CONVENTIONS["matlab.conv"], x, w, shape)


@front_door("compat.matlab.conv2")
def conv2(A: ArrayLike, B: ArrayLike, C: ArrayLike | str | None = None, shape: str = "full") -> jax.Array:
    """MATLAB's `conv2(A, B, shape)`, and its `conv2(u, v, A, shape)`: the columns of A under u, then the rows under v.

    Args:
        A, B: Matrices; where a third one is given, the vectors u and v.
        C: MATLAB's A in the second form; in the first it is left out, or is `shape`.
        shape: 'full', 'same' or 'valid', as in `conv`.
    Shapes:
        A (H, W), B (K, L) → as `conv`, on both axes; A (K,), B (L,), C (H, W) → likewise.
    Raises:
        ShapeError: An operand is not a matrix, or, in the second form, not vector, vector and matrix.
        OptionError: Unknown `shape`, or two of them.
    """
    row = CONVENTIONS["matlab.conv2"]
    if C is None or isinstance(C, str):
        if C is not None and shape != "full":
            raise OptionError(f"`shape` must be given once; got {C!r} and {shape!r}. Leave one out.")
        x, w = of_rank(2, "A", A), of_rank(2, "B", B)
        return shaped(row, x, w, shape if C is None else C)
    u, v, x = of_rank(1, "A", A), of_rank(1, "B", B), of_rank(2, "C", C)
    dtype = result_class(u, v, x)
    columns = shaped(row, x.astype(computed_in(dtype)), u, shape, axes=(0,))
    return shaped(row, columns, v, shape, axes=(1,)).astype(dtype)


@front_door("compat.matlab.convn")
def convn(A: ArrayLike, B: ArrayLike, shape: str = "full") -> jax.Array:
    """MATLAB's `convn`: `conv` along every axis; the array of fewer axes gets axes of length 1 behind its last.

    Shapes:
        A, B of any ranks → as `conv`, on as many axes as the larger rank.
    Raises:
        OptionError: Unknown `shape`.
    """
    x, w = same_rank(as_array("A", A), as_array("B", B))
    return shaped(CONVENTIONS["matlab.convn"], x, w, shape)


@front_door("compat.matlab.cconv")
def cconv(a: ArrayLike, b: ArrayLike, n: int | None = None) -> jax.Array:
    """MATLAB's `cconv`: the convolution modulo n, c[i] = Σ conv(a, b)[i + j·n] over all j.

    Args:
        a, b: Vectors, shorter or longer than n.
        n: The period; None is N + K − 1, with which nothing wraps around.
    Shapes:
        a (N,), b (K,) → (n,).
    Raises:
        ShapeError: An operand is not a vector, or is empty.
        OptionError: `n` is not a positive integer.
    """
    x, w = of_rank(1, "a", a), of_rank(1, "b", b)
    check_not_empty("a", x.shape)
    check_not_empty("b", w.shape)
    if n is None:
        return shaped(CONVENTIONS["matlab.cconv"], x, w, "full")
    if not is_integer(n) or not 1 <= n < MOST:
        raise OptionError(f"`n` must be a positive integer below 2³¹, or None; got {n!r}.")
    row, dtype = CONVENTIONS["matlab.cconv(n=N)"], result_class(x, w)
    working = computed_in(dtype)
    wrapped = jnp.pad(x.astype(working), (0, -len(x) % n)).reshape(-1, n).sum(0)
    pads = [row.padding(n, len(w))]
    return filtered(row, wrapped, w.astype(working), pads, row.boundaries[row.default_boundary]).astype(dtype)


@front_door("compat.matlab.xcorr")
def xcorr(
    x: ArrayLike, y: ArrayLike | str | None = None, maxlag: int | str | None = None, scaleopt: str | int = "none"
) -> tuple[jax.Array, jax.Array]:
    """MATLAB's `[r, lags] = xcorr(…)`: r(m) = Σ_n x[n + m] conj(y[n]), for the lags m = −maxlag … maxlag.

    As in MATLAB, `xcorr(x, maxlag)`, `xcorr(x, scaleopt)`, `xcorr(x, maxlag, scaleopt)` and `xcorr(x, y, scaleopt)` are
    calls too: an integer is always maxlag, and a word scaleopt.

    Args:
        x: A vector; or, without y, an array whose columns (axis 0) are all correlated with one another.
        y: A vector; x itself if None. The shorter of the two gets zeros behind its last sample.
        maxlag: The largest lag; the longer length less 1 if None. Beyond it r is 0.
        scaleopt: 'none'; 'biased', 1/N; 'unbiased', 1/(N − |m|); or 'normalized', which is 'coeff': 1 at lag 0 where
            y = x, and NaN where an operand is all zeros, as in MATLAB.
    Shapes:
        x (N,), y (K,) → r, lags (2·maxlag + 1,); x (N, *P) → r (2·maxlag + 1, P²), columns i and j of x in i·P + j.
    Raises:
        ShapeError: x or y is not a vector (x may have columns if there is no y) or is empty, or a scale other than
            'none' is asked for where the lengths differ.
        OptionError: Unknown `scaleopt`, a `maxlag` that is no integer or negative, or one of the two given twice.
    """
    other, lag, scale = _lag_and_scale(y, maxlag, scaleopt)
    first = as_array("x", x)
    if not first.ndim or (other is not None and first.ndim > 1):
        raise ShapeError(f"`x` must be a vector, or without `y` an array of columns; got shape {first.shape}.")
    if first.ndim == 2 and len(first) == 1:
        raise ShapeError(f"`x` must be 1-d where it is one row, which MATLAB takes as a vector; got {first.shape}.")
    second = first if other is None else of_rank(1, "y", other)
    check_not_empty("x", first.shape)
    check_not_empty("y", second.shape)
    n, k = len(first), len(second)
    if n != k and scale != "none":
        raise ShapeError(f"`y` must have the length of `x` unless `scaleopt` is 'none'; got {k} for {n}. Pad one.")
    dtype = result_class(first, second)
    left, right = (operand.reshape(len(operand), -1).astype(computed_in(dtype)) for operand in (first, second))
    row = CONVENTIONS["matlab.xcorr"]
    pads = row.padding(n, k, mode=lag)
    lags = jnp.arange(-pads[0], pads[0] + 1)
    r = filtered(row, left[:, :, None], right[:, None, :], [pads], axes=(0,))
    if scale == "biased":
        r = r / n
    elif scale == "unbiased":
        r = r / jnp.maximum(n - jnp.abs(lags), 1).astype(r.dtype)[:, None, None]
    elif scale == "coeff":
        energy, against = (jnp.sum(jnp.real(jnp.conj(z) * z), 0) for z in (left, right))
        r = r / jnp.sqrt(energy[:, None] * against[None, :]).astype(r.dtype)[None]
    return r.reshape(len(lags), *([-1] if first.ndim > 1 else [])).astype(dtype), lags


@front_door("compat.matlab.xcorr2")
def xcorr2(a: ArrayLike, b: ArrayLike | None = None) -> jax.Array:
    """MATLAB's `xcorr2`: Σ_m a[m + k] conj(b[m]) for every lag k; b is a if left out. Lag 0 sits at sample K − 1.

    Shapes:
        a (H, W), b (K, L) → (H + K − 1, W + L − 1).
    Raises:
        ShapeError: An operand is not a matrix.
    """
    x = of_rank(2, "a", a)
    return shaped(CONVENTIONS["matlab.xcorr2"], x, x if b is None else of_rank(2, "b", b), "full")


@front_door("compat.matlab.filter2")
def filter2(H: ArrayLike, X: ArrayLike, shape: str = "same") -> jax.Array:
    """MATLAB's `filter2`: the kernel H comes first, and is neither flipped nor conjugated.

    Of an even kernel tap K/2 − 1 sits on sample n.

    Shapes:
        H (K, L), X (H, W) → (H, W), or as `conv` on both axes.
    Raises:
        ShapeError: An operand is not a matrix.
        OptionError: Unknown `shape`.
    """
    w, x = of_rank(2, "H", H), of_rank(2, "X", X)
    return shaped(CONVENTIONS["matlab.filter2"], x, w, shape)


@front_door("compat.matlab.imfilter")
def imfilter(
    A: ArrayLike,
    h: ArrayLike,
    options: str | complex | tuple[str | complex, ...] = (),
    *further: str | complex,
) -> jax.Array:
    """MATLAB's `imfilter(A, h, option, …)`: a correlation, not conjugated, or a convolution; the result has A's class.

    It is computed in floating point, then rounded (halves away from zero) and saturated for integers, and for logicals
    true from ½ on. Of an even kernel tap K/2 − 1 sits on sample n, or tap K/2 in a convolution. A NaN spreads to all
    windows that hold it; some releases of MATLAB leave out taps that are 0.

    Args:
        A, h: Arrays; the one of fewer axes gets axes of length 1 behind its last, so that a 2-d h filters every plane.
        options, further: Any of these in any order, also as one tuple; the last of a kind holds. 'corr' or 'conv';
            'same' or 'full', which reads as far as a sample is read; beyond the border a number, cast to A's class,
            'symmetric', 'replicate' or 'circular'.
    Shapes:
        A (*shape), h (*taps) → (*shape); with 'full' shape + taps − 1.
    Raises:
        OptionError: An option is neither one of the words nor a number fit for A.
        DTypeError: h is complex and A has an integer class: JAX has no complex integers.
    """
    image, kernel = as_array("A", A), as_array("h", h)
    chosen: dict[str, str | complex] = {"operation": "corr", "size": "same", "boundary": 0}
    for option in (*(options if isinstance(options, tuple | list) else (options,)), *further):
        chosen[lookup("options", option, OPTIONS) if isinstance(option, str) else "boundary"] = option
    dtype, size, boundary = image_class(image, kernel), str(chosen["size"]), chosen["boundary"]
    row = CONVENTIONS["matlab.imfilter" if chosen["operation"] == "corr" else "matlab.imfilter(conv)"]
    reads = row.boundaries[boundary] if isinstance(boundary, str) else fill(boundary, np.dtype(image.dtype))
    x, w = same_rank(image, kernel)
    if not (x.size and w.size):
        full = [max(n + k - 1, 0) for n, k in zip(x.shape, w.shape, strict=True)]
        return jnp.zeros(image.shape if size == "same" else full, dtype)
    working = jax.dtypes.canonicalize_dtype(complex if is_complex(dtype) else float)
    pads = [row.padding(n, k, mode=size) for n, k in zip(x.shape, w.shape, strict=True)]
    rounds = dtype == bool or is_exact(dtype)
    y = filtered(row, x.astype(working), w.astype(working), pads, reads, rounds=rounds)
    return cast(y.reshape(image.shape) if size == "same" else y, dtype)


@front_door("compat.matlab.normxcorr2")
def normxcorr2(template: ArrayLike, A: ArrayLike) -> jax.Array:
    """MATLAB's `normxcorr2`: the zero-mean normalised cross-correlation at every place where the two overlap.

    Beyond the border A reads 0. Windows without variation score 0, as does a constant template, which MATLAB refuses.

    Args:
        template: A real matrix, not larger than A.
        A: A real matrix.
    Shapes:
        template (K, L), A (H, W) → (H + K − 1, W + L − 1), double.
    Raises:
        ShapeError: An operand is not a matrix, or the template is larger.
        DTypeError: An operand is complex.
    """
    w, x = of_rank(2, "template", template), of_rank(2, "A", A)
    for argument, array in (("template", w), ("A", x)):
        check_not_empty(argument, array.shape)
        if is_complex(array.dtype):
            raise DTypeError(f"`{argument}` must be real; got {array.dtype}. Match its parts one by one.")
    if any(k > n for k, n in zip(w.shape, x.shape, strict=True)):
        raise ShapeError(f"`template` must not be larger than A; got {w.shape} and {x.shape}. Swap them.")
    dtype = jax.dtypes.canonicalize_dtype(float)
    # Whole numbers too wide for a float32 are the business of match_template.
    w, x = (a if is_exact(a.dtype) and dtype.itemsize < 8 else a.astype(dtype) for a in (w, x))
    return match_template(x, w, padding="full").astype(dtype)


def _lag_and_scale(y: object, maxlag: object, scaleopt: object) -> tuple[Any, int | None, str]:
    """What the arguments of xcorr are, told by their types."""
    whole = [int(value) for value in (y, maxlag, scaleopt) if is_integer(value)]
    words = [value for value in (y, maxlag) if isinstance(value, str)] + ([] if is_integer(scaleopt) else [scaleopt])
    words = [word for word in words if not (isinstance(word, str) and word == "none")]
    if len(whole) > 1 or len(words) > 1:
        raise OptionError(f"`maxlag` and `scaleopt` must be given at most once; got {[*whole, *words]}. Leave one out.")
    if not (maxlag is None or is_integer(maxlag) or isinstance(maxlag, str)) or not 0 <= max(whole, default=0) < MOST:
        raise OptionError(
            f"`maxlag` must be an integer of at least 0, below 2³¹; got {whole[0] if whole else maxlag!r}."
        )
    scale = lookup("scaleopt", words[0] if words else "none", SCALES)
    return None if is_integer(y) or isinstance(y, str) else y, whole[0] if whole else None, scale
