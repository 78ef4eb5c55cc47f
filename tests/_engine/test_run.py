"""Every method against the definition, and against what follows from it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import BY_NAME, CASES, FEW, FLOATS, INTEGERS, KINDS, RUNNERS, SUBSET, draw, pairs
from oracle import extend, oracle, wide
from tolerance import assert_correlation

from sigconv._core.geometry import Axis, Geometry
from sigconv._engine.run import METHODS, run
from sigconv._engine.taps import tap_by_tap

pytestmark = pytest.mark.optimised
DENSE = [name for name in METHODS if name != "separable"]
"""Those that take a kernel as an array; test_separable.py has the other."""

EXACT = ("direct", "shift_add")
"""The methods that are exact in integers."""

CONFINING = (*EXACT, "kn2row")
"""Those that multiply every tap and nothing else: a NaN stays where it is read."""


def operands(case, dtype, kind="white", seed=0):
    rng = np.random.default_rng(seed)
    return draw(rng, case.signal, dtype, kind), draw(rng, case.weights, dtype, kind)


def exact(y, dtype):
    """The oracle's integers, brought into the range of the dtype as overflow does."""
    return y.astype(dtype) if np.dtype(dtype).kind in "iu" else y


def check(case, runner, dtype, kinds=("white",)):
    method = RUNNERS[runner]
    for kind in kinds:
        x, w = operands(case, dtype, kind)
        y = run(jnp.asarray(x), jnp.asarray(w), case.geometry, method)
        assert y.dtype == dtype
        reference = exact(oracle(x, w, case.geometry), dtype) if dtype != "bfloat16" else oracle(x, w, case.geometry)
        assert_correlation(y, reference, x, w, runner, extended=extend(wide(x), case.geometry))


@pytest.mark.parametrize(("case", "runner"), pairs(CASES, RUNNERS))
def test_run_matches_definition(case, runner):
    check(case, runner, "float32", KINDS)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize(("case", "runner"), pairs(SUBSET, METHODS, FEW))
def test_run_matches_definition_in_wide_dtypes(case, runner, dtype, x64):
    check(case, runner, dtype)


@pytest.mark.parametrize("dtype", ["complex64", "bfloat16", "float16"])
@pytest.mark.parametrize(("case", "runner"), pairs(SUBSET, ["direct", "kn2row", "toeplitz", "fft"], FEW))
def test_run_matches_definition_in_short_dtypes(case, runner, dtype):
    check(case, runner, dtype)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize(("case", "runner"), pairs(SUBSET, EXACT, FEW))
def test_products_are_exact_in_integers(case, runner, dtype):
    check(case, runner, dtype)


@pytest.mark.full
@pytest.mark.parametrize("dtype", FLOATS[1:])
@pytest.mark.parametrize(("case", "runner"), pairs([case for case in CASES if case not in SUBSET], RUNNERS))
def test_run_matches_definition_everywhere(case, runner, dtype, x64):
    # Sums of products of numbers around 100 leave float16's range.
    check(case, runner, dtype, [kind for kind in KINDS if (dtype, kind) != ("float16", "offset")])


def example(runner):
    """The first case that a method can do."""
    return next(param.values[0] for param in pairs(CASES, [runner]))


@pytest.mark.parametrize("runner", DENSE)
def test_run_under_vmap_matches_a_loop(runner):
    case = example(runner)
    pairs = [operands(case, "float32", seed=seed) for seed in range(3)]
    xs, ws = (jnp.stack([jnp.asarray(pair[i]) for pair in pairs]) for i in (0, 1))
    one = lambda x, w: run(x, w, case.geometry, METHODS[runner])  # noqa: E731
    for mapped, signals, kernels in (
        (jax.vmap(one), xs, ws),
        (jax.vmap(one, (0, None)), xs, [ws[0]] * 3),
        (jax.vmap(one, (None, 0)), [xs[0]] * 3, ws),
    ):
        got = mapped(
            signals if not isinstance(signals, list) else xs[0], kernels if not isinstance(kernels, list) else ws[0]
        )
        for y, x, w in zip(got, signals, kernels, strict=True):
            assert_correlation(y, oracle(x, w, case.geometry), x, w, runner)


