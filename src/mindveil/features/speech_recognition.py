"""What a speech recogniser hears: Whisper tiny.en, on this machine, one thread.

Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision"; the
weights are run by CTranslate2 through faster-whisper. What is heard stays in memory.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mindveil.corpus.digest import file_digest
from mindveil.corpus.media import read_audio
from mindveil.errors import InputError
from mindveil.features import weights

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

KEY = "whisper-tiny-en"
_SILENT_SECONDS = 0.1


def transcribe(paths: Sequence[Path]) -> list[str]:
    """Return the words heard in each recording; empty where nothing is.

    Raises:
        InputError: the extra is not installed.
        MissingWeights: the weights are not.
    """
    return [_heard(path, file_digest(path)) for path in paths]


@lru_cache(maxsize=4096)
def _heard(path: Path, digest: str) -> str:
    _ = digest
    audio = read_audio(path)
    if len(audio.samples) < _SILENT_SECONDS * audio.rate:
        return ""
    segments, _ = _model().transcribe(
        audio.samples, language="en", beam_size=1, without_timestamps=True, temperature=0.0
    )
    return " ".join(segment.text.strip() for segment in segments)


@cache
def _model() -> WhisperModel:
    folder = weights.locate(KEY)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # it never asks the network, said once more
    try:
        from faster_whisper import WhisperModel  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise InputError(
            "speech recognition is an extra; install it with: pip install 'mindveil[asr]'"
        ) from missing
    return WhisperModel(
        str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
    )
