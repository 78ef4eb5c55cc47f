"""Lipschitz bounds: above the norm, and the command writes what it says."""

import functools
import json

import jax
import numpy as np
import pytest
from typer.testing import CliRunner

from experiments.lipschitz import run
from experiments.lipschitz.bounds import BOUNDS
from experiments.lipschitz.study import RANDOM, RESNET18, Layer
from sigconv import Filter
from sigconv.operators import Convolution

SMALL = Layer("small", (3, 2, 3, 3), (6, 6))
WEIGHTS = np.random.default_rng(0).standard_normal(SMALL.weights).astype("f4")


ONCE = [name for name in BOUNDS if name not in ("Gram iteration, T = 1", "Gram iteration, T = 7")]


@functools.cache
def norm_of_matrix(stride, boundary):
    matrix = jax.jit(lambda op: op.as_matrix())(Convolution(Filter(WEIGHTS, stride=stride), SMALL.image, boundary))
    return np.linalg.norm(np.asarray(matrix, "f8"), 2)


@pytest.mark.parametrize(
    ("name", "stride"), [*((name, 1) for name in ONCE), (ONCE[0], 2), ("Gram iteration, T = 3", 2)]
)
def test_bounds_hold(name, stride):
    value = float(jax.jit(BOUNDS[name], static_argnums=(1, 2))(WEIGHTS, SMALL.image, stride))
    norms = {boundary: norm_of_matrix(stride, boundary) for boundary in ("periodic", "zero")}
    if name == "exact, periodic":
        assert value == pytest.approx(norms["periodic"], rel=1e-5)
    elif name.startswith("power"):
        assert 0.98 * norms["zero"] < value < norms["zero"] * (1 + 1e-5)
    else:
        # Those of a periodic layer say nothing certain of a zero-padded one on the same grid.
        least = norms["zero"] if name == "Gram iteration of filters, T = 3" else norms["periodic"]
        assert least * (1 - 1e-5) < value < 12 * least


@pytest.mark.parametrize(("command", "layers"), [("random", "RANDOM"), ("resnet18", "RESNET18")])
def test_command_writes_figure_and_numbers(command, layers, tmp_path, monkeypatch):
    monkeypatch.setattr(run, layers, (SMALL, Layer("strided", (2, 2, 3, 3), (6, 6), 2)))
    monkeypatch.setattr(run, "BOUNDS", dict.fromkeys(("exact, periodic", "Gram iteration, T = 3")))
    result = CliRunner().invoke(run.app, [command, "--repeats", "1", "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / f"{command}.json").read_text())
    assert {m["layer"] for m in record["measured"]} == {"small", "strided"}
    assert all(m["value"] > 0 and m["seconds"] > 0 for m in record["measured"])
    assert (tmp_path / f"{command}.png").stat().st_size > 10_000


def test_layers_are_those_of_the_sources():
    assert RANDOM[0].weights == (64, 64, 5, 5)
    assert RANDOM[0].image == (12, 12)
    assert sum(layer.stride == 2 for layer in RESNET18) == 4
    assert all(image % layer.stride == 0 for layer in RESNET18 for image in layer.image)
