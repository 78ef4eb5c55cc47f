"""Composition: one filter for two, at every boundary where it is exact, and the truth about the one where it is not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from filters import apply, numbers, pairs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

import sigconv
from sigconv import Filter, OptionError, ShapeError, compose, differing_outputs

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(QUICK, max_examples=12)


def signal(rng, first, lengths):
    return numbers(rng, (1, first.layer.ins, *lengths))


def lengths_of(first, second, extra, boundary):
    found = []
    for axis in range(first.rank):
        least = first.extent[axis] + first.stride[axis] * (second.extent[axis] - 1)
        if boundary == "periodic":
            step = first.stride[axis]
            found.append(step * (1 + extra))
        else:
            found.append(least + extra)
    return tuple(found)


@MANY
@given(pairs(), st.integers(0, 4), st.sampled_from(["valid", "full"]))
def test_composite_is_the_two_in_turn(by_definition, pair, extra, padding):
    first, second, rng = pair
    # A bias in front of 'full' reaches further in one step than in two.
    assume(padding == "valid" or first.bias is None)
    lengths = lengths_of(first, second, extra, padding)
    assume(np.prod(lengths) < 3000)
    x = signal(rng, first, lengths)
    wanted = apply(second, apply(first, x, padding=padding), padding=padding)
    both = second @ first
    np.testing.assert_array_equal(apply(both, x, padding=padding), wanted)
    np.testing.assert_array_equal(both(x, padding=padding), wanted)


@MANY
@given(pairs(), st.integers(0, 5))
def test_periodic_composite_is_the_two_in_turn(by_definition, pair, extra):
    first, second, rng = pair
    lengths = lengths_of(first, second, extra, "periodic")
    assume(np.prod(lengths) < 2000)
    x = signal(rng, first, lengths)
    wanted = apply(second, apply(first, x, "periodic"), "periodic")
    both = compose(second, first, boundary="periodic", shape=lengths)
    np.testing.assert_array_equal(both(x, boundary="periodic"), wanted)


@settings(QUICK, max_examples=24)
@given(pairs(ranks=(1,)), st.integers(1, 12))
def test_rows_that_differ_are_those_predicted(by_definition, pair, length):
    check_ring(pair, (length,))


@pytest.mark.full
@settings(QUICK, max_examples=1000)
@given(pairs(ranks=(1,)), st.integers(1, 12))
def test_rows_that_differ_are_those_predicted_in_a_thousand_cases(by_definition, pair, length):
    check_ring(pair, (length,))


@settings(QUICK, max_examples=24)
@given(pairs(ranks=(2,), most_taps=3, most_stride=2), st.integers(1, 6), st.integers(1, 6))
def test_outputs_that_differ_along_two_axes_are_those_predicted(by_definition, pair, height, width):
    check_ring(pair, (height, width))


def check_ring(pair, lengths):
    first, second, rng = pair
    # Numbers large enough that no sum of products is zero by accident.
    first, second = (spread(f, rng) for f in (first, second))
    x = rng.integers(2**20, 2**21, (1, first.layer.ins, *lengths))
    in_turn = apply(second, apply(first, x))
    as_one = apply(second @ first, x)
    observed = (in_turn != as_one).any((0, 1))
    np.testing.assert_array_equal(observed, differing_outputs(second, first, lengths))


def spread(f, rng):
    """The same filter with random positive weights, so that every tap counts and nothing cancels."""
    bias = None if f.bias is None else rng.integers(1, 9, f.bias.shape).astype("i4")
    weights = rng.integers(1, 2**10, f.weights.shape).astype("i4")
    return Filter(weights, stride=f.stride, dilation=f.dilation, lo=f.lo, groups=f.groups, kind=f.kind, bias=bias)


@settings(QUICK, max_examples=15)
@given(pairs(ranks=(1, 2), most_taps=4), st.integers(1, 7))
def test_exact_composite_is_the_two_in_turn_everywhere(by_definition, pair, length):
    first, second, rng = pair
    x = signal(rng, first, (length,) * first.rank)
    both = compose(second, first, boundary="zero", shape=(length,) * first.rank, exact=True)
    np.testing.assert_array_equal(both(x), apply(second, apply(first, x)))


def test_exact_composite_works_through_the_engine():
    rng = np.random.default_rng(0)
    first = Filter(rng.standard_normal((4, 2, 3, 3)).astype("f4"), bias=rng.standard_normal(4).astype("f4"))
    second = Filter(rng.standard_normal((3, 4, 3, 3)).astype("f4"), stride=2)
    x = rng.standard_normal((2, 2, 11, 10)).astype("f4")
    both = compose(second, first, boundary="zero", exact=True)
    np.testing.assert_allclose(jax.jit(lambda f, x: f(x))(both, x), second(first(x)), rtol=0, atol=2e-4)


def test_groups_stay_where_they_stay_blocks():
    rng = np.random.default_rng(0)
    depthwise = Filter(numbers(rng, (6, 1, 3)), groups=6)
    pairs_of_channels = Filter(numbers(rng, (6, 2, 2)), groups=3)
    dense = Filter(numbers(rng, (6, 6, 1)))
    assert (depthwise @ depthwise).groups == 6
    assert (pairs_of_channels @ depthwise).groups == 3
    assert (depthwise @ pairs_of_channels).weights.shape == (6, 2, 4)
    assert (dense @ depthwise).groups == (depthwise @ dense).groups == 1


def test_taps_that_share_a_divisor_are_stored_compactly():
    taps = np.arange(1, 4)
    wide = Filter(taps, dilation=4, channels=False) @ Filter(taps, dilation=2, channels=False)
    assert wide.dilation == (2,)
    assert wide.taps == (7,)
    point = Filter([2], channels=False) @ Filter(taps, dilation=3, channels=False)
    assert point.dilation == (3,)
    assert point.taps == (3,)


def test_convolutions_compose_to_the_convolution_of_their_taps():
    a, b = np.array([1, 2, 3]), np.array([1, 10])
    both = Filter(b, kind="convolution", channels=False) @ Filter(a, kind="convolution", channels=False)
    assert both.kind == "convolution"
    assert both.weights.tolist() == np.convolve(a, b).tolist()
    mixed = Filter(b, channels=False) @ Filter(a, kind="convolution", channels=False)
    assert mixed.kind == "correlation"


def test_a_filter_without_channels_acts_on_each_channel():
    rng = np.random.default_rng(0)
    blur, layer = Filter(np.array([1, 2, 1]), channels=False), Filter(numbers(rng, (2, 3, 3)))
    x = numbers(rng, (3, 12))
    np.testing.assert_array_equal((layer @ blur)(x, padding="valid"), layer(blur(x, padding="valid"), padding="valid"))
    np.testing.assert_array_equal((blur @ layer)(x, padding="valid"), blur(layer(x, padding="valid"), padding="valid"))


# What users of RepVGG-like blocks ran into.


def test_pointwise_with_bias_before_a_padded_layer_differs_in_the_ring():
    """DiverseBranchBlock#9: 1×1 with bias, then 3×3 with padding 1."""
    rng = np.random.default_rng(0)
    first = Filter(rng.standard_normal((4, 4, 1, 1)).astype("f4"), bias=rng.standard_normal(4).astype("f4"))
    second = Filter(rng.standard_normal((4, 4, 3, 3)).astype("f4"))
    mask = differing_outputs(second, first, (7, 7))
    ring = np.ones((7, 7), bool)
    ring[1:-1, 1:-1] = False
    np.testing.assert_array_equal(mask, ring)
    x = rng.standard_normal((4, 7, 7)).astype("f4")
    error = np.abs((second @ first)(x) - second(first(x))).max(0)
    assert error[ring].min() > 1e-3 > error[~ring].max()
    exact = compose(second, first, boundary="zero", exact=True)
    assert np.abs(exact(x) - second(first(x))).max() < 1e-5
    # Without the bias nothing is read beyond the ends.
    plain = Filter(first.weights)
    assert not differing_outputs(second, plain, (7, 7)).any()
    assert isinstance(compose(second, plain, boundary="zero"), Filter)


