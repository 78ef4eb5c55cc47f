"""PyTorch's spectral_norm of a convolution is not the norm of the convolution; ours is."""

import numpy as np
import pytest

from sigconv import Filter
from sigconv.operators import Convolution, singular_values, spectral_norm

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.peers


def test_torchs_norm_is_that_of_the_reshaped_weights():
    weights = np.random.default_rng(0).standard_normal((8, 6, 3, 3)).astype("f4")
    layer = torch.nn.Conv2d(6, 8, 3, bias=False)
    layer.weight.data = torch.from_numpy(weights.copy())
    normed = torch.nn.utils.parametrizations.spectral_norm(layer, n_power_iterations=200)
    with torch.no_grad():
        torchs = float((torch.from_numpy(weights) / normed.weight).mean())
    assert torchs == pytest.approx(np.linalg.norm(weights.reshape(8, -1), 2), rel=1e-4)
    ours = float(spectral_norm(Convolution(Filter(weights), (12, 12), "periodic")))
    assert ours == pytest.approx(
        np.linalg.norm(np.asarray(Convolution(Filter(weights), (12, 12), "periodic").as_matrix()), 2), rel=1e-5
    )
    # What a user takes for a 1-Lipschitz layer stretches signals by that much.
    assert ours / torchs > 1.5


def test_singular_values_are_those_that_torch_finds_per_frequency():
    weights = np.random.default_rng(1).standard_normal((5, 4, 3, 3)).astype("f4")
    spectrum = torch.fft.fft2(torch.from_numpy(weights), s=(9, 8)).permute(2, 3, 0, 1)
    wanted = torch.linalg.svdvals(spectrum).numpy()
    found = singular_values(Convolution(Filter(weights, lo=0), (9, 8), "periodic"))
    # A correlation reads forwards: frequencies change sign.
    turned = np.roll(np.flip(wanted, (0, 1)), 1, (0, 1))
    np.testing.assert_allclose(found, turned, rtol=0, atol=8 * 2.0**-23 * wanted.max() * 9)
