"""What was said, or who spoke, read back from measures alone: inversion of a level 4 release.

A release may hold a dozen measures of somebody's words or voice in place of the recording. The
attacker learns from other people, of whom he has the recording and can measure it, how the
meaning of words (or the sound of a voice, as a speaker encoder hears it) follows from the
measures. He reconstructs it for each released record and asks whose earlier words or voice it is.
A reconstruction that names people has given away more than the measures were meant to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Holding, Knowledge, LinkScores
from mindveil.attack.voices import check_language
from mindveil.corpus.model import Corpus, Modality, Session
from mindveil.errors import InvalidMeasurement
from mindveil.features import weights
from mindveil.features.measures import Measured, is_measured_only, mean_rows, visit_rows
from mindveil.features.sentences import load_encoder
from mindveil.features.shelf import rows_of
from mindveil.features.speakers import embed_recordings
from mindveil.features.text import read_text
from mindveil.release import DataRelease
from mindveil.store.cache import Json

Floats = NDArray[np.float64]
Contents = Callable[[Sequence[Session]], Floats]

_ATTACKERS: tuple[Attacker, ...] = ("ignorant", "semi-informed")
_LEAST_TEACHERS = 20
_MOST_AXES = 24
_PEOPLE_AN_AXIS = 4
_CLIP = 3.0
_PENALTIES = np.geomspace(1e-2, 1e4, 19)
_TEXT, _VOICE = "minilm", "ge2e"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextInversion:
    """Reconstruct the meaning of what was said from measures of it, and name who said it.

    The meaning is the mean sentence embedding of a visit. An ignorant attacker measures other
    people himself; a semi-informed one has their measures as the release would have made them.
    He ranks known people by how well their earlier words fit what he reconstructed. A guesser
    reaches ``1 / lineup``. Source of the threat: Song & Raghunathan 2020, "Information leakage in
    embedding models".

    Limits: It gives back the rough meaning of what was said and no words. A larger model, taught by
    more people, may give back more.
    """

    name: ClassVar[str] = "text/inversion"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"text"})
    modality: ClassVar[str] = "text"
    holding: ClassVar[Holding] = "earlier-sessions"
    attackers: ClassVar[tuple[Attacker, ...]] = _ATTACKERS

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[LinkScores, ...]:
        """Return how well each known person's words fit each record.

        Raises:
            InvalidMeasurement: the release holds words, or too few people can teach.
        """
        return (invert(release, knowledge, ("text", meanings), rng),)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceInversion:
    """Reconstruct what a speaker encoder hears from measures of a voice, and name who spoke.

    As for ``text/inversion``, with the mean embedding of a visit's recordings. English only: the
    encoder knows no other language.

    Source: Song & Raghunathan 2020 (what embeddings leak), carried over to measures of the voice by
    ourselves.

    Limits: It gives back what an encoder hears, not a voice that could be played. English alone; a
    larger model, taught by more people, may give back more.
    """

    name: ClassVar[str] = "voice/inversion"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"voice"})
    modality: ClassVar[str] = "voice"
    holding: ClassVar[Holding] = "earlier-sessions"
    attackers: ClassVar[tuple[Attacker, ...]] = _ATTACKERS

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[LinkScores, ...]:
        """Return how well each known person's voice fits each record.

        Raises:
            InvalidMeasurement: the release holds recordings, or too few people can teach.
        """
        check_language(release.corpus)
        return (invert(release, knowledge, ("voice", speakers), rng),)


def invert(
    release: DataRelease,
    knowledge: Knowledge,
    of: tuple[Measured, Contents],
    rng: np.random.Generator,
) -> LinkScores:
    """Return how well the contents of known people fit what is reconstructed of each record."""
    kind, contents = of
    require_measures_alone(release.corpus, kind)
    known = knowledge.known
    if not release.corpus.participants or not known.participants:
        raise InvalidMeasurement(
            f"nobody has two sessions with {kind}: inversion is judged on an earlier session"
        )
    teachers = knowledge.reference
    informed = knowledge.attacker == "semi-informed"
    protected = knowledge.protected(teachers, rng) if informed else None
    shown = teachers if protected is None else protected
    inverter = Inverter.of(_measures(shown, kind), _contents(teachers, kind, contents))
    candidates = _contents(known, kind, contents)
    if not np.isfinite(candidates).all(axis=1).any():
        raise InvalidMeasurement(f"of nobody known is there any {kind} to compare with")
    return LinkScores(
        queries=release.corpus.ids,
        candidates=known.ids,
        scores=inverter.fit_of(_measures(release.corpus, kind), candidates),
        tier="trained",
    )


def require_measures_alone(corpus: Corpus, kind: Measured) -> None:
    """Refuse a release that holds what could be inverted as it is.

    Raises:
        InvalidMeasurement: some visit holds words or recordings, or none holds measures.
    """
    visits = [s for p in corpus.participants for s in p.sessions if s.has(kind)]
    if not all(is_measured_only(s, kind) for s in visits):
        what = "the words themselves" if kind == "text" else "the recordings themselves"
        raise InvalidMeasurement(f"the release holds {what}: nothing to invert")
    if not visits:
        raise InvalidMeasurement(f"the release holds no measures of {kind}: nothing to invert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverter:
    """From measures to contents on the axes along which contents of people differ most.

    ``centre`` and ``spread`` (measures,) put measures on one scale; ``matrix`` (measures, axes)
    takes them to the ``axes`` (axes, d) of contents around ``middle`` (d,). ``missed`` (axes,) is
    the variance that is left of each axis when it is reconstructed for somebody new, ``whole``
    (axes,) what there was to explain.
    """

    centre: Floats
    spread: Floats
    matrix: Floats
    axes: Floats
    middle: Floats
    missed: Floats
    whole: Floats

    @classmethod
    def of(cls, measures: Floats, contents: Floats) -> Inverter:
        """Learn from people, a row each; a ridge regression judged with each person left out.

        Raises:
            InvalidMeasurement: fewer than 20 people have both.
        """
        there = np.isfinite(measures).any(axis=1) & np.isfinite(contents).all(axis=1)
        if there.sum() < _LEAST_TEACHERS:
            raise InvalidMeasurement(
                f"{int(there.sum())} people have both measures and what was measured; "
                f"{_LEAST_TEACHERS} are needed to learn from"
            )
        measures, contents = measures[there], contents[there]
        count = np.maximum(np.isfinite(measures).sum(axis=0), 1)
        centre = np.nansum(measures, axis=0) / count
        spread = np.sqrt(np.nansum((measures - centre) ** 2, axis=0) / count)
        rows = _scaled(measures, centre, spread)
        middle = contents.mean(axis=0)
        kept = min(_MOST_AXES, len(contents) // _PEOPLE_AN_AXIS, contents.shape[1])
        axes = np.linalg.svd(contents - middle, full_matrices=False)[2][:kept]
        places = (contents - middle) @ axes.T
        matrix, missed = _ridge(rows, places)
        whole = (places**2).sum(axis=0) / (len(places) - 1)
        # An axis that cannot be told for somebody new says nothing about anybody.
        useful = missed < whole
        return cls(
            centre=centre,
            spread=spread,
            matrix=np.where(useful, matrix, 0.0),
            axes=axes,
            middle=middle,
            missed=np.where(useful, missed, whole),
            whole=whole,
        )

    def reconstructed(self, measures: Floats) -> Floats:
        """Return contents for rows of measures, shape (rows, d); NaN where nothing is measured."""
        found: Floats = self._places(measures) @ self.axes + self.middle
        found[~np.isfinite(measures).any(axis=1)] = np.nan
        return found

    def fit_of(self, measures: Floats, candidates: Floats) -> Floats:
        """Return how much likelier each candidate's contents are than anybody's: (rows, candidates).

        The log-likelihood ratio on independent axes: near what is reconstructed, as near as it
        usually is, against anywhere. ``-inf`` where there is nothing to compare.
        """
        told, theirs = self._places(measures), (candidates - self.middle) @ self.axes.T
        tight = 1.0 / np.maximum(self.missed, np.finfo(np.float64).tiny)
        loose = 1.0 / np.maximum(self.whole, np.finfo(np.float64).tiny)
        fits: Floats = (told * tight) @ theirs.T - 0.5 * ((told**2) @ tight)[:, None]
        fits += 0.5 * (theirs**2) @ (loose - tight)
        fits[~np.isfinite(measures).any(axis=1)] = -np.inf
        return np.where(np.isfinite(fits), fits, -np.inf)

    def _places(self, measures: Floats) -> Floats:
        return _scaled(measures, self.centre, self.spread) @ self.matrix


def meanings(visits: Sequence[Session]) -> Floats:
    """Return what was said at each visit as one mean sentence embedding; NaN without words."""

    def read(missing: Sequence[int]) -> Floats:
        encoder = load_encoder(weights.locate(_TEXT))
        return read_text([visits[i].said() for i in missing], encoder).meaning

    sources: list[Json] = [list(v.said()) for v in visits]
    return rows_of(sources, read, ["meaning of a visit", weights.digest(_TEXT)])


def speakers(visits: Sequence[Session]) -> Floats:
    """Return what a speaker encoder hears at each visit, the mean of its recordings."""
    files = [[f.path for f in v.files("voice", "audio")] for v in visits]
    flat = [path for mine in files for path in mine]
    if not flat:
        return np.full((len(visits), 1), np.nan)
    rows = embed_recordings(flat, _VOICE)
    ends = np.cumsum([0, *map(len, files)])
    return np.stack([mean_rows(rows[a:b]) for a, b in pairwise(ends)])


def _measures(corpus: Corpus, kind: Measured) -> Floats:
    return _by_person(corpus, kind, lambda visits: visit_rows(visits, kind))


def _contents(corpus: Corpus, kind: Measured, contents: Contents) -> Floats:
    return _by_person(corpus, kind, contents)


def _by_person(corpus: Corpus, kind: Measured, read: Contents) -> Floats:
    """Return the mean row of each person's visits, NaN of whom there is none."""
    mine = [[s for s in p.sessions if s.has(kind)] for p in corpus.participants]
    visits = [s for own in mine for s in own]
    if not visits:
        return np.full((len(mine), 1), np.nan)
    rows = read(visits)
    ends = np.cumsum([0, *map(len, mine)])
    return np.stack([mean_rows(rows[a:b]) for a, b in pairwise(ends)])