CONFINED = (
    "valid",
    "stride 2",
    "dilation 3",
    "input dilation 2",
    "edge",
    "2-d",
    "grouped",
    "depthwise",
    "dense",
    "2-d, transposed",
)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(("case", "runner"), pairs([BY_NAME[name] for name in CONFINED], CONFINING))
def test_products_confine_a_bad_sample_to_the_outputs_that_read_it(case, runner, bad):
    x, w = operands(case, "float32", "positive")
    w = w + 1
    at = (0, 0, *(n // 2 for n in case.signal[2:]))
    x[at] = bad
    got = np.asarray(run(jnp.asarray(x), jnp.asarray(w), case.geometry, METHODS[runner]))
    reads = np.zeros(case.signal)
    reads[at] = 1
    touched = oracle(reads, np.ones(case.weights), case.geometry) > 0
    assert touched.any()
    assert not touched.all()
    np.testing.assert_array_equal(~np.isfinite(got), touched)


def test_transforms_spread_a_bad_sample_which_is_why_the_docs_say_so():
    x = jnp.ones((1, 1, 64)).at[0, 0, 3].set(jnp.nan)
    y = run(x, jnp.ones((1, 1, 3)), CASES[0].geometry, METHODS["fft"])
    assert jnp.isnan(y).all()


@pytest.mark.parametrize("runner", DENSE)
def test_items_of_a_batch_do_not_touch_one_another(runner):
    """Neither rounding on the scale of a loud neighbour nor its NaN."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((3, 2, 300)).astype("f4"), rng.standard_normal((2, 2, 9)).astype("f4")
    x[0] *= 1e8
    x[2, 0, 77] = np.nan
    geometry = Geometry((Axis(stride=2 if runner == "polyphase" else 1),))
    y = run(jnp.asarray(x), jnp.asarray(w), geometry, METHODS[runner])
    assert_correlation(y[:2], oracle(x[:2], w, geometry), x[:2], w, runner)
    assert jnp.isnan(y[2]).any()


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_accumulates_in_float32(dtype):
    """4,096 ones: sums in the half type itself would stop growing at 256 or 2,048."""
    x = jnp.ones((1, 1, 4096), dtype)
    for name in ("direct", "fft", "overlap"):
        method = METHODS[name]
        y = run(x, jnp.ones((1, 1, 4096), dtype), CASES[0].geometry, method)
        assert y.dtype == dtype
        assert y[0, 0, 0] == 4096


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32"])
def test_integers_overflow_as_numpy_does(dtype):
    rng = np.random.default_rng(0)
    x, w = draw(rng, (1, 1, 50), dtype), draw(rng, (1, 1, 9), dtype)
    y = run(jnp.asarray(x), jnp.asarray(w), CASES[0].geometry, METHODS["direct"])
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(y[0, 0], np.correlate(x[0, 0], w[0, 0]))


@pytest.mark.parametrize("dtype", ["int8", "int32"])
@pytest.mark.parametrize("case", SUBSET, ids=str)
def test_tap_by_tap_is_exact(case, dtype):
    """What integers take on accelerators, run here."""
    x, w = operands(case, dtype)
    y = jax.jit(tap_by_tap, static_argnames="geometry")(jnp.asarray(x), jnp.asarray(w), geometry=case.geometry)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, oracle(x, w, case.geometry).astype(dtype))


@pytest.mark.parametrize(("dtype", "convolves"), [("int32", False), ("float32", True)])
def test_integers_are_no_convolution_on_a_gpu(dtype, convolves):
    """XLA has none there; lowering for a GPU needs no GPU."""
    case = CASES[1]
    x, w = jnp.ones(case.signal, dtype), jnp.ones(case.weights, dtype)
    traced = jax.jit(lambda x, w: run(x, w, case.geometry, METHODS["direct"])).trace(x, w)
    assert ("stablehlo.convolution" in traced.lower(lowering_platforms=("cuda",)).as_text()) == convolves


@pytest.mark.gpu
def test_float32_on_a_gpu_is_not_tf32():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((1, 64, 40, 40)).astype("f4"), rng.standard_normal((1, 64, 3, 3)).astype("f4")
    geometry = Geometry((Axis(), Axis()))
    reference = oracle(x, w, geometry)
    for name in ("direct", "fft", "overlap"):
        assert_correlation(run(jnp.asarray(x), jnp.asarray(w), geometry, METHODS[name]), reference, x, w, name)


@pytest.mark.parametrize("runner", ["fft", "overlap"])
def test_transforms_of_long_white_signals_keep_the_normwise_rule(runner):
    """‖error‖₂ ≤ 4 eps √(log₂ F) ‖reference‖₂: the rule that long signals need beside the absolute one."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(30_000).astype("f4"), rng.standard_normal(1_000).astype("f4")
    y = run(jnp.asarray(x)[None, None], jnp.asarray(w)[None, None], CASES[0].geometry, METHODS[runner])[0, 0]
    reference = np.correlate(x.astype(float), w.astype(float))
    error = np.linalg.norm(y - reference)
    assert error <= 4 * 2.0**-23 * np.sqrt(np.log2(30_000)) * np.linalg.norm(reference)
