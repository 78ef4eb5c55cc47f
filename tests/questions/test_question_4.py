"""Question 4: Gram matrices, and the convolution of networks, under Torch7's names."""

import numpy as np
import pytest

import sigconv
from sigconv import compat, convert_kernel

X, W = np.array([[1, 5], [3, 4]]), np.array([[5, 6], [7, 8]])


@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_torch7_names_by_what_they_do(dtype):
    x, w = X.astype(dtype), W.astype(dtype)
    assert compat.torch7.xcorr2(x, w).tolist() == [[88]]
    assert compat.torch7.conv2(x, w).tolist() == [[81]]
    assert (X * W).sum() == 88
    assert (X * W[::-1, ::-1]).sum() == 81


def test_layers_of_networks_correlate():
    x, w = X[None].astype("float32"), W[None, None].astype("float32")
    assert compat.torch7.spatial_convolution(x, w).tolist() == [[[88]]]
    assert compat.torch.conv2d(x[None], w).tolist() == [[[[88]]]]
    assert compat.tensorflow.conv2d(x[..., None], w.transpose(2, 3, 0, 1), 1, "VALID").tolist() == [[[[88]]]]


def test_each_gives_the_others_number_of_a_converted_kernel():
    flipped = convert_kernel(W, source="torch7.xcorr2", target="torch7.conv2")
    assert flipped.tolist() == [[8, 7], [6, 5]]
    assert compat.torch7.conv2(X, flipped).tolist() == [[88]]
    assert compat.torch7.xcorr2(X, flipped).tolist() == [[81]]
    layer = convert_kernel(W, source="torch7.conv2", target="torch7.nn.SpatialConvolution").astype("float32")
    assert compat.torch7.spatial_convolution(X[None].astype("float32"), layer).tolist() == [[[81]]]


# Gram matrices of the features of a layer.

N, C, H, W_ = 2, 3, 4, 5
FEATURES = np.random.default_rng(4).integers(-9, 10, (N, C, H, W_)).astype("int32")


def gram_of_a_batch(features):
    """F Fᵀ / H / W for each image."""
    n, c, h, w = features.shape
    flat = features.reshape(n, c, h * w)
    return flat @ flat.transpose(0, 2, 1) / h / w


def gram_of_an_image(features):
    """F Fᵀ, not divided."""
    flat = features.reshape(len(features), -1)
    return flat @ flat.T


def every_pair(function, at, maps):
    """One entry of what the function makes of each pair of maps."""
    return np.array([[np.asarray(function(first, second))[at] for second in maps] for first in maps])


CENTRE = H - 1, W_ - 1
ZERO_LAG = {
    "sigconv.correlate": (sigconv.correlate, CENTRE),
    "sigconv.correlate-valid": (lambda f, g: sigconv.correlate(f, g, mode="valid"), (0, 0)),
    "matlab.xcorr2": (compat.matlab.xcorr2, CENTRE),
    "matlab.filter2": (lambda f, g: compat.matlab.filter2(g, f, "valid"), (0, 0)),
    "scipy.correlate2d": (compat.scipy.correlate2d, CENTRE),
    "torch7.xcorr2": (compat.torch7.xcorr2, (0, 0)),
    "torch7.xcorr2-full": (lambda f, g: compat.torch7.xcorr2(f, g, "F"), CENTRE),
}


@pytest.mark.parametrize("correlation", ZERO_LAG.values(), ids=ZERO_LAG)
def test_entries_are_the_zero_lags_of_feature_maps(correlation):
    """Entry (i, j) is the cross-correlation of maps i and j where neither is moved: the centre of the full one."""
    maps = FEATURES[0]
    gram = gram_of_an_image(maps)
    assert gram.shape == (C, C)
    assert gram.tolist() == gram.T.tolist()
    assert every_pair(*correlation, maps).tolist() == gram.tolist()


def test_the_centre_is_at_lag_zero():
    assert [int(sigconv.correlation_lags(n, n)[at]) for n, at in zip((H, W_), CENTRE, strict=True)] == [0, 0]
    assert sigconv.correlate(FEATURES[0, 0], FEATURES[0, 1]).shape == (2 * H - 1, 2 * W_ - 1)


def test_of_a_batch_the_entries_are_divided_by_the_area():
    """Both definitions, of the same maps: a factor of H·W, exactly."""
    gram = gram_of_a_batch(FEATURES)
    assert gram.shape == (N, C, C)
    for image, batched in zip(FEATURES, gram, strict=True):
        lags = every_pair(*ZERO_LAG["sigconv.correlate"], image)
        assert (lags / H / W_).tolist() == batched.tolist()
        np.testing.assert_array_equal(np.rint(batched * H * W_), gram_of_an_image(image))


def test_gram_is_a_layer_of_the_features_under_themselves():
    """Every map is an image, and every map a filter, as large as it."""
    maps = FEATURES[0]
    y = compat.torch.conv2d(maps[:, None], maps[:, None])
    assert y.reshape(C, C).tolist() == gram_of_an_image(FEATURES[0]).tolist()
    layer = compat.torch7.spatial_convolution(maps[:, None].astype("float32"), maps[:, None].astype("float32"))
    assert layer.reshape(C, C).tolist() == gram_of_an_image(FEATURES[0]).tolist()


def test_a_true_convolution_gives_no_gram():
    convolved = every_pair(compat.torch7.conv2, (0, 0), FEATURES[0])
    gram = gram_of_an_image(FEATURES[0])
    assert np.any(convolved != gram)
    # On the diagonal there are no sums of squares, which are larger than any other product of the same numbers.
    assert np.all(np.diag(convolved) < np.diag(gram))
