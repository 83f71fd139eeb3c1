"""Woman or man, young or old? What a protected voice or face still says about a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, RidgeCV
from threadpoolctl import threadpool_limits

from mindveil.attack.attribute_levels import AGE, GUESSED, common_levels, level_of, levels_of
from mindveil.attack.base import Attacker, Attributes, Holding, Knowledge, Tier
from mindveil.attack.voices import ENCODERS, PROSODY, check_language, read_rows, recordings_of
from mindveil.corpus.model import Attribute, Corpus, MediaFile, MediaKind, Modality, Participant
from mindveil.errors import InvalidMeasurement
from mindveil.features.expression import expression_rows
from mindveil.features.face_encoder import embed_faces
from mindveil.release import DataRelease

T = TypeVar("T")
Floats = NDArray[np.float64]
Channels = tuple[Floats, ...]
"""What each channel says of each person; shapes (people, d), NaN where it says nothing."""

_LEAST_TEACHERS = 8
_LEAST_OF_A_LEVEL = 3
_STRENGTHS = (0.01, 0.1, 1.0, 10.0)
_SMOOTHNESS = (0.01, 0.1, 1.0, 10.0, 100.0)
_PARTS = 3
_TOO_FEW = "too few reference people were left to teach the attacker"
_CLIP = 3.0
_TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceAttributes:
    """Guess the sex and age group of each released person from the voice.

    The attacker learns from recordings of other people whose sex and age he knows: an ignorant
    one from originals, a semi-informed one from recordings that he protected the way the release
    was made. Two speaker encoders and the prosody are read, and a regularised logistic model
    guesses. The commonest level is what a guesser reaches. Source: the attribute inference of
    Noé et al. 2021 and of VoicePrivacy's gender classifiers.

    Limits: Sex and age alone are guessed; what else a voice gives away (origin, illness, mood) is
    not asked. With few people to learn from it is weak.
    """

    name: ClassVar[str] = "voice/attribute-inference"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"voice"})
    modality: ClassVar[str] = "voice"
    holding: ClassVar[Holding] = "nothing"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant", "semi-informed")

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Attributes, ...]:
        """Return one guess a record and field."""
        check_language(release.corpus)
        return (_guess(_voice_rows, _recorded(release.corpus, "voice"), knowledge, rng),)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceAttributes:
    """Guess the sex and age group of each released person from the face.

    As for the voice, with a face embedding and the measures of expression: where a release holds
    no pictures, the expression alone is read. The commonest level is what a guesser reaches.

    Source: Dantcheva, Elia & Ross 2016 (what else a face tells: soft biometrics).

    Limits: Sex and age alone are guessed, from people whose sex and age are written down; what else
    a face gives away (origin, illness) is not asked. With few people to learn from it is weak.
    """

    name: ClassVar[str] = "face/attribute-inference"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"face"})
    modality: ClassVar[str] = "face"
    holding: ClassVar[Holding] = "nothing"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant", "semi-informed")

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Attributes, ...]:
        """Return one guess a record and field, of records with a face."""
        return (_guess(_face_rows, _recorded(release.corpus, "face"), knowledge, rng),)


def _guess(
    read: Callable[[Corpus], Channels],
    released: Corpus,
    knowledge: Knowledge,
    rng: np.random.Generator,
) -> Attributes:
    """Learn from the reference people and guess every field that enough of them have."""
    if not released.participants:
        raise InvalidMeasurement("nobody who is released has a recording")
    teachers = knowledge.reference
    fields = [f for f in GUESSED if _taught(levels_of(f, teachers))]
    if not fields:
        raise InvalidMeasurement(
            f"no sex, gender or age is known of {_LEAST_TEACHERS} reference people, with "
            f"{_LEAST_OF_A_LEVEL} of two levels: nobody teaches the attacker"
        )
    protected = None if knowledge.attacker == "ignorant" else knowledge.protected(teachers, rng)
    tier: Tier = "light" if protected is None else "trained"
    shown = teachers if protected is None else protected
    lessons, exam = _side_by_side(read(shown), read(released))
    # A protection may hide or drop people; what the attacker knows of his teachers stands.
    place = {p: i for i, p in enumerate(shown.ids)}
    guesses, stated = {}, {}
    for field in fields:
        known = [p for p in teachers.participants if p.participant_id in place]
        rows = lessons[[place[p.participant_id] for p in known]]
        values = [p.attributes.get(field) for p in known]
        with threadpool_limits(limits=1):  # matrices so small cost many threads more than one
            guesses[field] = _answers(field, rows, values, exam, rng)
        stated[field] = tuple(bool(level) for level in levels_of(field, released))
    return Attributes(records=released.ids, guesses=guesses, stated=stated, tier=tier)


def _answers(
    field: str, rows: Floats, values: Sequence[Attribute], exam: Floats, rng: np.random.Generator
) -> tuple[str, ...]:
    levels = [level_of(field, value) for value in values]
    ages = [(i, v) for i, v in enumerate(values) if levels[i] and isinstance(v, float)]
    if field == AGE and len(ages) == sum(map(bool, levels)):
        return guess_ages(rows[[i for i, _ in ages]], [v for _, v in ages], exam)
    return classify(rows, levels, exam, rng)


def guess_ages(rows: Floats, ages: Sequence[float], exam: Floats) -> tuple[str, ...]:
    """Return the age band of each row of ``exam``: bands have an order, so the age is learned."""
    if not _taught([level_of(AGE, age) for age in ages]):
        raise InvalidMeasurement(_TOO_FEW)
    model = RidgeCV(alphas=_SMOOTHNESS).fit(rows, np.array(ages, dtype=np.float64))
    return tuple(level_of(AGE, max(0.0, float(age))) for age in model.predict(exam))


def classify(
    rows: Floats, levels: Sequence[str], exam: Floats, rng: np.random.Generator
) -> tuple[str, ...]:
    """Return the level of each row of ``exam`` as learned from ``rows``; empty levels unknown.

    How strongly the model is held back is chosen on people left out.
    """
    common = common_levels(levels, _LEAST_OF_A_LEVEL)
    kept = [i for i, level in enumerate(levels) if level in common]
    if not _taught([levels[i] for i in kept]):
        raise InvalidMeasurement(_TOO_FEW)
    rows, answers = rows[kept], np.array([levels[i] for i in kept])
    model = _model(_strength(rows, answers, rng)).fit(rows, answers)
    return tuple(str(level) for level in model.predict(exam))


def _strength(rows: Floats, answers: NDArray[np.str_], rng: np.random.Generator) -> float:
    """Return the strength whose guesses of people left out are the most probable."""
    part = np.empty(len(rows), dtype=np.intp)
    for level in np.unique(answers):
        mine = np.flatnonzero(answers == level)
        part[mine] = rng.permutation(len(mine)) % _PARTS
    worth = []
    for strength in _STRENGTHS:
        told = 0.0
        for left in np.unique(part):
            model = _model(strength).fit(rows[part != left], answers[part != left])
            column = np.searchsorted(model.classes_, answers[part == left])
            sure = model.predict_proba(rows[part == left])[np.arange(len(column)), column]
            told += float(np.log(np.maximum(sure, _TINY)).sum())
        worth.append(told)
    return _STRENGTHS[int(np.argmax(worth))]


def _model(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=500, tol=1e-3)


def _side_by_side(lessons: Channels, exam: Channels) -> tuple[Floats, Floats]:
    """Return both sides' channels in one table each, on the scale of the lessons.

    A channel of which one side has nothing is left out; a person of whom a channel says nothing
    stands in the middle of it.
    """
    there = [
        i
        for i, (one, two) in enumerate(zip(lessons, exam, strict=True))
        if np.isfinite(one).any() and np.isfinite(two).any()
    ]
    if not there:
        raise InvalidMeasurement("nothing can be heard or seen in any released recording")
    scaled = [_scaled(lessons[i], exam[i]) for i in there]
    return np.hstack([one for one, _ in scaled]), np.hstack([two for _, two in scaled])


def _scaled(lessons: Floats, exam: Floats) -> tuple[Floats, Floats]:
    seen = ~np.isnan(lessons)
    count = np.maximum(seen.sum(axis=0), 1)
    middle = np.where(seen, lessons, 0.0).sum(axis=0) / count
    gap = np.where(seen, lessons - middle, 0.0)
    spread = np.sqrt((gap**2).sum(axis=0) / count) + _TINY
    # Many directions of an embedding and a few measures get an equal say.
    weight = 1 / np.sqrt(lessons.shape[1])
    other = np.where(np.isnan(exam), 0.0, exam - middle)
    one, two = (np.clip(side / spread, -_CLIP, _CLIP) * weight for side in (gap, other))
    return one, two


def _recorded(corpus: Corpus, modality: Modality) -> Corpus:
    """Return the people of whom there is a recording: of the others nothing can be guessed."""
    return corpus.with_people(
        p for p in corpus.participants if any(s.has(modality) for s in p.sessions)
    )


def _voice_rows(corpus: Corpus) -> Channels:
    paths = [recordings_of(p) for p in corpus.participants]
    return tuple(_of_each(paths, partial(read_rows, channel)) for channel in (*ENCODERS, PROSODY))


def _face_rows(corpus: Corpus) -> Channels:
    pictures = [_files(p, "still", "video") for p in corpus.participants]
    measured = [_files(p, "still", "video", "expression") for p in corpus.participants]
    return _of_each(pictures, read_faces), _of_each(measured, read_expressions)


def read_faces(files: Sequence[MediaFile]) -> Floats:
    """Return the face embedding of each file; shape (files, 128)."""
    return embed_faces([f.path for f in files])


def read_expressions(files: Sequence[MediaFile]) -> Floats:
    """Return the mean and spread of each expression measure in each file."""
    return expression_rows(files)


def _files(person: Participant, *kinds: MediaKind) -> tuple[MediaFile, ...]:
    return tuple(m for s in person.sessions for m in s.files("face", *kinds))


def _of_each(files: Sequence[Sequence[T]], read: Callable[[Sequence[T]], Floats]) -> Floats:
    """Return the mean row of each person's files, NaN of people without; shape (people, d)."""
    flat = [f for mine in files for f in mine]
    rows = read(flat) if flat else np.full((0, 1), np.nan)
    found = np.full((len(files), rows.shape[1]), np.nan)
    start = 0
    for i, mine in enumerate(files):
        part, start = rows[start : start + len(mine)], start + len(mine)
        there = ~np.isnan(part)
        total, count = np.where(there, part, 0.0).sum(axis=0), there.sum(axis=0)
        np.divide(total, count, out=found[i], where=count > 0)
    return found


def _taught(levels: Sequence[str]) -> bool:
    """Whether there are enough people, of at least two levels."""
    common = common_levels(levels, _LEAST_OF_A_LEVEL)
    return len(common) > 1 and sum(level in common for level in levels) >= _LEAST_TEACHERS
