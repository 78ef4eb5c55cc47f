"""Figure of a descent through a design: responses, parameters, curves."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from experiments.files import replace_file
from experiments.learn_filter.record import Step

FLOOR = -80.0
"""In dB; nothing below is drawn."""


def draw_responses(
    responses: dict[str, np.ndarray],
    parameters: dict[str, np.ndarray],
    truth: dict[str, float],
    steps: Sequence[Step],
    title: str,
    path: Path,
) -> None:
    """Magnitudes on the left, every parameter's way to the truth in the middle, loss and error on the right.

    Args:
        responses: By name, on evenly spaced frequencies from 0 to 0.5.
        parameters: By name, one value per step.
        truth: By the same names.
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4.2), layout="constrained")
    styles = {"unknown": ("black", "-", 3.0), "start": ("tab:gray", ":", 1.5), "found": ("tab:orange", "--", 1.8)}
    for name, response in responses.items():
        colour, line, width = styles[name]
        decibels = 20 * np.log10(np.maximum(np.abs(response), 10 ** (FLOOR / 20)))
        frequencies = np.linspace(0, 0.5, response.size)
        left.plot(frequencies, decibels, line, color=colour, linewidth=width, label=name)
    left.set(xlabel="cycles/sample", ylabel="dB", title="response", ylim=(FLOOR, None))
    left.legend(frameon=False)
    for number, (name, values) in enumerate(parameters.items()):
        middle.plot(values / truth[name], color=f"C{number}", label=f"{name} ({truth[name]:.3g})")
    middle.axhline(1, color="black", linewidth=0.8)
    middle.set(xlabel="step", title="parameter / truth")
    middle.legend(frameon=False)
    numbers = [step.number for step in steps]
    right.semilogy(numbers, [step.loss for step in steps], color="tab:blue", label="loss")
    right.semilogy(numbers, [step.error for step in steps], color="tab:orange", label="error of the filter")
    right.set(xlabel="step", title="descent")
    right.legend(frameon=False)
    figure.suptitle(title)
    replace_file(path, lambda fresh: figure.savefig(fresh, dpi=120))
    plt.close(figure)
