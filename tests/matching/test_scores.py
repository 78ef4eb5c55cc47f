"""`match_template`: every score against its definition, in float32 where that is hard, and what it refuses."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from matching.definition import definition

import sigconv
from sigconv import DTypeError, OptionError, ShapeError, match_template
from sigconv.matching.formulas import SCORES

SHAPES = {1: ((40,), (7,)), 2: ((19, 23), (5, 4)), 3: ((9, 8, 10), (3, 2, 4))}
MASKS = ("none", "bools", "weights", "image", "both")
BOUNDED = ("ncc", "zncc")
# Masked windows of a few samples about alike cancel; Σ x'² is then some 1e-3 of what it is the difference of.
BOUND = 1e-5


def masks(kind, image, template, rng):
    """(mask, image_mask) of a kind."""
    mask = {"bools": rng.random(template) < 0.7, "weights": rng.random(template).astype("f4")}.get(kind)
    if kind == "both":
        mask = rng.random(template) < 0.8
    return mask, rng.random(image) < 0.6 if kind in ("image", "both") else None


def assert_score(actual, expected, score, bound=BOUND):
    actual = np.asarray(actual, np.float64)
    assert actual.shape == expected.shape
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(np.isfinite(actual), finite)
    scale = 1.0 if score in BOUNDED else max(1.0, np.abs(expected[finite]).max())
    assert np.abs(actual[finite] - expected[finite]).max() <= bound * scale
    if score in BOUNDED:
        assert np.abs(actual).max() <= 1 + 1e-6


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


def hard_images(n):
    rng = np.random.default_rng(0)
    noise, y, x = rng.standard_normal((n, n)), *np.mgrid[:n, :n] / n
    for mean in (0, 30, 1000, 1e4):
        yield f"mean {mean}", noise + mean
    yield "ramp", noise + 1000 * x
    yield "ramp on an offset", noise + 700 * x + 700 * y + 1e4


def test_float32_holds_under_offsets_and_ramps():
    for kind in ("none", "bools", "image"):
        scores = ("zncc", "ncc", "ssd", "ccoeff") if kind == "none" else ("zncc",)
        mask = np.ones((8, 8), bool) if kind == "bools" else None
        image_mask = np.ones((96, 96), bool) if kind == "image" else None

        @jax.jit
        def run(image, template, mask=mask, image_mask=image_mask, scores=scores):
            options = dict(mask=mask, image_mask=image_mask)
            return {s: match_template(image, template, score=s, **options) for s in scores}

        for label, image in hard_images(96):
            x = image.astype("f4")
            w = x[40:48, 30:38].copy()
            for score, y in run(x, w).items():
                # Compared by the fast formula, which in float64 is the definition to 1e-9.
                assert_score(y, fast(x, w, score), score), (kind, label)


def fast(x, w, score):
    """The definition in float64 by windows, for one channel without masks."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape)
    w = w.astype(float)
    if score == "ssd":
        return ((windows - w) ** 2).sum((-2, -1))
    if score == "ncc":
        return (windows * w).sum((-2, -1)) / np.sqrt((windows**2).sum((-2, -1)) * (w**2).sum())
    windows, w = windows - windows.mean((-2, -1), keepdims=True), w - w.mean()
    product, energy = (windows * w).sum((-2, -1)), (windows**2).sum((-2, -1)) * (w**2).sum()
    return (
        product if score == "ccoeff" else np.where(energy == 0, 0, product / np.sqrt(np.where(energy == 0, 1, energy)))
    )


def test_flat_windows_and_templates_score_nothing_with_finite_derivatives():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (24, 24)).astype("f4")
    x[3:15, 5:20] = 200.0
    w = x[14:19, 2:6].copy()
    cases = (("zncc", None), ("ssd_normed", None), ("zncc", jnp.ones(w.shape, bool)))

    @jax.jit
    def run(x, w, weights):
        out = []
        for score, mask in cases:
            f = lambda x, w, s=score, m=mask: match_template(x, w, score=s, mask=m)  # noqa: E731
            y, back = jax.vjp(f, x, w)
            out.append((y, back(weights)))
        return out

    one = jnp.zeros((20, 21)).at[4, 6].set(1)
    for (score, _), (y, gradients) in zip(cases, run(x, w, one), strict=True):
        assert y[4, 6] == 0 or score == "ssd_normed"
        assert score == "ssd_normed" or all(not np.any(g) for g in gradients)
    for image, template in ((x, w), (x, np.full_like(w, 7)), (np.full_like(x, 255), w), (np.zeros_like(x), w)):
        for (score, _), (y, gradients) in zip(cases, run(image, template, jnp.ones_like(one)), strict=True):
            assert np.all(np.isfinite(y))
            assert all(np.all(np.isfinite(g)) for g in gradients)
            if score == "zncc" and (template is not w or image is not x):
                assert not np.any(y)


@pytest.mark.parametrize(
    ("kind", "scores"), [("none", ("zncc", "ssd_normed", "sad")), ("weights", ("zncc",)), ("image", ("zncc",))]
)
def test_derivatives_match_differences(x64, kind, scores):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((9, 8)), rng.standard_normal((3, 4))
    mask = 0.5 + rng.random((3, 4)) if kind == "weights" else None
    samples = 0.5 + rng.random((9, 8)) if kind == "image" else None
    given = [a for a in (x, w, mask, samples) if a is not None]

    @jax.jit
    def f(x, w, *rest):
        options = dict(mask=rest[0] if kind == "weights" else None, image_mask=rest[0] if kind == "image" else None)
        return [match_template(x, w, score=s, **options) for s in scores]

    modes = ["fwd", "rev"] if kind == "none" else ["rev"]
    check_grads(f, given, order=1, modes=modes, atol=1e-5, rtol=1e-5)


