"""The choice of a method, and the words in which it is explained or refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import sigconv
from sigconv import OptionError, OverlapSave
from sigconv._engine.cost import MACHINES
from sigconv._engine.run import METHODS


@pytest.mark.parametrize(
    ("signal", "kernel", "best"),
    [
        ((1_000_000,), (4096,), ("overlap",)),
        ((1_000,), (3,), ("shift_add",)),
        ((300, 300), (5, 5), ("shift_add",)),
        ((2048, 2048), (63, 63), ("fft", "overlap")),
    ],
)
def test_select_method_picks_what_is_plainly_best_on_a_cpu(signal, kernel, best):
    selection = sigconv.select_method(signal, kernel, device="cpu")
    assert selection.method in best
    assert selection.costs[selection.method] == min(selection.costs.values())


def test_select_method_says_why():
    selection = sigconv.select_method((1000,), (100,), device="cpu")
    assert set(selection.costs) | set(selection.refusals) == set(METHODS)
    for name in METHODS:
        assert name in (selection.method + selection.why)
    assert "unrolls at most 32 taps; got 100" in selection.refusals["shift_add"]
    assert "2 cores" in selection.why


def test_select_method_never_transforms_on_a_tpu():
    selection = sigconv.select_method((100_000,), (10_000,), device="tpu")
    assert selection.method == "direct"
    assert {"fft", "overlap"} <= set(selection.refusals)
    assert "not accurate" in selection.why


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
    (dict(method="fast"), r"`method` must be one of \['auto', 'direct', 'fft', 'overlap', 'shift_add'\]; got 'fast'"),
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


def test_shift_add_refuses_to_add_channels_up():
    with pytest.raises(OptionError, match=r"'shift_add': it adds no channels up, and each output here is a sum over 2"):
        sigconv.select_method((2, 9), (1, 2, 3), padding="valid", method="shift_add")


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
