# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the files of this folder, for the scripts beside it."""
import json
import struct
from pathlib import Path

import numpy


def write(name, arrays, metadata):
    """Writes arrays of NumPy or tensors of PyTorch, in float or double, to `name` in this folder."""
    header, data = {"__metadata__": metadata}, b""
    for key, array in arrays.items():
        array = numpy.ascontiguousarray(array.detach().numpy() if hasattr(array, "detach") else array)
        raw = array.tobytes()
        kind = {"float32": "F32", "float64": "F64"}[array.dtype.name]
        header[key] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (Path(__file__).parent / name).write_bytes(struct.pack("<Q", len(text)) + text + data)
