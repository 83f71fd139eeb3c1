"""Measures of words, voices and faces as variables beside the answers, and back: level 4.

Whoever is drawn is drawn whole, so that what somebody answers, says, sounds like and shows fits
together. A synthetic person has no words, no voice and no face, only what would be measured of
them: each visit gets the ``_features.parquet`` that a feature-only release holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus, Participant
from mindveil.features.expression import EXPRESSIONS
from mindveil.features.face_ratios import ANGLES
from mindveil.features.feature_only import KINDS, measure_name, with_rows
from mindveil.features.measures import MEASURED, Measured, visit_rows
from mindveil.synthesise.codebook import Codes
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.encoding_bounds import found_edges
from mindveil.synthesise.encoding_layout import Reading, presence

Floats = NDArray[np.float64]
Shape = Literal["plain", "log", "root", "logit"]

FEWEST = 10
"""Visits at which a measure must be defined before anything is learned of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where a measure lies in people, known without a look at anybody, and its usual scale.

    ``shape`` is the scale on which it is more like a bell curve: counts and perturbations on a
    logarithmic one, rare events by their root, shares by their log-odds. What lies beyond a
    bound counts as the bound.
    """

    low: float
    high: float
    shape: Shape = "plain"

    def scaled(self, values: Floats) -> Floats:
        """Return measures on the scale on which they are cut into cells.

        >>> Bounds(low=1, high=100, shape="log").scaled(np.array([1.0, 500.0])).round(3).tolist()
        [0.0, 4.605]
        """
        return _bent(np.clip(values, self.low, self.high), self.shape)

    def restored(self, scaled: Floats) -> Floats:
        """Return measures from that scale; the inverse of :meth:`scaled` between the bounds."""
        if self.shape == "log":
            values = np.exp(scaled)
        elif self.shape == "root":
            values = np.square(scaled)
        elif self.shape == "logit":
            values = 1.0 / (1.0 + np.exp(-scaled))
        else:
            values = scaled
        return np.asarray(np.clip(values, self.low, self.high), dtype=np.float64)

    @property
    def ends(self) -> tuple[float, float]:
        """The bounds on that scale."""
        low, high = _bent(np.array([self.low, self.high]), self.shape).tolist()
        return low, high


def _bent(values: Floats, shape: Shape) -> Floats:
    if shape == "log":
        return np.asarray(np.log(values), dtype=np.float64)
    if shape == "root":
        return np.asarray(np.sqrt(values), dtype=np.float64)
    if shape == "logit":
        return np.asarray(np.log(values) - np.log1p(-values), dtype=np.float64)
    return values


_SHARE = Bounds(low=0.005, high=0.995, shape="logit")

_TEXT = {
    "words": Bounds(low=5.0, high=20_000.0, shape="log"),
    "words-per-turn": Bounds(low=1.0, high=500.0, shape="log"),
    # English speech has 5-10 % words of the first person and 1-3 % negations.
    "first-person": Bounds(low=0.0, high=0.25, shape="root"),
    "negation": Bounds(low=0.0, high=0.15, shape="root"),
    "absolutist": Bounds(low=0.0, high=0.10, shape="root"),
    "durations": Bounds(low=0.0, high=15.0, shape="root"),
}
_NEAR = Bounds(low=0.0, high=0.7)

_VOICE = {
    # The lowest male and the highest female median pitch in speech, with a margin.
    "f0-level": Bounds(low=60.0, high=400.0, shape="log"),
    "f0-variability": Bounds(low=0.3, high=12.0, shape="log"),
    "f0-range": Bounds(low=1.0, high=40.0, shape="log"),
    "energy-level": Bounds(low=-60.0, high=-5.0),
    "energy-variability": Bounds(low=1.0, high=20.0),
    "pause-share": _SHARE,
    "pauses-per-minute": Bounds(low=0.0, high=60.0, shape="root"),
    "pause-length": Bounds(low=0.25, high=10.0, shape="log"),
    "speech-rate": Bounds(low=0.2, high=8.0),
    "articulation-rate": Bounds(low=1.0, high=9.0),
    "jitter": Bounds(low=0.05, high=10.0, shape="log"),
    "shimmer": Bounds(low=0.5, high=40.0, shape="log"),
    "hnr": Bounds(low=-5.0, high=35.0),
    "voiced-share": _SHARE,
    "spectral-tilt": Bounds(low=-45.0, high=5.0),
}
_FACE = {
    # In distances between the eyes (about 63 mm), from one face to another.
    "brow-height": Bounds(low=0.15, high=0.65),
    "brow-gap": Bounds(low=0.3, high=0.65),
    "mouth-width": Bounds(low=0.55, high=1.25),
    "mouth-opening": Bounds(low=0.0, high=0.4, shape="root"),
    "lip-corners": Bounds(low=-0.15, high=0.25),
    "lip-thickness": Bounds(low=0.1, high=0.5),
    "jaw-drop": Bounds(low=0.6, high=1.4),
    "cheek-height": Bounds(low=0.35, high=0.85),
    "eye-opening": Bounds(low=0.05, high=0.45),
    # Most people sit before a camera and look into it.
    "head-yaw": Bounds(low=-30.0, high=30.0),
    "head-pitch": Bounds(low=-30.0, high=30.0),
    "head-roll": Bounds(low=-20.0, high=20.0),
}
_SPREAD = Bounds(low=0.002, high=0.2, shape="log")
_TURNED = Bounds(low=0.2, high=30.0, shape="log")


def _bounds() -> dict[str, Bounds]:
    near = {name: _NEAR for name in MEASURED["text"] if name.startswith("near-")}
    spread = {f"{n}-spread": _TURNED if n in ANGLES else _SPREAD for n in EXPRESSIONS}
    return {**_TEXT, **near, **_VOICE, **_FACE, **spread}


BOUNDS: Mapping[str, Bounds] = MappingProxyType(_bounds())
"""Public bounds of every measure: a private generator need not pay for them.

