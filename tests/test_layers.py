"""The layers: every file imports only from the rows above its own, and only public JAX."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parent.parent / "sigconv"
# The first prefix that fits gives the layer.
LAYERS = {
    "sigconv._core": 0,
    "sigconv._engine": 1,
    "sigconv._plan": 2,
    "sigconv.signal": 3,
    "sigconv.convert": 3,
    "sigconv.prepare": 4,
    "sigconv._filter": 4,
    "sigconv.filter": 5,
    "sigconv.design": 5,
    "sigconv.composition": 6,
    "sigconv.operators": 6,
    "sigconv.matching": 7,
    "sigconv._gram": 7,
    "sigconv.iir": 7,
    "sigconv.restore": 7,
    "sigconv.wavelets": 7,
    "sigconv.style": 8,
    "sigconv.compat": 8,
    "sigconv": 9,
}
INSIDE = (
    "sigconv._core",
    "sigconv._engine",
    "sigconv._filter",
    "sigconv.design",
    "sigconv.operators",
    "sigconv.matching",
    "sigconv._gram",
    "sigconv.iir",
    "sigconv.restore",
    "sigconv.design",
    "sigconv.wavelets",
    "sigconv.style",
    "sigconv.compat",
)
"""Packages whose files may import one another (not in a circle: they could not be imported)."""
RUN_TIME = {"jax", "numpy", "sigconv"}
FILES = sorted(ROOT.rglob("*.py"))


def module(path):
    parts = ("sigconv", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(name):
    return next(number for prefix, number in LAYERS.items() if name == prefix or name.startswith(prefix + "."))


@pytest.mark.parametrize("path", FILES, ids=module)
def test_file_imports_only_from_above(path):
    here = module(path)
    for name in imports(path):
        if not name.startswith("sigconv."):
            continue
        together = any(here.startswith(p) and name.startswith(p) for p in INSIDE)
        assert together or layer(name) < layer(here), f"{here} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=module)
def test_file_imports_only_run_time_dependencies_and_public_jax(path):
    import sys

    for name in imports(path):
        extra = {"lineax", "equinox"} if path.name == "_lineax.py" else set()
        assert name.split(".")[0] in RUN_TIME | extra | sys.stdlib_module_names
        assert "jax._src" not in name


def test_every_layer_is_inhabited():
    names = {module(path) for path in FILES}
    for prefix in LAYERS:
        assert prefix in names


@pytest.mark.parametrize("path", FILES, ids=module)
def test_file_holds_one_idea(path):
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "the first sentence names the idea"
    assert len(text.splitlines()) <= 320
