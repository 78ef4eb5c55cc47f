"""Calls of PyTorch whose results are kept in torch.json, for machines without it.

`python tests/compat/recorded.py`, where PyTorch is installed, writes them anew.
"""

import json
import pathlib

import numpy as np

RESULTS = pathlib.Path(__file__).with_name("torch.json")

# Name, shapes of the input, the weight and perhaps the bias, options.
CASES = [
    ("conv1d", ((1, 1, 5), (1, 1, 2)), {}),
    ("conv1d", ((1, 1, 5), (1, 1, 4)), {"padding": "same"}),
    ("conv1d", ((2, 6), (3, 2, 3), (3,)), {"stride": 2, "padding": 1}),
    ("conv1d", ((2, 4, 9), (4, 2, 3)), {"dilation": 3, "groups": 2, "padding": "same"}),
    ("conv1d", ((1, 1, 2), (1, 1, 4)), {"padding": 3}),
    ("conv2d", ((1, 2, 4, 5), (2, 2, 2, 3), (2,)), {"padding": (1, 0), "stride": (1, 2)}),
    ("conv2d", ((1, 2, 4, 5), (4, 1, 2, 2)), {"groups": 2, "padding": "valid"}),
    ("conv3d", ((1, 1, 3, 2, 4), (1, 1, 2, 2, 2)), {"padding": "same", "dilation": (1, 1, 2)}),
    ("conv_transpose1d", ((1, 1, 3), (1, 1, 2)), {}),
    ("conv_transpose1d", ((2, 3), (2, 3, 3), (3,)), {"stride": 3, "padding": 1, "output_padding": 2}),
    ("conv_transpose1d", ((1, 4, 3), (4, 1, 4)), {"groups": 2, "dilation": 2, "output_padding": 1}),
    ("conv_transpose2d", ((1, 2, 2, 3), (2, 1, 3, 2), (1,)), {"stride": (2, 1), "padding": (1, 0)}),
    ("conv_transpose3d", ((1, 1, 2, 1, 2), (1, 1, 2, 2, 2)), {"stride": 2, "output_padding": (1, 0, 1)}),
]


def arrays(shapes):
    """Small whole numbers of both signs without a pattern that a flip or a shift would keep."""
    return [(np.arange(np.prod(shape)).reshape(shape) * (7 + i) + i) % 11 - 4.0 for i, shape in enumerate(shapes)]


def main():
    import torch

    results = [
        getattr(torch.nn.functional, name)(*map(torch.from_numpy, arrays(shapes)), **options).tolist()
        for name, shapes, options in CASES
    ]
    RESULTS.write_text(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
