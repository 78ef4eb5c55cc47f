"""Feature extractors: banks of filters, the pyramid, colours, and VGG-19 from a file."""

import json
import struct

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.features import vgg
from experiments.features.arrays import WeightsError, read_arrays
from experiments.features.bank import analytic_bank, full_bank, random_bank
from experiments.features.colours import colours_of
from experiments.features.filters import oriented_filters, random_filters
from experiments.features.pyramid import pyramid

RNG = np.random.default_rng(3)
PICTURE = jnp.asarray(RNG.random((3, 48, 52), dtype=np.float32))


def test_pyramid_halves_and_keeps_the_mean_of_what_tiles():
    levels = pyramid(PICTURE, 3, "periodic")
    assert [level.shape for level in levels] == [(3, 48, 52), (3, 24, 26), (3, 12, 13)]
    flat = pyramid(jnp.full((1, 9, 11), 0.25), 3)
    assert [level.shape for level in flat] == [(1, 9, 11), (1, 5, 6), (1, 3, 3)]
    np.testing.assert_allclose(flat[-1], 0.25, rtol=1e-6)


def test_colours_have_no_correlation_and_come_back():
    mixed = jnp.einsum("ij,jhw->ihw", jnp.array([[1.0, 0.2, 0], [0.9, 0.4, 0], [0.8, 0, 0.3]]), PICTURE)
    colours = colours_of(mixed)
    coordinates = colours.encode(mixed)
    flat = np.asarray(coordinates.reshape(3, -1))
    np.testing.assert_allclose(np.cov(flat, bias=True), np.eye(3), atol=1e-4)
    np.testing.assert_allclose(colours.decode(coordinates), mixed, atol=1e-5)
    grey = colours_of(PICTURE[:1])
    np.testing.assert_allclose(grey.encode(PICTURE[:1]).std(), 1, rtol=1e-5)


def test_a_picture_of_one_colour_has_coordinates():
    colours = colours_of(jnp.full((3, 8, 8), 0.5))
    assert jnp.isfinite(colours.encode(jnp.full((3, 8, 8), 0.5))).all()


@pytest.mark.parametrize("taps", [7, 11])
def test_filters_have_no_mean_and_norm_1(taps):
    for filters in (random_filters(jax.random.key(0), 5, 3, taps), oriented_filters(taps, 4)[:, None]):
        np.testing.assert_allclose(filters.sum((2, 3)), 0, atol=1e-5)
        np.testing.assert_allclose((filters**2).sum((1, 2, 3)), 1, rtol=1e-5)
    assert len(oriented_filters(taps, 4)) == 16


BANKS = {
    "random": lambda picture: random_bank(picture, 1, count=4, taps=5, scales=2),
    "full": lambda picture: full_bank(picture, 1, count=4, sizes=(3, 7)),
    "analytic": lambda picture: analytic_bank(picture, 1, taps=5, scales=2),
}


@pytest.mark.parametrize("name", BANKS)
def test_bank_gives_a_layer_each_and_responses_of_variance_1(name):
    bank = BANKS[name](PICTURE)
    features = bank(PICTURE)
    assert len(features) == len(bank.layers) == len(bank.style_layers) == 2
    sizes = [(48, 52), (48, 52)] if name == "full" else [(48, 52), (24, 26)]
    assert [layer.shape[1:] for layer in features] == sizes
    for layer, found in zip(bank.layers, features, strict=True):
        assert found.shape[0] == len(layer.filters) + 3
        below = found[:-3] + layer.thresholds[:, None, None]
        assert (found[:-3] >= 0).all()
        assert (below.max((1, 2)) > 1).all()
    assert bank.smallest == (7 if name == "full" else 10)


