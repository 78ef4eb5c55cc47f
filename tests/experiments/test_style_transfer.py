"""Style transfer: the descent, textures that tile, and the metrics."""

import dataclasses
import itertools
import signal

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.features.bank import random_bank
from experiments.features.colours import colours_of
from experiments.style_transfer.descent import advance, begin
from experiments.style_transfer.interruption import interruptible
from experiments.style_transfer.loading import alike, as_array, as_picture, load_sample
from experiments.style_transfer.metrics import HELD_OUT_SEED, measure_picture, seams
from experiments.style_transfer.options import Settings
from experiments.style_transfer.samples import PHOTOGRAPHS, TEXTURES
from experiments.style_transfer.statistics import LAGS, MEASURES, Appearance, appearance_distance
from experiments.style_transfer.synthesis import Plan, make_texture


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Valley:
    """A quadratic with very different curvatures, not a number beyond a distance from its lowest place."""

    lowest: jax.Array
    edge: float = float("inf")

    def __call__(self, x):
        offset = x - self.lowest
        curvature = jnp.linspace(1, 100, x.size).reshape(x.shape)
        loss = jnp.sum(curvature * offset**2)
        return jnp.where(jnp.max(jnp.abs(offset)) > self.edge, jnp.nan, loss)


LOWEST = jnp.linspace(-1, 1, 12).reshape(1, 3, 4)


def test_lbfgs_reaches_the_bottom_and_never_climbs():
    state = begin(jnp.zeros((1, 3, 4)), "lbfgs")
    losses = [float(state.loss)]
    for _ in range(60):
        state = advance(Valley(LOWEST), state, "lbfgs")
        losses.append(float(state.loss))
    assert all(later <= earlier for earlier, later in itertools.pairwise(losses))
    np.testing.assert_allclose(state.picture, LOWEST, atol=1e-3)


def test_adam_descends():
    state = begin(jnp.zeros((1, 3, 4)), "adam")
    before = float(Valley(LOWEST)(state.picture))
    for _ in range(60):
        state = advance(Valley(LOWEST), state, "adam")
    assert float(state.loss) < before / 100


@pytest.mark.parametrize("optimiser", ["lbfgs", "adam"])
def test_a_step_to_what_is_not_finite_leaves_the_picture(optimiser):
    start = LOWEST + 1
    state = advance(Valley(LOWEST), begin(jnp.array(start), optimiser), optimiser)
    assert jnp.isfinite(state.loss)
    state = dataclasses.replace(state, move=jnp.full_like(start, 10.0))
    after = advance(Valley(LOWEST, jnp.asarray(2.0)), state, optimiser)
    assert not after.is_finite
    np.testing.assert_array_equal(after.picture, start)
    assert jnp.isfinite(after.loss)


@pytest.fixture
def heeds_interrupts():
    """As at a terminal; in the background a shell has its commands ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_interrupts")
def test_interruption_is_asked_for_and_a_second_one_is_not_waited_for():
    with interruptible() as is_wanted:
        assert not is_wanted()
        signal.raise_signal(signal.SIGINT)
        assert is_wanted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


GRAVEL = load_sample("gravel", TEXTURES)[:, :64, :64]


def test_appearance_does_not_change_with_place_where_it_tiles():
    features = jax.random.normal(jax.random.key(0), (3, 16, 18))
    statistic = Appearance(LAGS, is_periodic=True)
    here, there = statistic(features), statistic(jnp.roll(features, (3, 5), (1, 2)))
    assert here["gram"].shape == (len(LAGS), 3, 3)
    assert float(appearance_distance(here, here)) == 0
    assert float(appearance_distance(there, here)) < 1e-10
    assert float(appearance_distance(statistic(2 * features), here)) > 1


@pytest.mark.parametrize(
    ("steps", "redraw", "expected"), [(120, 50, [50, 50, 20]), (100, 50, [50, 50]), (30, 50, [30]), (30, 0, [30])]
)
def test_steps_are_shared_among_draws(steps, redraw, expected):
    assert Plan(lambda *_: None, MEASURES["gram"], steps=steps, redraw=redraw).draws == expected


def test_every_draw_has_other_filters_than_those_of_the_metrics():
    fit = Settings(count=2, scales=2).plan().fit
    drawn = [fit(GRAVEL, level, draw).layers[0].filters for level, draw in ((0, 0), (0, 1), (1, 0), (1, 999))]
    drawn += [random_bank(GRAVEL, HELD_OUT_SEED, count=2, scales=1).layers[0].filters]
    for one, other in itertools.combinations(drawn, 2):
        assert float(jnp.abs(one - other).max()) > 0.1


@pytest.fixture(scope="module")
def tiles():
    """A texture that tiles, from a picture that does not."""
    plan = Plan(
        lambda picture, level, draw: random_bank(picture, level + 10 * draw, count=8, scales=2 - level),
        MEASURES["lagged"],
        steps=40,
        redraw=25,
        levels=2,
    )
    return list(make_texture(GRAVEL, (64, 80), plan, is_periodic=True))


def test_texture_goes_from_coarse_to_fine_and_its_loss_falls(tiles):
    assert [frames.picture.shape for frames in (tiles[0], tiles[-1])] == [(1, 32, 40), (1, 64, 80)]
    assert [frame.step for frame in tiles] == list(range(1, 81))
    for level in (0, 1):
        losses = [frame.loss for frame in tiles if frame.level == level]
        assert losses[-1] < losses[0] / 5
    assert float(tiles[-1].picture.min()) >= 0


def test_seams_are_like_what_is_inside(tiles):
    assert max(map(abs, seams(tiles[-1].picture))) < 4
    # A picture that does not tile has a seam.
    assert seams(GRAVEL)[1] > 4


def test_metrics_of_a_copy_and_of_noise():
    copy = measure_picture(GRAVEL, GRAVEL, is_periodic=False)
    assert copy.gram == copy.autocorrelation == copy.spectrum == 0
    assert copy.patches == (0, 0, 0)
    assert copy.copied == 1
    noise = jax.random.uniform(jax.random.key(1), GRAVEL.shape)
    other = measure_picture(noise, GRAVEL, is_periodic=True)
    assert len(other.gram_by_scale) == 3
    assert other.copied == 0
    assert min(other.gram, other.autocorrelation, other.spectrum, *other.patches) > 0.2


@pytest.mark.parametrize("samples", [TEXTURES, PHOTOGRAPHS], ids=["textures", "photographs"])
def test_samples_are_square_and_of_the_size_wanted(samples):
    for name, sample in samples.items():
        assert sample.load(sample.side).shape[:2] == (sample.side,) * 2, name
        assert load_sample(name, samples, 64).shape[1:] == (64, 64)


def test_six_textures_and_three_colour_ones_are_built_in():
    colours = [len(load_sample(name, TEXTURES)) for name in TEXTURES]
    assert len(colours) >= 6
    assert colours.count(3) >= 3


def test_pictures_survive_the_way_there_and_back():
    for picture in (np.arange(60, dtype=np.uint8).reshape(4, 5, 3), np.arange(20, dtype=np.uint8).reshape(4, 5)):
        np.testing.assert_array_equal(as_picture(as_array(picture)), picture)
    assert [len(one) for one in alike(GRAVEL, jnp.zeros((3, 2, 2)))] == [3, 3]
    np.testing.assert_allclose(colours_of(GRAVEL).mean, GRAVEL.mean(), rtol=1e-4)
