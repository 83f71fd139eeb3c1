"""How much of a recording is read, and what is said of one that cannot be.

A corpus comes from strangers: a file of a kilobyte may claim to hold a week of sound. Limits are
those that no interview reaches; what is beyond them is refused, never cut short in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from mindveil.errors import InputError

MOST_BYTES = 2_000_000_000
"""Bytes of one file."""

MOST_SECONDS = 4 * 3600
"""Length of one recording, sound or video."""

MOST_RATE = 192_000
"""Samples a second of one channel."""

LEAST_RATE = 1_000
"""Samples a second below which nothing is speech, and a second of sound is not worth its header."""

MOST_CHANNELS = 8

MOST_PIXELS = 40_000_000
"""Pixels of one image or of one frame of a video."""

MOST_SIDE = 8_192
"""Pixels of the longer side of a video: 8K."""

MOST_FRAMES_A_SECOND = 240

MOST_ROWS = MOST_SECONDS * MOST_FRAMES_A_SECOND
"""Rows of a series of measures: one a frame."""

MOST_VALUES = 64_000_000
"""Numbers in one table of measures."""

MOST_BYTES_HELD = 1 << 30
"""Bytes of samples that are handed over at once: four hours at 16 kHz fit."""

MOST_UNPACKED = 1_000
"""Times its own size that sound may unpack to: digital silence alone packs tighter."""

SMALL_UNPACKED = 100_000_000
"""Bytes of sound up to which nobody minds how tight it was packed."""

LEAST_FRAME_BYTES = 8
"""Bytes of a file for each frame that it claims: one that repeats the last takes more."""

SILENT = 1e-4
"""Loudest sample of a silent recording: -80 dB below full scale."""

FULL_SCALE = 0.9995
"""A sample from here on is at the end of the scale: the last step of 12 bits."""

CLIPPED_SHARE = 0.01
"""Share of samples at the end of the scale above which a recording counts as clipped."""

_AGAIN = "export it again or remove it"

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "the file is missing or cannot be opened; put it back or check its rights",
        "not-a-file": "this is not a regular file; put the recording itself there",
        "unread-ending": "the file has an ending that is not read; convert it to flac, png or mp4",
        "empty": f"the file is 0 bytes long; {_AGAIN}",
        "large": "the file is larger than 2 GB; split it or lower its quality",
        "other": "the file is not what its ending says; rename it, or export it in that format",
        "truncated": f"the file is cut off or damaged, or its header lies on its length; {_AGAIN}",
        "broken": f"the file is damaged and cannot be decoded; {_AGAIN}",
        "nothing": f"the file holds no recording, only a header; {_AGAIN}",
        "long": "the recording claims to last more than 4 hours; split it, or export it again",
        "held": "the recording is too long to be held at its own rate; lower the rate or split it",
        "rate": "the sampling rate is not between 1 and 192 kHz; resample it to 16 or 48 kHz",
        "channels": "the recording has more than 8 channels; export one channel a person",
        "pixels": "the image claims more than 40 million pixels; scale it down",
        "side": "the video claims frames beyond 8K; scale it down",
        "frames": "the video claims no or more than 240 frames a second; export it at 25 or 30",
        "numbers": "the recording holds values that are not numbers; export it in 16 bits",
        "bomb": f"the file unpacks to far more than its size can honestly hold; {_AGAIN}",
        "rows": "the table claims more rows or columns than a recording has; export it again",
        "columns": "the table holds no columns of numbers; export it again",
        "memory": "the file needs more memory than a recording may; scale it down or split it",
        "slow": "the file takes longer to decode than a recording may; export it again",
        "codec": "the file uses a coding that is not read here; convert it to flac, png or mp4",
        "no-voice": "reading sound needs a package; run: pip install 'mindveil[voice]'",
        "no-face": "reading video needs a package; run: pip install 'mindveil[face]'",
    }
)
"""What is wrong and what to do, by the name of the fault."""


def media_fault(path: Path, fault: str) -> InputError:
    """Return the error that names a file, what is wrong with it and what to do.

    >>> str(media_fault(Path("/secret/a.wav"), "empty"))
    'a.wav: the file is 0 bytes long; export it again or remove it'
    """
    return InputError(f"{path.name}: {SENTENCES.get(fault, SENTENCES['broken'])}")
