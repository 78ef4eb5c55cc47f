"""`call_child`: a measurement in an interpreter of its own.

For what depends on the environment a process starts in, on a flag that is read once, or on the peak of its memory.
"""

import importlib
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

_ROOT = pathlib.Path(__file__).parent.parent.parent


def call_child(
    module: str,
    function: str,
    arguments: Mapping[str, Any],
    *,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Any:
    """What `function` of `module` returns for these keyword arguments, as JSON, in a fresh interpreter.

    Args:
        module, function: Names; `module` is importable from the repository's root.
        arguments: In JSON's types.
        environment: Variables to add to ours.
        flags: JAX's configuration, set before anything runs.
    """
    request = {"module": module, "function": function, "arguments": dict(arguments), "flags": dict(flags or {})}
    result = subprocess.run(
        [sys.executable, "-m", "experiments.benchmarks.child", json.dumps(request)],
        cwd=_ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise RuntimeError(f"{module}.{function} failed in its child:\n{result.stderr}")
    return json.loads(result.stdout.splitlines()[-1])


def main() -> None:
    request = json.loads(sys.argv[1])
    if request["flags"]:
        import jax

        for flag, value in request["flags"].items():
            jax.config.update(flag, value)
    function = getattr(importlib.import_module(request["module"]), request["function"])
    sys.stdout.write("\n" + json.dumps(function(**request["arguments"])) + "\n")


if __name__ == "__main__":
    main()
