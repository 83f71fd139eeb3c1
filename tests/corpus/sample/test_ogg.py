"""Opus in Ogg: no tags, no random number, and still the same sound."""

from __future__ import annotations

import io

import numpy as np
import pytest

from mindveil.corpus.sample.ogg import _checksum, _pages, ogg_bytes, untagged
from mindveil.corpus.sample.recordings import Take

soundfile = pytest.importorskip("soundfile", reason="mindveil[voice] is not installed")


def _take(seed: int = 0) -> Take:
    noise = np.random.default_rng(seed).standard_normal(16_000) * 0.05
    return Take(samples=noise.astype(np.float32), rate=16_000, times=())


def test_the_check_sum_is_that_of_the_standard() -> None:
    # CRC-32 of "123456789" with polynomial 04c11db7, from 0, not reflected, no final inversion
    assert _checksum(b"123456789") == 0x89A1897F


def test_nothing_but_sound_is_left() -> None:
    content = ogg_bytes(_take())
    pages = list(_pages(content))
    tags = [payload for *_, payload in pages if payload.startswith(b"OpusTags")]
    assert tags == [b"OpusTags" + bytes(8)]
    assert b"libopus" not in content
    assert b"ENCODER" not in content.upper().replace(b"OPUSHEAD", b"")


def test_the_same_sound_gives_the_same_bytes() -> None:
    assert ogg_bytes(_take()) == ogg_bytes(_take())
    assert ogg_bytes(_take()) != ogg_bytes(_take(1))


def test_the_file_is_still_read_and_cleaning_twice_changes_nothing() -> None:
    take = _take()
    content = ogg_bytes(take)
    samples, rate = soundfile.read(io.BytesIO(content))
    assert rate == take.rate
    assert len(samples) == len(take.samples)
    assert np.corrcoef(samples, take.samples)[0, 1] > 0.8
    assert untagged(content) == content
