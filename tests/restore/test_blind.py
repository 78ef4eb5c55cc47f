"""Blind Richardson-Lucy against a NumPy loop, and what is kept at every turn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from restore.dense import blur_matrix

from sigconv import OptionError, ShapeError, restore


def by_loops(y, h, turns, kernel_steps, image_steps):
    """Periodic, by dense matrices: of the kernel on the scene, and of the scene on the kernel."""
    n, k = y.size, h.size

    def of_scene(x):
        return np.stack([blur_matrix(np.eye(k)[t], (n,), (n,), ("periodic",)) @ x for t in range(k)], 1)

    def steps_on_scene(x, h):
        a = blur_matrix(h, (n,), (n,), ("periodic",))
        for _ in range(image_steps):
            x = x * (a.T @ (y / (a @ x))) / a.sum(0)
        return x

    h = h / h.sum()
    x = steps_on_scene(np.full(n, y.mean()), h)
    for _ in range(turns):
        b = of_scene(x)
        for _ in range(kernel_steps):
            h = h * (b.T @ (y / (b @ h))) / b.sum(0)
            h = h / h.sum()
        x = steps_on_scene(x, h)
    return x, h


def test_turns_are_those_of_the_definition(x64):
    draw = np.random.default_rng(0)
    y, h = draw.uniform(0.1, 1, 8) ** 3, draw.uniform(0.1, 1, 3)
    x, kernel = by_loops(y, h, 4, 2, 3)
    found = restore.blind_richardson_lucy(y, h, iterations=4, kernel_steps=2, image_steps=3, boundary="periodic")
    np.testing.assert_allclose(found.image, x, rtol=1e-11)
    np.testing.assert_allclose(found.kernel, kernel, rtol=1e-11)


def stars(seed=0):
    """A few points on a dark ground, and what an oblong blur makes of them."""
    draw = np.random.default_rng(seed)
    x = np.zeros((24, 24))
    x[tuple(draw.integers(3, 21, (2, 12)))] = draw.uniform(1, 4, 12)
    kernel = np.array([[0.0, 0.0, 0.1], [0.1, 0.5, 0.1], [0.2, 0.0, 0.0]])
    y = blur_matrix(kernel, (24, 24), (24, 24), ("zero", "zero")) @ x.ravel()
    return x.astype("f4"), kernel.astype("f4"), y.reshape(24, 24).astype("f4")


def test_kernel_and_scene_of_stars_are_found_together():
    x, kernel, y = stars()
    found = restore.blind_richardson_lucy(y, np.ones((3, 3), "f4"), iterations=100)
    assert np.abs(found.kernel - kernel).sum() < 0.1
    assert np.linalg.norm(found.image - x) < 0.2 * np.linalg.norm(x)
    assert abs(float(found.kernel.sum()) - 1) < 1e-5
    assert (found.kernel >= 0).all()
    assert (found.image >= 0).all()


@pytest.mark.full
def test_channels_share_a_kernel_and_batches_do_not(x64):
    y = np.random.default_rng(0).uniform(0.1, 1, (2, 3, 9))
    guess = np.array([1.0, 2, 1])
    options = dict(iterations=2, total_variation=0.01)
    each = restore.blind_richardson_lucy(y, guess, **options)
    assert each.kernel.shape == (2, 3, 3)
    shared = restore.blind_richardson_lucy(y, guess, channel_axis=-2, **options)
    assert shared.kernel.shape == (2, 3)
    assert shared.image.shape == y.shape
    one = restore.blind_richardson_lucy(y[1, 2], guess, **options)
    np.testing.assert_allclose(each.kernel[1, 2], one.kernel, atol=1e-12)
    np.testing.assert_allclose(each.image[1, 2], one.image, atol=1e-12)
    first = restore.blind_richardson_lucy(y[0], guess, channel_axis=0, **options)
    np.testing.assert_allclose(shared.kernel[0], first.kernel, atol=1e-12)
    np.testing.assert_allclose(shared.image[0], first.image, atol=1e-12)
    # One that sees two copies finds what it finds of one.
    twice = restore.blind_richardson_lucy(np.stack([y[0, 0]] * 2), guess, channel_axis=0, **options)
    np.testing.assert_allclose(twice.kernel, each.kernel[0, 0], atol=1e-12)


def test_mask_background_and_derivatives(x64):
    draw = np.random.default_rng(0)
    y, guess, mask = draw.uniform(0.1, 1, 8), np.array([1.0, 2, 1]), np.ones(8)
    mask[3] = 0
    options = dict(iterations=2, mask=mask, background=0.05)
    found = restore.blind_richardson_lucy(y, guess, **options)
    spoilt = restore.blind_richardson_lucy(np.where(mask > 0, y, np.nan), guess, **options)
    np.testing.assert_array_equal(found.image, spoilt.image)
    np.testing.assert_array_equal(found.kernel, spoilt.kernel)

    def call(y, guess):
        found = restore.blind_richardson_lucy(y, guess, **options)
        return found.image, found.kernel

    check_grads(jax.jit(call), (y, guess), order=1, modes=["rev"], atol=1e-5, rtol=1e-5)


def test_a_traced_kernel_of_zeros_gives_finite_results():
    found = jax.jit(restore.blind_richardson_lucy)(jnp.ones(5), jnp.zeros(3))
    assert jnp.isfinite(found.image).all()
    assert jnp.isfinite(found.kernel).all()


Y, K = np.ones((4, 4), "f4"), np.ones((2, 2), "f4")
BAD = [
    (lambda: restore.blind_richardson_lucy(-Y, K), OptionError, r"^`restore.blind_richardson_lucy`: `image` must hold finite numbers"),
    (lambda: restore.blind_richardson_lucy(Y, 0 * K), OptionError, r"`kernel` must have a positive sum"),
    (lambda: restore.blind_richardson_lucy(Y, K, axes=0), ShapeError, r"`kernel` must"),
    (lambda: restore.blind_richardson_lucy(Y, np.ones((1, 2)), axes=1), ShapeError, r"`kernel` must have one axis for each that is restored \(1\); got 2"),
    (lambda: restore.blind_richardson_lucy(Y, K, kernel_steps=0), OptionError, r"`kernel_steps` must be an integer of at least 1; got 0"),
    (lambda: restore.blind_richardson_lucy(Y, K[0], channel_axis=1), ShapeError, r"`channel_axis` must be one of the axes that are not restored, \(0,\); got 1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
