"""text/redact: hide what names people in transcripts, by a tag or by a consistent surrogate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

import numpy as np

from mindveil.anonymise.conversations import read_conversations
from mindveil.anonymise.text_replacements import Say, replace_spans, surrogates, tag
from mindveil.anonymise.text_spans import DIRECT, ROLES, IdentifierType, Span, merge_spans
from mindveil.anonymise.timed_words import Stretch, rewritten, write_words
from mindveil.corpus.model import Column, Corpus, MediaFile, Modality, Participant, Session
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
    the truth never travels in a release. Timed words (``*_words.tsv``) get a tag in either case,
    over the time of all words it stands for.

    Source: HIPAA Safe Harbor (45 CFR 164.514(b)(2)) for the kinds of identifiers; Pilan et al. 2022
    (the Text Anonymization Benchmark).

    Limits: An identifier that the recognisers do not know stays, and so does every story that only
    one person can tell. How a person writes is not touched.

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
    ``finish`` is applied to every turn afterwards. Timed words (``*_words.tsv``) are rewritten
    too, with a tag where an identifier stood; what was read off the old words
    (``*_features.parquet``) goes.
    """
    talk = read_conversations(person, columns)
    said = [
        (text, merge_spans(one, types)) for text, one in zip(talk.texts, talk.found, strict=True)
    ]
    say = choose(_mentions(said), person.participant_id)
    new = iter([finish(replace_spans(text, spans, say)) for text, spans in said[: talk.turns]])
    spoken = iter(said[talk.turns :])
    sessions = []
    for session, parts in zip(person.sessions, talk.spoken, strict=True):
        transcript = tuple(replace(turn, text=next(new)) for turn in session.transcript)
        told = [(stretch, next(spoken)[1]) for stretch in parts]
        media = _text_media(session, told, say, finish)
        sessions.append(replace(session, transcript=transcript, entities=(), media=media))
    return replace(person, sessions=tuple(sessions))


def _text_media(
    session: Session,
    told: Sequence[tuple[Stretch, Sequence[Span]]],
    say: Say,
    finish: Callable[[str], str],
) -> dict[Modality, tuple[MediaFile, ...]]:
    """Return the media of a session with its timed words rewritten and without text features."""
    media: dict[Modality, tuple[MediaFile, ...]] = {**session.media}
    media.pop("text", None)
    words = []
    for number, file in enumerate(session.files("text", "words")):
        own = [(stretch, spans) for stretch, spans in told if stretch.file == number]
        path = write_words(rewritten(own, say, finish))
        words.append(replace(file, path=path))
    if words:
        media["text"] = tuple(words)
    return media


def _mentions(said: Iterable[tuple[str, Sequence[Span]]]) -> Mentions:
    """Return what is to be replaced, in the order in which it is said."""
    return [(span.type, text[span.start : span.end]) for text, spans in said for span in spans]
