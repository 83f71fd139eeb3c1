"""Tensors are read out of an archive written byte by byte; programs in it are refused."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InputError, MissingWeights
from mindveil.features import weights
from mindveil.features.torch_archive import read_tensors

MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
VERSION = b"\x80\x02M\xe9\x03."
REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"
EMPTY = b"ccollections\nOrderedDict\n)R"


def text(word: str) -> bytes:
    return b"X" + len(word).to_bytes(4, "little") + word.encode()


def pickled(body: bytes) -> bytes:
    return b"\x80\x02" + body + b"."


def sizes(*numbers: int) -> bytes:
    return b"(" + b"".join(b"K" + bytes([n]) for n in numbers) + b"t"


def tensor(key: str, shape: bytes, steps: bytes, offset: int = 0) -> bytes:
    where = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(key) + text("cpu")
    storage = where + b"K\x06NtQ"
    return (
        REBUILD + b"(" + storage + b"K" + bytes([offset]) + shape + steps + b"\x89" + EMPTY + b"tR"
    )


def archive(
    content: bytes, keys: tuple[str, ...] = ("7",), numbers: tuple[float, ...] = tuple(range(6))
) -> bytes:
    about = pickled(b"}" + text("little_endian") + b"\x88s")
    listed = pickled(b"](" + b"".join(map(text, keys)) + b"e")
    stored = len(numbers).to_bytes(8, "little") + np.array(numbers, dtype="<f4").tobytes()
    return MAGIC + VERSION + about + pickled(content) + listed + stored * len(keys)


def holding(**tensors: bytes) -> bytes:
    """Return a dictionary ``model`` of tensors, beside a number that is none."""
    inside = b"".join(text(name) + value for name, value in tensors.items())
    return b"}(" + text("step") + b"K\x05" + text("model") + EMPTY + b"(" + inside + b"uu"


def read(data: bytes, tmp_path: Path) -> dict[str, np.ndarray]:
    (tmp_path / "a.pt").write_bytes(data)
    return read_tensors(tmp_path / "a.pt", "model")


def test_tensors_by_hand(tmp_path):
    found = read(
        archive(
            holding(
                plain=tensor("7", sizes(2, 3), sizes(3, 1)),
                turned=tensor("7", sizes(3, 2), sizes(1, 3)),
                late=tensor("7", sizes(2), sizes(1), offset=4),
                other=b"K\x01",
            )
        ),
        tmp_path,
    )
    assert {name: rows.tolist() for name, rows in found.items()} == {
        "plain": [[0, 1, 2], [3, 4, 5]],
        "turned": [[0, 3], [1, 4], [2, 5]],
        "late": [4, 5],
    }
    assert all(rows.dtype == np.float32 for rows in found.values())


def test_what_is_remembered_and_hung_on_a_model_is_understood(tmp_path):
    # the text "a" is kept in place 1 and fetched again; a table of versions is hung on the model
    content = b"}" + text("model") + EMPTY + text("a") + b"q\x01" + tensor("7", sizes(6), sizes(1))
    content += b"sh\x01" + tensor("7", sizes(1), sizes(1)) + b"s}" + text("_metadata") + b"}sbs"
    assert read(archive(content), tmp_path)["a"].tolist() == [0]


HOSTILE = {
    "a command": b"cos\nsystem\n" + text("touch hacked") + b"\x85R",
    "a command by its bare name": b"cos\nsystem\n",
    "the old way to call": b"(cos\nsystem\n" + text("touch hacked") + b"o",
    "a name from the stack": text("os") + text("system") + b"\x93",
    "a new object": b"ccollections\nOrderedDict\n)\x81",
    "an extension": b"\x82\x01",
    "a mapping made of things": b"ccollections\nOrderedDict\n" + text("a") + b"\x85R",
    "a tensor of nothing": REBUILD + b"(NK\x00" + sizes(1) + sizes(1) + b"tR",
    "a storage as a tensor": tensor("7", sizes(1), sizes(1)).replace(b"_v2", b"_v3"),
    "another storage": tensor("7", sizes(1), sizes(1)).replace(b"FloatStorage", b"LongStorage"),
    "a call of a call": b"K\x01K\x02R",
    "state of a text": text("a") + b"}b",
    "a list as a key": b"}]K\x01s",
    "nothing to add to": b"K\x01K\x01a",
    "an empty stack": b"\x87",
    "a mark that is missing": b"t",
    "a memory that is missing": b"h\x63",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_anything_but_data_is_refused(body, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no tensors can be read"):
        read(archive(b"}" + text("model") + body + b"s"), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.pt"]


@pytest.mark.parametrize(
    "tensor_",
    [
        tensor("7", sizes(7), sizes(1)),
        tensor("7", sizes(2), sizes(6)),
        tensor("7", sizes(1), sizes(1), offset=6),
        tensor("7", sizes(200, 200), sizes(0, 0)),
        tensor("7", sizes(2, 3), sizes(1)),
        tensor("8", sizes(1), sizes(1)),
        tensor("7", sizes(1), sizes(1), offset=1).replace(b"K\x01(K", b"J\xff\xff\xff\xff(K"),
    ],
)
def test_a_tensor_never_leaves_its_storage(tensor_, tmp_path):
    with pytest.raises(InputError, match="no tensors can be read"):
        read(archive(holding(a=tensor_)), tmp_path)


GOOD = archive(holding(a=tensor("7", sizes(2, 3), sizes(3, 1))))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 the newer kind",
        GOOD[:60],
        GOOD[:-1],
        GOOD.replace(b"\xe9\x03.", b"\xe8\x03.", 1),
        GOOD.replace(b"\x88s.", b"\x89s.", 1),
        archive(holding()).replace(b"model", b"moral"),
    ],
)
def test_what_is_not_such_an_archive_is_a_plain_error(data, tmp_path):
    with pytest.raises(InputError, match=r"a\.pt: no tensors can be read"):
        read(data, tmp_path)


def test_a_missing_file_is_a_plain_error(tmp_path):
    with pytest.raises(InputError, match="FileNotFoundError"):
        read_tensors(tmp_path / "none.pt", "model")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_raises_anything_else(data):
    raw = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as place:
        try:
            found = read(bytes(raw), Path(place))
        except InputError:
            return
    assert all(rows.dtype == np.float32 and rows.size <= 6 for rows in found.values())


def test_the_speaker_encoder_is_read():
    try:
        folder = weights.locate("ge2e")
    except MissingWeights:
        pytest.skip("model weights ge2e are not installed: mindveil models install ge2e")
    found = read_tensors(folder / "pretrained.pt", "model_state")
    assert len(found) == 16
    assert found["lstm.weight_hh_l2"].shape == (1024, 256)
    assert all(np.isfinite(rows).all() for rows in found.values())
