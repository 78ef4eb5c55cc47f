"""`compat.scipy`: a few cases of every kind; tests/peers has the rest."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import draw
from jax.test_util import check_grads
from peers.compare import assert_same, wide
from scipy import signal

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.compat import scipy as compat

NAMES = ["convolve", "correlate"]
TRANSFORMS = ["fftconvolve", "oaconvolve"]
PLANES = ["convolve2d", "correlate2d"]
MODES = ["full", "same", "valid"]
SHAPES = [((7, 6), (4, 3)), ((5, 6), (2, 2)), ((2, 3), (4, 5))]
RULES = dict.fromkeys([*NAMES, *PLANES], "direct") | dict.fromkeys(TRANSFORMS, "fft")


def compare(name, in1, in2, *arguments, extra=0):
    ours, theirs = getattr(compat, name), getattr(signal, name)
    reference = theirs(wide(in1), wide(in2), *arguments)
    norms = (np.append(in1, extra), in2)
    assert_same(ours(in1, in2, *arguments), theirs(in1, in2, *arguments), reference, *norms, RULES[name])


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("first", "second"), SHAPES, ids=str)
def test_results_are_scipys(name, mode, first, second, rng):
    compare(name, draw(rng, first, "complex64"), draw(rng, second, "complex64"), mode)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["auto", "fft"])
def test_integers_are_exact_by_every_method(name, method, rng):
    in1, in2 = rng.integers(-(2**14), 2**14, 40, "int32"), rng.integers(-(2**10), 2**10, 9, "int32")
    reference = getattr(signal, name)(in1, in2, method="direct")
    assert_same(getattr(compat, name)(in1, in2, "full", method), reference, reference, in1, in2)


@pytest.mark.parametrize("name", PLANES)
@pytest.mark.parametrize("boundary", ["fill", "wrap", "symm"])
def test_boundaries_are_scipys(name, boundary, rng):
    compare(name, draw(rng, (3, 5), "float32"), draw(rng, (4, 8), "float32"), "same", boundary, 2.5, extra=2.5)


@pytest.mark.parametrize("name", PLANES)
def test_fill_value_is_truncated_for_integers_as_scipys(name):
    in1, in2 = np.ones((3, 3), "int32"), np.ones((2, 2), "int32")
    compare(name, in1, in2, "full", "fill", 2.9)
    compare(name, in1, in2, "full", "fill", -2.9)
    compare(name, in1, in2, "full", "fill", True)


def test_same_of_even_kernels_sits_where_each_function_puts_it():
    """SciPy's own inconsistency, one sample between `correlate` and `correlate2d`."""
    impulse, tap = jnp.zeros((1, 7)).at[0, 3].set(1), jnp.zeros((1, 4)).at[0, 1].set(1)
    assert int(compat.correlate(impulse, tap, "same")[0].argmax()) == 4
    assert int(compat.correlate2d(impulse, tap, "same")[0].argmax()) == 3


def test_valid_correlate2d_of_changed_places_is_not_conjugated_back_as_scipys(rng):
    in1, in2 = draw(rng, (2, 3), "complex64"), draw(rng, (4, 5), "complex64")
    compare("correlate2d", in1, in2, "valid")
    correct = compat.correlate(in1, in2, "valid", "direct")
    assert_same(jnp.conj(compat.correlate2d(in1, in2, "valid")), correct, wide(correct), in1, in2, "fft")


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("first", "second", "axes"),
    [((4, 6), (4, 3), 1), ((1, 6), (5, 3), (1,)), ((4, 1, 6), (4, 3, 2), (-1, 0)), ((1, 6), (4, 3), None)],
    ids=str,
)
def test_axes_broadcast_as_scipys(name, mode, first, second, axes, rng):
    compare(name, draw(rng, first, "float32"), draw(rng, second, "float32"), mode, axes)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_promote_as_scipys(name, x64):
    for dtypes in (("int32", "float32"), ("int8", "complex64"), ("float16", "float16"), ("bool", "int64")):
        compare(name, *(np.ones(n, dtype) for n, dtype in zip((5, 3), dtypes, strict=True)))
    assert getattr(compat, name)(3, 4).dtype == "int64"
    assert getattr(compat, name)([], [1j]).dtype == "float64"


