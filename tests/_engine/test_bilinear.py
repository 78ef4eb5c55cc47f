"""Derivatives of the methods that multiply every tap: written by hand, held against the definition's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import BY_NAME, draw
from jax.test_util import check_grads
from oracle import oracle

from sigconv._core.geometry import Axis, Geometry
from sigconv._engine.run import METHODS, run

NAMES = ("stride 3 past the end", "grouped", "depthwise, multiplier", "2-d, mixed", "3-d", "dense")
CASES = [BY_NAME[name] for name in NAMES]
RUNNERS = ("direct", "shift_add")


def arrays(case):
    rng = np.random.default_rng(0)
    return jnp.asarray(draw(rng, case.signal, "float64")), jnp.asarray(draw(rng, case.weights, "float64"))


def basis(size):
    return np.eye(size)


def along_signals(directions, shape, w, geometry):
    """The definition of each of many signals, as items of one batch."""
    y = oracle(directions.reshape(-1, *shape[1:]), w, geometry)
    return y.reshape(len(directions), shape[0], *y.shape[1:])


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_jacobians_are_those_of_the_definition_in_both_modes(case, runner, x64):
    """The correlation is linear in each argument, so its Jacobian is the definition applied to a basis."""
    x, w = arrays(case)
    one = lambda x, w: run(x, w, case.geometry, METHODS[runner])  # noqa: E731
    exact = (
        np.moveaxis(along_signals(basis(x.size), x.shape, w, case.geometry), 0, -1),
        np.stack([oracle(x, e.reshape(w.shape), case.geometry) for e in basis(w.size)], -1),
    )
    for mode in (jax.jacfwd, jax.jacrev):
        for got, reference in zip(jax.jit(mode(one, (0, 1)))(x, w), exact, strict=True):
            got = np.asarray(got).reshape(reference.shape)
            bound = 8 * np.finfo(float).eps * max(np.abs(x).max(), np.abs(w).max()) * w.size
            assert np.abs(got - reference).max() <= bound


@pytest.mark.parametrize(
    "axis", [Axis(), Axis(2, 1, stride=2), Axis(-1, 2, stride=3), Axis(1, 1, input_dilation=2)], ids=str
)
@pytest.mark.parametrize("groups", [1, 3])
def test_one_tap_that_mixes_channels_is_the_definition_with_its_derivatives(axis, groups, x64):
    """There `direct` is a product of matrices."""
    rng = np.random.default_rng(0)
    geometry = Geometry((axis, Axis(1, 0)), groups)
    x, w = jnp.asarray(rng.standard_normal((2, 6, 5, 3))), jnp.asarray(rng.standard_normal((3, 6 // groups, 1, 1)))
    y, back = jax.vjp(lambda x, w: run(x, w, geometry, METHODS["direct"]), x, w)
    np.testing.assert_allclose(y, oracle(x, w, geometry), rtol=0, atol=1e-13)
    g = rng.standard_normal(y.shape)
    dx, dw = back(jnp.asarray(g))
    of_x = along_signals(basis(x.size), x.shape, w, geometry)
    of_w = np.stack([oracle(x, e.reshape(w.shape), geometry) for e in basis(w.size)])
    for of, got in ((of_x, dx), (of_w, dw)):
        np.testing.assert_allclose(np.ravel(got), of.reshape(len(of), -1) @ np.ravel(g), rtol=0, atol=1e-12)


@pytest.mark.parametrize("samples", [9100, 9103])
@pytest.mark.parametrize("stride", [1, 3])
def test_a_row_that_the_cores_cannot_share_evenly_is_the_definition(samples, stride):
    """There `shift_add` is done in two parts."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((1, 1, samples)).astype("f4"), rng.standard_normal((1, 1, 24)).astype("f4")
    geometry = Geometry((Axis(3, 5, stride=stride),))
    y = run(jnp.asarray(x), jnp.asarray(w), geometry, METHODS["shift_add"])
    padded = np.pad(x[0, 0].astype("f8"), (3, 5))
    wanted = np.correlate(padded, w[0, 0].astype("f8"), "valid")[::stride]
    assert np.abs(y[0, 0] - wanted).max() <= 8 * 2.0**-23 * np.abs(x).max() * np.abs(w).sum()


