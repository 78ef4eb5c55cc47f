"""Shifts between images: their signs, their accuracy, and what stands in their way."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads
from matching.images import band_limited, shifted

import sigconv
from sigconv import DTypeError, OptionError, ShapeError
from sigconv.matching import Band, phase_correlation

NAMES = ["camera", "coins", "brick", "moon"]
DRAW = np.random.default_rng(0)
NOISE = DRAW.standard_normal((16, 20)).astype("f4")


def height(x, y, shift):
    """Σ_n x[n] conj(y[n − d]) by a direct sum over frequencies, the highest one of an even length as a cosine."""
    product = np.fft.fftn(x) * np.conj(np.fft.fftn(y))
    for axis, (n, d) in enumerate(zip(x.shape, shift, strict=True)):
        turns = np.exp(2j * np.pi * np.fft.fftfreq(n) * d)
        if n % 2 == 0:
            turns[n // 2] = np.cos(np.pi * d)
        product = product * turns.reshape(*(-1 if a == axis else 1 for a in range(x.ndim)))
    return product.sum() / x.size


@given(st.tuples(st.integers(-7, 8), st.integers(-9, 10)))
@settings(max_examples=15, deadline=None)
def test_the_shift_found_is_the_shift_applied(shift):
    found = phase_correlation(np.roll(NOISE, shift, (0, 1)), NOISE, window=None)
    assert found.shift.tolist() == list(shift)
    np.testing.assert_allclose(found.score, 1, rtol=1e-5)


@pytest.mark.parametrize("shape", [(33,), (6, 7, 8)], ids=str)
def test_any_number_of_axes(shape):
    x = DRAW.standard_normal(shape).astype("f4")
    shift = [3, -2, 1][: len(shape)]
    y = np.roll(x, shift, range(len(shape)))
    for normalization in ("phase", "none"):
        assert phase_correlation(y, x, normalization=normalization, window=None).shift.tolist() == shift


def test_it_is_the_lag_at_which_correlate_peaks():
    x = np.zeros((16, 20), "f4")
    x[5:8, 6:12] = NOISE[:3, :6]
    y = np.roll(x, (2, -3), (0, 1))
    lags = sigconv.correlate(y, x)
    peak = np.array(np.unravel_index(np.argmax(lags), lags.shape)) - (np.array(x.shape) - 1)
    assert phase_correlation(y, x).shift.tolist() == peak.tolist() == [2, -3]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("normalization", "upsampling"), [("phase", 100), ("none", 2), ("band", 10)])
def test_shifts_of_periodic_images_are_exact(name, normalization, upsampling):
    x = band_limited(name, 64, (100, 100))
    shift = np.random.default_rng(upsampling).uniform(-20, 20, 2)
    found = phase_correlation(shifted(x, shift), x, normalization=normalization, window=None, upsampling=upsampling)
    assert np.abs(np.asarray(found.shift) - shift).max() <= 1e-3 <= 1 / (2 * upsampling)


@pytest.mark.parametrize("name", NAMES)
def test_shifts_of_views_are_within_half_a_step(name):
    """What a camera sees: each view has borders of its own."""
    draw = np.random.default_rng(1)
    for _ in range(3):
        x, shift = band_limited(name, 200, (60, 60)), draw.uniform(-16, 16, 2)
        views = (a[36:164, 36:164] for a in (shifted(x, shift), x))
        found = phase_correlation(*views, upsampling=100)
        assert np.abs(np.asarray(found.shift) - shift).max() <= 1 / 200


def test_the_demonstration_of_guizar_sicairos(x64):
    """The cameraman moved by (3.48574, 8.73837) and turned by a global phase of 2, to 1/100 of a pixel."""
    import skimage.data

    x = skimage.data.camera()[::2, ::2].astype(float)
    y = shifted(x.astype(complex), (3.48574, 8.73837)) * np.exp(2j)
    found = phase_correlation(x.astype(complex), y, normalization="none", window=None, upsampling=100)
    assert np.abs(np.asarray(found.shift) - (-3.48574, -8.73837)).max() <= 0.005
    np.testing.assert_allclose(found.phase, -2, atol=1e-3)
    np.testing.assert_allclose(found.score, 1, atol=1e-3)


@pytest.mark.parametrize("blur", [0, 3, 5, 8])
@pytest.mark.parametrize("normalization", ["phase", "band", "none"])
def test_smooth_images_are_not_found_unshifted(blur, normalization):
    """scikit-image #6456, which finds [0, 0]: there the phases of high frequencies are those of the borders."""
    from scipy.ndimage import gaussian_filter
    from skimage.data import binary_blobs

    blobs = binary_blobs(256, blob_size_fraction=0.05, volume_fraction=0.7, rng=0).astype("f4")
    x = gaussian_filter(blobs, blur) if blur else blobs
    found = phase_correlation(x[10:-10, 10:-10], x[5:-15, 7:-13], normalization=normalization)
    assert found.shift.tolist() == [-5, -3]


