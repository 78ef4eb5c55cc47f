"""Gram matrices and style losses against torch: the code that people have."""

import jax
import numpy as np
import pytest

from sigconv import gram, style

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.peers


def tutorial(x):
    """PyTorch's tutorial on neural style."""
    a, b, c, d = x.size()
    features = x.view(a * b, c * d)
    return torch.mm(features, features.t()).div(a * b * c * d)


def bmm(x):
    """Of fast-neural-style in pytorch/examples."""
    b, ch, h, w = x.size()
    features = x.view(b, ch, w * h)
    return features.bmm(features.transpose(1, 2)) / (ch * h * w)


def einsum(x):
    """Of pystiche, and of style-transfer-pytorch."""
    return torch.einsum("bchw,bdhw->bcd", x, x) / (x.shape[-2] * x.shape[-1])


def scale_free(x, y):
    """StyleLoss of style-transfer-pytorch."""
    diff = x - y
    return (diff**2).sum() / (diff.abs().sum() + 1e-8)


def moments(x, y):
    """StyleLossW2 of style-transfer-pytorch; its roots by eigenvalues."""

    def of(x):
        mean = x.mean([-2, -1])
        covariance = (
            torch.einsum("bchw,bdhw->bcd", x, x) / (x.shape[-2] * x.shape[-1]) - mean[:, :, None] * mean[:, None]
        )
        return mean, covariance + 1e-4 * torch.eye(mean.shape[1], dtype=x.dtype)

    def root(a):
        values, vectors = torch.linalg.eigh(a)
        return vectors @ torch.diag_embed(values.clamp(min=0).sqrt()) @ vectors.transpose(-1, -2)

    (mean, a), (other, b) = of(x), of(y)
    between = root(root(b) @ a @ root(b))
    return ((mean - other) ** 2).mean() + torch.diagonal(a + b - 2 * between, dim1=-2, dim2=-1).mean()


mse = torch.nn.functional.mse_loss
LOSSES = {
    "pytorch-tutorial": lambda x, y: mse(tutorial(x), tutorial(y)),
    "fast-neural-style": lambda x, y: mse(bmm(x), bmm(y)),
    "pystiche": lambda x, y: mse(einsum(x), einsum(y)),
    "gatys-pytorch": lambda x, y: mse(einsum(x), einsum(y)),
    "style-transfer-pytorch-gram": lambda x, y: scale_free(einsum(x), einsum(y)),
    "style-transfer-pytorch": moments,
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_gradients_are_those_of_published_code(name, rng):
    x, y = rng.standard_normal((2, 1, 6, 9, 8)).astype("f4")
    theirs_x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    theirs = LOSSES[name](theirs_x, torch.tensor(y, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(theirs, theirs_x)
    targets = style.statistics([y], name)
    ours, found = jax.value_and_grad(lambda x: style.style_loss([x], targets, statistic=name))(x)
    assert float(ours) == pytest.approx(theirs.item(), rel=1e-4)
    np.testing.assert_allclose(found, gradient, atol=1e-4 * float(gradient.abs().max()))


def test_gram_is_torchs(rng):
    x = rng.standard_normal((2, 5, 7, 6)).astype("f4")
    tensor = torch.from_numpy(x)
    np.testing.assert_allclose(gram(x), einsum(tensor), atol=1e-5)
    np.testing.assert_allclose(gram(x, normalize="all"), bmm(tensor), atol=1e-5)
    np.testing.assert_allclose(gram(x.reshape(10, 7, 6), normalize="all"), tutorial(tensor), atol=1e-5)


def test_sums_of_short_floats_are_nearer_than_torchs(rng):
    x = (rng.standard_normal((1, 8, 32, 32)) + 30).astype("f4")
    tensor = torch.from_numpy(x).bfloat16()
    exact = np.asarray(tensor.double()).reshape(8, -1)
    exact = exact @ exact.T / 1024
    ours = gram(jax.numpy.asarray(x).astype("bfloat16"))[0]
    assert np.abs(np.asarray(ours) - exact).max() < np.abs(einsum(tensor)[0].double().numpy() - exact).max()