@pytest.mark.parametrize("runner", RUNNERS)
def test_second_derivatives_match_finite_differences_with_strides_and_groups(runner, x64):
    rng = np.random.default_rng(0)
    x, w = jnp.asarray(rng.standard_normal((1, 2, 4, 3))), jnp.asarray(rng.standard_normal((2, 1, 2, 2)))
    geometry = Geometry((Axis(1, 1, stride=2), Axis(0, 1)), groups=2)
    check_grads(jax.jit(lambda x, w: run(x, w, geometry, METHODS[runner]) ** 2), (x, w), order=2)


@pytest.mark.parametrize("runner", RUNNERS)
def test_gradients_can_be_mapped(runner, x64):
    case = BY_NAME["depthwise"]
    x, w = arrays(case)
    xs, ws = jnp.stack([x, 2 * x]), jnp.stack([w, w - 1])
    gradient = jax.grad(lambda x, w: jnp.sum(run(x, w, case.geometry, METHODS[runner]) ** 2), (0, 1))
    for got, one, two in zip(jax.vmap(gradient)(xs, ws), gradient(xs[0], ws[0]), gradient(xs[1], ws[1]), strict=True):
        np.testing.assert_allclose(got, jnp.stack([one, two]), rtol=1e-12, atol=0)


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("axes", [(0, None), (None, 0), (1, 0)], ids=str)
def test_maps_are_differentiated_item_by_item(axes, runner, x64):
    """Also along the argument that all items share, and twice."""
    rng = np.random.default_rng(0)
    x = stacked(jnp.asarray(rng.standard_normal((3, 2, 2, 5))), axes[0])
    w = stacked(jnp.asarray(rng.standard_normal((3, 2, 2, 2))), axes[1])

    def energy(x, w):
        return jnp.sum(run(x, w, Geometry((Axis(1, 0),)), METHODS[runner]) ** 3)

    def one_by_one(x, w):
        return sum(energy(item(x, axes[0], i), item(w, axes[1], i)) for i in range(3))

    def derivatives(function):
        gradient = jax.grad(function, (0, 1))
        return jax.jit(lambda x, w: jax.jvp(gradient, (x, w), (jnp.cos(x), jnp.sin(w))))(x, w)

    mapped = derivatives(lambda x, w: jnp.sum(jax.vmap(energy, axes)(x, w)))
    for got, wanted in zip(jax.tree.leaves(mapped), jax.tree.leaves(derivatives(one_by_one)), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())


def stacked(items, axis):
    return items[0] if axis is None else jnp.moveaxis(items, 0, axis)


def item(a, axis, i):
    return a if axis is None else jnp.take(a, i, axis)


@pytest.mark.parametrize("runner", RUNNERS)
def test_maps_within_maps_are_differentiated(runner, x64):
    """Every signal with every kernel; the sums over either go to the other's gradient."""
    rng = np.random.default_rng(0)
    x, w = jnp.asarray(rng.standard_normal((3, 1, 2, 5))), jnp.asarray(rng.standard_normal((2, 2, 2, 2)))
    g = jnp.asarray(rng.standard_normal((3, 2, 1, 2, 4)))

    def loss(x, w):
        one = lambda x, w: run(x, w, Geometry((Axis(),)), METHODS[runner])  # noqa: E731
        return jnp.vdot(g, jax.vmap(jax.vmap(one, (None, 0)), (0, None))(x, w))

    dx, dw = jax.jit(jax.grad(loss, (0, 1)))(x, w)
    windows = np.lib.stride_tricks.sliding_window_view(x[:, 0], 2, -1)  # (signal, channel, position, tap)
    np.testing.assert_allclose(dw, np.einsum("skon,scnt->koct", g[:, :, 0], windows), rtol=0, atol=1e-13)
    back = np.zeros(x.shape)
    for tap in range(2):
        back[:, 0, :, tap : tap + 4] += np.einsum("skon,koc->scn", g[:, :, 0], w[..., tap])
    np.testing.assert_allclose(dx, back, rtol=0, atol=1e-13)