@pytest.mark.parametrize("name", NAMES)
def test_scalars_multiply(name):
    for in1, in2 in ((2 + 1j, 3 - 2j), (3, 4), (True, True)):
        assert getattr(compat, name)(in1, in2).item() == getattr(signal, name)(in1, in2)


@pytest.mark.parametrize("mode", MODES)
def test_correlation_lags_are_scipys(mode):
    for n, k in ((5, 3), (3, 5), (4, 6), (1, 1)):
        np.testing.assert_array_equal(compat.correlation_lags(n, k, mode), signal.correlation_lags(n, k, mode))


def test_choose_conv_method_names_the_faster(rng):
    short, long = draw(rng, 8, "float32"), draw(rng, 3000, "float32")
    assert compat.choose_conv_method(long, short[:3]) == "direct"
    assert compat.choose_conv_method(np.tile(long, 300), long) == "fft"
    assert compat.choose_conv_method(np.ones(9000, int), np.ones(3000, int)) == "direct"
    assert compat.choose_conv_method(np.ones(90, bool), np.ones(30, bool)) == "direct"
    assert jax.jit(lambda x: x if compat.choose_conv_method(x, x) == "direct" else -x)(short).tolist() == short.tolist()


def test_choose_conv_method_measures(rng):
    choice, seconds = compat.choose_conv_method(draw(rng, 50, "float32"), draw(rng, 8, "float32"), measure=True)
    assert set(seconds) == {"direct", "fft"}
    assert seconds[choice] == min(seconds.values())
    assert min(seconds.values()) > 0


@pytest.mark.parametrize("name", RULES)
def test_transformations_of_jax_change_nothing(name, rng):
    function = getattr(compat, name)
    in1, in2 = (jnp.asarray(draw(rng, (3, *shape), "float32")) for shape in ((2, 5), (3, 6)))
    alone = np.stack([function(x, w, "same") for x, w in zip(in1, in2, strict=True)])
    np.testing.assert_array_equal(jax.jit(lambda x, w: function(x, w, "same"))(in1[0], in2[0]), alone[0])
    together = jax.vmap(lambda x, w: function(x, w, "same"))(in1, in2)
    for y, reference, x, w in zip(together, alone, in1, in2, strict=True):
        assert_same(y, reference, wide(reference), x, w, RULES[name])


@pytest.mark.parametrize("name", RULES)
def test_gradients_are_right(name, rng, x64):
    in1, in2 = draw(rng, (3, 4), "float64"), draw(rng, (2, 3), "float64")
    check_grads(jax.jit(lambda x, w: getattr(compat, name)(x, w, "same")), (in1, in2), order=1)


