"""`match_template` where float32 is hard: offsets, ramps, faint windows, wide integers, NaN; and known failures."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from matching.definition import assert_score, definition, fast

from sigconv import match_template


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
