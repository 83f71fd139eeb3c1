"""What can be known of the synthetic voices without them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mindveil.corpus.sample.personas import FEMALE_VOICES, VOICES
from mindveil.corpus.sample.synthesis import VOICE_FILES, _one_more_output, read_speaker
from mindveil.errors import InputError


def test_voices_of_women_are_named_so() -> None:
    assert len(VOICE_FILES) == VOICES
    assert list(VOICE_FILES) == sorted(VOICE_FILES)
    women = [i for i, name in enumerate(VOICE_FILES) if name[1] == "f"]
    assert women == list(FEMALE_VOICES)


def test_an_output_is_added_by_bytes_worked_by_hand() -> None:
    # field 7 (graph), 5 bytes: field 12 (output), 3 bytes: field 1 (name), 1 byte: "d"
    assert _one_more_output("d") == bytes([0x3A, 5, 0x62, 3, 0x0A, 1]) + b"d"


def test_style_vectors_are_read_and_missing_ones_named(tmp_path: Path) -> None:
    (tmp_path / "voices").mkdir()
    style = np.arange(512, dtype="<f4")
    style.tofile(tmp_path / "voices" / "bf_alice.bin")
    speaker = read_speaker(20, tmp_path)
    assert speaker.british
    assert speaker.style.shape == (2, 256)
    with pytest.raises(InputError, match=r"am_adam\.bin"):
        read_speaker(11, tmp_path)