ONE, TWO = np.ones((1, 1)), np.ones((2, 2))
RANKS = r"`in1` and `in2` must have the same number of axes; got shapes \(1, 1\) and \(1,\)"
MODE = r"`mode` must be one of \['full', 'same', 'valid'\]; got 'circular'"
NEITHER = r"`mode` must not be 'valid' unless one operand is at least as long .* got lengths \[\(3, 2\), \(2, 3\)\]"
EMPTY = r"must not be empty; got shape \(0, 2\)"
BAD = [
    *((name, (ONE, ONE[0]), {}, ShapeError, RANKS) for name in [*NAMES, *TRANSFORMS, "choose_conv_method"]),
    *((name, (ONE, ONE), {"mode": "circular"}, OptionError, MODE) for name in [*RULES, "choose_conv_method"]),
    *((name, (np.ones((3, 2)), np.ones((2, 3))), {"mode": "valid"}, ShapeError, NEITHER) for name in RULES),
    *((name, (TWO[:0], TWO), {}, ShapeError, f"`in1` {EMPTY}") for name in [*NAMES, *PLANES, "choose_conv_method"]),
    *((name, (TWO, TWO[:0]), {}, ShapeError, f"`in2` {EMPTY}") for name in [*NAMES, *PLANES, "choose_conv_method"]),
    *((name, (TWO.astype(object), TWO), {}, DTypeError, "`in1` must hold integers, .* got object") for name in RULES),
    *((name, (TWO, [["a"]]), {}, DTypeError, "`in2` must hold integers, .* got <U1") for name in RULES),
    *(
        (name, (ONE, ONE), {"method": "overlap"}, OptionError, r"`method` must be one of \['auto', 'direct', 'fft'\]")
        for name in NAMES
    ),
    *(
        (name, (np.ones((2, 3)), np.ones((4, 2))), {"axes": 1}, ShapeError, "`in1` and `in2` must broadcast .* axis 0")
        for name in TRANSFORMS
    ),
    *((name, (TWO, TWO), {"axes": 2}, OptionError, "`axes` must be axes of the signal") for name in TRANSFORMS),
    *((name, (TWO, TWO), {"axes": (0, -2)}, OptionError, "`axes` must name each axis once") for name in TRANSFORMS),
    *((name, (TWO, TWO), {"axes": ()}, OptionError, "`axes` must be an integer or a sequence") for name in TRANSFORMS),
    *((name, (ONE[0], ONE), {}, ShapeError, r"`in1` must be 2-d; got shape \(1,\)") for name in PLANES),
    *((name, (ONE, ONE[None]), {}, ShapeError, r"`in2` must be 2-d; got shape \(1, 1, 1\)") for name in PLANES),
    *((name, (ONE > 0, ONE > 0), {}, DTypeError, "`in1` or `in2` must not be bool") for name in PLANES),
    *(
        (
            name,
            (ONE, ONE),
            {"boundary": "reflect"},
            OptionError,
            r"`boundary` must be one of \['fill', 'symm', 'wrap'\]",
        )
        for name in PLANES
    ),
    *((name, (ONE, ONE), {"fillvalue": 1j}, OptionError, "`fillvalue` must be real for float32") for name in PLANES),
    *((name, (ONE, ONE), {"fillvalue": "1"}, OptionError, "`fillvalue` must be a number; got str") for name in PLANES),
    *(
        (name, (ONE.astype("int8"),) * 2, {"fillvalue": 128}, OptionError, "`fillvalue` must fit int8; got 128")
        for name in PLANES
    ),
    ("correlation_lags", (0, 3), {}, ShapeError, "`in1_len` must be a positive number of samples; got 0"),
    ("correlation_lags", (3, -1), {}, ShapeError, "`in2_len` must be a positive number of samples; got -1"),
    ("correlation_lags", (3, 1.5), {}, ShapeError, "`in2_len` must be a positive number of samples; got 1.5"),
    ("correlation_lags", (3, 3, "circular"), {}, OptionError, MODE),
]


@pytest.mark.parametrize(("name", "arguments", "options", "error", "message"), BAD)
def test_bad_arguments_are_named(name, arguments, options, error, message):
    with pytest.raises(error, match=f"^`compat.scipy.{name}`: {message}"):
        getattr(compat, name)(*arguments, **options)


def test_traced_fill_values_are_refused_in_words():
    with pytest.raises(OptionError, match=r"`fillvalue` must be a number; got .*Tracer. If it is traced, pad in1"):
        jax.jit(lambda v: compat.convolve2d(ONE, ONE, fillvalue=v))(1.0)


def test_measuring_under_jit_is_refused():
    with pytest.raises(OptionError, match="`measure` must be False inside jit, grad and vmap; got True"):
        jax.jit(lambda x: compat.choose_conv_method(x, x, measure=True)[0])(jnp.ones(4))


def test_checks_need_shapes_only():
    with pytest.raises(ShapeError, match="`mode` must not be 'valid' unless"):
        jax.eval_shape(lambda x, w: compat.correlate(x, w, "valid"), jnp.ones((3, 2)), jnp.ones((2, 3)))
