"""What the benchmark compares, and what the numbers say to the targets."""

import numpy as np
import pytest
from matching.definition import definition, fast
from outcomes import HERE, judged, outcome

from experiments.benchmarks import sections, verdict
from experiments.benchmarks.guard import UNWATCHED
from experiments.benchmarks.harness import Effort, measure
from experiments.benchmarks.workloads.gram import Features
from experiments.benchmarks.workloads.hessian import HessianProduct
from experiments.benchmarks.workloads.iir import Sections
from experiments.benchmarks.workloads.matching import Match, MatchGradient
from experiments.benchmarks.workloads.matching_reference import zncc, zncc_squared
from experiments.benchmarks.workloads.matching_rivals import best_of
from experiments.benchmarks.workloads.multi import Multi
from experiments.benchmarks.workloads.rivals import Gradient
from experiments.benchmarks.workloads.single import Single
from experiments.benchmarks.workloads.spectral import convolve_with_jax, cyclic
from experiments.benchmarks.workloads.style_steps import StyleStep
from experiments.benchmarks.workloads.table import WORKLOADS
from experiments.benchmarks.workloads.tolerance import allowed_error
from experiments.benchmarks.workloads.workload import OURS, Target

# Cases


def test_workloads_are_those_of_the_targets():
    for section, group in WORKLOADS.items():
        assert section in sections.SECTIONS
        assert len({one.name for one in group}) == len(group)
        assert all(one.targets for one in group)
    names = [one.name for group in WORKLOADS.values() for one in group]
    assert len(names) == 95
    assert "n = 100000, k = 100000" in names
    assert "2048², K = 127" in names
    assert not any(target.wanted for one in WORKLOADS["one-d-synchronous"] for target in one.targets)


@pytest.mark.parametrize(
    ("space", "taps", "pads"),
    [
        ((50,), (8,), ((7, 7),)),
        ((50,), (7,), ((3, 3),)),
        ((40,), (30,), ((29, 0),)),
        ((9, 12), (3, 5), ((1, 1), (2, 2))),
    ],
    ids=str,
)
def test_cyclic_window_is_untouched_by_what_wraps_around(space, taps, pads):
    plan = cyclic(space, taps, pads)
    x, w = (np.random.default_rng(0).standard_normal(shape) for shape in (space, taps))
    y = convolve_with_jax(x.astype(np.float32), w.astype(np.float32), plan)
    padded = np.pad(x, pads)
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps)
    axes = tuple(range(len(space), 2 * len(space)))
    np.testing.assert_allclose(y, np.sum(windows * np.flip(w), axis=axes), atol=1e-5)


SINGLES = [
    Single((40,), (8,), "full"),
    Single((3, 40), (5,), "full"),
    Single((12, 14), (3, 5), "same"),
    Single((40,), (8,), "full", Gradient()),
    Single((12, 14), (3, 3), "same", Gradient()),
]
MULTIS = [
    Multi((2, 4, 9, 10), (4, 1, 3, 3), groups=4, rivals=("jax conv", "jax conv channels-last", "torch conv", "torch fft")),
    Multi((2, 4, 9, 10), (6, 4, 3, 3), rivals=("jax conv", "jax conv channels-last", "torch conv", "torch fft")),
    Multi((2, 4, 20), (4, 1, 20), ((19, 0),), groups=4, flips=True, rivals=("jax rfft", "torch fft")),
    Multi((2, 4, 20), (4, 1, 3), dilation=4, groups=4),
    Multi((2, 4, 20), (4, 1, 3), groups=4, gradient=Gradient(), rivals=("jax conv", "torch conv")),
    Multi((2, 4, 9), (3, 4, 8), "full", input_dilation=4, rivals=("jax conv", "torch conv")),
    Multi((1, 4, 6, 6, 4), (1, 4, 3, 3, 3), ((1, 2),) * 3, input_dilation=2, gradient=Gradient("mean", (1,)),
          rivals=("jax conv", "torch conv")),
]  # fmt: skip


MATCHES = [
    Match((24, 27), (5, 4), "zncc"),
    Match((24, 27), (5, 4), "ccorr"),
    Match((24, 27), (3, 5, 4), "zncc"),
    Match((24, 27), (3, 5, 4), "ccorr"),
    Match((32, 36), (4, 9, 9), "zncc", turned=7),
    MatchGradient((24, 27), (5, 4)),
]


