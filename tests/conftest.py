"""Settings and fixtures that every test gets."""

import jax
import pytest

EXPERIMENTS = "experiments"


def pytest_configure(config):
    """No program is compiled twice, neither by the other process nor in the next run: that is most of the time."""
    if hasattr(config, "cache"):
        jax.config.update("jax_compilation_cache_dir", str(config.cache.mkdir("programs")))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@pytest.fixture(autouse=True, scope="module")
def compilation(request):
    """Most programs here run once, so that compiling them is what takes time: XLA does little to them.

    Modules marked `optimised` run the programs that users run.
    """
    is_quick = request.node.get_closest_marker("optimised") is None
    jax.config.update("jax_disable_most_optimizations", is_quick)
    yield
    jax.config.update("jax_disable_most_optimizations", False)
    # Thousands of programs would fill the memory, and slow down what is left.
    jax.clear_caches()


@pytest.fixture(autouse=True)
def strict(request):
    """No silent promotion of dtypes or ranks inside sigconv; optax and plotting code do not live under that."""
    if EXPERIMENTS in request.path.parts:
        yield
        return
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


@pytest.fixture
def x64():
    """64-bit types for one test."""
    with jax.enable_x64(True):
        yield


@pytest.fixture
def by_definition(monkeypatch):
    """Front doors with the canonical formula behind them in place of the engine, so that nothing is compiled for it."""
    from conversions import apply_by_definition

    monkeypatch.setattr("sigconv._plan.apply", apply_by_definition)


@pytest.fixture
def key(request):
    """A key of the test's own, the same in every run."""
    return jax.random.key(sum(request.node.nodeid.encode()))


def pytest_collection_modifyitems(items):
    if jax.default_backend() == "gpu":
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="no GPU here"))
