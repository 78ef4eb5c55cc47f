"""Prepared kernels: the same numbers as the functions, from a pytree."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import sigconv
from sigconv import OverlapSave, SeparableKernel

RNG = np.random.default_rng(0)
X, W = RNG.standard_normal((2, 60)).astype("f4"), RNG.standard_normal(7).astype("f4")
CHANNELS, WEIGHTS = RNG.standard_normal((2, 4, 20)).astype("f4"), RNG.standard_normal((6, 2, 5)).astype("f4")


@pytest.mark.parametrize("method", ["auto", "direct", "shift_add", "toeplitz", "fft", OverlapSave(16)], ids=str)
@pytest.mark.parametrize("kind", ["correlation", "convolution"])
def test_prepared_is_the_function(method, kind):
    function = {"correlation": sigconv.correlate, "convolution": sigconv.convolve}[kind]
    options = dict(mode="same", boundary="reflect", stride=2, method=method)
    prepared = sigconv.prepare(W, X.shape, kind=kind, **options)
    np.testing.assert_array_equal(prepared(X), function(X, W, **options))


@pytest.mark.parametrize("kind", ["correlation", "convolution"])
@pytest.mark.parametrize("method", ["auto", "fft", "fft_channels", "polyphase"])
def test_prepared_channels_are_the_function(method, kind):
    function = {"correlation": sigconv.correlate_channels, "convolution": sigconv.convolve_channels}[kind]
    options = dict(padding="same", groups=2, dilation=2, method=method)
    prepared = sigconv.prepare(WEIGHTS, CHANNELS.shape, kind=kind, **options)
    np.testing.assert_array_equal(prepared(CHANNELS), function(CHANNELS, WEIGHTS, **options))


def test_prepared_conjugates_and_promotes_as_the_function():
    w = (W + 1j * W[::-1]).astype("c8")
    prepared = sigconv.prepare(w, X.shape, dtype="float32", method="fft")
    got, wanted = prepared(X), sigconv.correlate(X, w, method="fft")
    assert got.dtype == wanted.dtype == jnp.complex64
    np.testing.assert_array_equal(got, wanted)


def test_prepared_separable_kernels():
    image = RNG.standard_normal((9, 8)).astype("f4")
    kernel = SeparableKernel((W[:3], W[:2]))
    prepared = sigconv.prepare(kernel, image.shape, mode="same", method="separable")
    np.testing.assert_array_equal(prepared(image), sigconv.correlate(image, kernel, mode="same", method="separable"))


def test_prepared_is_an_argument_and_a_result_of_jit():
    prepared = jax.jit(lambda w: sigconv.prepare(w, X.shape, method="fft"))(W)
    direct = sigconv.correlate(X, W, method="fft")
    np.testing.assert_array_equal(jax.jit(lambda f, x: f(x))(prepared, X), direct)
    leaves, tree = jax.tree.flatten(prepared)
    assert all(isinstance(leaf, jax.Array) for leaf in leaves)
    np.testing.assert_array_equal(jax.tree.unflatten(tree, leaves)(X), direct)


def test_prepared_holds_a_spectrum_and_not_the_taps():
    kernel = sigconv.prepare(W, X.shape, method="fft").kernel
    assert jnp.iscomplexobj(kernel)
    jaxpr = jax.make_jaxpr(sigconv.prepare(W, X.shape, method="fft").__call__)(X)
    assert str(jaxpr).count("fft[") == 2


def test_prepared_under_vmap_over_kernels():
    kernels = jnp.stack([W, 2 * W])
    both = jax.vmap(lambda w: sigconv.prepare(w, X.shape, method="fft"))(kernels)
    got = jax.vmap(lambda f: f(X))(both)
    bound = 8 * 2.0**-23 * np.linalg.norm(X) * np.linalg.norm(W) * 2
    assert np.abs(got[1] - 2 * sigconv.correlate(X, W, method="fft")).max() <= bound


@pytest.mark.parametrize("method", ["toeplitz", "fft"])
def test_prepared_is_differentiable(method, x64):
    x, w = jnp.asarray(X[0, :20], "float64"), jnp.asarray(W, "float64")
    check_grads(jax.jit(lambda x, w: sigconv.prepare(w, x.shape, method=method)(x) ** 2), (x, w), order=2)


def test_auto_does_not_count_the_kernel_when_it_is_prepared():
    """Many kernels' spectra: a prepared filter is predicted to take less by all of them."""
    weights = jnp.zeros((32, 32, 31, 31))
    options = dict(padding="same", method="auto")
    kept = sigconv.prepare(weights, (4, 32, 64, 64), **options).selection
    once = sigconv.select_method((4, 32, 64, 64), weights.shape, **options)
    assert kept.costs["fft"] < once.costs["fft"]
    assert kept.costs["direct"] == once.costs["direct"]


MESSAGES = [
    (lambda f: f(X[:, :-1]), sigconv.ShapeError, r"`signal` must have the shape that was prepared for, \(2, 60\); got \(2, 59\)"),
    (lambda f: f(X.astype("f2")), sigconv.DTypeError, r"`signal` must have the dtype that was prepared for, float32; got float16"),
    (lambda f: sigconv.prepare(W, X.shape, kind="conv"), sigconv.OptionError, r"`kind` must be one of \['convolution', 'correlation'\]; got 'conv'"),
    (lambda f: sigconv.prepare(W, X.shape, groups=2), sigconv.OptionError, r"`groups` must be 1 unless `padding` is given"),
    (lambda f: sigconv.prepare(W, 60), sigconv.ShapeError, r"`signal_shape` must be a shape.*got 60"),
    (lambda f: sigconv.prepare(W, (3,), mode="same"), sigconv.ShapeError, r"`kernel` must not be longer than the signal"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), MESSAGES)
def test_prepare_refuses_in_words(call, error, message):
    with pytest.raises(error, match=r"^`prepare`: " + message):
        call(sigconv.prepare(W, X.shape))


def test_prepared_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        sigconv.prepare(W, X.shape).kernel = None
