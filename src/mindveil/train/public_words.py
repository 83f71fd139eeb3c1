"""Make what words are read along: learnt from people who do not exist, and from our own sentences.

``python -m mindveil.train.public_words`` makes 400 people up as the sample cohort is made, but
others than are in it, reads every interview of theirs (four minutes) and writes beside this module
the middle and the 64 principal axes of what is said there, and two ridge regressions of the made-up
scores of depression and anxiety on the nearness to symptoms. Nothing of any real person is in them,
so that a private detector may use them for nothing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from mindveil.corpus.instruments import get, score
from mindveil.corpus.sample.build import build_sample
from mindveil.features.blocks import text_encoder
from mindveil.features.text import ANCHORS, TOP, Domain, anchor_sentences, passages
from mindveil.store.files import write_bytes
from mindveil.train.base import Floats
from mindveil.train.ridge import PENALTIES
from mindveil.train.words import PROJECTED, SHIPPED, SYMPTOMS, WELL, Directions, Forecasts

SEED, PEOPLE = 64, 400
"""Of the cohort that teaches; the sample cohort that is shipped has another seed: no one is in both."""

_TOOLS = ("phq9", "gad7")
"""Whose scores are taught, in the order of ``SYMPTOMS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is learnt from: passages (passages, dimensions), which visit each belongs to, and scores.

    ``totals`` has shape (visits, 2), NaN where too many answers are missing.
    """

    vectors: Floats
    visits: Floats
    totals: Floats
    anchors: Floats


def main() -> int:
    """Write the shipped file."""
    path = Path(__file__).parent / SHIPPED
    said = public_words()
    everything = np.vstack([said.vectors, said.anchors])
    write_bytes(path, packed(principal_axes(everything), taught(said)))
    sys.stdout.write(f"{path} ({path.stat().st_size / 1024:.0f} KiB)\n")
    return 0


def public_words() -> Said:
    """Return what the people of the cohort say and answer at every visit."""
    encoder = text_encoder()
    cohort, _ = build_sample(SEED, PEOPLE)
    held = [session for person in cohort.participants for session in person.sessions]
    cut = [passages(session.said()) for session in held]
    scores = [
        [score(get(tool), [_number(a) for a in s.responses[tool].items]) for tool in _TOOLS]
        for s in held
    ]
    return Said(
        vectors=encoder.encode([text for own in cut for text in own]).astype(np.float64),
        visits=np.repeat(np.arange(len(held)), list(map(len, cut))).astype(np.float64),
        totals=np.array(scores, dtype=np.float64),
        anchors=encoder.encode(anchor_sentences()).astype(np.float64),
    )


def principal_axes(vectors: Floats, width: int = PROJECTED) -> Directions:
    """Return the middle of vectors (passages, dimensions) and their first principal axes.

    Each axis points so that its largest entry is positive: the same axes on every machine.

    >>> found = principal_axes(np.array([[2.0, 1], [0, 1], [-2, 1]]), 1)
    >>> found.centre.tolist(), found.axes.tolist(), round(found.along, 3), round(found.spread, 3)
    ([0.0, 1.0], [[1.0], [0.0]], 1.633, 1.155)
    """
    centre = vectors.mean(axis=0)
    _, stretch, right = np.linalg.svd(vectors - centre, full_matrices=False)
    axes = right[:width].T
    largest = np.abs(axes).argmax(axis=0)
    power = np.square(stretch) / len(vectors)
    return Directions(
        centre=centre,
        axes=axes * np.sign(axes[largest, np.arange(axes.shape[1])]),
        along=float(np.sqrt(power[:width].mean())),
        spread=float(np.sqrt(power.sum() / vectors.shape[1])),
    )


def taught(said: Said) -> Forecasts:
    """Return the lines from symptoms to scores, and what people would get who are ill, or well."""
    rows = symptoms_of(said)
    columns, middles, reaches = [], [], []
    for totals in said.totals.T:
        known = np.isfinite(totals)
        weights = steady_weights(rows[known], totals[known])
        ends = {d: speaks_only_of(d, said.anchors) @ weights for d in (*SYMPTOMS, WELL)}
        ill = float(np.mean([ends[d] for d in SYMPTOMS]))
        columns.append(weights)
        middles.append((ill + float(ends[WELL])) / 2.0)
        reaches.append((ill - float(ends[WELL])) / 2.0)
    return Forecasts(
        weights=np.column_stack(columns), middle=np.array(middles), reach=np.array(reaches)
    )


def steady_weights(rows: Floats, totals: Floats) -> Floats:
    """Return the weights of a ridge regression, shape (columns,), that bends least to these people.

    The penalty is the strongest whose leave-one-out error is within one standard error of the
    least (Breiman et al. 1984, rule of one standard error): it has to serve people of another kind.
    """
    centred, wanted = rows - rows.mean(axis=0), totals - totals.mean()
    left, stretch, right = np.linalg.svd(centred, full_matrices=False)
    power, pull = np.square(stretch), left.T @ wanted
    kept = power / (power + PENALTIES[:, None] * power.sum())
    own = kept @ np.square(left).T + 1.0 / len(totals)
    missed = np.square((wanted - (kept * pull) @ left.T) / (1.0 - own))
    error, best = missed.mean(axis=1), int(missed.mean(axis=1).argmin())
    limit = error[best] + missed[best].std() / np.sqrt(len(totals))
    penalty = PENALTIES[np.flatnonzero(error <= limit)[-1]] * power.sum()
    return np.asarray(right.T @ (stretch / (power + penalty) * pull))


def symptoms_of(said: Said) -> Floats:
    """Return the nearness of each visit to every anchor, as :func:`~.text.read_text` does."""
    found = np.empty((len(said.totals), 2 * len(said.anchors)))
    for visit in range(len(found)):
        cosines = np.sort(said.vectors[said.visits == visit] @ said.anchors.T, axis=0)
        found[visit] = np.concatenate([cosines.mean(axis=0), cosines[-TOP:].mean(axis=0)])
    return found


def speaks_only_of(domain: Domain, anchors: Floats) -> Floats:
    """Return the symptoms, shape (2 x anchors,), of somebody who says the anchors of a domain.

    No anchor is compared with itself.
    """
    start = list(ANCHORS).index(domain)
    ends = np.cumsum([0, *map(len, ANCHORS.values())])
    own = np.arange(ends[start], ends[start + 1])
    cosines = anchors[own] @ anchors.T
    cosines[np.arange(len(own)), own] = np.nan
    ordered = np.sort(cosines, axis=0)  # NaN last
    there = np.isfinite(ordered).sum(axis=0)
    top = [ordered[max(0, n - TOP) : n, place].mean() for place, n in enumerate(there)]
    return np.concatenate([np.nanmean(cosines, axis=0), top])


def packed(found: Directions, lines: Forecasts) -> bytes:
    """Return a safetensors file of it, the same bytes for the same content."""
    content: bytes = save(
        {
            "centre": found.centre.astype(np.float32),
            "axes": np.ascontiguousarray(found.axes, dtype=np.float16),
            "spread": np.array([found.along, found.spread], dtype=np.float32),
            "weights": np.ascontiguousarray(lines.weights, dtype=np.float32),
            "middle": lines.middle.astype(np.float32),
            "reach": lines.reach.astype(np.float32),
        }
    )
    return content


def _number(answer: float | str | None) -> float | None:
    return None if isinstance(answer, str) else answer


if __name__ == "__main__":
    sys.exit(main())
