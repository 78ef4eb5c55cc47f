"""`match_template`: every score against its definition, and what it refuses."""

import itertools

import jax
import numpy as np
import pytest
from matching.definition import assert_score, definition, fast

import sigconv
from sigconv import DTypeError, OptionError, ShapeError, match_template
from sigconv.matching.formulas import SCORES

SHAPES = {1: ((40,), (7,)), 2: ((19, 23), (5, 4)), 3: ((9, 8, 10), (3, 2, 4))}
MASKS = ("none", "bools", "weights", "image", "both")


def masks(kind, image, template, rng):
    """(mask, image_mask) of a kind."""
    mask = {"bools": rng.random(template) < 0.7, "weights": rng.random(template).astype("f4")}.get(kind)
    if kind == "both":
        mask = rng.random(template) < 0.8
    return mask, rng.random(image) < 0.6 if kind in ("image", "both") else None


def all_scores(kind, image, template, mask, image_mask, channel_axis):
    """Every score in one compilation."""

    @jax.jit
    def run(image, template, mask, image_mask):
        options = dict(mask=mask, image_mask=image_mask, channel_axis=channel_axis)
        return {
            name: match_template(image, template, score=name, **options)
            for name in SCORES
            if kind == "none" or name != "phase"
        }

    return run(image, template, mask, image_mask)


QUICK = [
    (1, 1, "none"),
    (1, 1, "both"),
    (2, 3, "none"),
    (2, 3, "weights"),
    (2, 3, "both"),
    (3, 1, "bools"),
    (3, 1, "image"),
]
REST = [case for case in itertools.product((1, 2, 3), (1, 2, 3), MASKS) if case not in QUICK]


@pytest.mark.parametrize(
    ("rank", "channels", "kind"), [*QUICK, *(pytest.param(*case, marks=pytest.mark.full) for case in REST)]
)
def test_scores_match_definition(rank, channels, kind):
    rng = np.random.default_rng(rank)
    space, taps = SHAPES[rank]
    image, template = ((channels, *shape) for shape in (space, taps))
    x, w = (rng.standard_normal(shape).astype("f4") for shape in (image, template))
    mask, image_mask = masks(kind, image, template, rng)
    arrays = [x, w, mask, image_mask]
    if channels == 1:
        given, axis = [None if a is None else a[0] for a in arrays], None
    else:
        given, axis = [None if a is None else np.moveaxis(a, 0, -1) for a in arrays], -1
    for name, y in all_scores(kind, *given, axis).items():
        assert_score(y, definition(x, w, name, mask, image_mask), name)


def test_batches_are_items_side_by_side_and_vmap_is_a_loop():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 19, 23)).astype("f4"), rng.standard_normal((5, 4)).astype("f4")
    y = match_template(x, w)
    assert y.shape == (2, 3, 15, 20)
    each = [match_template(x[i, j], w) for i, j in itertools.product(range(2), range(3))]
    np.testing.assert_allclose(y.reshape(6, 15, 20), each, atol=1e-6)
    mapped = jax.vmap(match_template)(x[0], np.stack([w, w, w]))
    np.testing.assert_allclose(mapped, y[0], atol=1e-6)


def test_tiles_give_the_same_map():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((19, 23)).astype("f4"), rng.standard_normal((5, 4)).astype("f4")
    for options in ({}, {"padding": "same"}, {"score": "sad"}, {"mask": np.ones((5, 4), bool)}):
        whole = match_template(x, w, **options)
        np.testing.assert_allclose(match_template(x, w, tile=(7, 30), **options), whole, atol=1e-5)


@pytest.mark.parametrize("padding", ["same", "full", [(2, 0), (1, 3)]], ids=str)
def test_padding_reads_the_boundary_and_keeps_what_lies_within(padding):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((19, 23)).astype("f4") + 1000, rng.standard_normal((5, 4)).astype("f4")
    y = match_template(x, w, padding=padding, boundary="edge")
    (a, b), (c, d) = {"same": ((2, 2), (2, 1)), "full": ((4, 4), (3, 3))}.get(str(padding), padding)
    assert_score(y, fast(np.pad(x, ((a, b), (c, d)), mode="edge"), w, "zncc"), "zncc")
    # A border of zeros around an offset of 1000 is not felt within.
    y = match_template(x, w, padding=padding)
    assert_score(y[a : a + 15, c : c + 20], fast(x, w, "zncc"), "zncc")


def test_flipped_signs_give_minus_one():
    x = np.random.default_rng(0).standard_normal((19, 23)).astype("f4")
    assert np.isclose(match_template(x, -3 * x[4:9, 5:9] + 7).min(), -1, atol=1e-6)


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (ShapeError, "`match_template`: `template` must not be larger than the image; got", {"template": np.ones((9, 3))}),
        (ShapeError, "`image` must have the axes of the template", {"image": np.ones(4)}),
        (ShapeError, "`image` must not be empty", {"image": np.ones((0, 4))}),
        (ShapeError, "`template` must have at least one spatial axis", {"template": np.ones(())}),
        (ShapeError, "`template` must have as many channels as the image", {"channel_axis": -1}),
        (ShapeError, "`mask` must have the shape of what it is for", {"mask": np.ones((3, 3))}),
        (ShapeError, "`image_mask` must have the shape of what it is for", {"image_mask": np.ones((3, 3))}),
        (OptionError, "`mask` must not be zero everywhere", {"mask": np.zeros((2, 3))}),
        (OptionError, "`image_mask` must not be zero everywhere", {"image_mask": np.zeros((4, 5), bool)}),
        (OptionError, "`score` must be one of", {"score": "best"}),
        (OptionError, "`padding` must be one of", {"padding": "some"}),
        (OptionError, "`channel_axis` must be None, or an axis counted from the end", {"channel_axis": 0}),
        (OptionError, "`overlap` must be a fraction between 0 and 1; got 2.", {"overlap": 2}),
        (OptionError, "`method` must be 'auto' for the score 'sad'", {"score": "sad", "method": "fft"}),
        (OptionError, "`method` must be one of", {"method": "guess"}),
        (OptionError, "`mask` and `image_mask` must be None for the score 'phase'", {"score": "phase", "mask": np.ones((2, 3))}),
        (OptionError, "`tile` must be None for the score 'phase'", {"score": "phase", "tile": 4}),
        (ShapeError, "`tile` must be a tuple of positive lengths", {"tile": 0}),
        (DTypeError, "`image` must be real; got complex64.", {"image": np.ones((4, 5), "c8")}),
        (DTypeError, "`mask` must be bool or real; got complex64.", {"mask": np.ones((2, 3), "c8")}),
    ],
)  # fmt: skip
def test_bad_calls_are_refused(error, message, options):
    image, template = options.pop("image", np.ones((4, 5), "f4")), options.pop("template", np.ones((2, 3), "f4"))
    with pytest.raises(error) as caught:
        match_template(image, template, **options)
    assert message in str(caught.value)


def test_public_names_are_one_function():
    assert sigconv.match_template is sigconv.matching.match_template