def test_padding_twice_differs_from_padding_once():
    """OREPA#9: 3×3 after 3×3, both padded."""
    rng = np.random.default_rng(0)
    first, second = (Filter(rng.standard_normal((2, 2, 3, 3)).astype("f4")) for _ in range(2))
    with pytest.raises(OptionError, match=r"rows that differ: 0 and 8 of axis 0, 0 and 6 of axis 1"):
        compose(second, first, boundary="zero", shape=(9, 7))
    with pytest.raises(OptionError, match="exact=True corrects"):
        compose(second, first, boundary="zero")
    once = compose(second, first, boundary="zero", exact=False)
    x = rng.standard_normal((2, 9, 7)).astype("f4")
    error = np.abs(once(x) - second(first(x))).max(0)
    assert error[1:-1, 1:-1].max() < 1e-4 < error[0].max()


def test_a_bias_in_front_of_full_is_refused():
    first, second = Filter(np.ones((1, 1, 3)), bias=np.ones(1)), Filter(np.ones((1, 1, 3)))
    with pytest.raises(OptionError, match="`first` must have no bias where `boundary` is 'full'"):
        compose(second, first, boundary="full")
    assert isinstance(compose(second, first, boundary="full", exact=False), Filter)
    assert isinstance(compose(first, second, boundary="full"), Filter)


