"""Calls of OpenCV whose results are kept in opencv.json, for machines without it.

`python tests/golden/record_opencv.py`, where OpenCV 5.0 is installed, writes them anew.
"""

import json
import pathlib

import numpy as np

RESULTS = pathlib.Path(__file__).with_name("opencv.json")

# Function, dtype and shape of the image, depth of the result, shapes of the kernels, what these are divided by, options.
CASES = [
    ("filter2D", "uint8", (4, 5), -1, ((3, 3),), 1, {}),
    ("filter2D", "uint8", (4, 5), -1, ((2, 4),), 4, {"delta": 20.25}),
    ("filter2D", "uint8", (3, 4, 3), 3, ((3, 2),), 1, {"anchor": (1, 0), "borderType": 1}),
    ("filter2D", "int16", (4, 5), -1, ((4, 1),), 2, {"anchor": (-1, 3), "borderType": 0}),
    ("filter2D", "uint16", (3, 4), 5, ((1, 3),), 8, {"borderType": 2}),
    ("filter2D", "float32", (2, 3), -1, ((5, 6),), 1, {"borderType": 4}),
    ("filter2D", "float32", (1, 3), -1, ((3, 8),), 1, {"borderType": 2}),
    ("filter2D", "uint8", (3, 3, 1), 2, ((2, 2),), 1, {"delta": -3}),
    ("sepFilter2D", "uint8", (4, 5), 3, ((3,), (2,)), 1, {}),
    ("sepFilter2D", "uint8", (3, 4, 3), -1, ((2,), (4,)), 2, {"delta": 100.5, "borderType": 16}),
    ("sepFilter2D", "float32", (4, 3), 0, ((4,), (3,)), 8, {"anchor": (0, 2), "borderType": 1}),
    ("sepFilter2D", "int16", (2, 3), 5, ((1, 5), (6, 1)), 2, {"borderType": 4}),
]


def arrays(dtype, shape, kernels, divisor):
    """Small whole numbers without a pattern that a flip or a shift would keep, and taps of both signs."""
    image = (np.arange(np.prod(shape)).reshape(shape) * 37 + 11) % 101
    taps = [((np.arange(np.prod(k)).reshape(k) * (7 + i) + i) % 11 - 4) / divisor for i, k in enumerate(kernels)]
    return image.astype(dtype), [w.astype("float32") for w in taps]


def main():
    import cv2

    results = []
    for name, dtype, shape, ddepth, kernels, divisor, options in CASES:
        image, taps = arrays(dtype, shape, kernels, divisor)
        results.append(getattr(cv2, name)(image, ddepth, *taps, **options).tolist())
    RESULTS.write_text(json.dumps({"OpenCV": cv2.__version__, "results": results}) + "\n")


if __name__ == "__main__":
    main()