GRAMS = [Features((2, 3, 6, 7)), Features((2, 3, 6, 7), gradient=True)]
RECURSIONS = [Sections((2, 300), 2), Sections((1, 300), 4, gradient=True)]


@pytest.mark.peers
@pytest.mark.parametrize("case", [*SINGLES, *MULTIS, *MATCHES, *GRAMS, *RECURSIONS], ids=str)
def test_all_rivals_compute_the_same(case):
    bout = case.build()
    effort = Effort(seconds=0.0, blocks=(1, 1), block=0.0, pause=0.0, is_cold=False)
    row = measure(bout.candidates, bout.reference, guard=UNWATCHED, effort=effort)
    assert len(row.timings) >= 3
    assert {name: timing.error for name, timing in row.timings.items() if timing.error > 1e-5} == {}
    assert bout.allowed is None or row.timings[OURS].error <= bout.allowed
    assert bout.moved > 0


def test_rivals_that_are_not_installed_are_left_out(monkeypatch):
    monkeypatch.setattr("experiments.benchmarks.workloads.single.is_installed", lambda module: False)
    monkeypatch.setattr("experiments.benchmarks.workloads.multi.is_installed", lambda module: False)
    monkeypatch.setattr("experiments.benchmarks.workloads.matching.is_installed", lambda module: False)
    monkeypatch.setattr("experiments.benchmarks.workloads.gram.is_installed", lambda module: False)
    monkeypatch.setattr("experiments.benchmarks.workloads.iir.is_installed", lambda module: False)
    assert all(list(match.build().candidates) == [OURS] for match in MATCHES)
    assert [list(gram.build().candidates) for gram in GRAMS] == [
        [OURS, "jax matmul", "numpy matmul"],
        [OURS, "jax matmul"],
    ]
    assert [list(one.build().candidates) for one in RECURSIONS] == [
        [OURS, "jax scan", "scipy sosfilt", "scipy lfilter"],
        [OURS, "jax scan"],
    ]
    flat, deep = Single((12, 12), (3, 3), "same").build(), MULTIS[1].build()
    assert list(flat.candidates) == [OURS, "jax convolve", "jax fftconvolve", "scipy fftconvolve", "scipy oaconvolve"]
    assert list(deep.candidates) == [OURS, "jax conv", "jax conv channels-last"]
    assert deep.reference is None


def test_direct_rivals_that_take_minutes_are_left_out():
    large = Single((2048, 2048), (127, 127), "same")
    assert large.is_worth_it("jax fftconvolve")
    assert not large.is_worth_it("jax convolve")
    assert not large.is_worth_it("torch conv")
    assert Single((512, 512), (11, 11), "same").is_worth_it("torch conv")


def test_reference_of_gradients_is_the_derivative():
    case = SINGLES[3]
    x, w = (np.random.default_rng(0).standard_normal(shape) for shape in (case.signal, case.kernel))
    value, by_x, by_w = case.reference(x, w)
    step = 1e-6
    for i, argument, gradient in ((7, x, by_x), (3, w, by_w)):
        moved = argument.copy()
        moved[i] += step
        shifted = case.reference(*((moved, w) if argument is x else (x, moved)))[0]
        assert (shifted - value) / step == pytest.approx(gradient[i], rel=1e-4)


def test_product_with_the_hessian_is_what_it_is_held_against():
    bout = HessianProduct(Single((12, 12), (3, 3), "same", Gradient())).build()
    for candidate in bout.candidates.values():
        for got, wanted in zip(candidate.call(), bout.reference, strict=True):
            np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


def test_reference_of_matching_is_the_definition_and_its_derivative():
    x, w = (np.random.default_rng(0).standard_normal(shape) for shape in ((11, 12), (4, 3)))
    np.testing.assert_allclose(zncc(x, w), fast(x, w, "zncc"), atol=1e-12)
    mask = np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1], [0, 0, 1]])
    np.testing.assert_allclose(zncc(x, w, mask), definition(x[None], w[None], "zncc", mask[None]), atol=1e-12)
    value, *gradients = zncc_squared(x, w)
    for position, gradient in enumerate(gradients):
        moved = [x, w]
        moved[position] = moved[position].copy()
        moved[position][2, 1] += 1e-6
        assert (np.sum(zncc(*moved) ** 2) - value) / 1e-6 == pytest.approx(gradient[2, 1], rel=1e-4)


