"""Deconvolution against scikit-image: the same numbers where the operation is the same, better ones where it is not."""

import numpy as np
import pytest
from scipy.signal import convolve2d

from sigconv import restore

restoration = pytest.importorskip("skimage.restoration")
data = pytest.importorskip("skimage.data")

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

KERNEL = np.outer(np.hanning(9)[1:-1], np.hanning(11)[1:-1])
KERNEL /= KERNEL.sum()
NEAR = 11


def photograph(size=96):
    return data.camera()[100:, 150:][: size + 40, : size + 40] / 255.0


def blurred(border, size=96, sigma=0.004):
    """(truth, image): on a cycle, or as a crop of a larger picture."""
    whole = photograph(size)
    inside = (slice(20, 20 + size),) * 2
    truth = whole[inside]
    if border == "periodic":
        image = convolve2d(truth, KERNEL, mode="same", boundary="wrap")
    else:
        image = convolve2d(whole, KERNEL, mode="same")[inside]
    return truth, np.clip(image + sigma * np.random.default_rng(0).standard_normal(truth.shape), 0, 1)


def psnr(found, truth, near=False):
    error = np.asarray(found) - truth
    if near:
        outside = np.ones(truth.shape, bool)
        outside[NEAR:-NEAR, NEAR:-NEAR] = False
        error = error[outside]
    return -10 * np.log10((error**2).mean())


@pytest.mark.parametrize("balance", [1e-3, 0.1])
@pytest.mark.parametrize("shape", [(20, 23), (17,), (8, 9, 10)], ids=str)
def test_wiener_of_scikit_image_is_tikhonov_with_its_laplacian(shape, balance, rng):
    image = rng.uniform(size=shape)
    kernel = rng.uniform(size=(3, 5, 3)[: len(shape)])
    kernel /= kernel.sum()
    native = restoration.wiener(image, kernel, balance, clip=False)
    found = restore.tikhonov(image, kernel, balance, penalty="laplacian", boundary="periodic")
    np.testing.assert_allclose(found, native, atol=1e-12 / balance, rtol=0)


def test_wiener_of_scikit_image_has_another_origin_for_even_kernels(rng):
    """Tap K//2, where `convolve` has (K − 1)//2: the whole picture is one sample off."""
    image, kernel = rng.uniform(size=(12, 12)), rng.uniform(size=(4, 4))
    native = restoration.wiener(image, kernel, 0.1, clip=False)
    found = restore.tikhonov(image, kernel, 0.1, penalty="laplacian", boundary="periodic")
    np.testing.assert_allclose(np.roll(found, (1, 1), (0, 1)), native, atol=1e-11)


def test_richardson_lucy_of_scikit_image_is_zero_bordered_and_divides_by_nothing(rng):
    """Far from the border both take the same steps, from the same start; at the border Aᵀ1 is below 1."""
    image, kernel = rng.uniform(0.2, 1, (40, 40)), rng.uniform(size=(3, 3))
    kernel /= kernel.sum()
    native = restoration.richardson_lucy(image, kernel, 4, clip=False)
    half = np.full(image.shape, 0.5)
    found = restore.richardson_lucy(image, kernel, iterations=4, boundary="zero", initial=half)
    middle = (slice(9, -9),) * 2
    np.testing.assert_allclose(found[middle], native[middle], rtol=1e-9)
    assert np.abs(found - native)[0].max() > 1e-2


def test_on_a_cycle_the_psnr_is_at_least_scikit_images():
    truth, image = blurred("periodic")
    native = psnr(restoration.wiener(image, KERNEL, 0.003, clip=False), truth)
    ours = psnr(restore.tikhonov(image, KERNEL, 0.003, penalty="laplacian", boundary="periodic"), truth)
    assert ours >= native - 1e-9
    native = max(psnr(restoration.richardson_lucy(image, KERNEL, n, clip=False), truth) for n in (5, 10, 30))
    assert psnr(restore.richardson_lucy(image, KERNEL, iterations=30, boundary="periodic"), truth) > native


def test_near_a_real_border_the_psnr_is_better_than_scikit_images_best():
    truth, image = blurred("real")
    balances = [1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3]
    native = max(psnr(restoration.wiener(image, KERNEL, b, clip=False), truth, near=True) for b in balances)
    native = max(
        native,
        *(psnr(restoration.richardson_lucy(image, KERNEL, n, clip=False), truth, near=True) for n in (5, 10, 30)),
    )
    for ours in (
        restore.tikhonov(image, KERNEL, 0.003),
        restore.wiener(image, KERNEL, 0.004**2),
        restore.richardson_lucy(image, KERNEL, iterations=50),
    ):
        assert psnr(ours, truth, near=True) > native + 1