def test_a_tangent_is_as_many_operations_as_the_value():
    """The transpose of the adjoint, which JAX would make of it, is a sum of padded arrays."""
    x, w = jnp.ones((1, 1, 64)), jnp.ones((1, 1, 9))
    one = lambda x: run(x, w, Geometry((Axis(4, 4),)), METHODS["shift_add"])  # noqa: E731
    value = jax.jit(one).lower(x).as_text()
    tangent = jax.jit(lambda x, dx: jax.jvp(one, (x,), (dx,))[1]).lower(x, x).as_text()
    for operation in ("pad", "multiply", "slice"):
        assert tangent.count(f"stablehlo.{operation}") <= value.count(f"stablehlo.{operation}")


@pytest.mark.parametrize("runner", RUNNERS)
def test_gradients_within_shard_map(runner):
    mesh = jax.make_mesh((1,), ("items",), axis_types=(jax.sharding.AxisType.Auto,))
    x, w = jnp.arange(24.0).reshape(2, 1, 12), jnp.arange(3.0).reshape(1, 1, 3)

    def loss(x, w):
        return jnp.sum(run(x, w, Geometry((Axis(1, 1),)), METHODS[runner]) ** 2)

    def sharded(x, w):
        spec = jax.sharding.PartitionSpec
        one = jax.shard_map(
            lambda x, w: jax.lax.psum(loss(x, w), "items"),
            mesh=mesh,
            in_specs=(spec("items"), spec()),
            out_specs=spec(),
        )
        return one(x, w)

    for got, wanted in zip(jax.grad(sharded, (0, 1))(x, w), jax.grad(loss, (0, 1))(x, w), strict=True):
        np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("argument", [0, 1])
def test_only_the_derivative_asked_for_is_worked_out(runner, argument):
    """The other argument's tangent is no array of zeros that is correlated all the same."""
    case = BY_NAME["valid"]
    x, w = jnp.ones(case.signal), jnp.ones(case.weights)

    def count(argnums):
        gradient = jax.grad(lambda x, w: jnp.sum(run(x, w, case.geometry, METHODS[runner])), argnums)
        return str(jax.make_jaxpr(gradient)(x, w)).count("\n")

    assert count(argument) < count((0, 1))


def test_a_strided_gradient_multiplies_no_inserted_zeros():
    """XLA's own derivative dilates the cotangent, which its CPU backend multiplies zero by zero."""
    geometry = Geometry((Axis(1, 1, stride=4),))
    x, w = jnp.ones((1, 2, 64)), jnp.ones((3, 2, 3))
    gradient = jax.grad(lambda x, w: jnp.sum(run(x, w, geometry, METHODS["direct"])))
    text = jax.jit(gradient).lower(x, w).as_text()
    assert "stablehlo.convolution" in text
    assert "lhs_dilate = [4]" not in text


SPATIAL = Geometry((Axis(1, 1), Axis(0, 1, stride=2), Axis(1, 0, dilation=2)))


@pytest.mark.parametrize("channels", [(5, 2), (2, 5), (1, 1)], ids=str)
@pytest.mark.parametrize("runner", ["direct", "shift_add"])
def test_kernel_derivatives_along_three_axes(channels, runner, x64):
    """By a product of matrices where there are channels, by planes where there are none; either may be exchanged."""
    inner, outer = channels
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, inner, 3, 4, 4)), rng.standard_normal((outer, inner, 2, 2, 2))
    for geometry in (SPATIAL, Geometry((Axis(1, 0), Axis(0, 1), Axis(1, 1)))):
        y, pull = jax.vjp(lambda w, g=geometry: run(jnp.asarray(x), w, g, METHODS[runner]), jnp.asarray(w))
        z = rng.standard_normal(y.shape)
        # Each tap alone, as an output of its own: all that its derivative multiplies z with.
        alone = oracle(x, basis(w[0].size).reshape(-1, *w.shape[1:]), geometry)
        reference = np.einsum("bo...,bt...->ot...", z, alone).sum(tuple(range(2, z.ndim))).reshape(w.shape)
        bound = 8 * np.finfo(float).eps * np.abs(x).max() * np.abs(z).sum()
        assert np.abs(pull(jnp.asarray(z))[0] - reference).max() <= bound
