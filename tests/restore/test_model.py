"""How a scene becomes an image: the operator is the matrix of the definition, at every boundary."""

import jax
import numpy as np
import pytest
from restore.dense import blur_matrix
from tolerance import EPS

from sigconv import OptionError, Sides, convolve
from sigconv.restore.model import model_of, resolve_sight

BOUNDARIES = ["zero", "edge", "symmetric", "reflect", "periodic", "unknown"]
SIZES = [((5,), (3,), False), ((6,), (4,), True), ((4, 5), (2, 3), False)]


def made(image, taps, boundary):
    kernel = np.random.default_rng(0).standard_normal(taps)
    return kernel, model_of(jax.numpy.asarray(kernel), resolve_sight(boundary, image, taps))


CASES = [(image, taps, (b,) * len(image), c) for image, taps, c in SIZES for b in BOUNDARIES]
CASES += [((4, 5), (2, 3), b, False) for b in (("unknown", "periodic"), ("edge", "unknown"))]
CASES += [((n,), (k,), (b,), False) for n, k in ((4, 1), (3, 3)) for b in ("reflect", "unknown")]


@pytest.mark.parametrize(("image", "taps", "boundary", "is_complex"), CASES, ids=str)
def test_operator_is_the_matrix_of_the_definition(image, taps, boundary, is_complex, x64):
    draw = np.random.default_rng(0)
    kernel = draw.standard_normal(taps) + 1j * is_complex * draw.standard_normal(taps)
    kernel = kernel if is_complex else kernel.real
    sight = resolve_sight(boundary, image, taps)

    @jax.jit
    def matrices(kernel):
        operator = model_of(kernel, sight).operator
        return operator.as_matrix(), operator.adjoint().as_matrix()

    dense = blur_matrix(kernel, image, sight.scene, boundary)
    bound = 8 * EPS["float64"] * np.linalg.norm(kernel) * np.sqrt(dense.shape[1])
    for found, expected in zip(matrices(kernel), (dense, dense.conj().T), strict=True):
        np.testing.assert_allclose(found, expected, atol=bound, rtol=0)


@pytest.mark.parametrize("boundary", BOUNDARIES[:5])
def test_image_is_what_convolve_makes_of_the_scene(boundary, x64):
    kernel, model = made((6,), (4,), boundary)
    scene = np.random.default_rng(1).standard_normal(6)
    expected = convolve(scene, kernel, mode="same", boundary=boundary)
    np.testing.assert_allclose(model.operator(scene), expected, atol=1e-14, rtol=0)


def test_image_of_an_unknown_scene_is_the_valid_part(x64):
    kernel, model = made((6,), (4,), "unknown")
    scene = np.random.default_rng(1).standard_normal(model.sight.scene)
    expected = convolve(scene[:9], kernel, mode="valid")
    np.testing.assert_allclose(model.operator(scene), expected, atol=1e-14, rtol=0)
    np.testing.assert_array_equal(model.sight.in_view(scene), scene[2:8])
    widened = model.sight.widened(np.arange(6.0))
    np.testing.assert_array_equal(model.sight.in_view(widened), np.arange(6.0))


def test_one_axis_may_have_two_rules(x64):
    kernel, model = made((5,), (3,), (Sides("edge", "zero"),))
    scene = np.arange(1.0, 6)
    expected = np.convolve(np.pad(np.pad(scene, (1, 0), "edge"), (0, 1)), kernel, "valid")
    np.testing.assert_allclose(model.operator(scene), expected, atol=1e-14, rtol=0)


def test_unknown_boundary_is_refused_in_words():
    with pytest.raises(OptionError, match=r"`boundary` must be one of \['edge', .*'unknown', 'zero'\]; got 'mirror'"):
        resolve_sight("mirror", (4,), (3,))
