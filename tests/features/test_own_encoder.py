"""One's own encoder: networks written byte by byte, functions, and what goes wrong with them."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from mindveil.errors import InputError
from mindveil.features.own_encoder import load_own

FLOAT, BYTES = 1, 2
INTS, INT = 7, 2


def number(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def field(place: int, value: bytes | str | int) -> bytes:
    """Return one field of a protocol buffer: a number, or a length and bytes."""
    if isinstance(value, int):
        return number(place << 3) + number(value)
    raw = value.encode() if isinstance(value, str) else value
    return number(place << 3 | 2) + number(len(raw)) + raw


def node(kind: str, given: list[str], made: str, **whole: int | list[int]) -> bytes:
    about = b""
    for name, value in whole.items():
        if isinstance(value, int):
            about += field(5, field(1, name) + field(3, value) + field(20, INT))
        else:
            listed = b"".join(field(8, v) for v in value)
            about += field(5, field(1, name) + listed + field(20, INTS))
    return b"".join(field(1, g) for g in given) + field(2, made) + field(4, kind) + about


def value_info(name: str, numbers: int, dimensions: list[str | int]) -> bytes:
    shape = b"".join(field(1, field(1 if isinstance(d, int) else 2, d)) for d in dimensions)
    return field(1, name) + field(2, field(1, field(1, numbers) + field(2, shape)))


def network(nodes: list[bytes], given: bytes) -> bytes:
    graph = b"".join(field(1, n) for n in nodes) + field(2, "toy") + field(11, given)
    graph += field(12, value_info("out", FLOAT, ["batch", "d"]))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


def loudness(dimensions: list[str | int], numbers: int = FLOAT) -> bytes:
    """Return a network whose answer is the highest and the lowest sample."""
    last = len(dimensions) - 1
    nodes = [
        node("ReduceMax", ["in"], "high", axes=[last], keepdims=1),
        node("ReduceMin", ["in"], "low", axes=[last], keepdims=1),
        node("Concat", ["high", "low"], "out", axis=last),
    ]
    return network(nodes, value_info("in", numbers, dimensions))


def colours() -> bytes:
    nodes = [
        node("Cast", ["in"], "numbers", to=1),
        node("ReduceMean", ["numbers"], "out", axes=[1, 2], keepdims=0),
    ]
    return network(nodes, value_info("in", BYTES, ["batch", "h", "w", 3]))


def voice(high: float, low: float, seconds: float = 1.0) -> np.ndarray:
    shape = np.where(np.arange(int(seconds * 16_000)) % 100 < 50, high, low)
    return shape.astype(np.float32)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Return a writer of a module of one's own, importable in this test alone."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, body: str) -> str:
        (tmp_path / f"{name}.py").write_text(f"import numpy as np\n{body}\n", encoding="utf-8")
        return name

    return write


@pytest.mark.parametrize("dimensions", [[1, "samples"], ["batch", "samples"], ["samples"]])
def test_a_network_of_voices(dimensions, tmp_path):
    pytest.importorskip("onnxruntime", reason="needs the voice extra")
    path = tmp_path / "own.onnx"
    path.write_bytes(loudness(dimensions))
    encoder = load_own(str(path))
    assert encoder.dimensions == 2
    assert encoder.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    silence = np.zeros(16_000, dtype=np.float32)
    found = encoder.embed([voice(0.4, -0.3), silence, voice(0.1, -0.1, 2.5)])
    half = np.sqrt(0.5)
    np.testing.assert_allclose(found, [[0.8, -0.6], [np.nan] * 2, [half, -half]], atol=1e-6)
    assert encoder.embed([]).shape == (0, 2)


def test_another_network_under_the_same_name_is_another_encoder(tmp_path):
    pytest.importorskip("onnxruntime", reason="needs the voice extra")
    path = tmp_path / "own.onnx"
    path.write_bytes(loudness(["samples"]))
    first = load_own(str(path))
    path.write_bytes(loudness([1, "samples"]))
    assert load_own(str(path)).digest != first.digest
    assert load_own(str(path)).run is not first.run


def test_a_network_of_faces(tmp_path):
    pytest.importorskip("onnxruntime", reason="needs the voice extra")
    path = tmp_path / "own.onnx"
    path.write_bytes(colours())
    encoder = load_own(str(path), kind="face")
    crops = [np.full((4, 5, 3), (30, 40, 0), dtype=np.uint8), np.zeros((6, 6, 3), dtype=np.uint8)]
    np.testing.assert_allclose(encoder.embed(crops), [[0.6, 0.8, 0], [np.nan] * 3], atol=1e-6)
    with pytest.raises(InputError, match=r"tensor\(uint8\).*a voice encoder takes one tensor"):
        load_own(str(path))


def test_a_function(module):
    spec = f"{module('own_lengths', 'def hear(clips): return [[len(c), 0] for c in clips]')}:hear"
    encoder = load_own(spec)
    assert (encoder.key, encoder.dimensions) == (spec, 2)
    found = encoder.embed([voice(0.1, -0.1), np.zeros(9, dtype=np.float32)])
    np.testing.assert_array_equal(found, [[1, 0], [np.nan, np.nan]])


def test_a_function_may_find_nobody(module):
    body = "def see(crops): return np.array([[c.mean() or np.nan, 1] for c in crops])"
    encoder = load_own(f"{module('own_faces', body)}:see", kind="face")
    dark = np.zeros((5, 5, 3), dtype=np.uint8)
    assert np.isnan(encoder.embed([dark, dark + 1])).all(axis=1).tolist() == [True, False]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def hear(clips): raise KeyError('Maria')", r"failed on 1 items \(KeyError\)"),
        ("def hear(clips): return np.zeros(3)", r"answered 1 items with shape \(3,\)"),
        ("def hear(clips): return np.zeros((2, 3))", r"answered 1 items with shape \(2, 3\)"),
        ("def hear(clips): return np.zeros((1, 0))", r"return one row an item"),
        ("def hear(clips): return np.full((1, 2), np.inf)", "infinite"),
        ("def hear(clips): return 'words'", "failed on 1 items"),
        ("hear = 5", "holds no function hear"),
        ("raise RuntimeError('Maria')", r"cannot be imported \(RuntimeError\)"),
    ],
)
def test_what_goes_wrong_is_said_without_anybodys_words(body, said, module):
    name = module(f"own_wrong_{hashlib.sha256(body.encode()).hexdigest()[:8]}", body)
    with pytest.raises(InputError, match=said) as caught:
        load_own(f"{name}:hear")
    assert "Maria" not in str(caught.value)


def test_an_answer_that_changes_its_width_is_refused(module):
    body = "def hear(clips): return np.ones((len(clips), len(clips) + 1))"
    encoder = load_own(f"{module('own_growing', body)}:hear")
    with pytest.raises(InputError, match="3 numbers an item where there were 2"):
        encoder.embed([voice(0.1, -0.1)] * 2)


@pytest.mark.parametrize("spec", ["", "words", "a:b:c", "../a:b", "os;:system", "a.b:", ":c"])
def test_what_names_nothing_is_refused(spec):
    with pytest.raises(InputError, match=r"give the path of an \.onnx file or package\.module"):
        load_own(spec)


def test_files_that_are_no_networks(tmp_path):
    pytest.importorskip("onnxruntime", reason="needs the voice extra")
    with pytest.raises(InputError, match="there is no such file"):
        load_own(str(tmp_path / "none.onnx"))
    (tmp_path / "bad.onnx").write_bytes(b"not a network")
    with pytest.raises(InputError, match="not a network that ONNX Runtime can read"):
        load_own(str(tmp_path / "bad.onnx"))
    (tmp_path / "fixed.onnx").write_bytes(loudness([1, 99]))
    with pytest.raises(InputError, match="failed on 1 items"):
        load_own(str(tmp_path / "fixed.onnx"))
