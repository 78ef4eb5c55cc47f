"""`scipy.signal`'s recursive filters: once, and forwards and backwards."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import is_exact
from sigconv._core.errors import OptionError, ShapeError, front_door, lookup
from sigconv._core.options import is_integer
from sigconv.compat._through import as_array, numpy_dtype
from sigconv.iir import steady
from sigconv.iir.filters import in_sections, rational
from sigconv.iir.stability import check_sections, concrete

PADDINGS = {"odd": ("reflect", "odd"), "even": ("reflect", "even"), "constant": ("edge", "even")}
METHODS = {"pad": "pad", "gust": "gust"}


@front_door("compat.scipy.lfilter")
def lfilter(
    b: ArrayLike, a: ArrayLike, x: ArrayLike, axis: int = -1, zi: ArrayLike | None = None
) -> jax.Array | tuple[jax.Array, jax.Array]:
    """`scipy.signal.lfilter`: a₀ y[n] = Σ_k b[k] x[n − k] − Σ_{k≥1} a[k] y[n − k]; with `zi` also the last state.

    Unstable filters whose response overflows are run sample by sample, as SciPy does. `sigconv.iir.lfilter` has the
    choice of method, and filters that differ from row to row.

    Shapes:
        b (K + 1,), a (M + 1,), x (..., N) → (..., N); zi (..., max(K, M)), along `axis`.
    Raises:
        ShapeError: A coefficient array is not 1-d or is empty, x is empty, or `zi` does not fit.
        OptionError: `axis` is not one of x's, or a₀ = 0.
    """
    arrays = {"b": b, "a": a, "x": x} | ({} if zi is None else {"zi": zi})
    numerator, denominator, signal, *state = _in_one_dtype(arrays)
    _check_vectors(b=numerator, a=denominator)
    return rational(numerator, denominator, signal, axis, state[0] if state else None, "auto", refuses=False)


@front_door("compat.scipy.sosfilt")
def sosfilt(
    sos: ArrayLike, x: ArrayLike, axis: int = -1, zi: ArrayLike | None = None
) -> jax.Array | tuple[jax.Array, jax.Array]:
    """`scipy.signal.sosfilt`: second-order sections in series; with `zi` also the last state.

    Shapes:
        sos (S, 6), x (..., N) → (..., N); zi (S, ..., 2), with 2 in the place of `axis`.
    Raises:
        ShapeError: `sos` is not (S, 6), x is empty, or `zi` does not fit.
        OptionError: `axis` is not one of x's, or an a₀ is not 1.
    """
    sections, signal, *state = _in_one_dtype({"sos": sos, "x": x} | ({} if zi is None else {"zi": zi}))
    _check_sos(sections)
    return in_sections(sections, signal, axis, state[0] if state else None, "auto", refuses=False)


@front_door("compat.scipy.lfilter_zi")
def lfilter_zi(b: ArrayLike, a: ArrayLike) -> jax.Array:
    """`scipy.signal.lfilter_zi`: the state of `lfilter` in the steady state of its step response.

    Shapes:
        b (K + 1,), a (M + 1,) → (max(K, M),).
    Raises:
        ShapeError: A coefficient array is not 1-d or is empty.
        OptionError: a₀ = 0, or a pole at 1.
    """
    numerator, denominator = _in_one_dtype({"b": b, "a": a})
    _check_vectors(b=numerator, a=denominator)
    return steady.lfilter_zi(numerator, denominator)


@front_door("compat.scipy.sosfilt_zi")
def sosfilt_zi(sos: ArrayLike) -> jax.Array:
    """`scipy.signal.sosfilt_zi`: the state of `sosfilt` in the steady state of its step response.

    Shapes:
        sos (S, 6) → (S, 2).
    Raises:
        ShapeError: `sos` is not (S, 6).
        OptionError: An a₀ is not 1, or a pole at 1.
    """
    (sections,) = _in_one_dtype({"sos": sos})
    _check_sos(sections)
    return steady.sosfilt_zi(sections)


@front_door("compat.scipy.lfiltic")
def lfiltic(b: ArrayLike, a: ArrayLike, y: ArrayLike, x: ArrayLike | None = None) -> jax.Array:
    """`scipy.signal.lfiltic`: the state of `lfilter` after outputs y[0] (the last), y[1], … and inputs x likewise.

    Shapes:
        b (K + 1,), a (M + 1,), y (any,), x (any,); what is missing is 0 → (max(K, M),).
    Raises:
        ShapeError: An array is not 1-d, or `b` or `a` is empty.
        OptionError: a₀ = 0.
    """
    arrays = {"b": b, "a": a, "y": y} | ({} if x is None else {"x": x})
    numerator, denominator, outputs, *inputs = _in_one_dtype(arrays)
    _check_vectors(b=numerator, a=denominator)
    for argument, past in (("y", outputs), ("x", inputs[0] if inputs else outputs)):
        if past.ndim != 1:
            raise ShapeError(f"`{argument}` must be 1-d; got shape {past.shape}.")
    known = concrete(denominator[0])
    if known is not None and known == 0:
        raise OptionError("`a` must not have a₀ = 0; got 0.")
    order = max(numerator.shape[0], denominator.shape[0]) - 1
    state = -_later(denominator, outputs, order)
    if inputs:
        state = state + _later(numerator, inputs[0], order)
    return state / denominator[0]


@front_door("compat.scipy.filtfilt")
def filtfilt(
    b: ArrayLike,
    a: ArrayLike,
    x: ArrayLike,
    axis: int = -1,
    padtype: str | None = "odd",
    padlen: int | None = None,
    method: str = "pad",
    irlen: int | None = None,
) -> jax.Array:
    """`scipy.signal.filtfilt`: `lfilter` forwards and then backwards, without a phase.

    Args:
        b, a, x, axis, padtype, padlen: As SciPy's.
        method: 'pad', or 'gust', for the states at which both orders of the two passes agree best.
        irlen: With 'gust', samples that the response lasts for; all if None, with 2·order matrices of that length.
    Shapes:
        b (K + 1,), a (M + 1,), x (..., N) → (..., N).
    Raises:
        ShapeError: A coefficient array is not 1-d or is empty, or x is not longer than the padding.
        OptionError: Unknown `padtype` or `method`, an `axis` that x has not, `padlen` or `irlen` no number of samples,
            a₀ = 0, or, with 'pad', a pole at 1.
    """
    numerator, denominator, signal = _in_one_dtype({"b": b, "a": a, "x": x})
    _check_vectors(b=numerator, a=denominator)
    along = checked_axis(axis, signal)
    lookup("method", method, METHODS)
    if method == "gust":
        if irlen is not None and (not is_integer(irlen) or irlen < 1):
            raise OptionError(f"`irlen` must be None or a number of samples of at least 1; got {irlen!r}.")
        rows = jnp.moveaxis(signal, along, -1)
        return jnp.moveaxis(_by_gustafsson(numerator, denominator, rows, irlen), -1, along)
    edge, extended = _extended(signal, along, padtype, padlen, 3 * max(numerator.size, denominator.size))
    state = steady.lfilter_zi(numerator, denominator)

    def run(row: jax.Array, zi: jax.Array) -> jax.Array:
        return rational(numerator, denominator, row, -1, zi, "auto", refuses=False)[0]

    return _both_ways(run, extended, state, along, edge)


@front_door("compat.scipy.sosfiltfilt")
def sosfiltfilt(
    sos: ArrayLike, x: ArrayLike, axis: int = -1, padtype: str | None = "odd", padlen: int | None = None
) -> jax.Array:
    """`scipy.signal.sosfiltfilt`: `sosfilt` forwards and then backwards, without a phase.

    SciPy's default `padlen` counts the sections' zero coefficients; where these are traced, none is taken for zero.

    Shapes:
        sos (S, 6), x (..., N) → (..., N).
    Raises:
        ShapeError: `sos` is not (S, 6), or x is not longer than the padding.
        OptionError: Unknown `padtype`, an `axis` that x has not, `padlen` no number of samples, an a₀ that is not 1, or
            a pole at 1.
    """
    sections, signal = _in_one_dtype({"sos": sos, "x": x})
    _check_sos(sections)
    along = checked_axis(axis, signal)
    known = concrete(sections)
    spare = 0 if known is None else min((known[:, 2] == 0).sum(), (known[:, 5] == 0).sum())
    edge, extended = _extended(signal, along, padtype, padlen, 3 * int(2 * len(sections) + 1 - spare))
    state = steady.sosfilt_zi(sections)

    def run(row: jax.Array, zi: jax.Array) -> jax.Array:
        return in_sections(sections, row, -1, zi, "auto", refuses=False)[0]

    return _both_ways(run, extended, state, along, edge)


def _in_one_dtype(arrays: dict[str, Any]) -> list[jax.Array]:
    """The arrays in the type that NumPy gives them together, for integers JAX's default float."""
    found = {name: as_array(name, value) for name, value in arrays.items()}
    dtype = numpy_dtype(*(array.dtype for array in found.values()))
    if dtype == bool or is_exact(dtype):
        dtype = jax.dtypes.canonicalize_dtype(float)
    return [array.astype(dtype) for array in found.values()]


