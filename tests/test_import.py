"""Importing sigconv: quick, silent, changes nothing, computes nothing."""

import subprocess
import sys


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


def test_import_loads_nothing_beyond_jax_but_itself_and_the_standard_library():
    """What keeps it quick, without timing it here."""
    out, _ = fresh(
        "import sys, jax; before = set(sys.modules); import sigconv;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new - sys.stdlib_module_names))"
    )
    # JAX imports some parts of its own only when they are asked for.
    assert out.strip() in ("['jax', 'sigconv']", "['sigconv']")
