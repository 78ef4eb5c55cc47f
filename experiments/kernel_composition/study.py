"""What two layers and their composite make of a picture, and what either takes."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import skimage.data

from experiments.benchmarks.guard import UNWATCHED
from experiments.benchmarks.harness import Candidate, Effort, measure
from sigconv import Filter, compose, differing_outputs


@dataclasses.dataclass(frozen=True)
class Ring:
    """Two zero-padded 'same' layers on a picture.

    Attributes:
        name: The taps of the two.
        in_turn: What they make of it, one after the other.
        as_one: |difference| of the composite, which pads once.
        exact: |difference| of the composite with its border corrected.
        predicted: Where the first difference was predicted.
    """

    name: str
    in_turn: np.ndarray
    as_one: np.ndarray
    exact: np.ndarray
    predicted: np.ndarray

    @property
    def is_as_predicted(self) -> bool:
        """Whether the two differ by more than rounding only where that was predicted, and nowhere once corrected."""
        small = 1e-5 * np.abs(self.in_turn).max()
        is_visible = not self.predicted.any() or bool((self.as_one[self.predicted] > small).any())
        return is_visible and bool((self.as_one[~self.predicted] < small).all() and (self.exact < small).all())


def rings(size: int, seed: int) -> list[Ring]:
    """Kernels whose rings are 0, 1, 2 and 4 samples wide."""
    rng = np.random.default_rng(seed)
    picture = jnp.asarray(skimage.data.camera()[::4, ::4][:size, :size] / 255.0, jnp.float32)
    found = []
    for first, second in ((3, 1), (1, 3), (3, 3), (5, 5), (3, 9)):
        one, two = (Filter(rng.standard_normal((k, k)).astype("f4") / k, channels=False) for k in (first, second))
        in_turn = two(one(picture))
        once = compose(two, one, boundary="zero", exact=False)
        exact = compose(two, one, boundary="zero", exact=True)
        found.append(
            Ring(
                f"{first}×{first}, then {second}×{second}",
                np.asarray(in_turn),
                np.abs(np.asarray(once(picture) - in_turn)),
                np.abs(np.asarray(exact(picture) - in_turn)),
                differing_outputs(two, one, picture.shape),
            )
        )
    return found


@dataclasses.dataclass(frozen=True)
class Flip:
    """Question 3: conv2d(conv2d(x, a), b) beside one layer, with the kernels composed in two ways.

    Attributes:
        in_turn: One channel of the two layers' output.
        convolved, correlated: |difference| with the kernels convolved (right), and correlated (what was asked).
    """

    in_turn: np.ndarray
    convolved: np.ndarray
    correlated: np.ndarray


def flip(seed: int) -> Flip:
    """The shapes of the question: x (4, 7, 7), a (7, 4, 3, 3), b (3, 7, 3, 3), padding 2 and 2."""
    rng = np.random.default_rng(seed)
    x, a, b = (jnp.asarray(rng.standard_normal(s), jnp.float32) for s in ((4, 7, 7), (7, 4, 3, 3), (3, 7, 3, 3)))
    first, second = Filter(a), Filter(b)
    in_turn = second(first(x, padding="full"), padding="full")
    right = (second @ first)(x, padding="full")
    wrong = (Filter(b, kind="convolution") @ first)(x, padding="full")
    differences = (np.abs(np.asarray(y - in_turn))[0] for y in (right, wrong))
    return Flip(np.asarray(in_turn)[0], *differences)


@dataclasses.dataclass(frozen=True)
class Gain:
    """Two layers of K×K taps in turn, and their composite.

    Attributes:
        channels: In, between and out.
        taps: K.
        in_turn, as_one: Median seconds.
    """

    channels: tuple[int, int, int]
    taps: int
    in_turn: float
    as_one: float

    @property
    def ratio(self) -> float:
        """Above 1, composing pays."""
        return self.in_turn / self.as_one


CHANNELS, TAPS = ((1, 1, 1), (16, 2, 16), (8, 8, 8), (2, 32, 2)), (1, 3, 5, 9)
"""Few channels between many, and many between few."""


def gains(
    size: int, seconds: float, all_channels: Sequence[tuple[int, int, int]] = CHANNELS, all_taps: Sequence[int] = TAPS
) -> list[Gain]:
    """What composing gains for layers of these channels and taps."""
    effort = Effort(seconds=seconds, slowest=5.0, repeats=0, is_cold=False)
    found = []
    for channels in all_channels:
        for taps in all_taps:
            rng = np.random.default_rng(0)
            one, two = (
                Filter(rng.standard_normal((o, c, taps, taps)).astype("f4")) for c, o in itertools.pairwise(channels)
            )
            x = jnp.asarray(rng.standard_normal((channels[0], size, size)), jnp.float32)
            both = two @ one
            candidates = {
                "in turn": _candidate(lambda x, one=one, two=two: two(one(x)), x),
                "as one": _candidate(both, x),
            }
            timings = measure(candidates, guard=UNWATCHED, effort=effort).timings
            found.append(Gain(channels, taps, timings["in turn"].median, timings["as one"].median))
    return found


def _candidate(function: Callable[[jax.Array], jax.Array], x: jax.Array) -> Candidate:
    compiled = jax.jit(function)
    return Candidate(lambda: jax.block_until_ready(compiled(x)))
