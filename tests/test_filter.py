"""`Filter`: calls, sums, transposes, responses and the rest of its algebra."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.signal
from filters import apply, numbers, pairs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sigconv
from sigconv import DTypeError, Filter, OptionError, ShapeError

QUICK = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
RNG = np.random.default_rng(0)


@QUICK
@given(pairs(ranks=(1, 2)), st.sampled_from(["same", "valid", "full"]), st.sampled_from(["zero", "periodic"]))
def test_call_is_the_definition(by_definition, pair, padding, boundary):
    f, _, rng = pair
    x = numbers(rng, (2, f.layer.ins, *(k + 3 for k in f.extent)))
    np.testing.assert_array_equal(f(x, padding=padding, boundary=boundary), apply(f, x, boundary, padding))


def test_default_origin_is_that_of_correlate_channels():
    w, x = RNG.standard_normal((3, 2, 4)).astype("f4"), RNG.standard_normal((2, 9)).astype("f4")
    np.testing.assert_array_equal(Filter(w)(x), sigconv.correlate_channels(x, w, padding="same"))
    np.testing.assert_array_equal(
        Filter(w, kind="convolution", stride=2)(x), sigconv.convolve_channels(x, w, padding="same", stride=2)
    )


def test_kernel_longer_than_the_signal_is_allowed():
    f = Filter(np.ones(7, "f4"), channels=False)
    np.testing.assert_allclose(f(np.ones(3, "f4"), boundary="periodic"), 7)
    np.testing.assert_allclose(f(np.ones(3, "f4")), 3)


@QUICK
@given(pairs(ranks=(1, 2), most_taps=4), st.integers(0, 2**32 - 1))
def test_sum_adds_outputs(by_definition, pair, seed):
    one, _, rng = pair
    other = Filter(
        numbers(rng, (one.layer.outs, one.layer.ins, *(3 for _ in one.taps))),
        stride=one.stride,
        lo=tuple(int(n) for n in rng.integers(-2, 5, one.rank)),
        bias=numbers(rng, one.layer.outs) if seed % 2 else None,
    )
    x = numbers(rng, (1, one.layer.ins, *(8 for _ in one.taps)))
    np.testing.assert_array_equal((one + other)(x), apply(one, x) + apply(other, x))
    np.testing.assert_array_equal((one - other)(x), apply(one, x) - apply(other, x))
    np.testing.assert_array_equal((3 * one)(x), 3 * apply(one, x))


def test_parallel_branches_merge_as_in_repvgg():
    wide, point = RNG.standard_normal((4, 4, 3, 3)).astype("f4"), RNG.standard_normal((4, 4, 1, 1)).astype("f4")
    identity = Filter(np.eye(4, dtype="f4").reshape(4, 4, 1, 1))
    merged = Filter(wide) + Filter(point) + identity
    assert merged.taps == (3, 3)
    by_hand = wide.copy()
    by_hand[:, :, 1, 1] += point[:, :, 0, 0] + np.eye(4)
    np.testing.assert_allclose(merged.weights, by_hand, rtol=1e-6)


def test_grouped_sum_keeps_common_groups():
    merged = Filter(np.ones((4, 1, 1)), groups=4) + Filter(np.ones((4, 2, 1)), groups=2)
    assert merged.groups == 2
    assert merged.weights[..., 0].tolist() == [[2, 1], [1, 2], [2, 1], [1, 2]]


@QUICK
@given(pairs(ranks=(1, 2), most_taps=4, most_stride=1))
def test_adjoint_is_the_transpose(by_definition, pair):
    f, _, rng = pair
    x = numbers(rng, (1, f.layer.ins, *(7 for _ in f.taps)))
    y = numbers(rng, (1, f.layer.outs, *(7 for _ in f.taps)))
    linear = Filter(f.weights, dilation=f.dilation, groups=f.groups, lo=f.lo, kind=f.kind)
    assert np.vdot(apply(linear, x), y) == np.vdot(x, apply(linear.adjoint(), y))
    assert linear.adjoint().adjoint().lo == f.lo
    np.testing.assert_array_equal(linear.adjoint().adjoint().weights, f.weights)


def test_adjoint_conjugates_and_transpose_does_not():
    w = (RNG.standard_normal((2, 1, 3)) + 1j * RNG.standard_normal((2, 1, 3))).astype("c8")
    f = Filter(w)
    np.testing.assert_array_equal(f.adjoint().weights, jnp.conj(f.transpose().weights))
    np.testing.assert_array_equal(f.transpose().weights, np.flip(w, 2).swapaxes(0, 1))
    np.testing.assert_array_equal(f.conj().weights, w.conj())


def test_autocorrelation_is_that_of_the_taps():
    a = np.array([1.0, 2.0, -1.0], "f4")
    f = Filter(a, channels=False).autocorrelation()
    np.testing.assert_array_equal(f.weights, np.correlate(a, a, "full"))
    assert f.lo == (2,)


@pytest.mark.parametrize("step", ["adjoint", "transpose", "autocorrelation"])
def test_strided_filter_has_no_adjoint_filter(step):
    with pytest.raises(OptionError, match="`stride` must be 1"):
        getattr(Filter(np.ones(3), stride=2, channels=False), step)()


def test_response_is_scipys():
    b = RNG.standard_normal(6)
    _, wanted = scipy.signal.freqz(b, worN=2 * np.pi * np.linspace(0, 0.5, 9))
    f = Filter(b.astype("f4"), kind="convolution", lo=5, channels=False)
    np.testing.assert_allclose(f.response(np.linspace(0, 0.5, 9, dtype="f4")), wanted, atol=2e-5)


def test_response_is_what_the_filter_makes_of_a_wave():
    w = RNG.standard_normal((3, 2, 3, 2)).astype("f4")
    f = Filter(w, dilation=(2, 1), stride=(1, 2), groups=1)
    n, frequency = np.meshgrid(np.arange(20), np.arange(16), indexing="ij"), np.array([0.15, -0.3])
    wave = np.exp(2j * np.pi * (frequency[0] * n[0] + frequency[1] * n[1])).astype("c8")
    x = np.stack([wave, 2 * wave])
    y = np.asarray(f(x))[:, 8, 4]
    at = np.exp(2j * np.pi * (frequency[0] * 8 + frequency[1] * 8))
    np.testing.assert_allclose(y / at, np.asarray(f.response(frequency.astype("f4"))) @ [1, 2], atol=1e-4)
    assert f.response(np.zeros((4, 5, 2), "f4")).shape == (4, 5, 3, 2)


def test_response_of_groups_is_a_block_matrix():
    f = Filter(np.ones((4, 2, 1), "f4"), groups=2)
    assert np.real(f.response(np.float32(0.1))).round(5).tolist() == [[1, 1, 0, 0]] * 2 + [[0, 0, 1, 1]] * 2


def test_batch_norm_folds():
    f = Filter(RNG.standard_normal((3, 2, 3)).astype("f4"), bias=RNG.standard_normal(3).astype("f4"))
    mean, variance, scale, shift = (RNG.uniform(0.5, 2, 3).astype("f4") for _ in range(4))
    x = RNG.standard_normal((2, 9)).astype("f4")
    wanted = (f(x) - mean[:, None]) / np.sqrt(variance[:, None] + 1e-3) * scale[:, None] + shift[:, None]
    folded = f.fold_batch_norm(mean, variance, scale=scale, shift=shift, epsilon=1e-3)
    np.testing.assert_allclose(folded(x), wanted, atol=2e-5)
    plain = Filter(f.weights).fold_batch_norm(mean, variance)
    np.testing.assert_allclose(plain.bias, -mean / np.sqrt(variance + 1e-5), rtol=1e-5)
    with pytest.raises(ShapeError, match="`mean` must have one number per output channel"):
        f.fold_batch_norm(mean[:2], variance)


def test_trim_drops_outer_zeros():
    w = np.zeros((2, 1, 5, 4), "f4")
    w[0, 0, 1:3, 2], w[1, 0, 2, 1] = 1, 1e-9
    f = Filter(w, dilation=(2, 1)).trim()
    assert f.taps == (2, 2)
    assert f.lo == (4 - 2, 1 - 1)
    x = RNG.standard_normal((1, 12, 9)).astype("f4")
    np.testing.assert_allclose(f(x), Filter(w, dilation=(2, 1))(x), atol=1e-6)
    assert Filter(w).trim(1e-6).taps == (2, 1)
    assert Filter(np.zeros((1, 1, 3))).trim().taps == (1,)
    with pytest.raises(OptionError, match="`weights` must be known"):
        jax.jit(lambda w: Filter(w).trim().weights)(w)


def test_separable_kernel_is_found():
    a, b = RNG.standard_normal(5).astype("f4"), RNG.standard_normal(4).astype("f4")
    found = Filter(np.outer(a, b), channels=False).separate(1)
    assert found.error < 1e-6
    image = RNG.standard_normal((9, 8)).astype("f4")
    np.testing.assert_allclose(
        sigconv.correlate(image, found.kernels[0]), sigconv.correlate(image, np.outer(a, b)), atol=1e-4
    )


@pytest.mark.parametrize("shape", [(5, 4), (4, 3, 3)], ids=str)
def test_separation_states_its_error(shape):
    kernel = RNG.standard_normal(shape).astype("f4")
    errors = []
    for rank in (1, 2, 12):
        found = Filter(kernel, channels=False).separate(rank)
        letters = "abc"[: len(shape)]
        total = np.einsum(",".join("r" + c for c in letters) + "->" + letters, *map(np.asarray, found.factors))
        np.testing.assert_allclose(found.error, np.linalg.norm(kernel - total) / np.linalg.norm(kernel), atol=1e-5)
        errors.append(float(found.error))
    assert errors[-1] < 1e-5
    assert errors[0] > 0.1
    if len(shape) == 2:
        s = np.linalg.svd(kernel, compute_uv=False)
        np.testing.assert_allclose(errors[0], np.sqrt((s[1:] ** 2).sum() / (s**2).sum()), rtol=1e-4)


def test_separation_needs_one_kernel_of_two_axes():
    with pytest.raises(OptionError, match="`channels` must be False"):
        Filter(np.ones((1, 1, 2, 2))).separate()
    with pytest.raises(OptionError, match="two axes"):
        Filter(np.ones(3), channels=False).separate()
    with pytest.raises(OptionError, match="`rank` must be"):
        Filter(np.ones((3, 3)), channels=False).separate(0)


@QUICK
@given(pairs(ranks=(1, 2), most_taps=5, most_stride=1), st.integers(1, 3), st.booleans())
def test_phases_add_up_to_the_strided_filter(by_definition, pair, count, is_strided):
    f, _, rng = pair
    if is_strided:
        f = Filter(f.weights, stride=count, dilation=f.dilation, groups=f.groups, lo=f.lo, bias=f.bias, kind=f.kind)
    x = numbers(rng, (1, f.layer.ins, *(count * 5 for _ in f.taps)))
    wanted = apply(f, x) if is_strided else apply(f, x)[(..., *(slice(None, None, count) for _ in f.taps))]
    total = 0
    for phase, part in f.polyphase(count).items():
        total = total + apply(part, x[(..., *(slice(r, None, count) for r in phase))])
    np.testing.assert_array_equal(total, wanted)


@QUICK
@given(pairs(ranks=(1,), most_taps=5, most_stride=1), st.integers(2, 3), st.integers(-1, 2))
def test_first_noble_identity(by_definition, pair, step, lo):
    f, _, rng = pair
    strided = Filter(
        f.weights, stride=step, dilation=tuple(step * d for d in f.dilation), lo=step * lo, groups=f.groups, kind=f.kind
    )
    stride, after = strided.decimate_first()
    x = numbers(rng, (1, f.layer.ins, step * 6))
    np.testing.assert_array_equal(apply(strided, x), apply(after, x[..., :: stride[0]]))


def test_second_noble_identity(by_definition):
    """H after inserting zeros is inserting zeros after H, with its taps further apart."""
    w, x = numbers(RNG, (2, 3, 4)), numbers(RNG, (1, 3, 6))
    inserted = np.zeros((1, 3, 16), x.dtype)
    inserted[..., ::3] = x
    spread = Filter(w, dilation=3)(inserted, padding="full")
    plain = Filter(w)(x, padding="full")
    np.testing.assert_array_equal(spread[..., ::3], plain)
    assert not np.delete(np.asarray(spread), np.s_[::3], axis=-1).any()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            dict(weights=np.ones(3)),
            ShapeError,
            "`Filter`: `weights` must be .c_out, c_in/groups, .taps., or channels=False",
        ),
        (dict(weights=1.0, channels=False), ShapeError, "at least one axis of taps"),
        (dict(weights=np.ones((0, 1, 3))), ShapeError, "must not be empty"),
        (dict(weights=np.ones((3, 1, 3)), groups=2), OptionError, "`groups` must be a positive integer that divides"),
        (dict(weights=np.ones((3, 1, 3)), stride=0), OptionError, "`stride` must be an integer of at least 1"),
        (
            dict(weights=np.ones((3, 1, 3)), bias=np.ones(2)),
            ShapeError,
            "`bias` must have one number per output channel",
        ),
        (dict(weights=np.ones((3, 1, 3)), kind="conv"), OptionError, "`kind` must be one of"),
        (dict(weights=["a"]), DTypeError, "`weights` must"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Filter(**arguments)


def test_bad_calls_are_refused():
    f = Filter(np.ones((2, 3, 3)))
    with pytest.raises(ShapeError, match="`Filter`: `weights` must have c_in/groups"):
        f(np.ones((2, 9)))
    with pytest.raises(ShapeError, match="`signal` must have at least 2 axes"):
        Filter(np.ones((2, 2)), channels=False)(np.ones(4))
    with pytest.raises(ShapeError, match="`other` must have the same axes and channels"):
        f + Filter(np.ones((1, 3, 3)))
    with pytest.raises(ShapeError, match="`other` must have channels"):
        f + Filter(np.ones(3), channels=False)
    with pytest.raises(OptionError, match="`other` must have the same stride"):
        f + Filter(np.ones((2, 3, 3)), stride=2)
    with pytest.raises(OptionError, match="`count` must be the stride"):
        Filter(np.ones(3), stride=2, channels=False).polyphase(3)
    with pytest.raises(OptionError, match="multiples of the stride"):
        Filter(np.ones((1, 1, 3)), stride=2).decimate_first()
    with pytest.raises(ShapeError, match="`frequencies` must have one number for each of the 2 axes"):
        Filter(np.ones((2, 2)), channels=False).response(np.ones(3))
