"""`is_stable`, against the roots."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iir.definition import FIFTH, SECTIONS

from sigconv import OptionError, ShapeError
from sigconv.iir import is_stable


@given(st.lists(st.tuples(st.floats(0, 1.5), st.floats(0, np.pi)), min_size=1, max_size=4), st.floats(0.5, 2))
@settings(max_examples=60, deadline=None)
def test_stable_is_all_poles_inside(pairs, lead):
    radii = np.array([r for r, _ in pairs])
    if np.any(np.abs(radii - 1) < 1e-3):
        return
    a = np.array([lead])
    for r, angle in pairs:
        a = np.convolve(a, [1, -2 * r * np.cos(angle), r * r])
    assert is_stable(a).item() == bool(np.all(radii < 1))


def test_complex_coefficients_and_batches():
    rng = np.random.default_rng(0)
    poles = rng.uniform(0.3, 1.3, (20, 3)) * np.exp(2j * np.pi * rng.uniform(size=(20, 3)))
    a = np.stack([np.poly(row) for row in poles])
    np.testing.assert_array_equal(is_stable(a), np.all(np.abs(poles) < 1, axis=1))
    np.testing.assert_array_equal(jax.jit(is_stable)(a.astype("c8")), np.all(np.abs(poles) < 1, axis=1))


def test_sections_are_stable_together():
    worse = SECTIONS.copy()
    worse[1, 5] = 1.1
    both = np.stack([SECTIONS, worse])
    assert is_stable(sos=both).tolist() == [True, False]
    assert jax.jit(lambda s: is_stable(sos=s))(both.astype("f4")).tolist() == [True, False]
    assert is_stable(FIFTH[1]).item()


@pytest.mark.parametrize("a", [[1.0, -1.0], [1.0, 0.0, 1.0], [0.0, 1.0], [1.0, np.nan]])
def test_on_the_circle_or_nowhere_is_not_stable(a):
    assert not is_stable(a).item()
    assert not jax.jit(is_stable)(jnp.asarray(a)).item()


def test_constants_are_stable():
    assert is_stable([3.0]).item()


BAD = [
    (is_stable, OptionError, r"^`is_stable`: `a` must be given, or `sos`, and not both; got neither"),
    (lambda: is_stable([1.0], sos=SECTIONS), OptionError, r"got both"),
    (lambda: is_stable(1.0), ShapeError, r"`a` must have coefficients"),
    (lambda: is_stable(sos=[1.0]), ShapeError, r"`sos` must be sections"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
