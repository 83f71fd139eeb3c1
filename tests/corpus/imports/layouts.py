"""Small made-up copies of published layouts, built in code."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE = 8_000


def sound(path: Path, seconds: float = 0.5, hertz: float = 200.0, rate: int = RATE) -> Path:
    """Write a tone as WAV of 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(round(seconds * rate)) / rate
    samples = (0.3 * np.sin(2 * np.pi * hertz * times) * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def grey(path: Path, shade: int) -> Path:
    """Write a grey picture as PGM, a brighter square in its middle."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((12, 10), shade, dtype=np.uint8)
    pixels[4:8, 3:7] = shade + 50
    path.write_bytes(b"P5\n10 12\n255\n" + pixels.tobytes())
    return path


def text(path: Path, content: str) -> Path:
    """Write a text file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path