def _check_vectors(**coefficients: jax.Array) -> None:
    for argument, c in coefficients.items():
        if c.ndim != 1 or not c.size:
            raise ShapeError(f"`{argument}` must be a vector of coefficients; got shape {c.shape}.")


def _check_sos(sos: jax.Array) -> None:
    if sos.ndim != 2:
        raise ShapeError(f"`sos` must be (S, 6); got shape {sos.shape}. `sigconv.iir.sosfilt` takes several filters.")
    check_sections(sos.shape)
    known = concrete(sos)
    if known is not None and np.any(known[:, 3] != 1):
        raise OptionError(f"`sos` must have a₀ = 1 in every section; got {known[:, 3].tolist()}. Divide by it.")


def checked_axis(axis: object, x: jax.Array) -> int:
    """The axis, not negative; the signal must not be empty along it or any other."""
    if not is_integer(axis) or not -x.ndim <= axis < x.ndim:
        raise OptionError(f"`axis` must be one of the signal's {x.ndim}; got {axis!r}.")
    if not x.size:
        raise ShapeError(f"`x` must not be empty; got shape {x.shape}.")
    return int(axis) % x.ndim


def _later(c: jax.Array, past: jax.Array, order: int) -> jax.Array:
    """z[m] = Σ_k c[m + 1 + k] past[k]: what the past still adds m samples from now."""
    places = np.arange(1, order + 1)[:, None] + np.arange(order)[None]
    taps = jnp.where(places < len(c), c[np.minimum(places, len(c) - 1)], jnp.zeros((), c.dtype))
    known = jnp.pad(past[:order], (0, max(order - len(past), 0)))
    return jnp.matmul(taps, known, precision="highest")


