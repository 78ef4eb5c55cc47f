"""Derivatives of every method: against finite differences, against the adjoint, and on the method itself."""

import functools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import BY_NAME, CASES, FEW, SUBSET, draw, pairs
from jax.test_util import check_grads
from oracle import oracle

from sigconv._engine.run import METHODS, run

BY_HAND = ("direct", "shift_add", "kn2row")
"""The methods whose tangents are written by hand."""
BY_JAX = [name for name in METHODS if name not in (*BY_HAND, "separable")]
LINES = [BY_NAME[name] for name in ("full", "all steps", "circular, stride and dilation")]


def operands(case, dtype):
    rng = np.random.default_rng(0)
    return jnp.asarray(draw(rng, case.signal, dtype)), jnp.asarray(draw(rng, case.weights, dtype))


@pytest.mark.parametrize(("case", "runner"), [*pairs(CASES, BY_HAND), *pairs(SUBSET, BY_JAX, FEW)])
def test_run_adjoint_passes_the_dot_test(case, runner, x64):
    """⟨A x, y⟩ = ⟨x, Aᵀ y⟩ with the adjoint that differentiation gives, in both arguments."""
    x, w = operands(case, "float64")
    one = functools.partial(run, geometry=case.geometry, method=METHODS[runner])
    z = np.random.default_rng(1).standard_normal(jax.eval_shape(one, x, w).shape)

    @jax.jit
    def there_and_back(x, w, z):
        y, pull = jax.vjp(one, x, w)
        return y, *pull(z)

    y, to_x, to_w = there_and_back(x, w, z)
    # The linear part: a constant boundary adds an offset.
    offset = oracle(np.zeros(case.signal), w, case.geometry)
    bound = 64 * np.finfo(float).eps * np.linalg.norm(x) * np.linalg.norm(w) * np.linalg.norm(z) * 4
    assert abs(np.vdot(y - offset, z) - np.vdot(x, to_x)) <= bound
    assert abs(np.vdot(y, z) - np.vdot(w, to_w)) <= bound


@pytest.mark.parametrize(("case", "runner"), [*pairs(SUBSET[:6], BY_HAND, LINES), *pairs(LINES, BY_JAX)])
def test_run_derivatives_match_finite_differences(case, runner, x64):
    x, w = operands(case, "float64")
    check_grads(jax.jit(lambda x, w: run(x, w, case.geometry, METHODS[runner])), (x, w), order=2)


@pytest.mark.parametrize("order", [1, pytest.param(2, marks=pytest.mark.full)])
@pytest.mark.parametrize("runner", ["direct", "shift_add", "toeplitz", "fft", "overlap"])
def test_run_derivatives_of_complex_match_finite_differences(runner, order, x64):
    case = BY_NAME["valid"]
    x, w = operands(case, "complex128")
    check_grads(jax.jit(lambda x, w: run(x, w, case.geometry, METHODS[runner])), (x, w), order=order)


TRANSFORM = {"fft"}
CONVOLUTION = {"convolution"}


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("runner", "kept", "foreign"),
    [
        ("direct", CONVOLUTION, TRANSFORM),
        # The taps' derivative is a convolution, measured to be faster than sums of products.
        ("shift_add", {"multiply"}, TRANSFORM),
        ("toeplitz", {"dot_general"}, TRANSFORM),
        ("fft", TRANSFORM, CONVOLUTION),
        ("overlap", TRANSFORM, CONVOLUTION),
    ],
)
def test_run_derivatives_stay_on_the_method(runner, kept, foreign, order):
    x, w = jnp.ones((1, 1, 40)), jnp.ones((1, 1, 5))
    case = CASES[1]

    def energy(x, w):
        return jnp.sum(run(x, w, case.geometry, METHODS[runner]) ** 2)

    derivative = jax.grad(energy, (0, 1)) if order == 1 else jax.hessian(energy, (0, 1))
    names = set(re.findall(r"stablehlo\.(\w+)", jax.jit(derivative).lower(x, w).as_text()))
    assert kept <= names
    assert not foreign & names
