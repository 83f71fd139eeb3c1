"""Make the directions that words are read along: from people who do not exist, and from anchors.

``python -m mindveil.train.public_words`` reads the first interviews of the sample cohort and our
own sentences about symptoms, and writes the middle and the 64 principal axes of their passages
beside this module (a minute). Nothing of any real person is in them, so that a private detector
may use them for nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from mindveil.corpus.sample.load import load_sample
from mindveil.features.blocks import text_encoder
from mindveil.features.text import anchor_sentences, passages
from mindveil.store.files import write_bytes
from mindveil.train.base import Floats
from mindveil.train.words import COMPONENTS, PROJECTED, Directions


def principal_axes(vectors: Floats, width: int = PROJECTED) -> Directions:
    """Return the middle of vectors (passages, dimensions) and their first principal axes.

    Each axis points so that its largest entry is positive: the same axes on every machine.

    >>> found = principal_axes(np.array([[2.0, 1], [0, 1], [-2, 1]]), 1)
    >>> found.centre.tolist(), found.axes.tolist(), round(found.spread, 3)
    ([0.0, 1.0], [[1.0], [0.0]], 1.633)
    """
    centre = vectors.mean(axis=0)
    _, stretch, right = np.linalg.svd(vectors - centre, full_matrices=False)
    axes = right[:width].T
    largest = np.abs(axes).argmax(axis=0)
    turned = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    return Directions(centre=centre, axes=turned, spread=float(stretch[0] / np.sqrt(len(vectors))))


def public_vectors() -> Floats:
    """Return what is read: the passages of first interviews, then the anchors; one row each."""
    said = [passages(person.sessions[0].said()) for person in load_sample().participants]
    texts = [*(passage for own in said for passage in own), *anchor_sentences()]
    return text_encoder().encode(texts).astype(np.float64)


def packed(found: Directions) -> bytes:
    """Return directions as a safetensors file of half precision, the same bytes for the same."""
    return save(
        {
            "centre": found.centre.astype(np.float32),
            "axes": np.ascontiguousarray(found.axes, dtype=np.float16),
            "spread": np.array([found.spread], dtype=np.float32),
        }
    )


def main() -> int:
    """Write the shipped file."""
    path = Path(__file__).parent / COMPONENTS
    write_bytes(path, packed(principal_axes(public_vectors())))
    sys.stdout.write(f"{path} ({path.stat().st_size / 1024:.0f} KiB)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
