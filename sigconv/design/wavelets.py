"""`Wavelet`: the four filters of a two-channel filter bank; `wavelet`: those that have names."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from sigconv._core.dtypes import as_operand, common, floating, is_complex, resolve_dtype
from sigconv._core.errors import DTypeError, OptionError, ShapeError, front_door
from sigconv._core.pytree import pytree
from sigconv.design._coiflets import COIFLETS
from sigconv.design._factorization import BIORTHOGONAL, biorthogonal, daubechies, symlet


@pytree
@dataclasses.dataclass(frozen=True, init=False, eq=False)
class Wavelet:
    """The filters of a two-channel bank: a signal is convolved with two, and every other sample kept; a pytree.

    They are filters of convolutions, flipped when they are applied: PyWavelets' `dec_lo`, `dec_hi`, `rec_lo`, `rec_hi`.
    Nothing is asked of their values, so that they may be learned; `reconstruction_error` says what they are good for.

    Args:
        analysis_low, analysis_high: The filters of the transform.
        synthesis_low, synthesis_high: The filters of its inverse.
    Shapes:
        (taps,) each, an even number.
    Raises:
        ShapeError: A filter is not 1-d, or they have not one even length.
        DTypeError: A filter is not numeric, or holds integers.
    Example:
        >>> Wavelet([0.5, 0.5], [-0.5, 0.5], [1.0, 1.0], [1.0, -1.0]).taps
        2
    """

    analysis_low: jax.Array
    analysis_high: jax.Array
    synthesis_low: jax.Array
    synthesis_high: jax.Array

    @front_door("design.Wavelet")
    def __init__(
        self, analysis_low: ArrayLike, analysis_high: ArrayLike, synthesis_low: ArrayLike, synthesis_high: ArrayLike
    ) -> None:
        given = (analysis_low, analysis_high, synthesis_low, synthesis_high)
        fields = dataclasses.fields(self)
        filters = [_as_filter(field.name, value) for field, value in zip(fields, given, strict=True)]
        lengths = tuple(taps.shape[0] for taps in filters)
        if len(set(lengths)) != 1 or lengths[0] % 2 or not lengths[0]:
            raise ShapeError(
                f"the four filters must have one even number of taps; got {lengths}. Fill them with zeros, at both "
                "ends of analysis and synthesis alike."
            )
        dtype = common(*filters)
        for field, taps in zip(fields, filters, strict=True):
            object.__setattr__(self, field.name, taps.astype(dtype))

    @staticmethod
    def from_low_pass(analysis: ArrayLike, synthesis: ArrayLike | None = None) -> "Wavelet":
        """The bank of two low-pass filters: each high-pass is the other's low-pass with alternating signs.

        No alias is left, whatever the taps; the reconstruction is perfect if their product is half-band.

        Args:
            analysis: Its low-pass filter.
            synthesis: That of the inverse; the analysis' reversed and conjugated if None, for an orthogonal wavelet.
        Shapes:
            (taps,) each, an even number.
        Example:
            >>> Wavelet.from_low_pass([0.5, 0.5]).analysis_high.tolist()
            [-0.5, 0.5]
        """
        return _from_low_pass(analysis, synthesis)

    @property
    def taps(self) -> int:
        """Of each filter."""
        return self.analysis_low.shape[-1]

    @property
    def dtype(self) -> np.dtype:
        """Of the filters."""
        return common(self.analysis_low, self.analysis_high, self.synthesis_low, self.synthesis_high)

    def astype(self, dtype: DTypeLike) -> "Wavelet":
        """The same filters in another dtype."""
        kind = resolve_dtype(dtype)
        return jax.tree.map(lambda taps: taps.astype(kind), self)

    def reconstruction_error(self) -> jax.Array:
        """The largest tap of bank and inverse bank, less the identity: 0 for perfect reconstruction.

        Of distortion, Σ a ∗ s − 2δ, and alias, Σ (±a) ∗ s, halved. Differentiable: a penalty while filters are learned.
        """
        dtype = floating(self.dtype)
        signs = jnp.asarray((-1) ** np.arange(self.taps), dtype)
        pairs = ((self.analysis_low, self.synthesis_low), (self.analysis_high, self.synthesis_high))
        filters = [(a.astype(dtype), s.astype(dtype)) for a, s in pairs]
        distortion = sum(jnp.convolve(a, s, precision="highest") for a, s in filters)
        alias = sum(jnp.convolve(a * signs, s, precision="highest") for a, s in filters)
        wanted = jnp.zeros(2 * self.taps - 1, dtype).at[self.taps - 1].set(2)
        return jnp.maximum(jnp.abs(distortion - wanted).max(), jnp.abs(alias).max()) / 2

    def orthogonality_error(self) -> jax.Array:
        """The largest entry of W Wᴴ − 1, or tap of inverse less adjoint: 0 for an orthogonal wavelet.

        The rows of W are the analysis filters shifted by even numbers of samples.
        """
        dtype = floating(self.dtype)
        rows = [taps.astype(dtype) for taps in (self.analysis_low, self.analysis_high)]
        errors = []
        for first, one in enumerate(rows):
            for second, two in enumerate(rows):
                # The lags that count are even; lag 0 is in the middle.
                lags = jnp.correlate(one, two, mode="full", precision="highest")[1::2]
                unit = np.zeros(lags.shape)
                unit[self.taps // 2 - 1] = first == second
                errors.append(jnp.abs(lags - jnp.asarray(unit, dtype)).max())
        for taps, inverse in zip(rows, (self.synthesis_low, self.synthesis_high), strict=True):
            errors.append(jnp.abs(jnp.conj(taps)[::-1] - inverse.astype(dtype)).max())
        return jnp.stack(errors).max()


@front_door("design.wavelet")
def wavelet(name: str, *, dtype: DTypeLike | None = None) -> Wavelet:
    """The filters of a wavelet: (a ∗ s)[taps − 1 + 2k] = δ[k] for its low-pass filters a (analysis) and s (synthesis).

    Args:
        name: 'haar'; 'db1' … 'db10', Daubechies' least-phase wavelets, of so many vanishing moments; 'sym2' … 'sym10',
            the most symmetric of them; 'coif1' … 'coif5', coiflets; 'bior1.1' … 'bior6.8', symmetric and biorthogonal
            (bior4.4 is JPEG 2000's 9/7), and 'rbio1.1' … 'rbio6.8', with analysis and synthesis exchanged.
        dtype: Of the taps; JAX's default float type if None.
    Shapes:
        → four filters (taps,); PyWavelets' to their last digit or to theirs, in its order.
    Raises:
        OptionError: Unknown `name`.
        DTypeError: `dtype` is not a float or complex type.
    Reference:
        I. Daubechies, Ten Lectures on Wavelets, SIAM 1992, chapters 6 and 8.
    Example:
        >>> [round(tap, 4) for tap in wavelet("db2").analysis_low.tolist()]
        [-0.1294, 0.2241, 0.8365, 0.483]
    """
    kind = resolve_dtype(jax.dtypes.canonicalize_dtype(float) if dtype is None else dtype)
    if not jnp.issubdtype(kind, jnp.inexact):
        raise DTypeError(f"`dtype` must be a float or complex type; got {kind}. Cast the result of the transform.")
    return Wavelet(*(jnp.asarray(np.asarray(taps), kind) for taps in named_filters(name, "name")))


@functools.lru_cache(maxsize=128)
def _low_passes(family: str, member: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if family in ("bior", "rbio"):
        analysis, synthesis = biorthogonal(member)
        if family == "rbio":
            analysis, synthesis = synthesis[::-1], analysis[::-1]
    else:
        make = {"db": daubechies, "sym": symlet, "coif": lambda n: np.asarray(COIFLETS[n])}[family]
        analysis = make(int(member))
        synthesis = analysis[::-1]
    return tuple(analysis.tolist()), tuple(synthesis.tolist())


_MEMBERS = {
    "db": tuple(map(str, range(1, 11))),
    "sym": tuple(map(str, range(2, 11))),
    "coif": tuple(map(str, COIFLETS)),
    "bior": BIORTHOGONAL,
    "rbio": BIORTHOGONAL,
}
NAMES: dict[str, tuple[str, str]] = {
    "haar": ("db", "1"),
    **{family + member: (family, member) for family, members in _MEMBERS.items() for member in members},
}
"""Every name, with its family and its place in it."""


def named_filters(name: str, argument: str = "wavelet") -> tuple[tuple[float, ...], ...]:
    """The four filters in float64; `OptionError` if there is no such wavelet."""
    if not isinstance(name, str) or name not in NAMES:
        families = [f"{family}{members[0]} … {family}{members[-1]}" for family, members in _MEMBERS.items()]
        known = ", ".join(["haar", *families])
        more = ", ".join(BIORTHOGONAL)
        raise OptionError(
            f"`{argument}` must be one of {known} (bior and rbio: {more}); got {name!r}. "
            "Give other filters as a `design.Wavelet`."
        )
    analysis, synthesis = _low_passes(*NAMES[name])
    low, high = _high_passes(np.asarray(analysis), np.asarray(synthesis))
    return analysis, tuple(low.tolist()), synthesis, tuple(high.tolist())


def _as_filter(argument: str, value: ArrayLike) -> jax.Array:
    taps = as_operand(argument, value)
    if not jnp.issubdtype(taps.dtype, jnp.inexact):
        raise DTypeError(f"`{argument}` must hold floats or complex numbers; got {taps.dtype}. Cast it to float.")
    if taps.ndim != 1:
        raise ShapeError(f"`{argument}` must have one axis; got shape {taps.shape}. Map over banks with `jax.vmap`.")
    return taps


def _high_passes(analysis: np.ndarray, synthesis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The high-pass filters that cancel the alias: those of analysis and synthesis."""
    signs = (-1.0) ** np.arange(len(analysis))
    return -signs * synthesis, signs * analysis


@front_door("design.Wavelet.from_low_pass")
def _from_low_pass(analysis: ArrayLike, synthesis: ArrayLike | None) -> Wavelet:
    low = _as_filter("analysis", analysis)
    back = (jnp.conj(low) if is_complex(low.dtype) else low)[::-1] if synthesis is None else synthesis
    back = _as_filter("synthesis", back)
    if low.shape != back.shape:
        raise ShapeError(
            f"`synthesis` must have as many taps as the analysis, {low.shape[0]}; got {back.shape[0]}. "
            "Fill the shorter one with zeros at both ends."
        )
    signs = np.asarray((-1) ** np.arange(low.shape[0]))
    return Wavelet(low, back * jnp.asarray(-signs, back.dtype), back, low * jnp.asarray(signs, low.dtype))
