"""Recordings are heard once, kept on the shelf, and come back in their order."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from mindveil.corpus.media import Audio
from mindveil.errors import InputError
from mindveil.features import speakers
from mindveil.features.shelf import shelf


@dataclass
class Toy:
    """Hears the mean and the length."""

    digest: str = "toy 1"
    key: str = "toy"
    dimensions: int = 2
    heard: list[int] = field(default_factory=list)

    def embed(self, clips):
        self.heard.append(len(clips))
        return np.array([[clip.mean(), len(clip)] for clip in clips])


@pytest.fixture
def recordings(tmp_path, monkeypatch):
    """Four files whose sound is as long as their name says."""

    def read(path):
        return Audio(samples=np.full(int(path.stem), 0.5, dtype=np.float32), rate=16_000)

    monkeypatch.setattr(speakers, "read_audio", read)
    paths = [tmp_path / f"{length}.wav" for length in (30, 10, 40, 20)]
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


def test_a_row_a_recording_in_their_order(recordings):
    found = speakers.embed_with(Toy(), recordings)
    assert found.tolist() == [[0.5, 30], [0.5, 10], [0.5, 40], [0.5, 20]]
    assert speakers.embed_with(Toy(), []).shape == (0, 2)


def test_what_was_heard_is_kept_until_the_encoder_changes(recordings, tmp_path):
    toy = Toy()
    with shelf(tmp_path / "kept"):
        first = speakers.embed_with(toy, recordings[:3])
        again = speakers.embed_with(toy, recordings)
        speakers.embed_with(Toy(digest="toy 2"), recordings)
    assert toy.heard == [3, 1]
    assert np.array_equal(again[:3], first)


def test_only_so_much_sound_is_in_memory_together(recordings, monkeypatch):
    monkeypatch.setattr(speakers, "TOGETHER", 40)
    toy = Toy()
    assert speakers.embed_with(toy, recordings)[:, 1].tolist() == [30, 10, 40, 20]
    assert toy.heard == [2, 1, 1]


def test_an_unknown_encoder_is_a_plain_error(recordings):
    with pytest.raises(InputError, match="no speaker encoder named 'toy'"):
        speakers.embed_recordings(recordings, "toy")
