"""`lfilter` and `sosfilt`: recursive filters by their coefficients, and by second-order sections."""

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand
from sigconv._core.errors import OptionError, front_door, lookup
from sigconv.iir.associative import associative
from sigconv.iir.blocked import blocked
from sigconv.iir.long_numerator import is_long, with_long_numerator
from sigconv.iir.request import Plan, final_state, initial_state, plan
from sigconv.iir.sequential import sequential
from sigconv.iir.stability import check_polynomial, check_sections, concrete, growth

Run = Callable[[jax.Array, jax.Array, jax.Array, jax.Array], tuple[jax.Array, jax.Array]]
Method = Literal["auto", "blocked", "associative", "scan"]
Filtered = jax.Array | tuple[jax.Array, jax.Array]
METHODS: Mapping[str, Run | None] = {
    "auto": None,
    "blocked": blocked,
    "associative": associative,
    "scan": sequential,
}
_TAME = 1e3
"""How much a response may grow over the signal for blocks to be as accurate as taking one sample after the other."""
_FEW = {"cpu": (256, 256)}
"""By backend, samples of a row and of all rows up to which setting up blocks takes longer than the samples do."""
_FEW_ELSEWHERE = (8, 2**31)


@front_door("lfilter")
def lfilter(
    b: ArrayLike,
    a: ArrayLike,
    signal: ArrayLike,
    *,
    axis: int = -1,
    initial: ArrayLike | None = None,
    method: Method = "auto",
) -> Filtered:
    """Filter along an axis by a rational transfer function: a₀ y[n] = Σ_k b[k] x[n − k] − Σ_{k≥1} a[k] y[n − k].

    Above order 2 or so `sosfilt` is far more accurate. See docs/recursive.md on methods, states and stability.

    Args:
        b, a: Numerator and denominator; filters of several rows may differ.
        signal: Real or complex samples.
        axis: Of time.
        initial: The state before the first sample, as `lfilter_zi` gives it or an earlier call; None for rest.
        method: 'blocked', 'associative', 'scan', or 'auto'. Only 'scan' takes filters that overflow.
    Shapes:
        b (*lead, K + 1), a (*lead, M + 1), signal (..., N), lead broadcast with all axes but `axis` → (..., N); with
        `initial` (..., max(K, M)), in which `axis` is that of the signal: also the state after the last sample, alike.
    Raises:
        ShapeError: `b`, `a` or `signal` is empty, `lead` does not broadcast, or `initial` has another shape.
        OptionError: Unknown `method` or `axis`; known coefficients with a₀ = 0, or whose response overflows.
        DTypeError: Something is not numeric.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 6.3.
    Example:
        >>> lfilter([1.0], [1.0, -0.5], jnp.array([1.0, 0.0, 0.0])).tolist()
        [1.0, 0.5, 0.25]
    """
    return rational(b, a, signal, axis, initial, method, refuses=True)


@front_door("sosfilt")
def sosfilt(
    sos: ArrayLike,
    signal: ArrayLike,
    *,
    axis: int = -1,
    initial: ArrayLike | None = None,
    method: Method = "auto",
) -> Filtered:
    """Filter along an axis by second-order sections in series, each as `lfilter` with one row b₀ b₁ b₂ a₀ a₁ a₂.

    In float32 'blocked' is the more accurate the lower the filter's frequencies, up to ten thousand times more so than
    taking one sample after the other. See docs/recursive.md on methods, states and stability.

    Args:
        sos: The sections; filters of several rows may differ.
        signal, axis, method: As `lfilter`'s.
        initial: The state before the first sample, as `sosfilt_zi` gives it or an earlier call; None for rest.
    Shapes:
        sos (*lead, S, 6), signal (..., N), lead broadcast with all axes but `axis` → (..., N); with `initial`
        (S, ..., 2), in which `axis` is that of the signal: also the state after the last sample, alike.
    Raises:
        ShapeError: `sos` has not six columns, `signal` is empty, `lead` does not broadcast, or `initial` does not fit.
        OptionError: Unknown `method` or `axis`; known coefficients with an a₀ = 0, or whose response overflows.
        DTypeError: Something is not numeric.
    Reference:
        Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., section 6.3.
    Example:
        >>> sosfilt([[1.0, 0.0, 0.0, 1.0, -0.5, 0.0]], jnp.array([1.0, 0.0, 0.0])).tolist()
        [1.0, 0.5, 0.25]
    """
    return in_sections(sos, signal, axis, initial, method, refuses=True)