def test_rings_that_only_some_lengths_have_are_noticed_without_a_shape():
    first, second = Filter(np.ones(3, "f4"), stride=3, channels=False), Filter(np.ones(3, "f4"), channels=False)
    assert not differing_outputs(second, first, (76,)).any()
    assert differing_outputs(second, first, (9,)).any()
    with pytest.raises(OptionError, match="rows that differ"):
        compose(second, first, boundary="zero")
    exact = compose(second, first, boundary="zero", exact=True)
    np.testing.assert_allclose(exact(np.ones(9, "f4")), second(first(np.ones(9, "f4"))))


def test_lengths_that_strides_do_not_divide_are_refused():
    halving = Filter(np.ones(3), stride=2, channels=False)
    both = Filter(np.ones(3), channels=False) @ halving
    with pytest.raises(OptionError, match="multiple of 2 samples"):
        both(np.ones(7), boundary="periodic")
    assert compose(halving, halving, boundary="periodic", shape=(6,)).period == (2,)
    with pytest.raises(OptionError, match="multiples of the strides"):
        compose(halving, halving @ halving, boundary="periodic", shape=(6,))
    with pytest.raises(OptionError, match="multiple of 2 samples"):
        both(np.ones(7), boundary=sigconv.Sides("periodic", "periodic"))
    assert both(np.ones(8), boundary="periodic").shape == (4,)


def test_channels_that_do_not_chain_are_refused():
    first, second = Filter(np.ones((3, 2, 1))), Filter(np.ones((2, 2, 1)))
    with pytest.raises(ShapeError, match="`compose`: `first` must give the channels that `second` takes; got 3 for 2"):
        second @ first
    with pytest.raises(ShapeError, match="as many axes"):
        compose(Filter(np.ones((2, 3, 1, 1))), first)
    with pytest.raises(OptionError, match="`boundary` must be one of"):
        compose(first, second, boundary="wrap")
    with pytest.raises(ShapeError, match="`shape` must be a tuple of positive lengths, one for each of the 1 axes"):
        compose(first, second, boundary="zero", shape=(3, 3))


def test_exact_is_refused_where_it_says_nothing():
    a = Filter(np.ones(3), channels=False)
    for options in ({}, {"boundary": "valid"}, {"boundary": "periodic"}):
        with pytest.raises(OptionError, match="`exact` must be left out unless"):
            compose(a, a, exact=True, **options)
    with pytest.raises(OptionError, match="`exact` must be False or left out"):
        compose(a, a, boundary="full", exact=True)
    with pytest.raises(ShapeError, match="`differing_outputs`: `shape` must be a tuple"):
        differing_outputs(a, a, None)


def test_composition_differentiates(x64):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 3, 3)), rng.standard_normal((2, 2, 2))

    def composite(a, b):
        return (Filter(b, dilation=2) @ Filter(a, bias=a[:, 0, 0])).weights

    check_grads(jax.jit(composite), (a, b), 2)
    stacked = jax.vmap(lambda a: (Filter(b) @ Filter(a)).weights)(jnp.stack([a, 2 * a]))
    np.testing.assert_allclose(stacked[1], 2 * stacked[0])


def test_filters_are_arguments_of_jit_grad_and_vmap():
    rng = np.random.default_rng(0)
    f = Filter(rng.standard_normal((2, 2, 3)).astype("f4"), bias=np.zeros(2, "f4"))
    x = rng.standard_normal((2, 8)).astype("f4")
    gradient = jax.jit(jax.grad(lambda f, x: (f(x) ** 2).sum()))(f, x)
    assert isinstance(gradient, Filter)
    assert gradient.weights.shape == f.weights.shape
    batch = jax.tree.map(lambda *leaves: jnp.stack(leaves), f, f * 2.0)
    y = jax.vmap(lambda f: f(x))(batch)
    np.testing.assert_allclose(y[1], 2 * y[0], rtol=1e-5)
    assert sigconv.Filter is Filter
