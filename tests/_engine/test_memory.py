"""What cannot fit memory is refused before anything is allocated, with the size it would have needed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import CASES, RUNNERS, pairs

import sigconv
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import run
from sigconv._engine.memory import available_bytes, in_words
from sigconv._engine.method import Problem


def test_a_result_that_cannot_fit_is_refused_with_its_size():
    """Shapes only: nothing of this size exists here."""
    with pytest.raises(
        sigconv.ShapeError, match=r"^`correlate`: `signal` and `kernel` must fit memory.* needs [\d.e+]+ TiB"
    ):
        jax.eval_shape(
            lambda x, w: sigconv.correlate(x, w),
            jax.ShapeDtypeStruct((10**7, 10**6), jnp.float32),
            jax.ShapeDtypeStruct((3, 3), jnp.float32),
        )


def test_a_forced_method_that_cannot_fit_is_refused_and_auto_takes_another(monkeypatch):
    monkeypatch.setattr(run, "available_bytes", lambda platform: 2 * 10**6)
    shapes = (100_000,), (20_000,)
    with pytest.raises(
        sigconv.OptionError,
        match=r"`method` must fit memory; got 'fft', which needs [\d.]+ MiB, and there are 1.91 MiB",
    ):
        sigconv._plan.plan_single.__wrapped__("sigconv.correlate", _given(*shapes), *_options("fft"))
    selection = sigconv._plan.plan_single.__wrapped__("sigconv.correlate", _given(*shapes), *_options("auto")).selection
    assert selection.method == "direct"
    assert "it needs" in selection.refusals["fft"]


def _given(signal, kernel):
    kind = np.dtype("float32")
    return sigconv._plan.Operands(signal, kernel, (kind, kind), "cpu")


def _options(method):
    return "full", "zero", None, 1, 1, method, None


def test_unknown_memory_refuses_nothing(monkeypatch):
    monkeypatch.setattr(run, "available_bytes", lambda platform: None)
    selection = sigconv.select_method((10**13,), (3,), device="cpu")
    assert not any("memory" in reason for reason in selection.refusals.values())


@pytest.mark.parametrize(("case", "runner"), pairs(CASES, RUNNERS))
def test_every_method_says_how_much_room_it_needs(case, runner):
    problem = Problem(case.geometry, case.signal, case.weights, np.dtype("float32"))
    assert 0 <= RUNNERS[runner].workspace(problem) < 1e6


@pytest.mark.parametrize("length", [10**6, 10**7, 10**8])
def test_overlap_works_in_bounded_memory(length):
    """What it needs beside the extended signal does not grow with the signal."""
    problem = Problem(Geometry((Axis(),)), (1, 1, length), (1, 1, 1000), np.dtype("float32"))
    assert RUNNERS["overlap"].workspace(problem) - 4 * length < 2.5e8


@pytest.mark.parametrize("side", [2**10, 2**13, 2**14, 2**15])
def test_overlap_works_on_images_in_bounded_memory(side):
    problem = Problem(Geometry((Axis(), Axis())), (1, 1, side, side), (1, 1, 31, 31), np.dtype("float32"))
    assert RUNNERS["overlap"].workspace(problem) - 4 * side**2 < 2.5e9


def test_this_machine_has_memory():
    assert (available_bytes("cpu") or 2**30) >= 2**30


@pytest.mark.parametrize(
    ("count", "words"), [(5, "5 B"), (2048, "2 KiB"), (3.5 * 2**40, "3.5 TiB"), (2.0**70, "1.05e+06 PiB")]
)
def test_sizes_in_words(count, words):
    assert in_words(count) == words