def _extended(x: jax.Array, axis: int, padtype: str | None, padlen: int | None, default: int) -> tuple[int, jax.Array]:
    """How many samples in front, and the signal with them, time last."""
    kind = None if padtype is None else lookup("padtype", padtype, PADDINGS)
    if padlen is not None and (not is_integer(padlen) or padlen < 0):
        raise OptionError(f"`padlen` must be None or a number of samples; got {padlen!r}.")
    edge = 0 if kind is None else default if padlen is None else int(padlen)
    if x.shape[axis] <= edge:
        raise ShapeError(
            f"`x` must be longer than the padding, {edge} samples at each end; got {x.shape[axis]}. Set `padlen`."
        )
    x = jnp.moveaxis(x, axis, -1)
    if kind is None or not edge:
        return 0, x
    mode, reflect = kind
    widths = [(0, 0)] * (x.ndim - 1) + [(edge, edge)]
    return edge, jnp.pad(x, widths, mode) if mode == "edge" else jnp.pad(x, widths, mode, reflect_type=reflect)


def _both_ways(run: Any, x: jax.Array, state: jax.Array, axis: int, edge: int) -> jax.Array:
    """Forwards, backwards, each from the steady state of its first sample; without the padding, axes as they were."""
    lead, order = state.shape[:-1], state.shape[-1]
    for _ in range(2):
        first = x[..., :1]
        zi = state.reshape(*lead, *(1,) * (x.ndim - 1), order) * first.reshape((1,) * len(lead) + first.shape)
        x = jnp.flip(run(x, zi), -1)
    return jnp.moveaxis(x[..., edge : x.shape[-1] - edge], -1, axis)


def _by_gustafsson(b: jax.Array, a: jax.Array, x: jax.Array, irlen: int | None) -> jax.Array:
    """Filtered both ways, with states at the ends at which forwards-backwards is nearest to backwards-forwards.

    Gustafsson, "Determining the initial states in forward-backward filtering", IEEE Trans. Signal Processing 44, 1996;
    with an `irlen` the two ends do not know of each other.
    """
    order, length = max(len(b), len(a)) - 1, x.shape[-1]
    if not order:
        return (b[0] / a[0]) ** 2 * x

    def run(rows: jax.Array, zi: jax.Array | None = None) -> jax.Array:
        y = rational(b, a, rows, -1, zi, "auto", refuses=False)
        return y[0] if isinstance(y, tuple) else y

    span = length if irlen is None or length <= 2 * irlen else int(irlen)
    # What a state is heard as, and what becomes of that the other way: one row for each entry of the state.
    heard = run(jnp.zeros((order, span), x.dtype), jnp.eye(order, dtype=x.dtype))
    again = run(jnp.flip(heard, -1))
    back = jnp.flip(again, -1)
    first, last = back - heard, jnp.flip(heard, -1) - again
    forwards = jnp.flip(run(jnp.flip(run(x), -1)), -1)
    backwards = run(jnp.flip(run(jnp.flip(x, -1)), -1))
    apart = backwards - forwards
    if span == length:
        matrix, effect = jnp.concatenate([first, last]).T, jnp.concatenate([back, jnp.flip(heard, -1)])
    else:
        none = jnp.zeros_like(first)
        matrix = jnp.block([[first, none], [none, last]]).T
        effect = jnp.block([[back, none], [none, jnp.flip(heard, -1)]])
        apart = jnp.concatenate([apart[..., :span], apart[..., -span:]], axis=-1)
    rows = apart.reshape(-1, apart.shape[-1])
    states = jnp.linalg.lstsq(matrix, rows.T)[0]
    added = jnp.matmul(states.T, effect, precision=lax.Precision.HIGHEST).reshape(apart.shape)
    if span == length:
        return forwards + added
    middle = [(0, 0)] * (x.ndim - 1)
    ends = (
        jnp.pad(added[..., :span], [*middle, (0, length - span)]),
        jnp.pad(added[..., span:], [*middle, (length - span, 0)]),
    )
    return forwards + ends[0] + ends[1]
