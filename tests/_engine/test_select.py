"""The choice of a method, and the words in which it is explained or refused."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import sigconv
from sigconv import OptionError, OverlapSave
from sigconv._engine.cost import MACHINES
from sigconv._engine.method import cheapest
from sigconv._engine.run import METHODS


@pytest.mark.parametrize(
    ("signal", "kernel", "best"),
    [
        ((1_000_000,), (4096,), ("overlap",)),
        ((1_000,), (3,), ("shift_add",)),
        ((300, 300), (5, 5), ("shift_add",)),
        ((2048, 2048), (63, 63), ("fft", "overlap")),
        ((1_000_000,), (64,), ("toeplitz",)),
    ],
)
def test_select_method_picks_what_is_plainly_best_on_a_cpu(signal, kernel, best):
    selection = sigconv.select_method(signal, kernel, device="cpu")
    assert selection.method in best
    assert selection.costs[selection.method] <= 1.1 * min(selection.costs.values())


def test_select_method_says_why():
    selection = sigconv.select_method((1000,), (100,), device="cpu")
    assert set(selection.costs) | set(selection.refusals) == set(METHODS)
    for name in METHODS:
        assert name in (selection.method + selection.why)
    assert "no stride, dilation or input dilation to remove" in selection.refusals["polyphase"]
    assert "2 cores" in selection.why


def test_select_method_never_transforms_on_a_tpu():
    selection = sigconv.select_method((100_000,), (10_000,), device="tpu")
    assert selection.method in ("direct", "toeplitz")
    assert {"fft", "overlap"} <= set(selection.refusals)
    assert "not accurate" in selection.why


@pytest.mark.parametrize("options", [dict(stride=4), dict(dilation=3)])
def test_phases_are_never_transformed_on_a_tpu(options):
    from sigconv._engine import polyphase

    given = sigconv._plan.Operands((100_000,), (10_000,), (np.dtype("float32"),) * 2, "tpu")
    words = "full", "zero", None, options.get("stride", 1), options.get("dilation", 1), "auto", None
    problem = sigconv._plan.plan_single("sigconv.correlate", given, *words).problem
    *_, method = polyphase._best(METHODS["polyphase"], problem, MACHINES["tpu"])
    assert not method.transforms


@pytest.mark.parametrize("platform", MACHINES)
def test_select_method_explains_integers(platform):
    selection = sigconv.select_method((100_000,), (10_000,), dtype=jnp.int32, device=platform)
    assert selection.method == "direct"
    assert {"fft", "overlap"} <= set(selection.refusals)


def test_select_method_speaks_for_the_channel_functions_too():
    selection = sigconv.select_method((8, 64, 56, 56), (64, 64, 3, 3), padding="same", device="cpu")
    assert selection.method == "direct"
    grouped = sigconv.select_method((4, 32, 64, 64), (32, 1, 31, 31), padding="same", groups=32, device="cpu")
    assert grouped.method != "direct"


def test_select_method_accepts_a_device():
    assert sigconv.select_method((10,), (3,), device=jax.devices()[0]).method in METHODS


def test_forced_method_is_what_runs():
    selection = sigconv.select_method((10,), (3,), method="fft")
    assert selection.method == "fft"
    assert "asked for" in selection.why
    jaxpr = jax.make_jaxpr(lambda x, w: sigconv.correlate(x, w, method="fft"))(jnp.ones(10), jnp.ones(3))
    assert "fft" in str(jaxpr)


MESSAGES = [
    (dict(method="fast"), r"`method` must be one of \['auto', 'direct', 'fft', .*'toeplitz'\]; got 'fast'"),
    (
        dict(method="fft", dtype=jnp.int32),
        r"`method` must be able.*got 'fft': int32 results must be exact.*\['direct', 'shift_add'\]",
    ),
    (
        dict(method=OverlapSave(block=2)),
        r"`method` must be able.*'overlap': `block` 2 is shorter than the kernel, \(3,\)",
    ),
    (dict(method=OverlapSave(block=(8, 8))), r"'overlap': `block` has 2 entries for 1 axes"),
    (dict(groups=2), r"`groups` must be 1 unless `padding` is given; got 2"),
    (dict(input_dilation=2), r"`input_dilation` must be 1 unless `padding` is given; got 2"),
    (dict(device="abacus"), r"`device` must be one of \['cpu', 'gpu', 'tpu'\]; got 'abacus'"),
]


@pytest.mark.parametrize(("options", "message"), MESSAGES, ids=[str(list(m[0])) for m in MESSAGES])
def test_select_method_refuses_what_cannot_be(options, message):
    with pytest.raises(OptionError, match=r"^`select_method`: .*" + message):
        sigconv.select_method((10,), (3,), **options)


REFUSALS = [
    ("shift_add", (200,), (129,), {}, r"it unrolls at most 128 taps \(of all channels of a group\); got 129"),
    ("kn2row", (200,), (3,), {}, r"it mixes channels before it adds up taps; here no two channels are mixed"),
    ("kn2row", (2, 200), (2, 2, 1), dict(padding="valid"), r"it shifts the planes of several taps, and here is one; use"),
    ("kn2row", (2, 200), (2, 2, 129), dict(padding="valid"), r"it unrolls at most 128 taps; got 129"),
    ("kn2row", (2, 9), (2, 2, 3), dict(padding="valid", dtype="int8"), r"int8 has no fast product of matrices"),
    ("toeplitz", (4, 20), (4, 1, 3), dict(padding="valid", groups=4), r"its blocks mix channels, and here are 4 groups"),
    ("toeplitz", (20, 20), (20, 20, 3), dict(padding="valid"), r"channels already make matrix products; .*at most 16, got 20"),
    ("toeplitz", (9,), (3,), dict(dtype="int8"), r"matrix products of int8 are slow; use 'direct'"),
    ("fft_channels", (9,), (3,), {}, r"it loops over signals or channels, and there is one signal and one channel out; use 'fft'"),
    ("polyphase", (9,), (3,), {}, r"there is no stride, dilation or input dilation to remove"),
    ("separable", (9, 9), (3, 3), {}, r"the kernel is not given by its factors, as `sigconv.SeparableKernel`"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "signal", "kernel", "options", "reason"), REFUSALS)
def test_a_forced_method_says_why_it_cannot(method, signal, kernel, options, reason):
    with pytest.raises(
        OptionError, match=rf"`method` must be able to do this; got '{method}': .*{reason}.* These can: "
    ):
        sigconv.select_method(signal, kernel, method=method, **options)


@pytest.mark.parametrize("block", [0, -3, 2.5, "8", True])
def test_overlap_save_refuses_a_block_that_is_no_length(block):
    with pytest.raises(OptionError, match=r"`OverlapSave.block` must be a positive integer"):
        OverlapSave(block=block)


def test_overlap_save_takes_a_block_per_axis():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((30, 20)).astype("f4"), rng.standard_normal((3, 4)).astype("f4")
    y = sigconv.correlate(x, w, method=OverlapSave(block=[8, 16]))
    z = sigconv.correlate(x, w, method="direct")
    # Two float32 paths, each within its own rule of the definition.
    bound = 2.0**-23 * (8 * np.linalg.norm(x) * np.linalg.norm(w) + 8 * np.abs(x).max() * np.abs(w).sum())
    assert np.abs(y - z).max() <= bound


GRADIENT_CHANGES = dict(signal_shape=(512, 512), kernel_shape=(11, 11), mode="same")


def test_select_method_counts_the_gradient_when_it_is_wanted():
    value = sigconv.select_method(**GRADIENT_CHANGES, device="cpu")
    both = sigconv.select_method(**GRADIENT_CHANGES, device="cpu", gradient=True)
    assert all(both.costs[name] > value.costs[name] for name in value.costs)
    assert both.method in ("fft", "overlap")
    assert value.method != both.method


def test_auto_chooses_anew_under_differentiation():
    """Only the derivative transforms: with it, products of every tap are not the cheapest any more."""
    x, w = jnp.ones(GRADIENT_CHANGES["signal_shape"]), jnp.ones(GRADIENT_CHANGES["kernel_shape"])
    energy = lambda x, w: jnp.sum(sigconv.correlate(x, w, mode="same") ** 2)  # noqa: E731
    assert "fft[" not in str(jax.make_jaxpr(energy)(x, w))
    assert "fft[" in str(jax.make_jaxpr(jax.grad(energy, (0, 1)))(x, w))
    # A forced method stays.
    forced = lambda x, w: jnp.sum(sigconv.correlate(x, w, mode="same", method="shift_add") ** 2)  # noqa: E731
    assert "fft[" not in str(jax.make_jaxpr(jax.grad(forced, (0, 1)))(x, w))


def test_auto_is_differentiated_as_a_forced_method(x64):
    rng = np.random.default_rng(0)
    x, w, v = (jnp.asarray(rng.standard_normal(n)) for n in (40, 5, 40))

    def energy(method):
        return lambda x, w: jnp.sum(sigconv.correlate(x, w, mode="same", method=method) ** 2)

    # Products of three terms of 5 taps each: sums of 5 · 40 products at most.
    bound = 200 * np.finfo(float).eps * float(jnp.abs(x).max() * jnp.abs(w).sum() ** 2 * jnp.abs(v).max() * 40)
    for argument in (0, 1):
        for derivative in (jax.grad, lambda f, a: jax.jacfwd(jax.grad(f, a), a)):
            got = derivative(energy("auto"), argument)(x, w)
            assert jnp.abs(got - derivative(energy("direct"), argument)(x, w)).max() <= bound
    auto, direct = (functools.partial(energy(method), w=w) for method in ("auto", "direct"))
    along_auto, along_direct = (jax.jvp(f, (x,), (v,))[1] for f in (auto, direct))
    assert abs(along_auto - along_direct) <= bound


def test_products_are_taken_where_a_transform_gains_next_to_nothing():
    """Small problems cost what a call costs, whatever is done: then exactness decides."""
    assert cheapest({"shift_add": 1.04, "direct": 1.03, "fft": 1.0}) == "shift_add"
    assert cheapest({"shift_add": 1.2, "direct": 1.04, "fft": 1.0}) == "direct"
    assert cheapest({"shift_add": 1.2, "direct": 1.2, "fft": 1.0}) == "fft"
    assert sigconv.select_method((4, 5), (4, 5), mode="same", boundary="periodic", device="cpu").method == "shift_add"


def test_transposed_convolutions_of_one_channel_are_short_sums():
    """Phases of few taps each: measured to be several times faster than any product of matrices."""
    selection = sigconv.select_method((1, 256, 256), (1, 1, 4, 4), padding="full", input_dilation=2, device="cpu")
    assert selection.method in ("polyphase", "shift_add")
    assert 2 * selection.costs[selection.method] < selection.costs["toeplitz"]
