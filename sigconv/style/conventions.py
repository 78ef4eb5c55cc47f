"""`CONVENTIONS`: what published style losses compute, as a statistic and a distance; and the statistics by name.

"The Gram loss" of one differs from that of another by up to C²: weights and learning rates found with the one do
not fit the other. S is Σ_ij of the squared differences of the sums F Fᵀ, C the channels, M the samples.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, cast

import jax

from sigconv._core.errors import OptionError
from sigconv.style.distances import DISTANCES, Distance
from sigconv.style.second_order import Autocorrelation, Gram, LaggedGram, PowerSpectrum
from sigconv.style.transport import Moments, SlicedWasserstein

Statistic = Callable[[jax.Array], Any]
"""From one picture's features, (C, *space), to arrays."""


@dataclasses.dataclass(frozen=True)
class Convention:
    """A statistic with its distance.

    Attributes:
        statistic: A function of one picture's features.
        distance: A name of `DISTANCES`.
        mixes_batch: Whether all pictures of a batch are taken as one with so many times the channels.
        equals: What that is, in terms of S, C and M.
    """

    statistic: Statistic
    distance: str = "mean"
    mixes_batch: bool = False
    equals: str = ""


STATISTICS: Mapping[str, Convention] = {
    "gram": Convention(Gram()),
    "centered_gram": Convention(Gram(centered=True)),
    "moments": Convention(Moments(), "w2"),
    "autocorrelation": Convention(Autocorrelation()),
    "power_spectrum": Convention(PowerSpectrum()),
    "sliced_wasserstein": Convention(SlicedWasserstein(), "sorted_mean"),
}
"""The statistics that need no parameters, each with the distance that goes with it."""

CONVENTIONS: Mapping[str, Convention] = {
    # Raw sums and 1/(4C²M²) in the papers: the same number where both pictures are of one size.
    "gatys": Convention(Gram(), "quarter_mean", equals="S/(4C²M²)"),
    "johnson": Convention(Gram("all"), "sum", equals="S/(C²M²)"),
    "gatys-pytorch": Convention(Gram(), "mean", equals="S/(C²M²)"),
    "pystiche": Convention(Gram(), "mean", equals="S/(C²M²)"),
    "neural-style": Convention(Gram("all"), "mean", equals="S/(C⁴M²)"),
    "fast-neural-style": Convention(Gram("all"), "mean", equals="S/(C⁴M²)"),
    "fast-style-transfer": Convention(Gram("all"), "mean", equals="S/(C⁴M²)"),
    "pytorch-tutorial": Convention(Gram("all"), "mean", mixes_batch=True, equals="S/(C⁴M²)"),
    "style-transfer-pytorch": Convention(Moments(), "w2", equals="W2²/C"),
    "style-transfer-pytorch-gram": Convention(Gram(), "scale_free", equals="Σd²/Σ|d|, d = Δ(F Fᵀ)/M"),
}
"""Published losses by the name of their code or first author; pictures of a batch are averaged."""

_OWN = {Moments: "w2", SlicedWasserstein: "sorted_mean"}
"""The distances of statistics that are not compared number by number."""


def resolve(statistic: object, distance: object) -> tuple[Convention, Distance]:
    """What is meant by a name of either table, a `Convention` or a statistic, and by a distance or None."""
    table = {**STATISTICS, **CONVENTIONS}
    if isinstance(statistic, str) and statistic in table:
        row = table[statistic]
    elif isinstance(statistic, Convention):
        row = statistic
    elif callable(statistic):
        row = Convention(statistic, _OWN.get(type(statistic), "mean"))
    else:
        raise OptionError(
            f"`statistic` must be one of {sorted(table)}, or a statistic such as {LaggedGram(((0, 8), (8, 0)))}; got "
            f"{statistic!r}."
        )
    wanted = row.distance if distance is None else distance
    if isinstance(wanted, str) and wanted in DISTANCES:
        return row, DISTANCES[wanted]
    if not callable(wanted):
        raise OptionError(f"`distance` must be one of {sorted(DISTANCES)} or a function of two; got {wanted!r}.")
    return row, cast(Distance, wanted)
