"""Arrays and texts in any file: each packing by hand, and no file that stops the search."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as tensor_bytes

from mindveil.attack.stored_arrays import Stored, contents

TABLE = np.arange(48, dtype=np.int64).reshape(6, 8) % 5
SMALL = TABLE.astype(np.uint8).tobytes()


def zipped():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/rows.bin", SMALL)
    return stream.getvalue()


def saved():
    stream = io.BytesIO()
    np.save(stream, TABLE)
    return stream.getvalue()


PACKED = {
    "tensors": tensor_bytes({"a": TABLE}),
    "numpy": saved(),
    "json": json.dumps({"x": {"y": TABLE.tolist()}}).encode(),
    "json columns": json.dumps({str(i): c.tolist() for i, c in enumerate(TABLE.T)}).encode(),
    "json records": json.dumps([{str(i): int(v) for i, v in enumerate(r)} for r in TABLE]).encode(),
    "lines": "\n".join(" ".join(map(str, r)) for r in TABLE.tolist()).encode(),
    "digits": "\n".join("".join(map(str, r)) for r in TABLE.tolist()).encode(),
    "bytes": SMALL,
    "deflate": zlib.compress(SMALL),
    "gzip": gzip.compress(SMALL, mtime=0),
    "bzip2": bz2.compress(SMALL),
    "xz": lzma.compress(SMALL),
    "zip": zipped(),
    "base64": b"weights = " + base64.b64encode(SMALL) + b";",
    "url base64 of gzip in json": json.dumps(
        ["v1", base64.urlsafe_b64encode(gzip.compress(SMALL * 9, mtime=0)).decode()]
    ).encode(),
    "tensors in base64": base64.b64encode(tensor_bytes({"a": TABLE})),
}


@pytest.mark.parametrize("way", PACKED)
def test_a_table_is_reached_however_it_is_packed(way):
    found = [s.values for s in contents(PACKED[way], way) if isinstance(s, Stored)]
    wanted = TABLE.ravel()

    def holds(array):
        flat = array.ravel().astype(float)
        return any(
            len(f) >= 48 and (f[:48] == wanted).all()
            for f in (flat, array.T.ravel().astype(float) if array.ndim > 1 else flat)
        )

    assert any(holds(array) for array in found if array.dtype.kind in "iuf")


def test_texts_on_the_way_are_given_too():
    packed = gzip.compress(b"the id of somebody is P-0042, who was here", mtime=0)
    texts = [t for t in contents(packed, "x") if isinstance(t, bytes)]
    assert any(b"P-0042" in t for t in texts)


def test_missing_answers_in_json_are_minus_one():
    told = json.dumps([[None, *range(1, 8)]] * 4).encode()
    found = [s.values for s in contents(told, "x") if isinstance(s, Stored)]
    assert found[0][0].tolist() == [-1, *range(1, 8)]


@settings(max_examples=150)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_no_bytes_stop_the_search(data):
    for part in contents(data, "x"):
        assert isinstance(part, bytes | Stored)


@settings(max_examples=100)
@given(st.sampled_from(sorted(PACKED)), st.integers(0, 10_000), st.integers(1, 255))
def test_no_damaged_file_stops_the_search(way, at, flip):
    data = bytearray(PACKED[way])
    data[at % len(data)] ^= flip
    list(contents(bytes(data), "x"))
    list(contents(bytes(data[: at % len(data)]), "x"))


def test_json_as_deep_as_a_bomb_is_text_and_no_crash():
    list(contents(b"[" * 100_000, "x"))
