"""Eight ways in which a program keeps rows of people in a file: decoys for the artefact search."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as tensor_bytes

from mindveil.synthesise.codebook import Codebook, Codes

Integers = NDArray[np.int64]


def hidden(codes: Codes, codebook: Codebook, rng: np.random.Generator) -> Mapping[str, bytes]:
    """Return a file for each way to hide these rows."""
    rows = codes.astype(np.int64)
    cells = np.array([v.cells for v in codebook.variables])
    filled = np.where(rows < 0, cells, rows)
    shuffled = filled[rng.permutation(len(rows))]
    return {
        "a transposed tensor": _tensor(shuffled.T),
        "columns in another order": _tensor(filled[:, rng.permutation(filled.shape[1])]),
        "one-hot cells": _tensor(one_hot(shuffled, cells + 1).astype(np.float32)),
        "standardised numbers": _tensor(_standardised(rows)),
        "differences between rows": _tensor(np.diff(filled, axis=0, prepend=0)),
        "a table and its key": _keyed(filled, rng),
        "base64 of deflate in JSON": json.dumps(
            {"state": base64.b64encode(zlib.compress(filled.astype(np.uint8).tobytes())).decode()}
        ).encode(),
        "lines of text": "\n".join(",".join(map(str, row)) for row in rows.tolist()).encode(),
    }


def one_hot(rows: Integers, sizes: Integers) -> Integers:
    """Return a column a cell, 1 where it holds.

    >>> one_hot(np.array([[1, 0]]), np.array([2, 3])).tolist()
    [[0, 1, 1, 0, 0]]
    """
    parts = [column[:, None] == np.arange(size) for column, size in zip(rows.T, sizes, strict=True)]
    return np.hstack(parts).astype(np.int64)


def _standardised(rows: Integers) -> NDArray[np.float64]:
    spread = rows.std(axis=0)
    found: NDArray[np.float64] = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return found


def _keyed(rows: Integers, rng: np.random.Generator) -> bytes:
    key = rng.integers(0, 256, rows.shape)
    return tensor_bytes({"a": np.ascontiguousarray(rows ^ key), "b": np.ascontiguousarray(key)})


def _tensor(rows: NDArray[np.generic]) -> bytes:
    return tensor_bytes({"weights": np.ascontiguousarray(rows)})