def test_bank_of_a_picture_that_tiles_moves_with_it():
    bank = BANKS["random"](PICTURE).periodic()
    moved = jnp.roll(PICTURE, (6, -4), (1, 2))
    for before, after, step in zip(bank(PICTURE), bank(moved), (1, 2), strict=True):
        np.testing.assert_allclose(jnp.roll(before, (6 // step, -4 // step), (1, 2)), after, atol=1e-4)


def test_seeds_give_the_same_filters_again_and_others():
    one, same, other = (random_bank(PICTURE, seed, count=2, scales=1).layers[0].filters for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert jnp.abs(one - other).max() > 0.01


SMALL = (4, 4, "pool", 5, "pool", *(5,) * 4, "pool", *(6,) * 4, "pool", *(6,) * 4)
"""The layout of VGG-19, with few channels, and one convolution less in its second block."""


@pytest.fixture
def small(monkeypatch):
    """The network's table with few channels, and arrays for it."""
    monkeypatch.setattr(vgg, "CHANNELS", SMALL)
    rng = np.random.default_rng(4)
    arrays = {}
    for convolution in filter(None, vgg.convolutions()):
        scale = np.sqrt(2 / np.prod(convolution.shape[1:]))
        arrays[f"{convolution.name}.weight"] = (scale * rng.standard_normal(convolution.shape)).astype(np.float32)
        arrays[f"{convolution.name}.bias"] = rng.standard_normal(convolution.shape[0]).astype(np.float32) / 10
    return arrays


def write_safetensors(path, arrays):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in arrays.items():
        code = {"float32": "F32", "float16": "F16", "int64": "I64"}[array.dtype.name]
        offsets = [len(data), len(data) + array.nbytes]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": offsets}
        data += array.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def test_vgg_19_has_the_published_layout():
    found = [convolution for convolution in vgg.convolutions() if convolution]
    numbers = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
    assert [convolution.name for convolution in found] == [f"features.{i}" for i in numbers]
    assert sum(np.prod(c.shape) + c.shape[0] for c in found) == 20_024_384
    assert found[-4].rectifier == "relu5_1"


@pytest.mark.parametrize("ending", ["safetensors", "npz"])
def test_vgg_reads_both_kinds_of_file(ending, small, tmp_path):
    path = tmp_path / f"weights.{ending}"
    small = small | {"classifier.0.bias": np.zeros(3, np.float32)}
    if ending == "npz":
        np.savez(path, **small)
    else:
        write_safetensors(path, small)
    network = vgg.load_vgg(path)
    np.testing.assert_array_equal(network.weights[1], small["features.2.weight"])
    features = network(PICTURE)
    assert [layer.shape[0] for layer in features] == [4, 5, 5, 6, 6, 6]
    assert network.content_layers == (4,)
    assert network.style_layers == (0, 1, 2, 3, 5)
    np.testing.assert_allclose(network(PICTURE[:1])[0], network(jnp.repeat(PICTURE[:1], 3, 0))[0], atol=1e-5)


def without(arrays, name):
    return {key: array for key, array in arrays.items() if key != name}


SPOILT = {
    "lacks features.2.bias": lambda a: without(a, "features.2.bias"),
    "VGG-19 has no features.3.weight": lambda a: a | {"features.3.weight": np.zeros(1, np.float32)},
    "features.0.bias has the shape (5,); VGG-19's is (4,)": lambda a: a | {"features.0.bias": np.zeros(5, np.float32)},
    "features.0.bias has the dtype int64": lambda a: a | {"features.0.bias": np.zeros(4, np.int64)},
    "features.0.bias holds numbers that are not finite": lambda a: (
        a | {"features.0.bias": np.full(4, np.nan, np.float32)}
    ),
}


@pytest.mark.parametrize("message", SPOILT)
def test_vgg_refuses_other_weights(message, small, tmp_path):
    write_safetensors(tmp_path / "w.safetensors", SPOILT[message](small))
    with pytest.raises(WeightsError) as caught:
        vgg.load_vgg(tmp_path / "w.safetensors")
    assert message in str(caught.value)


def test_vgg_says_where_weights_come_from():
    with pytest.raises(WeightsError, match=r"give it as --weights[\s\S]*safetensors"):
        vgg.load_vgg(None)


def test_files_that_are_no_weights_are_refused(small, tmp_path):
    write_safetensors(tmp_path / "whole.safetensors", small)
    whole = (tmp_path / "whole.safetensors").read_bytes()
    np.savez(tmp_path / "pickled.npz", a=np.array([{}], dtype=object))
    (tmp_path / "cut.safetensors").write_bytes(whole[:-9])
    (tmp_path / "short.safetensors").write_bytes(whole[:20])
    (tmp_path / "text.npz").write_text("no archive")
    (tmp_path / "w.pth").write_bytes(b"")
    (tmp_path / "w.txt").write_text("")
    for name, message in {
        "missing.npz": "there is no such file",
        "pickled.npz": "allow_pickle",
        "cut.safetensors": "does not lie within the file",
        "short.safetensors": "cut short",
        "text.npz": "cannot read",
        "w.pth": "may run code",
        "w.txt": "neither .safetensors nor .npz",
    }.items():
        with pytest.raises(WeightsError, match=message) as caught:
            read_arrays(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_half_precision_arrays_are_read(tmp_path):
    write_safetensors(tmp_path / "half.safetensors", {"a": np.arange(6, dtype=np.float16).reshape(2, 3)})
    found = read_arrays(tmp_path / "half.safetensors")["a"]
    np.testing.assert_array_equal(found, np.arange(6).reshape(2, 3))
    assert found.dtype == np.float16


@pytest.mark.peers
def test_vgg_gives_what_torch_gives(small, tmp_path):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    write_safetensors(tmp_path / "w.safetensors", small)
    network = vgg.load_vgg(tmp_path / "w.safetensors")
    mean, deviation = (
        torch.tensor(v, dtype=torch.float64)[:, None, None] for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    x = ((torch.from_numpy(np.array(PICTURE, np.float64)) - mean) / deviation)[None]
    wanted = []
    for convolution in vgg.convolutions():
        if convolution is None:
            x = functional.avg_pool2d(x, 2)
            continue
        w, b = (torch.from_numpy(small[f"{convolution.name}.{part}"]).double() for part in ("weight", "bias"))
        x = functional.conv2d(x, w, b, padding=1).relu()
        if convolution.rectifier in (*vgg.STYLE, *vgg.CONTENT):
            wanted.append(x[0].numpy())
    for found, right in zip(network(PICTURE), wanted, strict=True):
        # Rounding of the layers before, added up.
        np.testing.assert_allclose(found, right, atol=2e-5 * np.abs(right).max())
