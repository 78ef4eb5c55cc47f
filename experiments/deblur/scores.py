"""How near a restored picture is to the truth: of values and of edges, everywhere and near the border."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from experiments.deblur.methods import Method
from experiments.deblur.scenes import Problem
from experiments.decibels import psnr


@dataclasses.dataclass(frozen=True)
class Score:
    """PSNR in dB: 10·log₁₀ 1/mean(difference²).

    Attributes:
        whole, border: Of all pixels, and of those within a kernel's width of the border.
        edges: Of the differences of neighbours, all over.
    """

    whole: float
    border: float
    edges: float


@dataclasses.dataclass(frozen=True)
class Result:
    """The best that a method does.

    Attributes:
        name: Of the method.
        setting: What gives the highest PSNR.
        word: What the setting is.
        score: With that.
        picture: Likewise.
    """

    name: str
    setting: float
    word: str
    score: Score
    picture: np.ndarray


def score(problem: Problem, picture: np.ndarray) -> Score:
    """Values beyond 0 and 1, which no picture has, are cut off first."""
    error = np.clip(picture, 0, 1) - problem.truth
    steps = np.concatenate([np.ravel(np.diff(error, axis=axis)) for axis in (0, 1)])
    return Score(*(psnr(part, 1.0) for part in (error, error[problem.near], steps)))


def compare(problem: Problem, methods: tuple[Method, ...]) -> Iterator[Result]:
    """What was observed, then each method at its best setting by the PSNR of all pixels: all are given that help."""
    yield Result("blurred", 0.0, "nothing", score(problem, problem.observed), problem.observed)
    for method in methods:
        tried = []
        for setting in method.settings:
            picture = method.run(problem, setting)
            tried.append(Result(method.name, setting, method.word, score(problem, picture), picture))
        yield max(tried, key=lambda result: result.score.whole)
