"""Distances, the published conventions, and losses over layers and batches."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from jax.test_util import check_grads

from sigconv import DTypeError, OptionError, ShapeError, style
from sigconv.style.distances import square_root

RNG = np.random.default_rng(6)
LAYERS = [RNG.standard_normal((3, 6, 7)).astype("f4"), RNG.standard_normal((4, 3, 5)).astype("f4")]
OTHERS = [RNG.standard_normal(x.shape).astype("f4") for x in LAYERS]


def sums(x):
    flat = x.reshape(len(x), -1).astype(float)
    return flat @ flat.T


def raw(x, y):
    """S, C and M of the table."""
    return np.sum((sums(x) - sums(y)) ** 2), len(x), x[0].size


RATIOS = {
    "gatys": lambda s, c, m: s / (4 * c**2 * m**2),
    "johnson": lambda s, c, m: s / (c**2 * m**2),
    "gatys-pytorch": lambda s, c, m: s / (c**2 * m**2),
    "pystiche": lambda s, c, m: s / (c**2 * m**2),
    "neural-style": lambda s, c, m: s / (c**4 * m**2),
    "fast-neural-style": lambda s, c, m: s / (c**4 * m**2),
    "fast-style-transfer": lambda s, c, m: s / (c**4 * m**2),
    "pytorch-tutorial": lambda s, c, m: s / (c**4 * m**2),
}


@pytest.mark.parametrize("name", RATIOS)
def test_conventions_are_their_constants(name):
    x, y = LAYERS[0], OTHERS[0]
    loss = style.style_loss([x], style.statistics([y], name), statistic=name)
    expected = RATIOS[name](*raw(x, y))
    # The sum of nine squared differences, each known to a few units in the last place of the sums.
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    words = style.CONVENTIONS[name].equals
    assert {"S/(4C²M²)": 4, "S/(C²M²)": 1, "S/(C⁴M²)": 9}[words] == pytest.approx(
        RATIOS["johnson"](*raw(x, y)) / expected
    )


def test_every_convention_has_its_row():
    assert set(style.CONVENTIONS) == {*RATIOS, "style-transfer-pytorch", "style-transfer-pytorch-gram"}


def test_scale_free_loss_is_that_of_style_transfer_pytorch():
    x, y = LAYERS[0], OTHERS[0]
    d = (sums(x) - sums(y)) / x[0].size
    expected = np.sum(d**2) / (np.sum(np.abs(d)) + 1e-8)
    name = "style-transfer-pytorch-gram"
    assert float(style.style_loss([x], style.statistics([y], name), statistic=name)) == pytest.approx(
        expected, rel=1e-5
    )


def w2(x, y):
    means, covariances = zip(
        *((a.reshape(len(a), -1).mean(1), np.cov(a.reshape(len(a), -1), bias=True)) for a in (x, y)), strict=True
    )
    a, b = (c + 1e-4 * np.eye(len(x)) for c in covariances)
    root = scipy.linalg.sqrtm(b)
    between = scipy.linalg.sqrtm(root @ a @ root).real
    return np.mean((means[0] - means[1]) ** 2) + np.trace(a + b - 2 * between) / len(x)


@pytest.mark.parametrize("statistic", ["moments", "style-transfer-pytorch", style.Moments(chunk=8)], ids=str)
def test_moments_are_compared_by_wasserstein(statistic):
    x, y = (a.astype(float) for a in (LAYERS[0], OTHERS[0]))
    loss = style.style_loss([LAYERS[0]], style.statistics([OTHERS[0]], statistic), statistic=statistic)
    assert float(loss) == pytest.approx(w2(x, y), rel=1e-4)


def test_square_root_is_scipys_also_of_nearly_singular_matrices():
    a = RNG.standard_normal((5, 3))
    for matrix in (a @ a.T + 1e-2 * np.eye(5), np.eye(5), 1e6 * (a @ a.T + np.eye(5))):
        root = np.asarray(square_root(jnp.asarray(matrix, jnp.float32)), float)
        np.testing.assert_allclose(root @ root, matrix, atol=2e-4 * np.linalg.norm(matrix))
    # Twelve iterations do not reach eigenvalues of 1e-10 of the largest, and do not blow up there.
    rough = np.asarray(square_root(jnp.asarray(a @ a.T + 1e-9 * np.eye(5), jnp.float32)))
    np.testing.assert_allclose(
        rough, scipy.linalg.sqrtm(a @ a.T + 1e-9 * np.eye(5)).real, atol=1e-2 * np.linalg.norm(a)
    )


def test_sliced_wasserstein_in_one_dimension_is_the_transport_of_sorted_numbers():
    x, y = RNG.standard_normal((1, 12)).astype("f4"), RNG.standard_normal((1, 12)).astype("f4")
    sliced = style.SlicedWasserstein(1)
    options = {"statistic": sliced, "channel_axis": -2}
    loss = style.style_loss([x], style.statistics([y], sliced, channel_axis=-2), **options)
    assert float(loss) == pytest.approx(np.mean((np.sort(x) - np.sort(y)) ** 2), rel=1e-5)
    # Twice as many of the same numbers are the same distribution, up to half a step between quantiles.
    doubled = style.statistics([np.repeat(y, 2, axis=1)], sliced, channel_axis=-2)
    assert float(style.style_loss([y], doubled, **options)) < 1e-12
    for a, b in ((x, np.repeat(y, 2, axis=1)), (np.repeat(x, 2, axis=1), y)):
        found = style.style_loss([a], style.statistics([b], sliced, channel_axis=-2), **options)
        assert float(found) == pytest.approx(float(loss), rel=1e-5)


ALL = [
    "gram",
    "moments",
    "autocorrelation",
    "sliced_wasserstein",
    "johnson",
    "style-transfer-pytorch-gram",
    "pytorch-tutorial",
    style.LaggedGram(((1, 2),)),
    style.PowerSpectrum(2),
]


@pytest.mark.parametrize("statistic", ALL, ids=lambda s: s if isinstance(s, str) else type(s).__name__)
def test_losses_of_all_kinds_over_layers_and_batches(statistic):
    pictures, styles = [LAYERS[0], 2 * OTHERS[0]], [OTHERS[0], LAYERS[0][:, ::-1]]
    loss = jax.jit(lambda x, t: style.style_loss(x, t, statistic=statistic))
    targets = jax.jit(lambda x: style.statistics(x, statistic))(styles)
    alone = [float(loss([x], [t])) for x, t in zip(pictures, targets, strict=True)]
    step = jax.jit(jax.value_and_grad(lambda x: style.style_loss(x, targets, (2.0, 0.5), statistic=statistic)))
    value, gradient = step(pictures)
    assert float(value) == pytest.approx(2 * alone[0] + alone[1] / 2, rel=1e-5)
    assert all(bool(np.all(np.isfinite(g))) and bool(np.any(np.asarray(g) != 0)) for g in gradient)
    assert abs(float(step(styles)[0])) <= 1e-5 * float(value)
    if statistic == "pytorch-tutorial":
        return
    batch, both = [np.stack(pictures)], jax.tree.map(lambda *t: np.stack(t), *targets)
    assert float(loss(batch, [both])) == pytest.approx(np.mean(alone), rel=1e-5)
    crossed = [alone[0], float(loss(pictures[1:], targets[:1]))]
    assert float(loss(batch, targets[:1])) == pytest.approx(np.mean(crossed), rel=1e-5)


def test_names_of_statistics_are_statistics():
    for name, row in {**style.STATISTICS, **style.CONVENTIONS}.items():
        assert row.distance in style.DISTANCES
        shapes = [jax.eval_shape(lambda x, n=n: style.statistics([x], n), LAYERS[0]) for n in (name, row)]
        assert shapes[0] == shapes[1]


def test_the_tutorials_gram_mixes_the_pictures_of_a_batch():
    batch = np.stack([LAYERS[0], OTHERS[0]])
    flat = batch.reshape(6, -1).astype(float)
    np.testing.assert_allclose(style.statistics([batch], "pytorch-tutorial")[0], flat @ flat.T / batch.size, atol=1e-6)


def test_distances_are_their_formulas():
    x, y = jnp.asarray(LAYERS[0]), jnp.asarray(OTHERS[0])
    d = np.asarray(x, float) - np.asarray(y, float)
    expected = {
        "mean": np.mean(d**2),
        "quarter_mean": np.mean(d**2) / 4,
        "sum": np.sum(d**2),
        "half_sum": np.sum(d**2) / 2,
        "scale_free": np.sum(d**2) / np.sum(np.abs(d)),
        "sorted_mean": np.mean(d**2),
    }
    assert set(expected) == set(style.DISTANCES) - {"w2"}
    for name, value in expected.items():
        assert float(style.DISTANCES[name](x, y)) == pytest.approx(value, rel=1e-5)
        assert float(style.content_loss([x], [y], distance=name)) == pytest.approx(value, rel=1e-5)
    complex_d = jax.lax.complex(x, -y)
    assert float(style.DISTANCES["mean"](complex_d, jnp.zeros_like(complex_d))) == pytest.approx(
        float(jnp.mean(x**2 + y**2)), rel=1e-5
    )
    own = style.style_loss([x], style.statistics([y]), distance=lambda a, b: jnp.max(jnp.abs(a - b)))
    assert float(own) == pytest.approx(np.abs(sums(LAYERS[0]) - sums(OTHERS[0])).max() / 42, rel=1e-5)


def test_content_loss_over_layers_and_batches():
    each = [np.mean((x - y) ** 2) for x, y in zip(LAYERS, OTHERS, strict=True)]
    assert float(style.content_loss(LAYERS, OTHERS, jnp.array([1.0, 3.0]))) == pytest.approx(
        each[0] + 3 * each[1], rel=1e-5
    )
    batch = [np.stack([LAYERS[0], OTHERS[0]])]
    assert float(style.content_loss(batch, [OTHERS[0]], distance="sum")) == pytest.approx(
        42 * 3 * each[0] / 2, rel=1e-5
    )


@pytest.mark.parametrize("boundary", ["zero", "periodic"])
def test_total_variation_is_the_mean_of_differences(boundary):
    x = LAYERS[0].astype(float)
    steps = [
        np.diff(np.concatenate([x, x.take([0], axis)], axis) if boundary == "periodic" else x, axis=axis)
        for axis in (1, 2)
    ]
    for norm, size in (("squares", np.square), ("absolute", np.abs)):
        found = style.total_variation(LAYERS[0], norm=norm, boundary=boundary)
        assert float(found) == pytest.approx(sum(size(step).mean() for step in steps), rel=1e-5)
    assert float(style.total_variation(np.ones((1, 1, 1)))) == 0


def test_derivatives_of_losses(x64):
    x, y = ([a[0].astype(float)[:2]] for a in (LAYERS, OTHERS))
    for statistic, order in (("gatys", 2), ("moments", 1), (style.SlicedWasserstein(2), 1)):
        targets = style.statistics(y, statistic)
        loss = jax.jit(lambda x, s=statistic, t=targets: style.style_loss(x, t, statistic=s))
        # Steps so short that no two projections change places.
        check_grads(loss, (x,), order, modes=["rev"], eps=1e-6)
    check_grads(jax.jit(style.total_variation), (x[0],), 1, modes=["rev"])


X, T = [np.ones((3, 4, 5), "f4")], [np.eye(3, dtype="f4")]
BAD = [
    (lambda: style.statistics(X[0]), OptionError, r"^`statistics`: `features` must be a list with one array per layer; got ndarray"),
    (lambda: style.statistics([]), OptionError, r"`features` must be a list with one array per layer; got list"),
    (lambda: style.statistics(X, "grams"), OptionError, r"`statistic` must be one of \['autocorrelation', .*, or a statistic such as LaggedGram"),
    (lambda: style.statistics([X[0][0]]), ShapeError, r"`features` must be \(…, C, \*space\) with C on axis -3; got shape \(4, 5\)"),
    (lambda: style.statistics(["x"]), DTypeError, r"`features` must"),
    (lambda: style.style_loss(X, T[0]), OptionError, r"^`style_loss`: `targets` must be a list with one entry for each of the 1 layers; got ndarray"),
    (lambda: style.style_loss(X, T * 2), OptionError, r"`targets` must be a list with one entry for each of the 1 layers; got 2"),
    (lambda: style.style_loss(X, T, [1, 2]), OptionError, r"`weights` must have one entry for each of the 1 layers; got 2"),
    (lambda: style.style_loss(X, T, distance="mse"), OptionError, r"`distance` must be one of \['half_sum', .* or a function of two; got 'mse'"),
    (lambda: style.style_loss(X, T, distance="w2"), OptionError, r"`distance` must be another than 'w2' unless the statistic is 'moments'"),
    (lambda: style.style_loss(X, [np.eye(4)]), ShapeError, r"`targets` must have the shapes that the statistic has of the features, \[\(3, 3\)\], with or without batch; got \[\(4, 4\)\]"),
    (lambda: style.style_loss(X, T, statistic="moments"), ShapeError, r"`targets` must have the shapes"),
    (lambda: style.content_loss(X, [X[0][:, :2]]), ShapeError, r"^`content_loss`: `targets` must have the shapes"),
    (lambda: style.total_variation(X[0][0]), ShapeError, r"^`total_variation`: `image` must be"),
    (lambda: style.total_variation(1j * X[0]), DTypeError, r"`image` must be real; got complex64"),
    (lambda: style.total_variation(X[0], norm="l2"), OptionError, r"`norm` must be one of \['absolute', 'squares'\]; got 'l2'"),
    (lambda: style.total_variation(X[0], boundary="edge"), OptionError, r"`boundary` must be one of \['periodic', 'zero'\]; got 'edge'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
