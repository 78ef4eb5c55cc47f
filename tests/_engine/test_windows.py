"""Overlapping parts of an array: their values, and their cotangents laid back into it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from sigconv._engine.windows import windows

SPANS = [
    ((0, 5),),
    ((-3, 4), (2, 9), (5, 12)),
    ((-4, -1), (-1, 3), (3, 20), (4, 25)),
    ((8, 12), (10, 16), (14, 15)),
]
LENGTH = 11


def defined(x, axis, spans):
    """By the definition: of the array with zeros beyond its ends."""
    wide = np.concatenate([np.zeros_like(x), np.zeros_like(x), x, np.zeros_like(x), np.zeros_like(x)], axis)
    origin = 2 * x.shape[axis]
    return [np.take(wide, range(origin + start, origin + stop), axis) for start, stop in spans]


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("spans", SPANS)
def test_parts_are_read_with_zeros_beyond_the_ends(spans, axis):
    x = np.moveaxis(np.random.default_rng(0).standard_normal((LENGTH, 3)), 0, axis).astype("f4")
    for part, exact in zip(windows(jnp.asarray(x), axis, spans), defined(x, axis, spans), strict=True):
        np.testing.assert_array_equal(part, exact)


@pytest.mark.parametrize("spans", SPANS)
def test_cotangents_are_laid_back_by_the_transpose(spans):
    """⟨g, A x⟩ = ⟨Aᵀ g, x⟩ with A and Aᵀ written as matrices of zeros and ones."""
    matrix = np.concatenate(defined(np.eye(LENGTH), 0, spans))
    flat = lambda x: jnp.concatenate(windows(x, 0, spans))  # noqa: E731
    np.testing.assert_array_equal(jax.jacfwd(flat)(jnp.zeros(LENGTH)), matrix)
    np.testing.assert_array_equal(jax.jacrev(flat)(jnp.zeros(LENGTH)), matrix)


def test_a_part_without_cotangent_adds_nothing():
    gradient = jax.grad(lambda x: windows(x, 0, ((0, 4), (2, 8)))[1].sum())(jnp.zeros(9))
    np.testing.assert_array_equal(gradient, [0, 0, 1, 1, 1, 1, 1, 1, 0])


def test_windows_are_mapped_and_differentiated_twice(x64):
    x = jnp.asarray(np.random.default_rng(1).standard_normal((2, LENGTH, 3)))
    parts = jax.vmap(lambda x: windows(x, 0, SPANS[1]), 2)(x.transpose(1, 2, 0))
    for part, exact in zip(parts, defined(np.asarray(x), 1, SPANS[1]), strict=True):
        np.testing.assert_array_equal(part, exact)
    check_grads(jax.jit(lambda x: sum(jnp.sum(part**3) for part in windows(x, 1, SPANS[1]))), (x,), 2)


def test_many_parts_are_laid_back_without_an_array_for_each():
    """Slices would be padded to the whole array one by one."""
    spans = [(start, start + 20) for start in range(0, 1000, 10)]
    jaxpr = jax.make_jaxpr(jax.grad(lambda x: sum(jnp.sum(part**2) for part in windows(x, 0, spans))))(jnp.zeros(1000))
    whole = [e for e in jaxpr.jaxpr.eqns if any(v.aval.shape == (1000,) for v in e.outvars)]
    assert len(whole) <= 4