def test_best_of_a_bank_is_the_maximum_and_whose_it_is():
    x, w = (np.random.default_rng(0).standard_normal(shape) for shape in ((11, 12), (5, 4, 3)))
    maps = np.stack([zncc(x, one) for one in w])
    best, index = best_of(lambda x, w, mask: zncc(x, w), x, w, None)
    np.testing.assert_array_equal(best, maps.max(0))
    np.testing.assert_array_equal(index, maps.argmax(0))


def test_allowed_error_is_the_rule_of_the_method():
    x, w, y = np.full((1, 1, 16), 2.0), np.full((1, 1, 4), 3.0), np.full(19, 24.0)
    assert allowed_error(x, w, y, "direct") == pytest.approx(2.0**-23 * 2 * 12 * 8 / 24)
    assert allowed_error(x, w, y, "overlap") == pytest.approx(2.0**-23 * 8 * 8 * 6 / 24)
    assert allowed_error(x, w, y, "polyphase") == pytest.approx(2.0**-23 * 8 * 8 * 6 / 24)


def test_limit_is_the_larger_of_memory_and_arithmetic():
    assert HERE.limit(8 * 10**9) == pytest.approx(1.0)
    assert HERE.limit(8, 2e11) == pytest.approx(2.0)


# Verdicts


def test_ratio_is_the_rival_over_ours_and_the_better_of_its_ways():
    one = outcome(sigconv=2, jax_convolve=4, jax_fftconvolve=1, scipy_oaconvolve=6)
    assert judged(Target("jax", 0.4), one).ratios[0].medians == pytest.approx(0.5)
    assert judged(Target("jax convolve", 1.0), one).ratios[0].medians == pytest.approx(2)
    assert judged(Target("opencv", 1.0), one).word == "not measured"


@pytest.mark.parametrize(
    ("ours", "word"),
    [(1, "stretch reached"), (1.5, "met"), (2.2, "met within noise"), (3, "short")],
)
def test_words_follow_from_the_worst_median(ours, word):
    # The rival takes 3: wanted is 1.5, stretch 3.
    target = Target("jax", 1.5, 3)
    better = outcome("elsewhere", sigconv=0.1, jax_conv=3)
    judgement = judged(target, better, outcome(sigconv=ours, jax_conv=3))
    assert judgement.word == word
    assert [ratio.case for ratio in judgement.short] == ["n = 1000, k = 8"] * (word == "short")


def test_target_without_a_number_is_stated():
    assert judged(Target("jax"), outcome(sigconv=9, jax_conv=1)).word == "stated"


def test_target_of_an_issue_spares_what_does_not_show_here():
    target = Target("jax", 10, shown_by="torch")
    shows, not_here = (
        outcome("shows", sigconv=1, jax_conv=30, torch_conv=2),
        outcome(sigconv=1, jax_conv=3, torch_conv=2),
    )
    assert judged(target, not_here).word == "does not show here"
    both = judged(target, shows, not_here)
    assert both.word == "met"
    assert [ratio.case for ratio in both.spared] == ["n = 1000, k = 8"]


def test_contaminated_rows_count_for_nothing():
    target = Target("jax", 2)
    dirty = outcome("dirty", foreign=0.3, sigconv=1, jax_conv=1)
    assert judged(target, dirty).word == "contaminated"
    judgement = judged(target, dirty, outcome(sigconv=1, jax_conv=3))
    assert judgement.word == "met"
    assert [ratio.case for ratio in judgement.doubtful] == ["dirty"]


def test_slower_lists_rivals_ahead_by_more_than_a_tie():
    assert verdict.slower(outcome(sigconv=1, jax_conv=0.8, torch_conv=0.5)) == {"torch conv": pytest.approx(0.5)}


@pytest.mark.peers
@pytest.mark.parametrize(("network", "side"), [("default", 96), ("full", 64), ("vgg", 48)])
def test_steps_of_style_optimisation_are_the_same_in_torch(network, side):
    bout = StyleStep(network, side).build()
    assert set(bout.candidates) == {OURS, "torch conv"}
    for candidate in bout.candidates.values():
        loss, gradient = candidate.read(candidate.call())
        wanted, gradients = bout.reference
        assert np.asarray(loss) == pytest.approx(wanted, rel=1e-4)
        # A rectifier whose input is rounded across 0 turns a gradient on or off there, and only there.
        assert np.linalg.norm(np.asarray(gradient) - gradients) < 1e-3 * np.linalg.norm(gradients)
