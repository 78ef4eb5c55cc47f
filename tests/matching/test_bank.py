"""`match_bank` and `transform_bank`: the best of many templates, and templates turned and scaled."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.ndimage
from jax.test_util import check_grads

from sigconv import OptionError, ShapeError, match_bank, match_template
from sigconv.matching import bank, transform_bank


def draw(count, *, channels=()):
    rng = np.random.default_rng(0)
    return rng.standard_normal((19, 23, *channels)).astype("f4"), rng.standard_normal((count, 5, 4, *channels)).astype(
        "f4"
    )


@pytest.mark.parametrize("chunk", [None, 2, 7])
@pytest.mark.parametrize(("score", "best"), [("zncc", np.argmax), ("ssd", np.argmin)])
def test_bank_keeps_the_best_template_at_every_place(score, best, chunk):
    x, w = draw(5)
    each = np.stack([match_template(x, t, score=score) for t in w])
    match = match_bank(x, w, score=score, chunk=chunk)
    np.testing.assert_array_equal(match.index, best(each, axis=0))
    np.testing.assert_allclose(match.score, np.take_along_axis(each, best(each, axis=0)[None], 0)[0], atol=1e-4)


def test_a_chunk_that_is_filled_up_names_no_template_that_is_not_there(monkeypatch):
    """The last chunk may be rounded otherwise than the first: here its scores are larger by a few units."""
    canonical, calls = bank.canonical_maps, []

    def rounded(*arguments):
        calls.append(arguments)
        return canonical(*arguments) * (1 + 1e-6 * (len(calls) - 1))

    monkeypatch.setattr(bank, "canonical_maps", rounded)
    w = draw(3)[1]
    # A shape that no other test has, so that this is traced here.
    match = match_bank(np.tile(w[0], (4, 5)), w, chunk=2)
    assert len(calls) >= 2
    assert int(match.index.max()) < 3
    assert int(match.index[0, 0]) == 0


@pytest.mark.parametrize("chunk", [None, 2])
def test_bank_takes_masks_channels_and_batches(chunk):
    x, w = draw(3, channels=(2,))
    masks = np.random.default_rng(1).random((3, 5, 4)) < 0.8
    each = np.stack([match_template(x, t, mask=m, channel_axis=-1) for t, m in zip(w, masks, strict=True)])
    match = match_bank(x[None], w, mask=masks, channel_axis=-1, chunk=chunk)
    assert match.score.shape == (1, 15, 20)
    np.testing.assert_allclose(match.score[0], each.max(0), atol=1e-5)
    shared = match_bank(x, w, mask=masks[0], channel_axis=-1, chunk=chunk)
    each = np.stack([match_template(x, t, mask=masks[0], channel_axis=-1) for t in w])
    np.testing.assert_allclose(shared.score, each.max(0), atol=1e-5)


def test_first_of_equal_templates_wins():
    x, w = draw(1)
    match = match_bank(x, np.concatenate([w, w, w]), chunk=2)
    assert not np.any(match.index)


@pytest.mark.parametrize("score", ["zncc", "ssd"])
def test_a_template_that_is_no_number_is_not_passed_over(score):
    x, w = draw(3)
    w[1, 2, 2] = np.nan
    match = match_bank(x, w, score=score, chunk=2, method="direct")
    assert np.all(np.isnan(match.score))
    assert np.all(np.asarray(match.index) == 1)


def test_derivatives_of_the_best_are_those_of_its_template(x64):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(30), rng.standard_normal((3, 5))
    index = match_bank(x, w, chunk=2).index

    def picked(x):
        maps = jax.vmap(lambda t: match_template(x, t))(w)
        return jnp.take_along_axis(maps, index[None].astype(int), axis=0).sum()

    kept = jax.jit(jax.grad(lambda x: match_bank(x, w, chunk=2).score.sum()))
    np.testing.assert_allclose(kept(x), jax.jit(jax.grad(picked))(x), atol=1e-9)


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
def test_transform_turns_and_scales_as_ndimage(interpolation):
    y, x = np.mgrid[:24, :20] / 5
    template = np.sin(x + 0.3 * y) + np.cos(y)
    bank = transform_bank(template.astype("f4"), angles=(0.0, 0.4), scales=(1.0, 1.3), interpolation=interpolation)
    assert bank.templates.shape[0] == bank.masks.shape[0] == 4
    np.testing.assert_allclose(bank.angles, [0, 0.4, 0, 0.4], rtol=1e-6)
    for t, mask, angle, scale in zip(bank.templates, bank.masks, bank.angles, bank.scales, strict=True):
        c, s = np.cos(float(angle)), np.sin(float(angle))
        matrix = np.array([[c, s], [-s, c]]) / float(scale)
        middle, at = (np.array(shape) / 2 - 0.5 for shape in (template.shape, t.shape))
        theirs = scipy.ndimage.affine_transform(template, matrix, middle - matrix @ at, t.shape, order=3)
        inside = np.asarray(mask)
        assert inside.sum() > 0.8 * template.size * float(scale) ** 2
        bound = 0.02 if interpolation == "linear" else 0.01
        assert (
            np.abs(np.asarray(t) - theirs)[inside & (np.pad(inside, 3)[6:, 6:] & np.pad(inside, 3)[:-6, :-6])].max()
            < bound
        )


def test_quarter_turns_are_exact_and_anticlockwise():
    template = np.random.default_rng(0).standard_normal((6, 4)).astype("f4")
    bank = transform_bank(template, angles=np.arange(4) * np.pi / 2, shape=(6, 6))
    assert bank.masks.sum(axis=(1, 2)).tolist() == [24, 24, 24, 24]
    for turns in range(4):
        kept = np.asarray(bank.templates[turns])[np.asarray(bank.masks[turns])]
        np.testing.assert_allclose(kept, np.rot90(template, turns).ravel(), atol=1e-5)


def test_bank_of_turns_finds_a_turned_template():
    rng = np.random.default_rng(0)
    image = scipy.ndimage.gaussian_filter(rng.standard_normal((80, 80)), 2).astype("f4")
    template = image[30:51, 30:51].copy()
    turned = scipy.ndimage.rotate(image, 30, reshape=False, order=3)
    bank = transform_bank(template, angles=np.deg2rad(np.arange(-60, 61, 15)))
    best = match_bank(turned, bank.templates, mask=bank.masks)
    place = np.unravel_index(np.argmax(best.score), best.score.shape)
    assert np.isclose(bank.angles[best.index[place]], np.deg2rad(30), atol=1e-6)
    assert best.score[place] > 0.98


def test_transform_passes_derivatives_to_template_angle_and_scale(x64):
    template = np.random.default_rng(0).standard_normal((5, 4))

    def f(template, angle, scale):
        return transform_bank(template, angles=angle, scales=scale, shape=(4, 4)).templates

    check_grads(jax.jit(f), (template, np.array([0.3]), np.array([1.1])), order=1, atol=1e-4, rtol=1e-4)


def test_transform_takes_channels_and_masks():
    template = np.random.default_rng(0).standard_normal((5, 4, 3)).astype("f4")
    mask = np.ones((5, 4), bool)
    mask[0] = False
    bank = transform_bank(template, mask=mask, channel_axis=-1)
    assert bank.templates.shape == (1, 5, 4, 3)
    np.testing.assert_allclose(bank.templates[0], template, atol=1e-6)
    np.testing.assert_array_equal(bank.masks[0], mask)
    weights = transform_bank(template, mask=0.5 * mask, channel_axis=-1).masks
    np.testing.assert_allclose(weights[0], 0.5 * mask, atol=1e-6)


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ShapeError, "`templates` must be a bank (count, *taps)", lambda: match_bank(np.ones(4), np.ones(2))),
        (ShapeError, "`match_bank`: `templates` must not be larger", lambda: match_bank(np.ones(4), np.ones((2, 5)))),
        (OptionError, "`chunk` must be a positive integer or None; got 0.", lambda: match_bank(np.ones(4), np.ones((2, 2)), chunk=0)),
        (ShapeError, "`transform_bank`: `template` must be a picture", lambda: transform_bank(np.ones(3))),
        (ShapeError, "`mask` must have the template's shape", lambda: transform_bank(np.ones((3, 3)), mask=np.ones(3))),
        (OptionError, "`interpolation` must be one of", lambda: transform_bank(np.ones((3, 3)), interpolation="best")),
        (OptionError, "`channel_axis` must be None, -3, -2 or -1", lambda: transform_bank(np.ones((3, 3, 3)), channel_axis=0)),
        (OptionError, "`shape` must be given", lambda: jax.jit(lambda a: transform_bank(np.ones((3, 3)), angles=a).templates)(np.ones(1))),
    ],
)  # fmt: skip
def test_bad_calls_are_refused(error, message, call):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
