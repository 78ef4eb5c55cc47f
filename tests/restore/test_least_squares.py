"""Inverse, Wiener and Tikhonov against dense float64 solves, and what follows from their definitions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads
from restore.dense import blur_matrix, in_view, penalty_matrix

from sigconv import Constant, DTypeError, OptionError, ShapeError, convolve, restore
from sigconv.restore.model import model_of, resolve_sight
from sigconv.restore.penalty import penalty_of, resolve_filters

BOUNDARIES = ["zero", "edge", "symmetric", "reflect", "periodic", "unknown"]
TOLERANCE = 1e-11
IMAGE, TAPS = (5, 6), (2, 3)
EXACT = dict(tolerance=TOLERANCE, max_iterations=400)


def drawn(shape, seed=0, is_complex=False):
    draw = np.random.default_rng(seed)
    return draw.standard_normal(shape) + 1j * draw.standard_normal(shape) if is_complex else draw.standard_normal(shape)


def blur(taps=TAPS, is_complex=False):
    """A kernel with most of its weight in the middle, so that solves are not near singular."""
    kernel = 0.2 * drawn(taps, 1, is_complex)
    kernel[tuple((k - 1) // 2 for k in taps)] += 1
    return kernel


def dense_solve(y, kernel, boundary, name, weight, mask=None):
    """(x in view, bound of the error of an iteration that ends at TOLERANCE)."""
    names = (boundary,) * y.ndim
    scene = resolve_sight(boundary, y.shape, kernel.shape).scene
    a = blur_matrix(kernel, y.shape, scene, names)
    w = np.ones(y.size) if mask is None else mask.ravel()
    normal = a.conj().T @ (w[:, None] * a) + weight * penalty_matrix(name, scene, names)
    right = a.conj().T @ (w * y.ravel())
    x = np.linalg.lstsq(normal, right, rcond=None)[0]
    sizes = np.linalg.eigvalsh(normal)
    smallest = sizes[sizes > 1e-10 * sizes[-1]][0]
    return in_view(x, y.shape, scene, kernel.shape, names), 4 * TOLERANCE * np.linalg.norm(right) / smallest


FULL = pytest.mark.full
PAIRS = [
    pytest.param(b, p, marks=() if p == "gradient" or b == "unknown" else FULL)
    for b in BOUNDARIES
    for p in ("gradient", "laplacian", "identity")
]


@pytest.mark.parametrize(("boundary", "penalty"), PAIRS)
def test_tikhonov_is_the_dense_solution(boundary, penalty, x64):
    y, kernel = drawn(IMAGE), blur()
    expected, bound = dense_solve(y, kernel, boundary, penalty, 0.1)
    found = restore.tikhonov(y, kernel, 0.1, penalty=penalty, boundary=boundary, **EXACT)
    np.testing.assert_allclose(found, expected, atol=bound, rtol=0)


@pytest.mark.parametrize("boundary", ["periodic", "unknown"])
def test_tikhonov_of_complex_images(boundary, x64):
    y, kernel = drawn((7,), is_complex=True), blur((4,), is_complex=True)
    expected, bound = dense_solve(y, kernel, boundary, "gradient", 0.1)
    found = restore.tikhonov(y, kernel, 0.1, boundary=boundary, **EXACT)
    np.testing.assert_allclose(found, expected, atol=bound, rtol=0)


@pytest.mark.parametrize("boundary", ["periodic", "unknown"])
def test_masked_samples_do_not_matter(boundary, x64):
    y, kernel = drawn(IMAGE), blur()
    mask = np.random.default_rng(3).uniform(size=IMAGE).round(1)
    mask[1, 2] = mask[4, :3] = 0
    expected, bound = dense_solve(y, kernel, boundary, "gradient", 0.1, mask)
    found = restore.tikhonov(y, kernel, 0.1, boundary=boundary, mask=mask, **EXACT)
    np.testing.assert_allclose(found, expected, atol=bound, rtol=0)
    spoilt = np.where(mask == 0, np.nan, y)
    np.testing.assert_array_equal(restore.tikhonov(spoilt, kernel, 0.1, boundary=boundary, mask=mask, **EXACT), found)


@given(st.integers(0, 2**16), st.sampled_from(BOUNDARIES[1:5:2]), st.floats(1e-3, 10))
@settings(max_examples=12, deadline=None)
def test_tikhonov_satisfies_the_normal_equations(seed, boundary, strength):
    """In float32: AᵀA x + strength · DᵀD x = Aᵀy, to the tolerance asked for."""
    y, kernel = drawn((9,), seed).astype("f4"), blur((3,)).astype("f4")
    x = restore.tikhonov(y, kernel, np.float32(strength), boundary=boundary, tolerance=1e-5)
    a = blur_matrix(kernel.astype(float), (9,), (9,), (boundary,))
    p = penalty_matrix("gradient", (9,), (boundary,))
    residual = a.T @ (a @ np.asarray(x, float) - y) + strength * p @ np.asarray(x, float)
    rounding = 2.0**-23 * 16 * (1 + 4 * strength) * np.linalg.norm(x)
    assert np.linalg.norm(residual) <= 2e-5 * np.linalg.norm(a.T @ y) + rounding


def test_penalties_of_the_users_own(x64):
    y, kernel = drawn(IMAGE), blur()
    two = [np.array([[1.0], [-1.0]]), np.array([[1.0, -1.0]])]
    cross = np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])
    for given_, name in ((two, "gradient"), (cross, "laplacian"), (np.ones((1, 1)), "identity")):
        expected = restore.tikhonov(y, kernel, 0.1, penalty=name, **EXACT)
        np.testing.assert_allclose(restore.tikhonov(y, kernel, 0.1, penalty=given_, **EXACT), expected, atol=1e-8)


def test_penalty_is_its_spectrum_where_all_is_periodic(x64):
    sight = resolve_sight("periodic", (4, 5), (1, 1))
    for name in ("identity", "gradient", "laplacian"):
        penalty = penalty_of(resolve_filters(name, 2, np.dtype("f8")), sight, np.dtype("f8"))
        x = drawn((4, 5))
        expected = np.fft.irfft2(np.fft.rfft2(x) * np.asarray(penalty.spectrum), (4, 5))
        np.testing.assert_allclose(penalty.gradient(x), expected, atol=1e-13)


def spectra(shape, kernel):
    wide = np.zeros(shape, kernel.dtype)
    wide[tuple(map(slice, kernel.shape))] = kernel
    h = np.fft.fftn(np.roll(wide, [-((k - 1) // 2) for k in kernel.shape], range(wide.ndim)))
    d = sum(4 * np.sin(np.pi * f) ** 2 for f in np.meshgrid(*map(np.fft.fftfreq, shape), indexing="ij"))
    return h, d


@pytest.mark.parametrize("shape", [(6, 7), (8,)], ids=str)
@pytest.mark.parametrize("signal", ["number", "spectrum", "natural"])
def test_wiener_is_the_formula_where_all_is_periodic(signal, shape, x64):
    y, kernel = drawn(shape) + 3, blur(TAPS[-len(shape) :])
    h, d = spectra(shape, kernel)
    noise, level = 0.05, y.mean() / kernel.sum()
    if signal == "natural":
        power = abs(np.fft.fftn(y - y.mean())) ** 2 / y.size
        g, excess = (abs(h) ** 2 / np.where(d > 0, d, 1))[d > 0], (power - noise)[d > 0]
        c = np.maximum(excess, 0).sum() / g.sum()
        for _ in range(10):
            weight = (g / (c * g + noise)) ** 2
            c = (weight * excess / g).sum() / weight.sum()
        expected = np.fft.ifftn(h.conj() * np.fft.fftn(y) / (abs(h) ** 2 + noise / c * d)).real
        found = restore.wiener(y, kernel, noise, boundary="periodic")
    else:
        power = 2.0 if signal == "number" else 2.0 / (0.1 + d)
        centred = np.fft.fftn(y - level * kernel.sum())
        expected = level + np.fft.ifftn(h.conj() * centred / (abs(h) ** 2 + noise / power)).real
        found = restore.wiener(y, kernel, noise, signal=power, boundary="periodic")
    np.testing.assert_allclose(found, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("boundary", ["symmetric", "unknown"])
def test_wiener_elsewhere_is_the_dense_solution(boundary, x64):
    y, kernel = drawn(IMAGE) + 3, blur()
    scene = resolve_sight(boundary, IMAGE, TAPS).scene
    level = y.mean() / kernel.sum()
    rest = y - (blur_matrix(kernel, IMAGE, scene, (boundary,) * 2) @ np.full(np.prod(scene), level)).reshape(IMAGE)
    expected, bound = dense_solve(rest, kernel, boundary, "identity", 0.05 / 2)
    found = restore.wiener(y, kernel, 0.05, signal=2.0, boundary=boundary, **EXACT)
    np.testing.assert_allclose(found, expected + level, atol=bound, rtol=0)


@pytest.mark.parametrize("boundary", ["periodic", "unknown"])
def test_wiener_keeps_the_level_of_a_constant_image(boundary, x64):
    for signal in (None, 0.5):
        flat = restore.wiener(np.full((6, 6), 2.0), blur() / blur().sum(), 0.1, signal=signal, boundary=boundary)
        np.testing.assert_allclose(flat, 2, atol=2e-3)


@pytest.mark.parametrize("is_complex", [False, True])
@pytest.mark.parametrize(("shape", "taps"), [((9,), (4,)), ((5, 6), (3, 2)), ((3, 4, 5), (2, 1, 3))], ids=str)
def test_inverse_filter_undoes_a_periodic_convolution(shape, taps, is_complex, x64):
    x, kernel = drawn(shape, is_complex=is_complex), blur(taps, is_complex)
    y = convolve(x, kernel, mode="same", boundary="periodic")
    np.testing.assert_allclose(restore.inverse_filter(y, kernel), x, atol=1e-12)


def test_inverse_filter_refuses_zeros_or_leaves_them_out(x64):
    x, kernel = drawn((8,)), np.ones(2)
    y = convolve(x, kernel, mode="same", boundary="periodic")
    with pytest.raises(
        OptionError,
        match=r"^`restore.inverse_filter`: `kernel` must have no zeros in its spectrum; got .* at the frequency \(-0.5,\), in cycles/sample. Use `wiener`",
    ):
        restore.inverse_filter(y, kernel)
    spectrum = np.fft.fft(x)
    spectrum[4] = 0
    without = np.fft.ifft(spectrum).real
    np.testing.assert_allclose(restore.inverse_filter(y, kernel, rcond=1e-9), without, atol=1e-12)
    np.testing.assert_allclose(jax.jit(restore.inverse_filter)(y, kernel), without, atol=1e-12)


def test_frequencies_of_which_nothing_is_known_are_finite():
    """A traced strength may be 0, and a kernel too."""
    y = drawn((8,)).astype("f4")
    for boundary in ("periodic", "unknown"):
        for strength in (0.0, 1e-30):
            call = jax.jit(lambda y, k, s, b=boundary: restore.tikhonov(y, k, s, boundary=b))
            assert jnp.isfinite(call(y, np.ones(2, "f4"), strength)).all()
            assert jnp.isfinite(call(y, np.zeros(2, "f4"), strength)).all()


@pytest.mark.parametrize("boundary", ["periodic", "unknown"])
def test_what_is_not_a_number_is_seen(boundary):
    """Conjugate gradients would end at 0, and a division leave all frequencies out."""
    y, kernel = drawn((8,)).astype("f4"), blur((3,)).astype("f4")
    for call in (restore.tikhonov, restore.wiener):
        for spoilt in ((np.where(y == y[2], np.nan, y), kernel), (y, np.where(kernel == kernel[0], np.nan, kernel))):
            assert jnp.isnan(call(*spoilt, 0.1, boundary=boundary)).all()


@pytest.mark.parametrize("boundary", ["periodic", "unknown"])
@pytest.mark.parametrize("name", ["tikhonov", "wiener"])
def test_units_do_not_matter(name, boundary):
    """Of the image, where its squares leave the range of float32 too."""
    y, kernel = drawn((9,)).astype("f4"), blur((3,)).astype("f4")
    powers = (-70, 66) if name == "tikhonov" else (-50, 50)

    @jax.jit
    def call(scale):
        weight = 0.1 if name == "tikhonov" else 0.1 * scale**2
        return getattr(restore, name)(scale * y, kernel, weight, boundary=boundary) / scale

    for power in powers:
        np.testing.assert_allclose(call(np.float32(2.0**power)), call(np.float32(1)), atol=1e-5)


def test_derivatives_of_the_inverse(x64):
    y, kernel = drawn((7,)), blur((3,))
    check_grads(jax.jit(restore.inverse_filter), (y, kernel), order=2, modes=["fwd", "rev"], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("function", "boundary"),
    [("tikhonov", "periodic"), ("tikhonov", "unknown"), ("wiener", "unknown"), ("wiener_white", "periodic")],
)
def test_derivatives_to_image_kernel_and_regularisation(function, boundary, x64):
    y, kernel = drawn((6,)) + 2, blur((3,))

    def call(y, kernel, weight):
        if function == "tikhonov":
            return restore.tikhonov(y, kernel, weight, boundary=boundary, **EXACT)
        signal = None if function == "wiener" else 2.0
        return restore.wiener(y, kernel, weight, signal=signal, boundary=boundary, **EXACT)

    order = 2 if (function, boundary) == ("tikhonov", "periodic") else 1
    modes = ["fwd", "rev"] if function == "tikhonov" else ["rev"]
    check_grads(jax.jit(call), (y, kernel, 0.1), order=order, modes=modes, atol=1e-5, rtol=1e-5)


def test_derivative_to_filters_of_the_penalty_and_the_mask(x64):
    y, kernel, mask = drawn((6,)), blur((3,)), np.array([1.0, 0.5, 1, 1, 0.2, 1])

    def call(taps, mask):
        return restore.tikhonov(y, kernel, 0.1, penalty=taps, mask=mask, **EXACT)

    check_grads(jax.jit(call), (np.array([1.0, -0.8]), mask), order=1, modes=["rev"], atol=1e-5, rtol=1e-5)


CALLS = {
    "inverse": lambda y, k, **o: restore.inverse_filter(y, k, **o),
    "tikhonov": lambda y, k, **o: restore.tikhonov(y, k, 0.1, **o),
    "wiener": lambda y, k, **o: restore.wiener(y, k, 0.1, **o),
    "richardson_lucy": lambda y, k, **o: restore.richardson_lucy(y, k, iterations=3, **o),
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=FULL if n in ("inverse", "wiener") else ()) for n in CALLS])
def test_axes_batches_and_kernels_for_each_channel(name):
    """A batch is a loop, whatever the order of the axes, and whether kernels are shared; jitted, mapped, or neither."""
    call = CALLS[name]
    y = np.abs(drawn((2, 6, 3, 7))).astype("f4")
    kernels = np.abs(blur((1, 2, 3, 3))).astype("f4")
    shared, each = call(y, kernels[0, :, 0], axes=(1, 3)), call(y, kernels, axes=(1, 3))
    for batch, channel in ((0, 0), (1, 2)):
        one = call(y[batch, :, channel], kernels[0, :, 0])
        np.testing.assert_allclose(shared[batch, :, channel], one, atol=2e-4)
        own = call(y[batch, :, channel], kernels[0, :, channel])
        np.testing.assert_allclose(each[batch, :, channel], own, atol=2e-4)
    turned = jax.jit(jax.vmap(lambda y, k: call(y, k, axes=(2, 1)), (1, 1), 1))(
        jnp.moveaxis(y, (1, 2), (3, 1)), jnp.moveaxis(kernels, (1, 2), (3, 1))
    )
    np.testing.assert_allclose(np.moveaxis(turned, (3, 1), (1, 2)), each, atol=2e-4)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        pytest.param(n, d, marks=FULL if d != "float16" and n in ("inverse", "wiener") else ())
        for n in CALLS
        for d in ("float16", "bfloat16", "int32")
    ],
)
def test_short_floats_come_back_and_integers_become_floats(name, dtype):
    y = np.array([1, 4, 2, 3, 0, 1])
    kernel = np.array([1, 3, 1])
    expected = CALLS[name](y.astype("f4"), kernel.astype("f4"))
    found = CALLS[name](jnp.asarray(y, dtype), jnp.asarray(kernel, dtype))
    assert found.dtype == ("float32" if dtype == "int32" else dtype)
    np.testing.assert_allclose(np.asarray(found, "f4"), expected, rtol=0, atol={"float16": 2e-3}.get(dtype, 1e-2) * 2)


@pytest.mark.parametrize("name", CALLS)
def test_single_samples_are_divided(name):
    found = CALLS[name](np.array([6.0], "f4"), np.array([2.0], "f4"))
    np.testing.assert_allclose(found, 3, atol=0.1)


def test_strengths_below_rounding_and_tight_tolerances_end(x64):
    """Conjugate gradients stop at `max_iterations` where the tolerance is out of reach."""
    y = drawn((12,))
    found = restore.tikhonov(y, np.ones(4), 1e-12, tolerance=1e-30, max_iterations=30)
    assert jnp.isfinite(found).all()


ONES = np.ones((4, 4), "f4")
K = np.ones((2, 2), "f4")
BAD = [
    (lambda: restore.tikhonov(ONES[:0], K, 1), ShapeError, r"^`restore.tikhonov`: `image` must not be empty; got shape \(0, 4\)"),
    (lambda: restore.tikhonov(ONES, K[:0], 1), ShapeError, r"`kernel` must not be empty"),
    (lambda: restore.tikhonov(ONES, 1.0, 1), ShapeError, r"`kernel` must have from one axis to as many as the image \(2\); got 0"),
    (lambda: restore.tikhonov(ONES[0], K, 1), ShapeError, r"`kernel` must have from one axis to as many as the image \(1\); got 2"),
    (lambda: restore.tikhonov(ONES, np.ones((5, 2)), 1), ShapeError, r"`kernel` must not be longer than the image; got \(5, 2\) over \(4, 4\). Crop it."),
    (lambda: restore.tikhonov(ONES, K[0], 1, axes=(0, 1)), ShapeError, r"`kernel` must have one axis for each of `axes` \(2\) or as many as the image \(2\); got 1"),
    (lambda: restore.tikhonov(ONES, K, 1, axes=0), ShapeError, r"`kernel` must have length 1 or the image's along the axes that are not restored; got \(2, 2\) for \(4, 4\)"),
    (lambda: restore.tikhonov(ONES, K, 1, axes=5), OptionError, r"`axes` must be axes of the signal"),
    (lambda: restore.tikhonov(ONES, K, 0), OptionError, r"`strength` must be positive and finite; got 0. Without regularisation: `inverse_filter`."),
    (lambda: restore.tikhonov(ONES, K, np.nan), OptionError, r"`strength` must be positive and finite; got nan"),
    (lambda: restore.tikhonov(ONES, K, np.ones(3)), ShapeError, r"`strength` must be one real number; got shape \(3,\)"),
    (lambda: restore.tikhonov(ONES, K, 1, penalty="tv"), OptionError, r"`penalty` must be one of \['gradient', 'identity', 'laplacian'\]; got 'tv'"),
    (lambda: restore.tikhonov(ONES, K, 1, penalty=np.ones(3)), ShapeError, r"`penalty` must be one of \['gradient', 'identity', 'laplacian'\], or taps with one axis for each that is restored \(2\), or a list of such; got shape \(3,\)"),
    (lambda: restore.tikhonov(ONES, K, 1, penalty=[]), ShapeError, r"`penalty` must be one of .*, or a list of such; got shape \(0,\)"),
    (lambda: restore.tikhonov(ONES, K, 1, penalty=1j * K), DTypeError, r"`penalty` must be real where image and kernel are; got complex64. Give its real and its imaginary part"),
    (lambda: restore.tikhonov(ONES, K, 1, mask="x"), DTypeError, r"`mask` must hold integers, floats or complex numbers; got <U1"),
    (lambda: restore.tikhonov(ONES, K, 1, boundary="mirror"), OptionError, r"`boundary` must be one of"),
    (lambda: restore.tikhonov(ONES, K, 1, boundary=Constant(1)), OptionError, r"`boundary` must not be a constant other than zero. Subtract it"),
    (lambda: restore.tikhonov(ONES, K, 1, mask=np.ones(3)), ShapeError, r"`mask` must broadcast to the image's shape, \(4, 4\); got \(3,\)"),
    (lambda: restore.tikhonov(ONES, K, 1, mask=-ONES), OptionError, r"`mask` must hold finite numbers of at least 0; got -1. Weigh a sample by 0 to leave it out."),
    (lambda: restore.tikhonov(ONES, K, 1, mask=1j * ONES), OptionError, r"`mask` must be real or bool; got complex64"),
    (lambda: restore.tikhonov(ONES, K, 1, tolerance=0), OptionError, r"`tolerance` must be positive and finite; got 0"),
    (lambda: restore.tikhonov(ONES, K, 1, max_iterations=0), OptionError, r"`max_iterations` must be an integer of at least 1; got 0"),
    (lambda: restore.tikhonov("x", K, 1), DTypeError, r"`image` must"),
    (lambda: restore.wiener(ONES, K, 0), OptionError, r"^`restore.wiener`: `noise` must be positive and finite; got 0. Without noise: `inverse_filter`."),
    (lambda: restore.wiener(ONES, K, 1, signal=-1), OptionError, r"`signal` must be positive and finite; got -1"),
    (lambda: restore.wiener(ONES, K, 1, signal=1j), OptionError, r"`signal` must be real, as powers are; got complex"),
    (lambda: restore.wiener(ONES, K, 1, signal=np.ones(4), boundary="periodic"), ShapeError, r"`signal` must be one number or a spectrum of the image's shape, \(4, 4\); got \(4,\)"),
    (lambda: restore.wiener(ONES, K, 1, signal=ONES), OptionError, r"`signal` must be a number or None where the boundary is not 'periodic'; got a spectrum"),
    (lambda: restore.wiener(ONES, K, 1, signal=0 * ONES, boundary="periodic"), OptionError, r"`signal` must be positive at every frequency; got 0"),
    (lambda: restore.inverse_filter(ONES, K, rcond=1.0), OptionError, r"`rcond` must be below 1; got 1.0"),
    (lambda: restore.inverse_filter(ONES, K, rcond=-1.0), OptionError, r"`rcond` must be at least 0 and finite; got -1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_model_is_a_pytree():
    """It goes through `jit`, and keeps its cyclic view."""
    model = model_of(jnp.ones(3), resolve_sight("unknown", (5,), (3,)))
    assert jax.jit(lambda m: m.operator(jnp.ones(m.sight.scene)))(model).shape == (5,)
