"""Runs the calls of matlab_cases.py in GNU Octave and keeps what it gives.

`python tests/golden/record_matlab.py`, where `octave-cli` with the packages signal and image and SciPy are installed,
writes matlab.json anew. `imfilter(…, 'full')` is taken from MATLAB's definition, a border of K − 1 samples and then
only whole windows: Octave pads by K/2 and lets the rest be zeros.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import scipy.io

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from golden.matlab_cases import CASES, RESULTS

DEFINITION = """
function y = full_imfilter(a, h, border, operation)
  wide = padarray(a, size(h) - 1, border);
  if strcmp(operation, 'conv')
    y = cast(conv2(wide, h, 'valid'), class(a));
  else
    y = cast(filter2(h, wide, 'valid'), class(a));
  end
end
"""


def written(value):
    """A value as Octave reads it; a vector is a row."""
    if isinstance(value, str):
        return f"'{value}'"
    array = np.asarray(value)
    flat = ",".join(repr(complex(v)) if array.dtype.kind == "c" else repr(float(v)) for v in array.ravel(order="F"))
    kind = {"float64": "double", "float32": "single", "bool": "logical", "complex128": "double"}
    shape = (1, *array.shape) if array.ndim == 1 else array.shape
    numbers = f"[{flat.replace('j', 'i')}]"
    return f"reshape({kind.get(str(array.dtype), str(array.dtype))}({numbers}),{list(shape)})" if shape else flat


def call(case):
    arrays, words = [written(array) for array in case.arrays()], [written(word) for word in case.words]
    if case.function == "imfilter" and "full" in case.words:
        (border,) = [word for word in case.words if word not in ("full", "same", "conv", "corr")] or [0]
        return f"full_imfilter({','.join((*arrays, written(border)))}, '{'conv' if 'conv' in case.words else 'corr'}')"
    return f"{case.function}({','.join(arrays + words)})"


def plain(value):
    """The numbers as JSON has them; Octave's transforms leave rounding on results that are whole."""
    if value.dtype.kind in "fc":
        near = np.round(value)
        value = np.where(np.abs(value - near) < 1000 * np.finfo(value.dtype).eps, near, value)
    parts = (value.real, value.imag) if np.iscomplexobj(value) else (value,)
    return [[int(v) if float(v).is_integer() else float(v) for v in part.ravel()] for part in parts]


def main():
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"r{{{number}}} = {call(case)};" for number, case in enumerate(CASES, 1)]
        script, saved = pathlib.Path(folder, "run.m"), pathlib.Path(folder, "results.mat")
        script.write_text(
            f"1;\n{DEFINITION}\npkg load signal image\n"
            + "\n".join(lines)
            + "\nc = cellfun(@class, r, 'UniformOutput', false);\n"
            + "v = {version(), pkg('describe', 'signal'){1}.version, pkg('describe', 'image'){1}.version};\n"
            + f"save('-v7', '{saved}', 'r', 'c', 'v');\n"
        )
        subprocess.run(["octave-cli", str(script)], check=True)
        read = scipy.io.loadmat(saved)
    results = [
        {"class": str(kind.item()), "shape": value.shape, "parts": plain(value)}
        for kind, value in zip(read["c"].ravel(), read["r"].ravel(), strict=True)
    ]
    octave, signal, image = (str(v.item()) for v in read["v"].ravel())
    kept = ",\n".join(json.dumps(result) for result in results)
    RESULTS.write_text(
        f'{{"versions": {{"octave": "{octave}", "signal": "{signal}", "image": "{image}"}},\n"results": [\n{kept}\n]}}\n'
    )
    print(f"{len(results)} results of Octave {octave}, signal {signal}, image {image}: {RESULTS}")  # noqa: T201


if __name__ == "__main__":
    main()
