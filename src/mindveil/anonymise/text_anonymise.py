"""text/anonymise: the dial for transcripts, from hiding names to hiding habits of speech."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from mindveil.anonymise.text_redact import Mentions, check_language, rewrite
from mindveil.anonymise.text_replacements import Say, generalised, number_people, numbered
from mindveil.anonymise.text_smoothing import smooth
from mindveil.anonymise.text_spans import DIRECT, ROLES, IdentifierType
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError

Level = Literal[1, 2]
LEVELS: tuple[Level, ...] = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAnonymise:
    """Hide who speaks and who is spoken of, the more the higher the level.

    Level 1 replaces direct identifiers by their type, people by a number that stays theirs
    through all sessions (``[PERSON_2]``). Level 2 also says quasi identifiers more coarsely (an
    age as its ten years, a town as its part of the world, a job as its field) and, with
    ``smooth``, takes out the case, marks, fillers and spellings that authorship attacks use. Durations,
    frequencies and relative times stay at every level: they are the clinical signal. Timed words
    (``*_words.tsv``) are treated alike, but with a tag wherever an identifier stood.

    Source: HIPAA Safe Harbor (45 CFR 164.514(b)(2)) for the kinds of identifiers; Pilan et al. 2022
    (the Text Anonymization Benchmark) for direct and quasi identifiers.

    Limits: An identifier that the recognisers do not know stays: nicknames, rare events, what only
    a relative understands. How a person writes stays as well and may link two texts; level 2 makes
    that harder and not impossible.

    Raises:
        InputError: a level that does not exist, a language without recognisers, or no model.
    """

    name: ClassVar[str] = "text/anonymise"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"text"})
    alone: ClassVar[bool] = True

    level: int = 1
    smooth: bool = True

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise InputError(
                f"text/anonymise: level {self.level!r} does not exist; choose 1 or 2"
                " (1 hides direct identifiers, 2 also generalises quasi identifiers)"
            )

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:  # noqa: ARG002 - draws nothing
        """Return the corpus with its transcripts protected at this level."""
        check_language(corpus, self.name)
        types: Collection[IdentifierType] = DIRECT if self.level == 1 else tuple(ROLES)
        finish = smooth if self.level > 1 and self.smooth else str

        def choose(mentions: Mentions, _: str) -> Say:
            numbers = number_people(text for kind, text in mentions if kind == "PERSON")
            return numbered(numbers) if self.level == 1 else generalised(numbers)

        return corpus.with_people(
            rewrite(person, corpus.columns, types, choose, finish) for person in corpus.participants
        )
