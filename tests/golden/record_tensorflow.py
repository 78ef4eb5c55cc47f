"""Records TensorFlow: `python tests/golden/record_tensorflow.py`, in an environment with TensorFlow, writes tensorflow.json.

TensorFlow has two sets of kernels on a CPU, its own and those of oneDNN, and either refuses what the other runs. Both
are asked, in processes of their own; where both answer they must agree. Refusals are asked of the own ones: the others
end the process instead. No case is kept that neither runs.
"""

import inspect
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

from tensorflow_cases import CASES, DTYPES, PLAIN, arrays, question  # noqa: E402
from tensorflow_refusals import REFUSALS  # noqa: E402

RESULTS = HERE / "tensorflow.json"


def run(onednn):
    import ml_dtypes
    import numpy as np
    import tensorflow as tf

    def attempt(name, operands, options):
        try:
            return getattr(tf.nn, name)(*map(tf.constant, operands), **options).numpy()
        except Exception as error:
            return error

    def whole(name, shapes, options):
        y = attempt(name, [a.astype("float32") for a in arrays(shapes)], options)
        return None if isinstance(y, Exception) else y.astype(int).tolist()

    recorded = {"version": tf.__version__, "cases": {g: [whole(*case) for case in cases] for g, cases in CASES.items()}}
    if onednn:
        return recorded
    kinds = {name: np.dtype(getattr(ml_dtypes, name, name)) for name in DTYPES}
    recorded["dtypes"] = {}
    for name, (shapes, options) in PLAIN.items():
        given = {kind: attempt(name, [a.astype(d) for a in arrays(shapes)], options) for kind, d in kinds.items()}
        recorded["dtypes"][name] = {k: None if isinstance(y, Exception) else str(y.dtype) for k, y in given.items()}
    recorded["refusals"] = [type(attempt(name, operands, options)).__name__ for name, operands, options in REFUSALS]
    recorded["signatures"] = {
        name: [[p.name, repr(p.default)] for p in inspect.signature(getattr(tf.nn, name)).parameters.values()]
        for name in PLAIN
    }
    recorded["question"] = {
        kind: tf.nn.conv2d(*(a.astype(kind) for a in question()), strides=1, padding="SAME").numpy().tolist()
        for kind in ("float32", "float64")
    }
    return recorded


def main():
    if len(sys.argv) > 1:
        print(json.dumps(run(sys.argv[1] == "1")))  # noqa: T201
        return
    own, onednn = (
        json.loads(
            subprocess.run(
                [sys.executable, __file__, which],
                env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": which, "TF_CPP_MIN_LOG_LEVEL": "3"},
                stdout=subprocess.PIPE,
                check=True,
            ).stdout.splitlines()[-1]
        )
        for which in "01"
    )
    for group, results in own["cases"].items():
        others = onednn["cases"][group]
        for number, (mine, theirs) in enumerate(zip(results, others, strict=True)):
            if (mine is None and theirs is None) or (None not in (mine, theirs) and mine != theirs):
                sys.exit(f"{CASES[group][number]}: {mine} and {theirs}")
        alone = sum(mine is None for mine in results), sum(theirs is None for theirs in others)
        own["cases"][group] = [theirs if mine is None else mine for mine, theirs in zip(results, others, strict=True)]
        print(f"{group}: {len(results)} calls; {alone[0]} by oneDNN alone, {alone[1]} by TensorFlow's kernels alone")  # noqa: T201
    for refusal, error in zip(REFUSALS, own["refusals"], strict=True):
        if not error.endswith("Error"):
            sys.exit(f"TensorFlow accepts {refusal}")
    print(f"{len(REFUSALS)} refusals, by TensorFlow {own['version']}")  # noqa: T201
    RESULTS.write_text(json.dumps(own, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
