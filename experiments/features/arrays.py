"""Reads arrays from .safetensors and .npz files: no torch, and nothing in them is ever run."""

import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_DTYPES = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "U8": np.dtype("u1"),
}
_LONGEST_HEADER = 100_000_000
"""Bytes, as in the format's own library."""


class WeightsError(ValueError):
    """A file of weights that cannot be used, and why, in one line."""


def read_arrays(path: Path) -> Mapping[str, np.ndarray]:
    """All arrays of the file, by name."""
    readers = {".safetensors": _read_safetensors, ".npz": _read_npz}
    if path.suffix not in readers:
        hint = ""
        if path.suffix in (".pth", ".pt", ".bin"):
            hint = "; it may run code when it is opened: convert it with torch, as docs/style.md shows"
        raise WeightsError(f"cannot use {path}: it is neither .safetensors nor .npz{hint}")
    try:
        return readers[path.suffix](path)
    except FileNotFoundError:
        raise WeightsError(f"cannot read {path}: there is no such file") from None
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise WeightsError(f"cannot read {path}: {' '.join(str(error).split())}") from None


def _read_npz(path: Path) -> Mapping[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _read_safetensors(path: Path) -> Mapping[str, np.ndarray]:
    """Eight bytes with the length of the header, little-endian; the header, JSON; the arrays."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= min(_LONGEST_HEADER, path.stat().st_size - 8):
            raise ValueError("it is cut short, or no .safetensors file")
        header = json.loads(file.read(length))
        data = np.memmap(path, np.uint8, "r", offset=8 + length)
    entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
    return {name: _array(name, entry, data) for name, entry in entries.items()}


def _array(name: str, entry: Mapping[str, Any], data: np.ndarray) -> np.ndarray:
    kind, shape, (start, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
    if kind not in _DTYPES:
        raise ValueError(f"{name} has the dtype {kind}, which is none of {', '.join(_DTYPES)}")
    if not 0 <= start <= end <= len(data) or end - start != math.prod(shape) * _DTYPES[kind].itemsize:
        raise ValueError(f"{name} does not lie within the file, or is not as long as its shape says")
    return data[start:end].view(_DTYPES[kind]).reshape(shape)