def test_second_derivatives_match_differences(x64):
    rng = np.random.default_rng(0)
    x, w, dx, weights = (rng.standard_normal(n) for n in (9, 3, 9, 7))
    gradient = jax.jit(jax.grad(lambda x, w: (weights * match_template(x, w)).sum(), (0, 1)))
    curvature = jax.jvp(lambda x: gradient(x, w), (x,), (dx,))[1]
    differences = [(b - a) / 2e-5 for a, b in zip(gradient(x - 1e-5 * dx, w), gradient(x + 1e-5 * dx, w), strict=True)]
    for ours, theirs in zip(curvature, differences, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


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


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "uint32"])
def test_integers_of_any_width_neither_overflow_nor_round(dtype):
    rng = np.random.default_rng(0)
    top = np.iinfo(dtype).max
    x = (top - rng.integers(0, min(255, top // 2), (19, 23))).astype(dtype)
    w = x[3:8, 6:10].copy()
    for score in ("zncc", "ssd", "sad"):
        y = match_template(x, w, score=score)
        assert y.dtype == np.float32
        expected = definition(x[None], w[None], score)
        assert_score(y, expected, score)
    assert match_template(x, w, score="sad")[3, 6] == 0


def test_int32_of_both_signs_does_not_overflow():
    x = np.array([-(2**31), 2**31 - 1, -(2**31), 5, 2**31 - 1, 0, -7], np.int32)
    w = np.array([2**31 - 1, -(2**31), 2**31 - 1], np.int32)
    for score in ("zncc", "ssd", "sad", "ccorr"):
        assert_score(match_template(x, w, score=score), definition(x[None], w[None], score), score)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_short_floats_are_rounded_once(dtype):
    rng = np.random.default_rng(0)
    x, w = (jnp.asarray(rng.standard_normal(s), dtype) for s in ((40,), (7,)))
    y = match_template(x, w)
    assert y.dtype == dtype
    expected = match_template(x.astype("float32"), w.astype("float32")).astype(dtype)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("method", ["direct", "shift_add"])
def test_methods_of_products_keep_nan_to_the_windows_that_hold_it(method):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((19, 23)).astype("f4") + 100, rng.standard_normal((5, 4)).astype("f4")
    bad = x.copy()
    bad[9, 12], bad[7, 10] = np.nan, np.inf
    holds = ~np.isfinite(np.lib.stride_tricks.sliding_window_view(bad, w.shape)).all((-2, -1))
    y = np.asarray(match_template(bad, w, method=method))
    assert np.all(np.isnan(y) == holds)
    np.testing.assert_allclose(y[~holds], fast(x, w, "zncc")[~holds], atol=1e-5)


def test_samples_without_weight_may_be_anything():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((19, 23)).astype("f4"), rng.standard_normal((5, 4)).astype("f4")
    known = rng.random(x.shape) < 0.7
    broken = np.where(known, x, np.nan).astype("f4")
    for score in ("zncc", "sad"):
        y = match_template(broken, w, score=score, image_mask=known)
        assert_score(y, definition(x[None], w[None], score, None, known[None]), score)


REPRODUCERS = {
    # Flat and faint windows of whole images, by the numbers of the issues of OpenCV and scikit-image.
    "opencv #21786": (np.full((20, 24), 255, np.uint8), np.full((5, 6), 255, np.uint8), "ssd", None, 0.0),
    "opencv #12916": (np.full((20, 24), 90, np.uint8), np.arange(30, dtype=np.uint8).reshape(5, 6), "zncc", None, 0.0),
}


@pytest.mark.parametrize("name", REPRODUCERS)
def test_reproducers_of_flat_images_give_the_defined_value(name):
    image, template, score, mask, expected = REPRODUCERS[name]
    assert np.all(np.asarray(match_template(image, template, score=score, mask=mask)) == expected)


def test_reproducers_of_masked_scores_stay_within_one():
    # opencv #15768 (17.0 and 3.4e38 in masked CCORR_NORMED) and #23257 (inf in masked CCOEFF_NORMED).
    rng = np.random.default_rng(0)
    image = np.zeros((40, 44), np.uint8)
    image[10:30, 12:30] = rng.integers(0, 256, (20, 18))
    image[:6] = 255
    template = image[12:20, 14:24].copy()
    mask = np.zeros((8, 10), bool)
    mask[2:6, 3:8] = True
    for score in ("ncc", "zncc"):
        y = match_template(image, template, score=score, mask=mask)
        assert_score(y, definition(image[None], template[None], score, mask[None]), score)
        assert np.isclose(y[12, 14], 1, atol=1e-5)


@pytest.mark.parametrize(
    ("level", "method", "bound"), [(250, "auto", 1e-5), (65000, "direct", 1e-5), (65000, "auto", 1e-3)]
)
def test_reproducers_of_scores_beyond_one_stay_within(level, method, bound):
    # scikit-image #845 and #1712, opencv #21788: faint windows in images of large values. A transform's error goes with
    # the contrast of the whole image; products keep it to the window's.
    rng = np.random.default_rng(0)
    image = level + rng.integers(0, 3, (64, 64)).astype("f4")
    image[20:24, 20:24] = 0
    template = image[40:52, 8:20].copy()
    y = match_template(image, template, method=method)
    assert_score(y, fast(image, template, "zncc"), "zncc", bound)
    assert np.unravel_index(np.argmax(y), y.shape) == (40, 8)


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
