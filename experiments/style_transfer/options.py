"""What several commands can be told, checked and turned into a plan."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import jax
import typer

from experiments.features.bank import FULL_SIZES, analytic_bank, full_bank, random_bank
from experiments.features.vgg import SMALLEST, load_vgg
from experiments.style_transfer.goals import Extractor
from experiments.style_transfer.metrics import HELD_OUT_SEED
from experiments.style_transfer.statistics import MEASURES
from experiments.style_transfer.synthesis import Fit, Plan

TAPS = 11
_NEXT_DRAW = 1_000_000
"""From the seed of one draw of filters to that of the next: none meets that of the metrics."""
_DRAWS = 1_000
"""After so many the first one comes again."""


class Filters(StrEnum):
    random = "random"
    analytic = "analytic"
    full = "full"
    vgg = "vgg"


class Rule(StrEnum):
    lbfgs = "lbfgs"
    adam = "adam"


class Statistic(StrEnum):
    lagged = "lagged"
    gram = "gram"
    moments = "moments"
    autocorrelation = "autocorrelation"
    spectrum = "spectrum"
    wasserstein = "wasserstein"


FiltersOption = Annotated[Filters, typer.Option(help="Where features come from.")]
CountOption = Annotated[int, typer.Option(min=1, max=512, help="Random filters per scale.")]
ScalesOption = Annotated[
    int, typer.Option(min=1, max=6, help="Scales of the pyramid under random and analytic filters.")
]
StatisticOption = Annotated[Statistic, typer.Option(help="What is made equal: 'gram' is 'lagged' without its lags.")]
OptimiserOption = Annotated[Rule, typer.Option(help="Which rule takes the steps.")]
StepsOption = Annotated[int, typer.Option(min=1, help="On each level of size.")]
RedrawOption = Annotated[int, typer.Option(min=0, help="Steps after which filters are drawn anew; 0 for never.")]
LevelsOption = Annotated[int, typer.Option(min=1, max=6, help="Sizes from coarse to fine, each twice the one before.")]
SeedOption = Annotated[int, typer.Option(min=0, max=HELD_OUT_SEED - 100, help="Of noise and filters.")]
SmoothnessOption = Annotated[float, typer.Option(min=0, help="Weight of the total variation.")]
WeightsOption = Annotated[Path | None, typer.Option(help="VGG-19's, for --filters vgg: .safetensors or .npz.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace the run that --output holds.")]
FramesOption = Annotated[int, typer.Option(min=0, help="Save a picture every so many steps; 0 for none.")]


@dataclass(frozen=True)
class Settings:
    """The options that make a plan, as they were given."""

    filters: Filters = Filters.random
    count: int = 32
    scales: int = 4
    statistic: Statistic = Statistic.lagged
    optimiser: Rule = Rule.lbfgs
    steps: int = 150
    redraw: int = 25
    levels: int = 3
    seed: int = 0
    smoothness: float = 0.0
    weights: Path | None = None

    def plan(self) -> Plan:
        """`WeightsError` where there is no use in `weights`."""
        return Plan(
            self._fit(),
            MEASURES[self.statistic],
            optimiser=self.optimiser.value,
            steps=self.steps,
            redraw=0 if self.filters is Filters.vgg else self.redraw,
            levels=self.halvings + 1,
            seed=self.seed,
            smoothness=self.smoothness,
        )

    @property
    def halvings(self) -> int:
        """Of the finest level: not so many that a level has no scale of the pyramid left."""
        has_pyramid = self.filters in (Filters.random, Filters.analytic)
        return min(self.levels, self.scales if has_pyramid else self.levels) - 1

    @property
    def smallest(self) -> int:
        """The least side of pictures that are not halved yet."""
        if self.filters is Filters.vgg:
            return SMALLEST << self.halvings
        if self.filters is Filters.full:
            return max(FULL_SIZES)
        return TAPS << (self.scales - 1)

    def _fit(self) -> Fit:
        if self.filters is Filters.vgg:
            network = load_vgg(self.weights)
            return lambda picture, level, draw: network

        # Every level has filters of its own.
        def fit(picture: jax.Array, level: int, draw: int) -> Extractor:
            seed = self.seed + level + _NEXT_DRAW * (draw % _DRAWS)
            if self.filters is Filters.full:
                sizes = [taps for taps in FULL_SIZES if taps <= min(picture.shape[1:])]
                return full_bank(picture, seed, sizes=sizes)
            if self.filters is Filters.analytic:
                return analytic_bank(picture, seed, taps=TAPS, scales=self.scales - level)
            return random_bank(picture, seed, count=self.count, taps=TAPS, scales=self.scales - level)

        return fit
