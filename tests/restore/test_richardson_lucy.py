"""Richardson-Lucy against NumPy loops over the dense matrix, and the properties that the method has."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads
from restore.dense import blur_matrix, in_view

from sigconv import DTypeError, OptionError, ShapeError, restore
from sigconv.restore.iteration import repeat
from sigconv.restore.model import model_of, resolve_sight
from sigconv.restore.richardson_lucy import steps_of
from sigconv.restore.variation import pulls

BOUNDARIES = ["zero", "edge", "symmetric", "reflect", "periodic", "unknown"]
IMAGE, TAPS = (5, 6), (2, 3)


def scene(shape=IMAGE, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 2, shape)


def blur(taps=TAPS):
    kernel = np.random.default_rng(1).uniform(0.1, 1, taps)
    return kernel / kernel.sum()


def variation_pulls(x, smoothing):
    """(U, V) of two axes with open ends, by loops: V − U is −div(∇x/√(|∇x|² + smoothing²))."""
    rows, columns = x.shape
    gain, loss = np.zeros_like(x), np.zeros_like(x)
    for i in range(rows):
        for j in range(columns):
            after = [(i + 1, j)] * (i + 1 < rows) + [(i, j + 1)] * (j + 1 < columns)
            size = np.sqrt(sum((x[n] - x[i, j]) ** 2 for n in after) + smoothing**2)
            for n in after:
                for one, two in (((i, j), n), (n, (i, j))):
                    gain[one] += x[two] / size
                    loss[one] += x[one] / size
    return gain, loss


def by_loops(y, kernel, boundary, count, *, mask=None, background=0.0, damping=None, variation=None, accelerated=False):
    """The iteration as it is written in the papers, in float64."""
    names = (boundary,) * y.ndim
    shape = resolve_sight(boundary, y.shape, kernel.shape).scene
    a = blur_matrix(kernel, y.shape, shape, names)
    w = np.ones(y.size) if mask is None else mask.ravel()
    y = y.ravel()
    reach = a.T @ w
    seen = reach > 1e-6

    def step(x):
        expected = a @ x + background
        ratio = y / expected
        if damping is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                logs = np.where(y > 0, y * np.log(y / expected), 0)
            u = np.clip(2 / damping**2 * (logs + expected - y), 0, 1)
            ratio = 1 + u**9 * (10 - 9 * u) * (ratio - 1)
        gain, loss = a.T @ (w * ratio), reach.copy()
        if variation is not None:
            up, down = variation_pulls(x.reshape(shape), 1e-2 * (w * y).sum() / w.sum())
            gain, loss = gain + variation * up.ravel(), loss + variation * down.ravel()
        return np.where(seen, x * gain / np.where(seen, loss, 1), x)

    x = np.full(a.shape[1], (w * y).sum() / w.sum() / kernel.sum())
    before, change, change_before = x, np.zeros_like(x), np.zeros_like(x)
    for _ in range(count):
        size = change_before @ change_before
        alpha = np.clip(change @ change_before / size, 0, 1) if accelerated and size else 0
        ahead = np.maximum(x + alpha * (x - before), x / 2)
        found = step(ahead)
        before, x, change, change_before = x, found, found - ahead, change
    return in_view(x, IMAGE, shape, kernel.shape, names)


OPTIONS = {
    "plain": {},
    "mask": {"mask": True},
    "background": {"background": 0.3},
    "damping": {"damping": 0.4},
    "variation": {"variation": 0.05},
    "accelerated": {"accelerated": True},
    "all": {"mask": True, "background": 0.3, "damping": 0.2, "variation": 0.02, "accelerated": True},
}
CASES = [(b, "plain") for b in BOUNDARIES] + [("unknown", o) for o in OPTIONS if o != "plain"] + [("zero", "all")]
NAMES = {"variation": "total_variation", "accelerated": "acceleration"}


@pytest.mark.parametrize(("boundary", "name"), CASES)
def test_steps_are_those_of_the_definition(boundary, name, x64):
    y, kernel, options = scene(), 2 * blur(), dict(OPTIONS[name])
    y[2, 3] = 0
    if "mask" in options:
        options["mask"] = (scene(seed=5) > 0.5) * 1.0
    count = 7
    expected = by_loops(y, kernel, boundary, count, **options)
    ours = {NAMES.get(option, option): value for option, value in options.items()}
    found = restore.richardson_lucy(y, kernel, iterations=count, boundary=boundary, **ours)
    # A step multiplies by values near 1 that transforms give to 8 eps‖·‖; errors of all steps add up.
    bound = 8 * 2.0**-52 * count * np.linalg.norm(expected) * 30
    np.testing.assert_allclose(found, expected, atol=bound, rtol=0)


@functools.partial(jax.jit, static_argnames="boundary")
def scenes_and_reach(y, boundary):
    model = model_of(jnp.asarray([0.2, 0.5, 0.3], jnp.float32), resolve_sight(boundary, y.shape, (3,)))
    steps = steps_of(model, y, None, None)
    x = jnp.full(model.sight.scene, y.mean())
    return jax.lax.scan(lambda x, _: (steps.step(x),) * 2, x, length=6)[1], steps.reach


@given(st.integers(0, 2**16), st.sampled_from(["periodic", "unknown"]))
@settings(max_examples=10, deadline=None)
def test_positivity_and_flux_are_kept(seed, boundary):
    """Σ (Aᵀw) x = Σ w y after every step, in float32, with dark samples and spikes."""
    draw = np.random.default_rng(seed)
    y = (draw.uniform(size=12) ** 8 * 100).astype("f4")
    y[draw.integers(12)] = 0
    scenes, reach = map(np.asarray, scenes_and_reach(y, boundary))
    assert (scenes >= 0).all()
    flux = (reach.astype(float) * scenes).sum(-1)
    assert np.all(np.abs(flux - y.sum()) <= 6 * 8 * 2.0**-23 * 12 * max(y.sum(), scenes.max()))


def test_values_under_the_mask_do_not_matter():
    y, kernel = scene().astype("f4"), blur().astype("f4")
    mask = np.ones(IMAGE, bool)
    mask[1, 2] = mask[3, 4:] = False
    results = [
        restore.richardson_lucy(np.where(mask, y, spoilt).astype("f4"), kernel, mask=mask, iterations=5)
        for spoilt in (0, 1e6, -7, np.nan, np.inf)
    ]
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])
    assert jnp.isfinite(results[0]).all()


def test_mask_of_everything_leaves_the_start():
    found = restore.richardson_lucy(scene().astype("f4"), blur().astype("f4"), mask=np.zeros(IMAGE), iterations=3)
    assert jnp.isfinite(found).all()


def likelihood(x, y, kernel):
    a = blur_matrix(kernel, y.shape, y.shape, ("periodic",) * y.ndim)
    expected = a @ np.ravel(x)
    return (y.ravel() * np.log(expected) - expected).sum()


def test_every_step_climbs_the_likelihood_and_acceleration_climbs_faster(x64):
    x, kernel = scene((12,)) ** 4, blur((5,))
    y = np.asarray(blur_matrix(kernel, (12,), (12,), ("periodic",)) @ x)
    values = [
        likelihood(restore.richardson_lucy(y, kernel, boundary="periodic", iterations=n), y, kernel)
        for n in (1, 3, 9, 27)
    ]
    assert all(np.diff(values) > 0)
    fast = restore.richardson_lucy(y, kernel, boundary="periodic", iterations=9, acceleration=True)
    assert likelihood(fast, y, kernel) > values[3]


def test_no_sample_is_lost_by_looking_ahead():
    """What is 0 stays 0, and the light that belongs there goes to its neighbours, where it stands out as points."""
    x = np.where(np.arange(48) % 24 < 12, 1, 0.01)
    kernel = np.full(7, 1 / 7)
    y = np.convolve(np.pad(x, 3, mode="wrap"), kernel, "valid") + 0.01 * np.random.default_rng(0).standard_normal(48)
    options = {"boundary": "periodic", "iterations": 60, "total_variation": 0.01}
    y = np.maximum(y, 1e-3).astype("f4")
    found = restore.richardson_lucy(y, kernel.astype("f4"), acceleration=True, **options)
    assert (np.asarray(found) > 0).all()


def test_pulls_differ_by_the_derivative_of_total_variation(x64):
    x = scene()
    for boundary in ("periodic", "unknown"):
        sight = resolve_sight(boundary, IMAGE, (1, 1))

        def total(x, wraps=boundary == "periodic"):
            steps = []
            for axis in range(2):
                step = jnp.roll(x, -1, axis) - x
                last = jnp.arange(IMAGE[axis]) == IMAGE[axis] - 1
                open_end = jnp.expand_dims(last, 1 - axis) & (not wraps)
                steps.append(jnp.where(jnp.broadcast_to(open_end, IMAGE), 0.0, step))
            return jnp.sum(jnp.sqrt(steps[0] ** 2 + steps[1] ** 2 + 0.01))

        x = scene(sight.scene if boundary == "periodic" else IMAGE)
        sight = resolve_sight("symmetric" if boundary == "unknown" else boundary, IMAGE, (1, 1))
        up, down = pulls(jnp.asarray(x), sight, jnp.asarray(0.1))
        np.testing.assert_allclose(down - up, jax.grad(total)(x), atol=1e-12)
        assert up.min() > 0
        assert down.min() > 0


def test_total_variation_flattens(x64):
    draw = np.random.default_rng(0)
    y = np.where(np.arange(40) < 20, 1.0, 3.0) + 0.2 * draw.standard_normal(40)
    rough, flat = (
        np.abs(np.diff(restore.richardson_lucy(y, np.ones(3) / 3, iterations=60, total_variation=v))).sum()
        for v in (None, 0.05)
    )
    assert flat < 0.6 * rough


def test_first_scene_may_be_given(x64):
    y, kernel = scene(), blur()
    one = restore.richardson_lucy(y, kernel, iterations=4, boundary="symmetric")
    two = restore.richardson_lucy(y, kernel, iterations=3, boundary="symmetric", initial=one)
    whole = restore.richardson_lucy(y, kernel, iterations=7, boundary="symmetric")
    np.testing.assert_allclose(two, whole, atol=1e-13)


@pytest.mark.parametrize("options", ["plain", pytest.param("all", marks=pytest.mark.full)])
def test_unrolled_derivatives(options, x64):
    y, kernel = scene((6,)), blur((3,))
    extra = {} if options == "plain" else {"acceleration": True, "damping": 0.5}

    def call(y, kernel, weight, background):
        weights = {} if options == "plain" else {"total_variation": weight}
        return restore.richardson_lucy(y, kernel, iterations=5, background=background, **weights, **extra)

    check_grads(jax.jit(call), (y, kernel, 0.1, 0.2), order=1, modes=["rev"], atol=1e-5, rtol=1e-5)


def test_steps_with_total_variation_converge(x64):
    """On flat ground too: steps that overshoot would go round, and derivatives through them grow without bound."""
    y, kernel = np.where(np.arange(24) < 12, 1.0, 3.0) + 0.01 * scene((24,)), np.ones(3) / 3
    call = jax.jit(
        lambda y, count: restore.richardson_lucy(y, kernel, iterations=count, total_variation=0.02), static_argnums=1
    )
    assert abs(call(y, 201) - call(y, 200)).max() < 1e-3
    v = np.random.default_rng(1).standard_normal(24)
    gradient = jax.jit(jax.grad(lambda y: jnp.sum(v * call(y, 200))))(y)
    assert jnp.linalg.norm(gradient) < 10 * np.linalg.norm(v)


@pytest.mark.full
def test_second_derivatives(x64):
    y, kernel = scene((5,)), blur((3,))
    call = jax.jit(lambda y, kernel: restore.richardson_lucy(y, kernel, iterations=2, boundary="zero"))
    check_grads(call, (y, kernel), order=2, modes=["rev"], atol=1e-5, rtol=1e-5)


def test_implicit_derivatives_are_those_of_many_steps(x64):
    """Where the steps converge: a kernel that is near a spike, and a scene that is not dark."""
    x, kernel = scene((7,)), np.array([0.1, 0.8, 0.1])
    y = blur_matrix(kernel, (7,), (7,), ("periodic",)) @ x + 0.1
    v = np.random.default_rng(2).standard_normal(7)

    def value(y, kernel, background, how):
        found = restore.richardson_lucy(
            y, kernel, iterations=400, boundary="periodic", background=background, derivative=how
        )
        return jnp.sum(v * found)

    implicit, unrolled = (
        jax.jit(jax.grad(lambda *a, how=how: value(*a, how), (0, 1, 2)))(y, kernel, 0.1)
        for how in ("implicit", "unrolled")
    )
    for one, two in zip(implicit, unrolled, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-6)


def test_repeat_in_pieces_is_repeat(x64):
    """The loop is cut where the number of steps is no square."""
    for count in (1, 2, 5, 16, 18):
        found = repeat(lambda x: 2 * x, jnp.ones(2), count, accelerated=False, derivative="unrolled")
        np.testing.assert_array_equal(found, [2.0**count] * 2)


@pytest.mark.parametrize(
    "options", [{}, {"total_variation": 0.02, "acceleration": True, "damping": 0.3}], ids=["plain", "all"]
)
def test_units_do_not_matter(options):
    """Of light, where squares leave the range of float32 too."""
    y, kernel = scene((9,)).astype("f4"), blur((3,)).astype("f4")
    damping = options.get("damping")
    call = jax.jit(
        lambda y, root: restore.richardson_lucy(y, kernel, **options | ({"damping": damping * root} if damping else {}))
    )
    expected = call(y, np.float32(1))
    for root in (2.0**-36, 2.0**36):
        found = call(y * np.float32(root**2), np.float32(root)) / np.float32(root**2)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_dark_images_stay_dark():
    dark = restore.richardson_lucy(0 * Y, K, total_variation=0.01, acceleration=True)
    assert abs(dark).max() < 1e-30


def test_traced_values_that_are_bad_give_finite_results():
    y = np.array([1.0, -2, 3, 0, 1], "f4")
    call = jax.jit(lambda y, k: restore.richardson_lucy(y, k, iterations=4))
    assert jnp.isfinite(call(y, np.ones(3, "f4"))).all()
    assert jnp.isfinite(call(y, np.zeros(3, "f4"))).all()
    assert jnp.isfinite(call(np.zeros(5, "f4"), np.ones(3, "f4"))).all()
    clipped = restore.richardson_lucy(np.maximum(y, 0), np.ones(3, "f4"), iterations=4)
    np.testing.assert_allclose(call(y, np.ones(3, "f4")), clipped, rtol=1e-5)


Y, K = np.ones((4, 4), "f4"), np.ones((2, 2), "f4")
BAD = [
    (lambda: restore.richardson_lucy(-Y, K), OptionError, r"^`restore.richardson_lucy`: `image` must hold finite numbers of at least 0; got -1. Clip them with `jnp.maximum\(image, 0\)`, or leave them out with `mask`."),
    (lambda: restore.richardson_lucy(np.nan * Y, K), OptionError, r"`image` must hold finite numbers of at least 0; got nan"),
    (lambda: restore.richardson_lucy(np.inf * Y, K), OptionError, r"`image` must hold finite numbers of at least 0; got inf"),
    (lambda: restore.richardson_lucy(Y, -K), OptionError, r"`kernel` must hold finite numbers of at least 0; got -1. A blur only adds light up; for other kernels use `tikhonov`."),
    (lambda: restore.richardson_lucy(Y, 0 * K), OptionError, r"`kernel` must have a positive sum; got 0. All of its taps are zero."),
    (lambda: jax.jit(lambda y: restore.richardson_lucy(y, 0 * K))(Y), OptionError, r"`kernel` must have a positive sum"),
    (lambda: restore.richardson_lucy(1j * Y, K), DTypeError, r"`image` must be real; got complex64. `tikhonov` takes complex ones."),
    (lambda: restore.richardson_lucy(Y, K, mask=np.ones((3, 4))), ShapeError, r"`mask` must broadcast to the image's shape, \(4, 4\); got \(3, 4\)"),
    (lambda: restore.richardson_lucy(Y, np.ones((5, 1))), ShapeError, r"`kernel` must not be longer than the image"),
    (lambda: restore.richardson_lucy(Y, K, iterations=0), OptionError, r"`iterations` must be an integer of at least 1; got 0"),
    (lambda: restore.richardson_lucy(Y, K, damping=0), OptionError, r"`damping` must be positive and finite; got 0. None turns it off."),
    (lambda: restore.richardson_lucy(Y, K, total_variation=-1), OptionError, r"`total_variation` must be positive and finite; got -1"),
    (lambda: restore.richardson_lucy(Y, K, background=-1), OptionError, r"`background` must be at least 0 and finite; got -1. Light is not negative."),
    (lambda: restore.richardson_lucy(Y, K, acceleration=2), OptionError, r"`acceleration` must be True or False; got 2"),
    (lambda: restore.richardson_lucy(Y, K, initial=Y[0]), ShapeError, r"`initial` must have the image's shape, \(4, 4\); got \(4,\)"),
    (lambda: restore.richardson_lucy(Y, K, initial=1j * Y), DTypeError, r"`initial` must be real; got complex64"),
    (lambda: restore.richardson_lucy(Y, K, initial=-Y), OptionError, r"`initial` must hold finite numbers of at least 0; got -1. Clip it from below; what is 0 stays 0."),
    (lambda: restore.richardson_lucy(Y, K, initial=np.nan * Y), OptionError, r"`initial` must hold finite numbers of at least 0; got nan"),
    (lambda: restore.richardson_lucy(Y, K, derivative="adjoint"), OptionError, r"`derivative` must be one of \['implicit', 'unrolled'\]; got 'adjoint'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