def rational(
    b: ArrayLike,
    a: ArrayLike,
    signal: ArrayLike,
    axis: int,
    initial: ArrayLike | None,
    method: str,
    *,
    refuses: bool,
) -> Filtered:
    """`lfilter`; with `refuses=False` what overflows is left to, and goes one sample after the other."""
    numerator, denominator, x = as_operand("b", b), as_operand("a", a), as_operand("signal", signal)
    check_polynomial("b", numerator.shape)
    check_polynomial("a", denominator.shape)
    numerator, denominator = numerator[..., None, :], denominator[..., None, :]
    given = None if initial is None else as_operand("initial", initial)
    made = plan(x, (("b", numerator), ("a", denominator)), axis, given)
    made = _with_method(made, method, x.shape[axis], denominator, "a", refuses)
    order = max(numerator.shape[-1], denominator.shape[-1]) - 1
    return _finish(numerator, denominator, x, given, made, order, is_sectioned=False)


def in_sections(
    sos: ArrayLike, signal: ArrayLike, axis: int, initial: ArrayLike | None, method: str, *, refuses: bool
) -> Filtered:
    """`sosfilt`; with `refuses=False` what overflows is left to, and goes one sample after the other."""
    sections, x = as_operand("sos", sos), as_operand("signal", signal)
    check_sections(sections.shape)
    given = None if initial is None else as_operand("initial", initial)
    made = plan(x, (("sos", sections),), axis, given)
    made = _with_method(made, method, x.shape[axis], sections[..., 3:], "sos", refuses)
    return _finish(sections[..., :3], sections[..., 3:], x, given, made, 2, is_sectioned=True)


def _with_method(made: Plan, method: str, length: int, a: jax.Array, argument: str, refuses: bool) -> Plan:
    """The plan with a method, for which the coefficients are looked at if they are known."""
    lookup("method", method, METHODS)
    known = concrete(a)
    radius = 1.0
    if known is not None:
        if np.any(known[..., 0] == 0):
            raise OptionError(f"`{argument}` must not have a₀ = 0; got {known[..., 0].ravel().tolist()}.")
        radius = growth(known / known[..., :1])
    exponent = length * math.log(radius)
    if method != "scan" and refuses and exponent > math.log(float(jnp.finfo(made.working).max)):
        raise OptionError(
            f"`{argument}` must not have poles beyond the unit circle whose response overflows {made.working} within "
            f"the signal's {length} samples; got one of radius {radius:.6g}. Move it inside, to 1/radius for the same "
            "magnitude response; or say method='scan' for whatever comes of it, as SciPy does."
        )
    if method == "auto":
        longest, most = _FEW.get(jax.default_backend(), _FEW_ELSEWHERE)
        is_few = length <= longest and length * math.prod(made.front) <= most
        method = "scan" if is_few or exponent > math.log(_TAME) else "blocked"
    return dataclasses.replace(made, method=method)


def _finish(
    b: jax.Array, a: jax.Array, x: jax.Array, given: jax.Array | None, made: Plan, order: int, *, is_sectioned: bool
) -> Filtered:
    sections = b.shape[-2] if is_sectioned else None
    z = None if given is None else initial_state(given, made, sections, order)
    y, final = _filter(b, a, x, z, made, order)
    return y if given is None else (y, final_state(final, made, is_sectioned))


@functools.partial(jax.jit, static_argnames=("made", "order"))
def _filter(
    b: jax.Array, a: jax.Array, x: jax.Array, z: jax.Array | None, made: Plan, order: int
) -> tuple[jax.Array, jax.Array]:
    b, a = made.coefficients(b), made.coefficients(a)
    lead = a[..., :1]
    b, a = b / lead, a / lead
    rows = made.rows(jnp.moveaxis(x, min(made.axis, x.ndim - 1), -1))
    rest = (*rows.shape[:2], b.shape[1], order)
    state = jnp.zeros(rest, rows.dtype) if z is None else made.rows(z, kept=2)
    if made.groups == 1:
        y, final = (found[None] for found in _rows(b[0], a[0], rows[0], state[0], made.method))
    else:
        y, final = jax.vmap(functools.partial(_rows, method=made.method))(b, a, rows, state)
    return jnp.moveaxis(made.restored(y), -1, made.axis), made.restored(final)


def _rows(b: jax.Array, a: jax.Array, x: jax.Array, state: jax.Array, method: str) -> tuple[jax.Array, jax.Array]:
    if state.shape[2] == 0:
        return b[0, 0] * x, state
    run = METHODS[method]
    assert run is not None
    if is_long(b, a):
        return with_long_numerator(b, a, x, state, run)
    width = state.shape[2] + 1
    b, a = (jnp.pad(c, ((0, 0), (0, width - c.shape[1]))) for c in (b, a))
    return run(b, a, x, state)
