"""Importing sigconv: quick, silent, changes nothing, computes nothing."""

import subprocess
import sys

import pytest


def fresh(code):
    """What a new interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_import_prints_nothing():
    assert fresh("import sigconv") == ("", "")


def test_import_changes_no_configuration():
    out, _ = fresh(
        "import jax; before = dict(jax.config.values); import sigconv; after = dict(jax.config.values);"
        "print([k for k in after if after[k] != before.get(k)])"
    )
    assert out.strip() == "[]"


def test_import_runs_no_computation():
    """JAX starts its backends at the first computation."""
    out, _ = fresh(
        "import jax, logging; logging.basicConfig(level=logging.DEBUG); import sigconv;"
        "jax.config.update('jax_platforms', 'no_such_platform');\n"
        "try: jax.devices()\nexcept RuntimeError: print('no backend was started')"
    )
    assert out.strip() == "no backend was started"


@pytest.mark.parametrize("heavy", ["scipy.signal", "scipy.ndimage", "matplotlib", "torch", "lineax", "optax"])
def test_import_loads_nothing_heavy(heavy):
    out, _ = fresh(
        f"import sys, jax; before = {heavy!r} in sys.modules; import sigconv; print(before or {heavy!r} not in sys.modules)"
    )
    assert out.strip() == "True"


def test_import_takes_less_than_150_ms_beyond_jax():
    code = "import time, jax; start = time.perf_counter(); import sigconv; print(time.perf_counter() - start)"
    assert min(float(fresh(code)[0]) for _ in range(5)) < 0.15
