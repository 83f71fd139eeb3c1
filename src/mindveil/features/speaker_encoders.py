"""Speaker encoders: who is speaking, as 256 numbers that hardly depend on what is said.

Two networks that were trained apart, so that a protection cannot merely have learnt to fool one:

- ``ge2e``, an LSTM trained with the generalised end-to-end loss (Wan et al. 2018, arXiv
  1710.10467) with the weights of Resemblyzer, computed here in plain NumPy;
- ``dvector``, the d-vector that VoiceFilter listens with (Wang et al. 2019, arXiv 1810.04826) in
  8-bit arithmetic, computed by ONNX Runtime on one thread.

Both hear windows of the spoken part of a recording; a recording is the mean of its windows,
scaled to length one, so the cosine of two recordings is their dot product. A row depends on
nothing but its recording, the weights and the machine's arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mindveil.errors import InputError
from mindveil.features import weights
from mindveil.features.lstm import Memory
from mindveil.features.mel import Mel, mel_bands
from mindveil.features.onnx_network import open_network
from mindveil.features.speech import levelled, spoken
from mindveil.features.torch_archive import read_tensors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]
Rows = NDArray[np.float64]

RATE = 16_000
BANDS = 40
HIDDEN = 256
BLOCK = 32
"""Windows that go through the network together. Always as many, with silence in empty places:
products of matrices of one shape give one window the same bytes whatever else is in the block."""

STRIDE = 160
"""Samples from frame to frame: 10 ms."""
WINDOW = 160
HOP = 77
"""Frames: windows of 1.6 s, 1.3 of them a second."""
LEAST_COVERED = 0.75

D_WINDOW = 80
D_HOP = 40
D_FLOOR = 1e-10


class SpeakerEncoder(Protocol):
    """Something that hears who is speaking."""

    @property
    def key(self) -> str:
        """Its name."""
        ...

    @property
    def dimensions(self) -> int:
        """Numbers in one row."""
        ...

    @property
    def digest(self) -> str:
        """What its rows depend on besides the recording: the weights."""
        ...

    def embed(self, clips: Sequence[Floats]) -> Rows:
        """Return one row of length one a clip (mono, 16 kHz), shape (clips, dimensions).

        A clip in which nobody speaks for 0.3 s is a row of NaN.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ge2e:
    """The GE2E encoder in memory; made by ``load_speaker_encoder``."""

    mel: Mel
    layers: tuple[Memory, ...]
    matrix: Floats
    offset: Floats
    digest: str
    key: str = "ge2e"

    @property
    def dimensions(self) -> int:
        """Numbers in one row."""
        return len(self.offset)

    def embed(self, clips: Sequence[Floats]) -> Rows:
        """Return one row of length one a clip, NaN where nobody speaks."""
        sums = np.zeros((len(clips), self.dimensions))
        windows = ((row, w) for row, clip in enumerate(clips) for w in self._windows(clip))
        with threadpool_limits(limits=1):
            while block := list(islice(windows, BLOCK)):
                rows = [row for row, _ in block]
                np.add.at(sums, rows, self._vectors([window for _, window in block]))
        return unit_rows(sums)

    def _windows(self, clip: Floats) -> Iterator[Floats]:
        speech = levelled(spoken(checked(clip)))
        if not len(speech):
            return
        starts = _starts(len(speech))
        most = (starts[-1] + WINDOW) * STRIDE
        spectrum = self.mel(np.pad(speech, (0, max(0, most - len(speech)))))
        for start in starts:
            yield spectrum[start : start + WINDOW]

    def _vectors(self, windows: Sequence[Floats]) -> Rows:
        block = np.zeros((WINDOW, BANDS, BLOCK), dtype=np.float32)
        for place, window in enumerate(windows):
            block[:, :, place] = window
        for layer in self.layers:
            block = layer(block)
        found = np.maximum(self.matrix @ block[-1] + self.offset, 0).T[: len(windows)]
        # a window that excites nothing counts for nothing
        return np.nan_to_num(unit_rows(found.astype(np.float64, order="C")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dvector:
    """The d-vector encoder in memory; made by ``load_speaker_encoder``.

    Its arithmetic takes the range of the 8-bit numbers from all windows that are heard together,
    so the windows of one clip are heard together, and never those of two.
    """

    mel: Mel
    session: InferenceSession
    digest: str
    key: str = "dvector"
    dimensions: int = 256

    def embed(self, clips: Sequence[Floats]) -> Rows:
        """Return one row of length one a clip, NaN where nobody speaks."""
        with threadpool_limits(limits=1):
            sums = [self._sum(spoken(checked(clip))) for clip in clips]
        return unit_rows(np.vstack([np.zeros((0, self.dimensions)), *sums]))

    def _sum(self, speech: Floats) -> Rows:
        if not len(speech):
            return np.zeros(self.dimensions)
        shortest = len(self.mel.window) + (D_WINDOW - 1) * STRIDE
        repeats = -(-shortest // len(speech))
        spectrum = np.log10(self.mel(np.tile(levelled(speech), repeats)) + np.float32(D_FLOOR))
        views = np.lib.stride_tricks.sliding_window_view(spectrum, D_WINDOW, axis=0)[::D_HOP]
        total = np.zeros(self.dimensions)
        for start in range(0, len(views), BLOCK):
            windows = np.ascontiguousarray(views[start : start + BLOCK].transpose(0, 2, 1))
            (found,) = self.session.run(None, {"mel_window": windows})
            total += unit_rows(np.asarray(found, dtype=np.float64)).sum(axis=0)
        return total


def load_speaker_encoder(key: str) -> SpeakerEncoder:
    """Return an encoder by its name: ``ge2e`` or ``dvector``; loaded once a process.

    Raises:
        InputError: there is no such encoder, or the voice extra is not installed.
        MissingWeights: its weights are not installed.
    """
    if key not in LOADERS:
        raise InputError(f"no speaker encoder named {key!r}; there are: {', '.join(LOADERS)}")
    return _load(key, weights.locate(key), weights.digest(key))


def unit_rows(rows: Rows) -> Rows:
    """Return the rows scaled to length one; a row of zeros becomes NaN."""
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    unit: Rows = np.full_like(rows, np.nan)
    np.divide(rows, length, out=unit, where=length > 0)
    return unit


def checked(clip: Floats) -> Floats:
    """Return the clip as 32-bit numbers in one dimension.

    Raises:
        InputError: it has another shape, or samples that are no finite numbers.
    """
    samples = np.asarray(clip, dtype=np.float32)
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise InputError(
            f"a clip of shape {samples.shape} cannot be heard: give mono samples, all finite"
        )
    return samples


def _starts(samples: int) -> range:
    """Return the first frames of the windows; the last one is dropped if a quarter is missing."""
    frames = -(-(samples + 1) // STRIDE)
    starts = range(0, max(1, frames - WINDOW + HOP + 1), HOP)
    covered = samples / STRIDE - starts[-1]
    return starts[:-1] if len(starts) > 1 and covered < LEAST_COVERED * WINDOW else starts


@cache
def _load(key: str, folder: Path, digest: str) -> SpeakerEncoder:
    return LOADERS[key](folder, digest)


def _load_ge2e(folder: Path, digest: str) -> SpeakerEncoder:
    file = folder / "pretrained.pt"
    tensors = read_tensors(file, "model_state")
    try:
        return Ge2e(
            mel=Mel(window=_hann(400), bands=mel_bands(RATE, 400, BANDS), hop=STRIDE, centred=True),
            layers=tuple(_memory(tensors, layer) for layer in range(3)),
            matrix=tensors["linear.weight"],
            offset=tensors["linear.bias"][:, None],
            digest=digest,
        )
    except (KeyError, ValueError) as fault:
        raise InputError(
            f"{file}: not the weights of a GE2E encoder ({fault}); "
            "run: mindveil models install ge2e"
        ) from fault


def _memory(tensors: Mapping[str, Floats], layer: int) -> Memory:
    names = [f"lstm.{kind}_{part}_l{layer}" for part in ("ih", "hh") for kind in ("weight", "bias")]
    inward, inward_offset, back, back_offset = (tensors[name] for name in names)
    half = np.repeat(np.array([0.5, 0.5, 1, 0.5], dtype=np.float32), HIDDEN)[:, None]
    return Memory(
        matrix=np.concatenate([inward, back], axis=1) * half,
        offset=(inward_offset + back_offset)[:, None] * half,
    )


def _load_dvector(folder: Path, digest: str) -> SpeakerEncoder:
    window = np.zeros(512, dtype=np.float32)
    window[56:456] = _cosine_window(400, 0.54)
    return Dvector(
        mel=Mel(window=window, bands=mel_bands(RATE, 512, BANDS), hop=STRIDE, centred=False),
        session=open_network(folder / "embedder.int8.onnx"),
        digest=digest,
    )


def _hann(size: int) -> Floats:
    return _cosine_window(size, 0.5)


def _cosine_window(size: int, mean: float) -> Floats:
    turn = 2 * np.pi * np.arange(size) / size
    window: Floats = (mean - (1 - mean) * np.cos(turn)).astype(np.float32)
    return window


LOADERS: Mapping[str, Callable[[Path, str], SpeakerEncoder]] = {
    "ge2e": _load_ge2e,
    "dvector": _load_dvector,
}
