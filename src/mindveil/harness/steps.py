"""The steps of a release, as objects: what treats people alone, together, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, cast, runtime_checkable

import numpy as np

from mindveil import catalog
from mindveil.anonymise.base import Protection
from mindveil.anonymise.left_out import TextOmit, VoiceOmit
from mindveil.anonymise.measures_only import TextMeasures, VoiceMeasures
from mindveil.corpus.model import Corpus, Modality, Participant, Session
from mindveil.dp.accounting import Budget
from mindveil.errors import InputError
from mindveil.store.cache import Json
from mindveil.study import ReleasePart
from mindveil.synthesise.base import Synthesiser
from mindveil.train.detector import Trainer


@runtime_checkable
class Promising(Protocol):
    """A last step that keeps a promise: it says what it will spend before it looks."""

    @property
    def budget(self) -> Budget:
        """What one release of it spends."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The protections of a release: first those that treat each person alone, then the rest.

    At the end there may be a ``maker``, a synthesiser, which replaces everybody, or a ``trainer``,
    which makes a detector of them.
    """

    alone: tuple[Protection, ...]
    together: tuple[Protection, ...]
    maker: Synthesiser | None = None
    trainer: Trainer | None = None

    @classmethod
    def of(cls, part: ReleasePart) -> Steps:
        """Build the protections of a release; the first that looks at the group divides them.

        Raises:
            InputError: a step looks at everybody together before one that promises something. One
                person more may change all others' records then, so that no noise on their sums
                would hide him. Or the words go before the voices are treated, in which the words
                tell where a name is spoken.
        """
        *before, last = [None, *(catalog.step(s.use, s.settings) for s in part.steps)]
        _require_words_for_voices(part)
        maker = last if isinstance(last, Synthesiser) else None
        trainer = last if isinstance(last, Trainer) else None
        steps = [s for s in (*before, last) if isinstance(s, Protection) and s is not maker]
        cut = next((i for i, s in enumerate(steps) if not s.alone), len(steps))
        made = cls(
            alone=tuple(steps[:cut]), together=tuple(steps[cut:]), maker=maker, trainer=trainer
        )
        if made.budget and made.together:
            raise InputError(
                f"release {part.name!r}: {steps[cut].name} looks at everybody together, so that "
                f"{part.steps[-1].use} after it could not keep its promise to each; leave it out"
            )
        return made

    @property
    def changes(self) -> frozenset[Modality]:
        """What its protections touch."""
        return frozenset(m for step in (*self.alone, *self.together) for m in step.changes)

    @property
    def budget(self) -> Budget | None:
        """What one release spends before anything is drawn; none where nothing is promised."""
        last = self.trainer or self.maker
        return last.budget if isinstance(last, Promising) else None


def _require_words_for_voices(part: ReleasePart) -> None:
    uses = [s.use for s in part.steps]
    gone = next((i for i, use in enumerate(uses) if use in _TAKE_WORDS), len(uses))
    late = next((u for u in uses[gone:] if u.startswith("voice/") and u not in _TAKE_SOUND), "")
    if late:
        raise InputError(
            f"release {part.name!r}: {uses[gone]} stands before {late}, which finds spoken names by "
            f"the words; put {late} first"
        )


_TAKE_WORDS = frozenset({TextMeasures.name, TextOmit.name})
_TAKE_SOUND = frozenset({VoiceMeasures.name, VoiceOmit.name})


def steps_before(part: ReleasePart) -> tuple[Json, ...]:
    """Return the steps before the last one of a release, as the study file writes them."""
    return tuple(cast("Json", step.model_dump()) for step in part.steps[:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class LikeTheRelease:
    """Protects any corpus the way a release was made, with randomness of its own.

    ``shadow`` is a second protected copy of the study's people, made once by the steps that
    treat each person alone; where it holds a session as it was given, that session is taken.
    """

    steps: Steps
    originals: Corpus
    shadow: Corpus

    def __call__(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the protected corpus, ids unchanged."""
        done = self._from_shadow(corpus)
        if done is None:
            done = corpus
            for step in self.steps.alone:
                done = step.apply(done, rng)
        for step in self.steps.together:
            done = step.apply(done, rng)
        return self.steps.maker.apply(done, rng) if self.steps.maker else done

    def _from_shadow(self, corpus: Corpus) -> Corpus | None:
        known = {p.participant_id: p for p in self.originals.participants}
        copies = {p.participant_id: p for p in self.shadow.participants}
        people: list[Participant] = []
        for person in corpus.participants:
            mine = known.get(person.participant_id)
            if mine is None or mine.attributes != person.attributes:
                return None
            place = {s.session_id: i for i, s in enumerate(mine.sessions)}
            at = [place.get(s.session_id, -1) for s in person.sessions]
            given = zip(at, person.sessions, strict=True)
            if any(i < 0 or not _same(mine.sessions[i], s) for i, s in given):
                return None
            copy = copies[person.participant_id]
            people.append(replace(copy, sessions=tuple(copy.sessions[i] for i in at)))
        return replace(self.shadow, participants=tuple(people))


def _same(one: Session, other: Session) -> bool:
    """Whether two sessions are the same recordings; annotations are not part of them."""
    return replace(one, entities=()) == replace(other, entities=())