They are wide enough for anybody, so a cell between them is coarse; without a guarantee the bounds
are where the data ends, if that is closer.
"""


def readings_of(corpus: Corpus, *, private: bool = False) -> tuple[Reading, ...]:
    """Return every measure at every visit, on its usual scale, and who was recorded at all.

    A measure that is defined for fewer than ten people at a visit is left out, and one in which
    nobody differs. With ``private``, each is there at every visit of the study, whatever the
    data says.

    Raises:
        MissingWeights: recordings need a network that is not installed.
    """
    visits = max((len(p.sessions) for p in corpus.participants), default=0)
    return tuple(
        reading
        for modality in KINDS
        if modality in corpus.modalities
        for visit in range(1, visits + 1)
        for reading in _at_visit(corpus, modality, visit, private=private)
    )


def _at_visit(corpus: Corpus, modality: Measured, visit: int, *, private: bool) -> list[Reading]:
    people = corpus.participants
    rows = np.full((len(people), len(MEASURED[modality])), np.nan)
    came = [n for n, p in enumerate(people) if len(p.sessions) >= visit]
    rows[came] = visit_rows([people[n].sessions[visit - 1] for n in came], modality)
    made = []
    for name, column in zip(MEASURED[modality], rows.T, strict=True):
        values = BOUNDS[name].scaled(column)
        ends = _ends(values, BOUNDS[name].ends, private=private)
        if ends is not None:
            reading = Reading(
                name=measure_name(modality, name),
                values=values,
                visit=visit,
                block=modality,
                low=ends[0],
                high=ends[1],
                found=not private,
            )
            made.append(reading)
    here = np.isfinite(rows).any(axis=1)
    if made and (private or not here[came].all()):
        # First, as a gate stands before what it opens.
        recorded = Reading(
            name=presence(modality),
            values=here.astype(np.float64),
            visit=visit,
            block=modality,
            low=0.0,
            high=1.0,
        )
        made.insert(0, recorded)
    return made


def _ends(
    values: Floats, public: tuple[float, float], *, private: bool
) -> tuple[float, float] | None:
    """Return between what a measure is cut into cells; nothing where it says too little."""
    told = values[np.isfinite(values)]
    if private:
        return public
    if len(told) < FEWEST or not np.ptp(told) > 0:
        return None
    edges = found_edges(told, whole=False)
    return max(edges[0], public[0]), min(edges[-1], public[1])


def with_measures(
    corpus: Corpus, encoding: Encoding, codes: Codes, rng: np.random.Generator
) -> Corpus:
    """Return the corpus with the measures of each visit as files, from the codes that made it.

    The files are new ones of the workshop; a visit without any measure of a kind has none.
    """
    names = {measure_name(m, n): (m, k) for m in KINDS for k, n in enumerate(MEASURED[m])}
    found: dict[tuple[Measured, int], Floats] = {}
    for reading in encoding.readings(codes, rng):
        if reading.name not in names:
            continue
        kind, place = names[reading.name]
        shape = (len(codes), len(MEASURED[kind]))
        rows = found.setdefault((kind, reading.visit), np.full(shape, np.nan))
        rows[:, place] = BOUNDS[MEASURED[kind][place]].restored(reading.values)

    def measured(person: Participant, number: int) -> Participant:
        sessions = tuple(
            with_rows(s, {k: found[k, v][number] for k in KINDS if (k, v) in found})
            for v, s in enumerate(person.sessions, start=1)
        )
        return replace(person, sessions=sessions)

    return corpus.with_people(measured(p, n) for n, p in enumerate(corpus.participants))
