"""Peaks of maps: which ones, where between the samples, and how sure."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

import sigconv
from sigconv import DTypeError, OptionError, ShapeError
from sigconv.matching import find_peaks, peak_to_sidelobe_ratio, second_peak_ratio, soft_argmax


def greedy(x, count, *, threshold=-np.inf, distance=1, border=0, lowest=False):
    """The definition, in loops: positions of the peaks, best first."""
    x = np.asarray(x, float)
    x = np.where(np.isnan(x), -np.inf, -x if lowest else x)
    threshold = -threshold if lowest and threshold != -np.inf else threshold
    candidates = []
    for n in np.ndindex(x.shape):
        near = x[tuple(slice(max(i - 1, 0), i + 2) for i in n)]
        inside = all(border <= i < length - border for i, length in zip(n, x.shape, strict=True))
        if inside and x[n] == near.max() and x[n] >= threshold and x[n] > -np.inf:
            candidates.append(n)
    taken = []
    for n in sorted(candidates, key=lambda n: (-x[n], n)):
        if all(max(abs(a - b) for a, b in zip(n, m, strict=True)) >= distance for m in taken):
            taken.append(n)
    return taken[:count]


def assert_peaks(x, count, *, threshold=None, distance=1, border=0, lowest=False):
    expected = greedy(
        x, count, threshold=-np.inf if threshold is None else threshold, distance=distance, border=border, lowest=lowest
    )
    peaks = find_peaks(x, count, threshold=threshold, min_distance=distance, border=border, lowest=lowest)
    assert peaks.positions.shape == (count, np.ndim(x))
    assert peaks.is_valid.tolist() == [i < len(expected) for i in range(count)]
    assert [tuple(p) for p in np.asarray(peaks.positions)[: len(expected)].tolist()] == expected
    assert np.all(np.asarray(peaks.positions)[len(expected) :] == -1)
    assert np.asarray(peaks.values)[: len(expected)].tolist() == [np.asarray(x)[n] for n in expected]


@pytest.mark.parametrize("shape", [(40,), (9, 11), (5, 6, 4)], ids=str)
def test_peaks_are_those_of_the_definition(shape):
    draw = np.random.default_rng(0)
    for levels in (3, 1000):
        x = draw.integers(0, levels, shape).astype("f4")
        assert_peaks(x, 7, distance=2)
        assert_peaks(x, 7, distance=2, border=1, threshold=levels / 2)
        assert_peaks(x, 7, distance=2, lowest=True, threshold=levels / 2)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_peaks_are_far_enough_apart_and_nothing_better_was_left(data):
    values = st.lists(st.integers(-3, 3), min_size=48, max_size=48)
    x = np.array(data.draw(values), "f4").reshape(6, 8)
    assert_peaks(x, 10, distance=3)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float16", "bfloat16"])
def test_other_types_give_their_own_values(dtype):
    x = jnp.asarray(np.random.default_rng(1).integers(0, 4, (9, 11)), dtype)
    assert_peaks(np.asarray(x, "f4"), 7, distance=2)
    for lowest in (False, True):
        peaks = find_peaks(x, 7, min_distance=2, lowest=lowest)
        assert peaks.values.dtype == x.dtype
        expected = greedy(np.asarray(x, float), 7, distance=2, lowest=lowest)
        assert [tuple(p) for p in peaks.positions.tolist()][: len(expected)] == expected
    assert find_peaks(x, 7, refine="quadratic").values.dtype == (dtype if "float" in dtype else "float32")


def test_a_flat_map_has_peaks_at_the_distance_asked_for():
    peaks = find_peaks(jnp.zeros(9), 4, min_distance=4)
    assert peaks.positions[:, 0].tolist() == [0, 4, 8, -1]
    assert peaks.values.tolist() == [0, 0, 0, -jnp.inf]


def test_distances_border_and_axes_are_per_axis():
    x = np.zeros((9, 11), "f4")
    peaks = find_peaks(x, 9, min_distance=(4, 5), border=(1, 0))
    assert peaks.positions.tolist()[:6] == [[r, c] for r in (1, 5) for c in (0, 5, 10)]
    assert peaks.is_valid.tolist() == [True] * 6 + [False] * 3
    turned = find_peaks(x.T, 9, min_distance=(4, 5), border=(1, 0), axes=(1, 0))
    np.testing.assert_array_equal(turned.positions, peaks.positions)


def test_nan_and_minus_infinity_are_never_peaks_nor_in_the_way():
    x = jnp.array([jnp.nan, 1.0, jnp.nan, -jnp.inf, -jnp.inf, 0.5, jnp.inf])
    peaks = find_peaks(x, 4)
    assert peaks.positions[:, 0].tolist() == [6, 1, -1, -1]
    assert find_peaks(x, 3, lowest=True).positions[:, 0].tolist() == [3, 4, 1]


def test_batches_jit_and_vmap_are_loops():
    x = jnp.asarray(np.random.default_rng(2).standard_normal((3, 9, 11)), "f4")
    limits = jnp.array([0.0, 1.0, 2.0])
    options = dict(min_distance=2, refine="quadratic")
    loop = [find_peaks(a, 7, threshold=t, **options) for a, t in zip(x, limits, strict=True)]
    together = [
        find_peaks(x, 7, threshold=limits, axes=(1, 2), **options),
        jax.vmap(lambda a, t: find_peaks(a, 7, threshold=t, **options))(x, limits),
        jax.jit(lambda a, t: find_peaks(a, 7, threshold=t, axes=(-2, -1), **options))(x, limits),
    ]
    for peaks in together:
        for i, single in enumerate(loop):
            np.testing.assert_array_equal(peaks.is_valid[i], single.is_valid)
            np.testing.assert_allclose(peaks.positions[i], single.positions, rtol=1e-5)
            np.testing.assert_allclose(peaks.values[i], single.values, rtol=1e-5)


def bump(shape, centre, matrix, kind):
    grid = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), -1) - np.asarray(centre)
    form = np.einsum("...i,ij,...j", grid, matrix, grid)
    return 3 - form if kind == "quadratic" else np.exp(-form)


CENTRES = [((9,), (4.3,), [[0.2]]), ((9, 8), (4.3, 2.8), [[0.2, 0.1], [0.1, 0.15]])]


@pytest.mark.parametrize(("shape", "centre", "matrix"), CENTRES, ids=["1d", "2d"])
@pytest.mark.parametrize("kind", ["quadratic", "gaussian"])
def test_refinement_is_exact_for_its_own_shape_of_peak(kind, shape, centre, matrix, x64):
    peaks = find_peaks(bump(shape, centre, np.array(matrix), kind), 1, refine=kind)
    np.testing.assert_allclose(peaks.positions[0], centre, atol=1e-9)
    np.testing.assert_allclose(peaks.values[0], 3 if kind == "quadratic" else 1, atol=1e-9)


def test_gaussian_refinement_takes_values_where_logarithms_do_not_exist(x64):
    x = bump((9,), (4.3,), np.array([[0.2]]), "quadratic") - 2.7
    np.testing.assert_array_equal(
        find_peaks(x, 1, refine="gaussian").positions, find_peaks(x, 1, refine="quadratic").positions
    )


@pytest.mark.parametrize("shape", [(9, 8), (8, 9)], ids=str)
def test_dft_refinement_finds_the_maximum_of_the_interpolant(shape, x64):
    draw, centre = np.random.default_rng(3), np.array([4.3, 3.6])
    terms = [(k, draw.uniform(0.5, 1)) for k in itertools.product(range(-2, 3), repeat=2)]

    def wave(n):
        return sum(
            a
            * np.cos(
                2
                * np.pi
                * sum(k * (n - centre) / shape for k, n, centre, shape in zip(k, n, centre, shape, strict=True))
            )
            for k, a in terms
        )

    x = np.array([[wave((i, j)) for j in range(shape[1])] for i in range(shape[0])])
    peaks = find_peaks(x, 1, refine="dft")
    np.testing.assert_allclose(peaks.positions[0], centre, atol=1e-9)
    np.testing.assert_allclose(peaks.values[0], wave(centre), rtol=1e-9)
    low = find_peaks(-x, 1, refine="dft", lowest=True)
    np.testing.assert_allclose(low.positions[0], centre, atol=1e-9)
    np.testing.assert_allclose(low.values[0], -wave(centre), rtol=1e-9)


@pytest.mark.parametrize("refine", ["quadratic", "gaussian", "dft"])
def test_refined_peaks_have_derivatives(refine, x64):
    x = jnp.asarray(bump((9, 8), (4.3, 2.8), np.array([[0.2, 0.1], [0.1, 0.15]]), "gaussian") + 0.01)

    def place(x):
        peaks = find_peaks(x, 1, refine=refine)
        return peaks.positions, peaks.values

    check_grads(
        jax.jit(place), (x,), order=2 if refine == "quadratic" else 1, modes=["fwd", "rev"], atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("refine", [None, "quadratic", "gaussian", "dft"])
def test_derivatives_are_finite_where_the_map_is_flat_or_has_no_peak(refine):
    def total(x):
        peaks = find_peaks(x, 5, min_distance=3, refine=refine)
        return jnp.where(peaks.is_valid, peaks.values + (peaks.positions.sum(-1) if refine else 0), 0).sum()

    with_slope = jax.jit(jax.value_and_grad(total))
    peak = np.zeros((4, 5), "f4")
    peak[0, 0] = 1
    for x in (np.zeros_like(peak), np.ones_like(peak), peak, np.ones((1, 5), "f4")):
        value, slope = with_slope(x)
        assert np.isfinite(value)
        assert np.isfinite(slope).all()


def test_a_peak_at_the_end_does_not_leave_along_that_axis():
    x = jnp.array([[3.0, 2.9, 1.0], [2.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    assert find_peaks(x, 1, refine="quadratic").positions.tolist() == [[0, 0]]
    assert find_peaks(x.at[0, 1].set(-jnp.inf), 1, refine="quadratic").positions.tolist() == [[0, 0]]


BAD = [
    (lambda: find_peaks(np.ones(4), 0), OptionError, r"^`find_peaks`: `count` must be a positive integer; got 0"),
    (lambda: find_peaks(np.ones(4), -2), OptionError, r"`count` must be a positive integer; got -2"),
    (lambda: find_peaks(np.ones(4), True), OptionError, r"`count` must be a positive integer; got True"),
    (lambda: find_peaks(np.ones(4), 1.0), OptionError, r"`count` must be a positive integer; got 1.0"),
    (lambda: find_peaks(np.ones((0, 4)), 1), ShapeError, r"`scores` must not be empty; got shape \(0, 4\)"),
    (lambda: find_peaks(1.0, 1), ShapeError, r"`scores` must have at least one axis; got a scalar"),
    (lambda: find_peaks(np.ones(4) * 1j, 1), DTypeError, r"`scores` must be real; got complex"),
    (
        lambda: find_peaks(np.ones(4), 1, min_distance=0),
        OptionError,
        r"`min_distance` must be an integer of at least 1",
    ),
    (lambda: find_peaks(np.ones(4), 1, border=-1), OptionError, r"`border` must be an integer of at least 0"),
    (lambda: find_peaks(np.ones(4), 1, border=2), OptionError, r"`border` must leave something of the map; got \(2,\)"),
    (lambda: find_peaks(np.ones(4), 1, lowest=1), OptionError, r"`lowest` must be True or False; got 1"),
    (lambda: find_peaks(np.ones(4), 1, refine="cubic"), OptionError, r"`refine` must be one of \['dft', 'gaussian'"),
    (lambda: find_peaks(np.ones(4), 1, axes=1), OptionError, r"`axes` must be axes of the signal, which has 1; got 1"),
    (
        lambda: find_peaks(np.ones(4), 1, threshold=np.ones(2)),
        ShapeError,
        r"`threshold` must be one real number, or one for each item of the batch \(\); got float32 of shape \(2,\)",
    ),
    (lambda: find_peaks(np.ones(4), 1, threshold=1j), ShapeError, r"`threshold` must be one real number"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_bad_input_is_refused_under_jit_too():
    with pytest.raises(OptionError, match="`count` must be a positive"):
        jax.jit(lambda x: find_peaks(x, -1))(jnp.ones(4))


def test_it_is_a_public_name():
    assert sigconv.find_peaks is find_peaks


@pytest.mark.parametrize("shape", [(9,), (4, 5)], ids=str)
def test_soft_argmax_is_its_definition(shape, x64):
    x = np.random.default_rng(6).standard_normal((2, *shape))
    weights = np.exp(x / 0.3)
    weights /= weights.sum(axis=tuple(range(1, x.ndim)), keepdims=True)
    grids = np.meshgrid(*map(np.arange, shape), indexing="ij")
    expected = np.stack([(weights * g).sum(axis=tuple(range(1, x.ndim))) for g in grids], -1)
    axes = tuple(range(1, x.ndim))
    found = soft_argmax(x, temperature=0.3, axes=axes)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    mapped = jax.jit(jax.vmap(lambda x: soft_argmax(x, temperature=0.3)))(x)
    np.testing.assert_allclose(mapped, expected, rtol=1e-12)
    check_grads(jax.jit(lambda x, t: soft_argmax(x, temperature=t, axes=axes)), (x, 0.3), order=2, modes=["fwd", "rev"])


def test_soft_argmax_goes_from_the_middle_to_the_maximum():
    x = jnp.array([0.0, 5.0, 1.0, -2.0, 900.0])
    np.testing.assert_allclose(soft_argmax(x, temperature=1e6), [2], atol=1e-2)
    assert soft_argmax(x, temperature=1e-3).tolist() == [4]
    assert soft_argmax(jnp.zeros((3, 4), "bfloat16")).tolist() == [1, 1.5]


def test_ratios_of_peaks_are_their_definition():
    x = np.random.default_rng(7).standard_normal((2, 9, 11)).astype("f4")
    x[0, 4, 6], x[1, 0, 2] = 9, 7
    found = peak_to_sidelobe_ratio(x, exclude=2, axes=(1, 2))
    for i, (row, column) in enumerate([(4, 6), (0, 2)]):
        away = np.maximum.outer(np.abs(np.arange(9) - row), np.abs(np.arange(11) - column)) > 2
        rest = x[i].astype(float)[away]
        np.testing.assert_allclose(found[i], (x[i].max() - rest.mean()) / rest.std(), rtol=1e-5)
        places = greedy(x[i], 2, distance=3)
        ratio = second_peak_ratio(x, min_distance=3, axes=(1, 2))[i]
        np.testing.assert_allclose(ratio, x[i][places[1]] / x[i][places[0]], rtol=1e-6)


def test_ratios_of_flat_maps_are_zero_with_finite_derivatives():
    ratios = (lambda x: peak_to_sidelobe_ratio(x, exclude=1), lambda x: second_peak_ratio(x, min_distance=9))
    for with_slope in (jax.jit(jax.value_and_grad(ratio)) for ratio in ratios):
        for x in (np.zeros((4, 5), "f4"), np.full((4, 5), 1e4, "f4"), np.zeros((1, 1), "f4")):
            value, slope = with_slope(x)
            assert value == 0
            assert np.isfinite(slope).all()
    x = jnp.array([[1.0, jnp.nan, 3.0, 0.0, 9.0], [2.0, 5.0, 1.0, 0.0, 0.0]])
    assert jnp.isfinite(peak_to_sidelobe_ratio(x, exclude=1))


BAD_MEASURES = [
    (lambda: soft_argmax(np.ones(4), temperature=0), OptionError, r"^`soft_argmax`: `temperature` must be one positive number; got 0"),
    (lambda: soft_argmax(np.ones(4), temperature=np.ones(2)), OptionError, r"`temperature` must be one positive number"),
    (lambda: soft_argmax(np.ones((0, 4))), ShapeError, r"`scores` must not be empty; got shape \(0, 4\)"),
    (lambda: peak_to_sidelobe_ratio(np.ones(4), exclude=-1), OptionError, r"^`peak_to_sidelobe_ratio`: `exclude` must be an integer of at least 0"),
    (lambda: peak_to_sidelobe_ratio(np.ones(4) * 1j), DTypeError, r"`scores` must be real; got complex64"),
    (lambda: second_peak_ratio(np.ones(4), min_distance=0), OptionError, r"^`second_peak_ratio`: `min_distance` must be an integer of at least 1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD_MEASURES, ids=[m for _, _, m in BAD_MEASURES])
def test_bad_input_to_the_measures_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
