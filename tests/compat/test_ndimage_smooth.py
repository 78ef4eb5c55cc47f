"""`compat.ndimage`'s smoothing and derivatives: a few cases of every kind; tests/peers has the rest."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import draw
from scipy import ndimage
from tolerance import EPS

from sigconv import OptionError
from sigconv.compat import ndimage as compat

CALLS = {
    "gaussian_filter": (1.2,),
    "gaussian_filter1d": (1.5,),
    "uniform_filter": (3,),
    "uniform_filter1d": (4,),
    "sobel": (),
    "prewitt": (),
    "laplace": (),
    "gaussian_laplace": (1.0,),
    "gaussian_gradient_magnitude": (1.0,),
}


def compare(name, x, *arguments, **options):
    native = getattr(ndimage, name)(x, *arguments, **options)
    y = getattr(compat, name)(x, *arguments, **options)
    assert y.dtype == native.dtype
    assert y.shape == native.shape
    if native.dtype.kind in "iu":
        np.testing.assert_array_equal(y, native)
        return
    # The weights of every stage sum to 8 at most in size, and there are two stages.
    bound = 16 * EPS[str(native.dtype)] * np.abs(x).max() * 8
    assert np.abs(y - native).max(initial=0) <= bound


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("mode", ["reflect", "constant"])
def test_results_are_scipys(name, mode, rng):
    compare(name, draw(rng, (5, 6), "float32"), *CALLS[name], mode=mode, cval=1.5)


@pytest.mark.parametrize("name", ["uniform_filter", "uniform_filter1d", "sobel", "prewitt", "laplace"])
def test_integers_are_scipys(name, rng):
    for dtype in ("uint8", "int16"):
        compare(name, draw(rng, (5, 6), dtype), *CALLS[name])
        compare(name, draw(rng, (5, 6), dtype), *CALLS[name], output="int32")


def test_means_of_integers_divide_without_rounding(rng):
    """A third of 9, as a sum of thirds, can be below 3."""
    compare("uniform_filter", np.full((4, 4), 7, "int32"), (3, 3))
    compare("uniform_filter1d", -np.arange(30).astype("int16"), 7, origin=-3)


@pytest.mark.parametrize("name", ["uniform_filter", "uniform_filter1d"])
def test_means_of_large_integers_do_not_overflow(name, rng):
    for dtype in ("int32", "uint32"):
        limits = np.iinfo(dtype)
        x = rng.integers(limits.min, limits.max, (5, 6), dtype, endpoint=True)
        for size in (2, 3, 7):
            compare(name, x, size)
        compare(name, x, 3, mode="constant", cval=1e9)


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_means_of_integers_may_be_fractions(dtype, rng):
    """Of integers whose sums float32 holds: it is what there is."""
    x = draw(rng, (5, 6), dtype) // (2**10 if dtype == "int32" else 1)
    for cval in (0.5, 2):
        compare("uniform_filter", x, 3, output="float32", mode="constant", cval=cval)
        compare("uniform_filter1d", x, 3, mode="constant", cval=cval)


def test_sigma_order_mode_radius_and_axes_go_with_their_axes(rng):
    x = draw(rng, (4, 5, 6), "float32")
    compare("gaussian_filter", x, (1.0, 0.7), (1, 0), axes=(2, 0), mode=("wrap", "mirror"), radius=(2, 3))
    compare("gaussian_filter", x, (0.0, 1.0, 0.0))
    compare("gaussian_laplace", x, (1.0, 0.7), axes=(0, 2), truncate=3.0)
    compare("uniform_filter", x, (2, 3), origin=(-1, 1), axes=(0, 2))
    compare("gaussian_filter", x, 1.0, axes=())
    compare("laplace", np.float32(3.0))


def test_sigma_may_be_traced_and_has_a_derivative(rng, x64):
    x = draw(rng, (5, 6), "float64")
    blurred = jax.jit(lambda sigma: jnp.sum(compat.gaussian_filter(x, sigma, radius=4) ** 2))
    step = 1e-6
    numeric = (blurred(1.0 + step) - blurred(1.0 - step)) / (2 * step)
    np.testing.assert_allclose(jax.jit(jax.grad(blurred))(1.0), numeric, rtol=1e-7)


def test_gradient_magnitude_of_a_flat_picture_has_the_derivative_0():
    x = jnp.zeros((4, 4))
    slope = jax.grad(lambda x: jnp.sum(compat.gaussian_gradient_magnitude(x, 1.0)))(x)
    assert slope.tolist() == np.zeros((4, 4)).tolist()


def test_short_floats_come_back():
    assert compat.gaussian_filter(jnp.ones((4, 4), "bfloat16"), 1.0).dtype == jnp.bfloat16
    assert compat.sobel(jnp.ones((4, 4), "float16")).dtype == jnp.float16


X = np.ones((4, 5))
BAD = [
    (lambda: compat.gaussian_filter(X, (1.0,)), "^`compat.ndimage.gaussian_filter`: `sigma` must be one, or one for each of the 2 axes; got 1"),
    (lambda: compat.gaussian_filter(X, -1.0), "`sigma` must be finite and positive; got -1.0"),
    (lambda: compat.gaussian_filter(X, 1.0, -1), "`order` must be an integer of at least 0"),
    (lambda: compat.gaussian_filter(X, 1.0, mode="symmetric"), "`mode` must be one of .* got 'symmetric'"),
    (lambda: compat.gaussian_filter(X, 1.0, mode=("wrap",)), r"`mode` must be one name, or one for each of the 2 axes; got \('wrap',\)"),
    (lambda: compat.gaussian_filter(X, 1.0, radius=-1), "`radius` must be None, an integer of at least 0, or one for each of the 2 axes; got -1"),
    (lambda: jax.jit(lambda s: compat.gaussian_filter(X, s))(1.0), "`radius` must be given where `sigma` is traced"),
    (lambda: compat.gaussian_filter1d(X, 0.0), "^`compat.ndimage.gaussian_filter1d`: `sigma` must be finite and positive; got 0.0"),
    (lambda: compat.uniform_filter(X, 0), "`size` must be an integer of at least 1"),
    (lambda: compat.uniform_filter1d(X, 3, origin=2), "`origin` must keep the centre within the 3 samples; got 2"),
    (lambda: compat.sobel(X, 2), "^`compat.ndimage.sobel`: `axis` must be one of the input's 2; got 2"),
    (lambda: compat.laplace(X, output="float33"), "`output` must be a dtype or None; got 'float33'"),
    (lambda: compat.gaussian_laplace(X, (1.0, 1.0, 1.0)), "^`compat.ndimage.gaussian_laplace`: `sigma` must be one, or one for each of the 2 axes; got 3"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD, ids=[m for _, m in BAD])
def test_bad_input_is_refused_in_words(call, message):
    with pytest.raises(OptionError, match=message):
        call()
