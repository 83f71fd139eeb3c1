"""A network that cannot be read says so, and where it should be."""

from __future__ import annotations

import sys

import pytest

from mindveil.errors import InputError
from mindveil.features.tflite_model import load_opencv, load_tflite


@pytest.mark.parametrize("content", [None, b"", b"not a network" * 100])
def test_a_file_that_is_no_network_is_named(tmp_path, content):
    pytest.importorskip("ai_edge_litert", reason="the face extra is not installed")
    path = tmp_path / "mesh.tflite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"mesh\.tflite: the network cannot be read"):
        load_tflite(path)


@pytest.mark.parametrize(
    ("package", "load"),
    [
        ("ai_edge_litert.interpreter", load_tflite),
        ("cv2", lambda path: load_opencv.__wrapped__()),
    ],
)
def test_without_the_extra_its_name_is_told(tmp_path, monkeypatch, package, load):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=r"pip install 'mindveil\[face\]'"):
        load(tmp_path / "absent.tflite")
