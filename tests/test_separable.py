"""Kernels given by their factors: the outer product's correlation, axis by axis."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads
from oracle import oracle

import sigconv
from sigconv import Constant, SeparableKernel, Sides
from sigconv._engine.run import METHODS

RNG = np.random.default_rng(0)
X = RNG.standard_normal((11, 12)).astype("f4")
A, B = RNG.standard_normal(4).astype("f4"), RNG.standard_normal(3).astype("f4")
KERNEL = SeparableKernel((A, B))


def product(*factors):
    return np.multiply.outer(factors[0], product(*factors[1:])) if len(factors) > 1 else factors[0]


def bound(x, *factors, passes=2):
    """Each pass adds the error of its own norms to what the others have grown to."""
    scale = np.abs(x).max() * np.prod([np.abs(f).sum() for f in factors])
    return passes * 8 * 2.0**-23 * scale


@pytest.mark.parametrize("method", ["auto", "separable", "direct", "shift_add", "fft", "overlap"])
@pytest.mark.parametrize(
    "options",
    [
        dict(mode="full"),
        dict(mode="same", boundary="reflect"),
        dict(mode="same", boundary=("periodic", Sides("edge", Constant(2.0)))),
        dict(mode="valid", stride=(2, 1), dilation=(1, 2)),
        dict(mode=[(-1, 2), (5, -2)]),
    ],
    ids=str,
)
@pytest.mark.parametrize("function", [sigconv.correlate, sigconv.convolve], ids=lambda f: f.__name__)
def test_factors_are_their_outer_product(function, options, method):
    if method in ("fft", "overlap") and "dilation" in options:
        pytest.skip("the same code as without")
    got = function(X, KERNEL, method=method, **options)
    reference = function(X.astype(float), product(A, B).astype(float), method="direct", **options)
    assert got.shape == reference.shape
    assert np.abs(got - reference).max() <= bound(np.abs(X).max() + 2, A, B) * np.sqrt(X.size)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    lengths=st.lists(st.integers(3, 6), min_size=1, max_size=3),
    taps=st.lists(st.integers(1, 3), min_size=3, max_size=3),
    boundary=st.sampled_from(["zero", "edge", "symmetric", Constant(3)]),
)
def test_integers_are_exact_on_any_number_of_axes(lengths, taps, boundary):
    rng = np.random.default_rng(0)
    x = rng.integers(-9, 9, lengths, "int32")
    factors = tuple(rng.integers(-9, 9, k, "int32") for k in taps[: len(lengths)])
    options = dict(mode="same", boundary=boundary)
    got = sigconv.correlate(x, SeparableKernel(factors), method="separable", **options)
    np.testing.assert_array_equal(got, sigconv.correlate(x, product(*factors), method="direct", **options))


def test_separable_matches_the_definition():
    from sigconv._core.geometry import Axis, Geometry

    got = sigconv.correlate(X, KERNEL, mode="valid", method="separable")
    w = product(A, B)[None, None]
    reference = oracle(X[None, None], w, Geometry((Axis(), Axis())))[0, 0]
    assert np.abs(got - reference).max() <= bound(X, A, B)


def test_factors_may_be_complex_and_are_conjugated():
    a = (A + 1j * A[::-1]).astype("c8")
    got = sigconv.correlate(X, SeparableKernel((a, B)), method="separable")
    reference = sigconv.correlate(X, product(a, B), method="direct")
    assert got.dtype == jnp.complex64
    assert np.abs(got - reference).max() <= 4 * bound(X, np.abs(a), B)


def test_factors_follow_axes_and_batch():
    x = RNG.standard_normal((3, 11, 12)).astype("f4")
    got = sigconv.correlate(x, SeparableKernel((B, A)), axes=(2, 0), method="separable")
    reference = sigconv.correlate(x, product(B, A), axes=(2, 0), method="direct")
    assert np.abs(got - reference).max() <= bound(x, A, B)


def test_factors_are_differentiable(x64):
    x, a, b = (jnp.asarray(v, "float64") for v in (X[:5, :5], A[:3], B))
    filtered = lambda x, a, b: sigconv.correlate(x, SeparableKernel((a, b)), method="separable")  # noqa: E731
    check_grads(jax.jit(filtered), (x, a, b), order=2)


def test_factors_under_jit_and_vmap():
    kernels = SeparableKernel((jnp.stack([A, 2 * A]), jnp.stack([B, B])))
    got = jax.vmap(lambda k: sigconv.correlate(X, k, method="separable"))(kernels)
    np.testing.assert_allclose(got[1], 2 * got[0], rtol=1e-6)


def test_long_factors_are_not_multiplied_out():
    """31 + 31 products per output instead of 961."""
    x, factor = np.zeros((300, 300), "f4"), np.ones(31, "f4")
    selection = sigconv.prepare(SeparableKernel((factor, factor)), x.shape, mode="same").selection
    assert selection.method == "separable"
    assert selection.costs["separable"] < selection.costs["fft"]


MESSAGES = [
    (SeparableKernel((np.ones((2, 2)), B)), r"`SeparableKernel.factors` must have one axis each; got shape \(2, 2\)"),
    (SeparableKernel(()), r"`SeparableKernel.factors` must be a sequence of 1-d arrays; got tuple"),
    (SeparableKernel(A), r"`SeparableKernel.factors` must be a sequence of 1-d arrays; got ndarray"),
    (SeparableKernel((A, B, B)), r"`kernel` must not have more axes than the signal"),
]


@pytest.mark.parametrize(("kernel", "message"), MESSAGES, ids=["2-d", "none", "array", "too many"])
def test_factors_that_are_none_are_refused(kernel, message):
    with pytest.raises(sigconv.ShapeError, match=r"^`correlate`: " + message):
        sigconv.correlate(X, kernel)


def test_a_plain_kernel_has_no_factors():
    with pytest.raises(sigconv.OptionError, match=r"'separable': the kernel is not given by its factors, as `sigconv"):
        sigconv.correlate(X, product(A, B), method="separable")
    assert "separable" in METHODS


def test_one_factor_may_be_constant_while_the_other_is_learned(x64):
    x, a, b = (jnp.asarray(v, "float64") for v in (X[:5, :5], A[:3], B))
    energy = lambda b, method: jnp.sum(sigconv.correlate(x, SeparableKernel((a, b)), method=method) ** 2)  # noqa: E731
    got, reference = (jax.grad(energy)(b, method) for method in ("auto", "direct"))
    assert jnp.abs(got - reference).max() <= 1e3 * np.finfo(float).eps * jnp.abs(reference).max()
