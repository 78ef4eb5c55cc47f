"""`compose`: two filters as one, with the truth about the border."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand
from sigconv._core.errors import OptionError, front_door, lookup
from sigconv._core.options import lengths_per_axis
from sigconv._core.pytree import pytree
from sigconv._engine.method import Method
from sigconv._filter import border
from sigconv.filter import Filter, chained, composed

_BOUNDARIES = {name: name for name in ("valid", "full", "periodic", "zero")}


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class ZeroPadded:
    """Two zero-padded 'same' filters as one and a correction of the border ring, equal to the two in turn everywhere.

    Attributes:
        first, second: The filters.
        filter: Their composite.
    """

    first: Filter
    second: Filter
    filter: Filter

    @front_door("compose")
    def __call__(
        self, signal: ArrayLike, *, method: str | Method = "auto", precision: str | lax.Precision | None = None
    ) -> jax.Array:
        """second(first(signal)): one pass, and slabs of the ring.

        Shapes:
            signal (..., c_in, *space) → (..., c_out, *out); without channels (..., *space) → (..., *out).
        """
        x = as_operand("signal", signal)
        y = jnp.asarray(self.filter(x, method=method, precision=precision))
        first, second = chained(self.first, self.second)
        if not self.filter.channels:
            x, y = (jnp.expand_dims(a, a.ndim - first.rank) for a in (x, y))
        for rows, values in border.surplus(second, first, x):
            window = (..., *(slice(span.first, span.last + 1) for span in rows))
            y = y.at[window].add(-values.astype(y.dtype))
        return y if self.filter.channels else y.squeeze(y.ndim - first.rank - 1)


@front_door("compose")
def compose(
    second: Filter,
    first: Filter,
    *,
    boundary: str | None = None,
    shape: tuple[int, ...] | None = None,
    exact: bool | None = None,
) -> Filter | ZeroPadded:
    """One filter for `first`, then `second`: taps w[m] = Σ over s₁·d₂·l + d₁·k = m of w₂[l] @ w₁[k].

    Exact for 'valid', for 'full' if the first has no bias, and for periodic signals whose length the first's stride
    divides. Two zero-padded 'same' filters differ from it in a border ring, where the second reads zeros beyond the
    first's outputs.

    Args:
        second, first: The filters; channels must chain. Without channels, one acts on each of the other's.
        boundary: What the filters will be called with: 'valid', 'full', 'periodic', 'zero' ('same'), or None.
        shape: Spatial shape of the signals, for which 'zero' and 'periodic' are then checked exactly.
        exact: With 'zero': True for a callable that corrects the ring, False for the Filter that pads once, in front of
            both, None for an error where they differ.
    Raises:
        ShapeError: Channels or axes do not chain.
        OptionError: With 'zero' and exact=None the two differ (the message says where); with 'full' the first has a
            bias; with 'periodic' a stride does not divide a length.
    Reference:
        docs/composition.md has the derivation.
    Example:
        >>> a, b = Filter([1.0, 2.0], channels=False), Filter([1.0, 0.0, -1.0], channels=False)
        >>> compose(b, a).weights.tolist()
        [1.0, 2.0, -1.0, -2.0]
    """
    both = composed(second, first)
    if boundary is not None:
        lookup("boundary", boundary, _BOUNDARIES)
    space = None if shape is None else lengths_per_axis("shape", shape, first.rank)
    if exact is not None and boundary not in ("zero", "full"):
        raise OptionError(f"`exact` must be left out unless `boundary` is 'zero' or 'full'; got it with {boundary!r}.")
    if boundary == "full" and exact:
        raise OptionError("`exact` must be False or left out where `boundary` is 'full'; only 'zero' is corrected.")
    if boundary == "periodic" and space is not None:
        for length, period in zip(space, both.period, strict=True):
            if length % period:
                raise OptionError(
                    f"`shape` must be multiples of the strides between the filters, {both.period}; got {space}. "
                    "Apply the filters in turn."
                )
    if boundary == "full" and exact is not False and first.bias is not None and max(second.extent) > 1:
        raise OptionError(
            "`first` must have no bias where `boundary` is 'full'; got one: in turn, the second filter reads zeros "
            "beyond the first's outputs, as one it reads the bias. exact=False accepts that."
        )
    if boundary != "zero" or exact is False:
        return both
    masks = [differing_outputs(second, first, lengths) for lengths in ([space] if space else _samples(second, first))]
    mask = next((mask for mask in masks if mask.any()), masks[0])
    if exact:
        return ZeroPadded(first, second, both) if mask.any() else both
    if mask.any():
        where = border.in_words(mask) + ("" if space is not None else f" (of {mask.shape} outputs, as an example)")
        raise OptionError(
            "`boundary` must not be 'zero' unless `exact` says what is wanted: in turn, the second filter reads zeros "
            f"beyond the first's outputs, and as one it does not; got rows that differ: {where}. exact=True corrects "
            "them, exact=False pads once, in front of both."
        )
    return both


@front_door("differing_outputs")
def differing_outputs(second: Filter, first: Filter, shape: tuple[int, ...]) -> np.ndarray:
    """Which outputs of two zero-padded 'same' filters in turn can differ from those of their composite.

    Args:
        second, first: The filters.
        shape: Spatial shape of the signals.
    Shapes:
        → boolean (*out).
    Raises:
        ShapeError: Channels or axes do not chain, or `shape` is none of their rank.
    Example:
        >>> a = Filter([1.0, 1.0, 1.0], channels=False)
        >>> differing_outputs(a, a, (6,)).tolist()
        [True, False, False, False, False, True]
    """
    space = lengths_per_axis("shape", shape, first.rank)
    one, two = chained(first, second)
    return border.differing(two, one, space)


def _samples(second: Filter, first: Filter) -> list[tuple[int, ...]]:
    """Shapes long enough that the ends of the border ring stay apart, with every remainder by the strides."""
    both = zip(first.extent, first.stride, second.extent, second.stride, first.lo, second.lo, strict=True)
    least = [4 * (k1 + s1 * (k2 + s2) + abs(p1) + s1 * abs(p2)) for k1, s1, k2, s2, p1, p2 in both]
    turns = max(s1 * s2 for s1, s2 in zip(first.stride, second.stride, strict=True))
    return [tuple(length + rest for length in least) for rest in range(turns)]