@pytest.mark.parametrize("is_complex", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize("shape", [(8, 9), (9, 8)], ids=str)
def test_it_is_the_top_of_the_interpolated_correlation(shape, is_complex, x64):
    draw = np.random.default_rng(5)
    x, y = (draw.standard_normal(shape) + 1j * is_complex * draw.standard_normal(shape) for _ in range(2))
    y = np.roll(x, (-2, 1), (0, 1)) + 0.2 * y
    x, y = (a - a.mean() if is_complex else a.real - a.real.mean() for a in (x, y))
    found = phase_correlation(x, y, normalization="none", window=None, upsampling=4)
    at = np.asarray(found.shift)
    assert np.any(at % 1 != 0)
    top = height(x, y, at)
    norms = np.linalg.norm(x) * np.linalg.norm(y)
    np.testing.assert_allclose(found.score, abs(top) / norms, rtol=1e-9)
    np.testing.assert_allclose(found.phase, np.angle(top) if is_complex else 0, atol=1e-9)
    for step in (1e-3, -1e-3):
        for axis in (0, 1):
            assert abs(height(x, y, at + step * np.eye(2)[axis])) < abs(top)


def test_images_of_any_type_and_batches():
    x = np.stack([np.roll(NOISE, (s, 0), (0, 1)) for s in (0, 2, -1)])
    y = np.broadcast_to(NOISE, x.shape)
    find = functools.partial(phase_correlation, upsampling=2, window="tukey")
    found = find(x, y, axes=(1, 2))
    assert found.score.shape == (3,)
    np.testing.assert_allclose(found.shift, [[0, 0], [2, 0], [-1, 0]], atol=0.1)
    mapped = jax.jit(jax.vmap(find))(x, y)
    np.testing.assert_allclose(mapped.shift, found.shift, atol=1e-5)
    np.testing.assert_allclose(mapped.score, found.score, rtol=1e-4)
    for dtype in ("uint8", "bfloat16"):
        a = jnp.asarray(np.round(20 * NOISE + 100), dtype)
        assert phase_correlation(jnp.roll(a, 3, 1), a, window=None).shift.tolist() == [0, 3]


def test_axes_are_in_the_order_asked_for():
    y = np.roll(NOISE, (2, -3), (0, 1))
    assert phase_correlation(y, NOISE, axes=(1, 0), window=None).shift.tolist() == [-3, 2]
    both = phase_correlation(y, np.roll(NOISE, 2, 0), axes=1, window=None)
    np.testing.assert_array_equal(both.shift, np.full((16, 1), -3))


def test_windows_may_be_weights():
    weights = np.hanning(18)[1:-1, None] * np.hanning(22)[1:-1]
    y = np.roll(NOISE, (1, -1), (0, 1))
    assert phase_correlation(y, NOISE, window=weights).shift.tolist() == [1, -1]


def test_which_of_the_periods_it_is():
    x = np.random.default_rng(3).standard_normal((40, 40)).astype("f4")
    reference, moving = x[:24, :24], x[14:38, 3:27]
    assert phase_correlation(reference, moving, window=None).shift.tolist() == [-10, 3]
    assert phase_correlation(reference, moving, window=None, disambiguate=True).shift.tolist() == [14, 3]
    fine = phase_correlation(reference, moving, window=None, disambiguate=True, upsampling=4)
    np.testing.assert_allclose(fine.shift, [14, 3], atol=0.1)
    flat = phase_correlation(jnp.ones((4, 4)), jnp.ones((4, 4)), disambiguate=True)
    assert flat.shift.tolist() == [0, 0]


def test_derivatives_of_a_shift_between_samples(x64):
    x = NOISE.astype(float)[:8, :9]

    def find(y, x):
        found = phase_correlation(y, x, upsampling=4)
        return found.shift, found.score

    check_grads(jax.jit(find), (shifted(x, (1.3, -0.4)), x), order=1, modes=["fwd", "rev"], atol=1e-4, rtol=1e-4)


def test_the_derivative_by_a_shift_is_one(x64):
    """Moved by another d, the image is found another d away."""
    x = jnp.asarray(band_limited("camera", 32, (100, 100)))
    rates = jnp.asarray(np.stack(np.meshgrid(*[-2 * np.pi * np.fft.fftfreq(32)] * 2, indexing="ij")))

    def find(d):
        turns = jnp.tensordot(d, rates, 1)
        moved = jnp.real(jnp.fft.ifft2(jnp.fft.fft2(x) * jax.lax.complex(jnp.cos(turns), jnp.sin(turns))))
        return phase_correlation(moved, x, normalization="none", window=None, upsampling=10).shift

    slope = jax.jacobian(find)(jnp.array([2.3, -1.6]))
    np.testing.assert_allclose(slope, np.eye(2), atol=1e-6)


@pytest.mark.parametrize(
    ("upsampling", "dtype", "value"),
    [
        (4, "float32", 7.3),
        *(pytest.param(*case, marks=pytest.mark.full) for case in ((1, "float32", 0.0), (4, "complex64", 0.0))),
    ],
)
def test_derivatives_are_finite_on_flat_images(upsampling, value, dtype):
    def total(x, y):
        found = phase_correlation(x, y, upsampling=upsampling)
        return found.shift.sum() + found.score + found.phase

    flat = jnp.full((6, 7), value, dtype)
    for y in (flat, flat.at[2, 3].add(1)):
        assert phase_correlation(flat, y, upsampling=upsampling).score == 0
        found, slopes = jax.value_and_grad(total, (0, 1))(flat, y)
        assert jnp.isfinite(found)
        assert all(jnp.all(jnp.isfinite(slope)) for slope in slopes)


def test_nan_gives_nan():
    found = phase_correlation(jnp.asarray(NOISE).at[0, 0].set(jnp.nan), NOISE)
    assert jnp.all(jnp.isnan(found.shift))
    assert jnp.isnan(found.score)


def masked_definition(x, y, x_mask, y_mask, overlap=0.3):
    """Padfield's score at every lag, in loops: the lag of the best, and the best."""
    scores = {}
    for d in np.ndindex(*(n + k - 1 for n, k in zip(x.shape, y.shape, strict=True))):
        d = tuple(i - (k - 1) for i, k in zip(d, y.shape, strict=True))
        here = tuple(slice(max(i, 0), min(n, k + i)) for i, n, k in zip(d, x.shape, y.shape, strict=True))
        there = tuple(slice(s.start - i, s.stop - i) for s, i in zip(here, d, strict=True))
        both = x_mask[here] & y_mask[there]
        a, b = x[here][both], y[there][both]
        a, b = a - (a.mean() if a.size else 0), b - (b.mean() if b.size else 0)
        norm = np.sqrt((a * a).sum() * (b * b).sum())
        scores[d] = both.sum(), (a * b).sum() / norm if norm > 1e-9 else 0.0
    most = max(count for count, _ in scores.values())
    return max((score, d) for d, (count, score) in scores.items() if count >= overlap * most)


def test_masked_shifts_are_those_of_the_definition():
    draw = np.random.default_rng(4)
    for _ in range(4):
        x, y = draw.standard_normal((2, 7, 8)).astype("f4")
        masks = draw.random((2, 7, 8)) < 0.7
        score, lag = masked_definition(x.astype(float), y.astype(float), *masks)
        found = phase_correlation(x, y, reference_mask=masks[0], moving_mask=masks[1])
        assert tuple(found.shift.tolist()) == lag
        np.testing.assert_allclose(found.score, score, rtol=1e-4)


def test_what_lies_outside_the_masks_does_not_count():
    x = band_limited("camera", 64, (100, 100)).astype("f4") + 1e4
    masks = np.ones((2, 64, 64), bool)
    masks[0, 10:40, 20:30] = masks[1, 30:50, 5:50] = False
    shift = (2.3, -3.6)
    a, b = np.where(masks[0], shifted(x, shift), np.nan), np.where(masks[1], x, 1e6)
    found = phase_correlation(a, b, reference_mask=masks[0], moving_mask=masks[1])
    assert found.shift.tolist() == [2, -4]
    fine = phase_correlation(a, b, reference_mask=masks[0], moving_mask=masks[1], upsampling=10)
    assert np.abs(np.asarray(fine.shift) - shift).max() <= 0.05


def test_masked_shifts_have_derivatives(x64):
    x = NOISE.astype(float)[:8, :9]
    y, mask = shifted(x, (1.3, -0.4)), np.ones((8, 9), bool)
    mask[2:4, 3] = False

    def find(y, x):
        found = phase_correlation(y, x, reference_mask=mask, upsampling=4)
        return found.shift, found.score

    check_grads(jax.jit(find), (y, x), order=1, modes=["fwd", "rev"], atol=1e-4, rtol=1e-4)
    for flat in (np.zeros((8, 9)), np.ones((8, 9))):
        slopes = jax.grad(lambda y, x: find(y, x)[0].sum() + find(y, x)[1], (0, 1))(flat, flat)
        assert all(jnp.all(jnp.isfinite(slope)) for slope in slopes)


ONES = np.ones((3, 4), "f4")
BAD = [
    (lambda: phase_correlation(ONES, ONES[:2]), ShapeError, r"^`phase_correlation`: `moving` must have the shape of the reference, \(3, 4\); got \(2, 4\)"),
    (lambda: phase_correlation(ONES[:0], ONES[:0]), ShapeError, r"`reference` must not be empty"),
    (lambda: phase_correlation(1.0, 1.0), ShapeError, r"`reference` must have at least one axis; got a scalar"),
    (lambda: phase_correlation(ONES, "x"), DTypeError, r"`moving` must"),
    (lambda: phase_correlation(ONES, ONES, normalization="phases"), OptionError, r"`normalization` must be one of \['band', 'none', 'phase'\]; got 'phases'"),
    (lambda: phase_correlation(ONES, ONES, window="kaiser"), OptionError, r"`window` must be one of \['hann', 'tukey'\]; got 'kaiser'"),
    (lambda: phase_correlation(ONES, ONES, window=ONES[0]), ShapeError, r"`window` must be one of .* or of shape \(3, 4\); got shape \(4,\)"),
    (lambda: phase_correlation(ONES, ONES, window=ONES * 1j), DTypeError, r"`window` must be real; got complex64"),
    (lambda: phase_correlation(ONES, ONES, upsampling=0), OptionError, r"`upsampling` must be a positive integer; got 0"),
    (lambda: phase_correlation(ONES, ONES, upsampling=1.5), OptionError, r"`upsampling` must be a positive integer; got 1.5"),
    (lambda: phase_correlation(ONES, ONES, overlap=2), OptionError, r"`overlap` must be a fraction between 0 and 1; got 2"),
    (lambda: phase_correlation(ONES, ONES, disambiguate=1), OptionError, r"`disambiguate` must be True or False; got 1"),
    (lambda: phase_correlation(ONES, ONES, axes=2), OptionError, r"`axes` must be axes of the signal, which has 2; got 2"),
    (lambda: phase_correlation(ONES, ONES, reference_mask=ONES[0]), ShapeError, r"`reference_mask` must have the shape of its image, \(3, 4\); got \(4,\)"),
    (lambda: phase_correlation(ONES, ONES, moving_mask=0 * ONES), OptionError, r"`moving_mask` must not be zero everywhere; got 12 zeros"),
    (lambda: phase_correlation(ONES * 1j, ONES, reference_mask=ONES), DTypeError, r"`reference_mask` must be bool or real, and so its image; got float32 for complex64"),
    (lambda: phase_correlation(ONES, ONES, reference_mask=ONES, window=None), OptionError, r"`normalization`, `window` and `disambiguate` must be left out where there are masks; got 'phase', None and False"),
    (lambda: Band(0.6), OptionError, r"`Band.cutoff` must be above 0 and at most 0.5 cycles/sample; got 0.6"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_bad_input_is_refused_under_jit_too():
    with pytest.raises(ShapeError, match="`moving` must have the shape"):
        jax.jit(phase_correlation)(jnp.ones((3, 4)), jnp.ones((4, 3)))


def test_it_is_a_public_name():
    assert sigconv.phase_correlation is phase_correlation
