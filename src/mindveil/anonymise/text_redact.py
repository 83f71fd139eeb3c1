"""text/redact: hide what names people in transcripts, by a tag or by a consistent surrogate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Literal, get_args

import numpy as np

from mindveil.anonymise.text_recognisers import (
    Known,
    find_identifiers,
    known_identifiers,
)
from mindveil.anonymise.text_replacements import Say, replace_spans, surrogates, tag
from mindveil.anonymise.text_spans import DIRECT, ROLES, IdentifierType, Span, merge_spans
from mindveil.corpus.model import Column, Corpus, Modality, Participant, Turn
from mindveil.errors import InputError
from mindveil.randomness import stream

Operator = Literal["tag", "surrogate"]
Mentions = Sequence[tuple[IdentifierType, str]]
LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRedact:
    """Replace what identifies people in every speaker's turns.

    ``types`` says which identifiers (direct ones unless told otherwise); ``operator`` whether
    by a tag (``[PERSON]``) or by a made-up surrogate of the same type, the same for
    all mentions in the sessions of a person and another in every release. Third parties are
    hidden as well. The number and order of turns stay; planted identifiers are dropped, since
    the truth never travels in a release.

    Raises:
        InputError: an unknown type or operator, a language without recognisers, or no model.
    """

    name: ClassVar[str] = "text/redact"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"text"})
    alone: ClassVar[bool] = True

    types: Sequence[IdentifierType] = DIRECT
    operator: Operator = "tag"

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.types if kind not in ROLES]
        if unknown:
            raise InputError(
                f"text/redact: unknown type {unknown[0]!r}; choose from {', '.join(ROLES)}"
            )
        if self.operator not in get_args(Operator):
            raise InputError(f"text/redact: operator is tag or surrogate, not {self.operator!r}")

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus with these identifiers replaced in all transcripts."""
        check_language(corpus, self.name)
        seed = int(rng.integers(2**63))

        def choose(mentions: Mentions, person: str) -> Say:
            if self.operator == "tag":
                return tag
            return surrogates(mentions, stream(seed, self.name, person))

        return corpus.with_people(
            rewrite(person, corpus.columns, self.types, choose) for person in corpus.participants
        )


def check_language(corpus: Corpus, name: str) -> None:
    """Raise where the recognisers do not know the language: silence would look like safety."""
    if not corpus.language.lower().startswith(LANGUAGE):
        raise InputError(
            f"{name}: identifiers are recognised in English only, and the corpus is in"
            f" {corpus.language!r}; leave the transcripts out of this release"
        )


def rewrite(
    person: Participant,
    columns: Mapping[str, Column],
    types: Collection[IdentifierType],
    choose: Callable[[Mentions, str], Say],
    finish: Callable[[str], str] = str,
) -> Participant:
    """Return a person whose turns have these types replaced, all sessions alike.

    ``choose`` gets the mentions of all sessions in order and returns what to say instead;
    ``finish`` is applied to every turn afterwards.
    """
    turns = [turn for session in person.sessions for turn in session.transcript]
    found = _recognised(tuple(t.text for t in turns), known_identifiers(person, columns))
    spans = [merge_spans(one, types) for one in found]
    say = choose(_mentions(turns, spans), person.participant_id)
    new = iter(
        replace(turn, text=finish(replace_spans(turn.text, one, say)))
        for turn, one in zip(turns, spans, strict=True)
    )
    sessions = tuple(
        replace(session, transcript=tuple(next(new) for _ in session.transcript), entities=())
        for session in person.sessions
    )
    return replace(person, sessions=sessions)


@lru_cache(maxsize=1024)
def _recognised(turns: tuple[str, ...], known: tuple[Known, ...]) -> tuple[tuple[Span, ...], ...]:
    """Recognise once what is replaced twice: by the release, and by whoever attacks it."""
    return find_identifiers(turns, known)


def _mentions(turns: Sequence[Turn], spans: Sequence[Sequence[Span]]) -> Mentions:
    """Return what is to be replaced, in the order in which it is said."""
    return [
        (span.type, turn.text[span.start : span.end])
        for turn, one in zip(turns, spans, strict=True)
        for span in one
    ]