def _scaled(measures: Floats, centre: Floats, spread: Floats) -> Floats:
    """Return measures on one scale; a missing one, and one that never varies, is in the middle."""
    gap = np.where(np.isfinite(measures), measures - centre, 0.0)
    scaled = np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)
    return np.clip(scaled, -_CLIP, _CLIP)


def _ridge(rows: Floats, places: Floats) -> tuple[Floats, Floats]:
    """Return the matrix and the left-out error variance of each axis, at the best penalty each."""
    left, stretch, right = np.linalg.svd(rows, full_matrices=False)
    pull = left.T @ places
    best = np.full(places.shape[1], np.inf)
    matrix = np.zeros((rows.shape[1], places.shape[1]))
    for penalty in _PENALTIES:
        kept = stretch**2 / (stretch**2 + penalty)
        # Her own part in what is fitted for her, that in the mean of all included.
        own = (left**2) @ kept + 1.0 / len(rows)
        left_out = (places - (left * kept) @ pull) / np.maximum(1.0 - own, 1e-9)[:, None]
        error = (left_out**2).mean(axis=0)
        better = error < best
        shrunk = np.divide(kept, stretch, out=np.zeros_like(kept), where=stretch > 0)
        matrix = np.where(better, (right.T * shrunk) @ pull, matrix)
        best = np.minimum(best, error)
    return matrix, best
