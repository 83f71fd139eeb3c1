"""Find who and what identifies people in a conversation, as written or as a recogniser hears it.

An ensemble: what the corpus itself says about the person (names and numbers in its identifier
columns), forms (``text_patterns``), words in context (``text_people``, ``text_places``,
``text_work``) and a small neural tagger (``text_model``). Every speaker's turns are read, as
interviewers say names too. A name found once in the conversations of a person is
looked for in all of them: an identifier is hidden only when every mention of it is (the rule of
the Text Anonymization Benchmark, Pilan et al. 2022).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mindveil.anonymise.name_lists import given_names, plain_words
from mindveil.anonymise.text_addresses import address_spans
from mindveil.anonymise.text_evidence import (
    APOSTROPHES,
    Token,
    is_cased,
    is_everyday,
    is_name,
    is_strange,
    is_word,
    tokens,
)
from mindveil.anonymise.text_model import function_words, named_entities
from mindveil.anonymise.text_numbers import DIGITS
from mindveil.anonymise.text_patterns import pattern_spans
from mindveil.anonymise.text_people import person_spans
from mindveil.anonymise.text_places import place_spans
from mindveil.anonymise.text_spans import IdentifierType, Span
from mindveil.anonymise.text_terms import term_spans
from mindveil.anonymise.text_work import work_spans
from mindveil.corpus.model import Column, Participant

ASKED_NAME = re.compile(
    r"\b(?:your|his|her|their|the) (?:first |last |full |middle |maiden |sur)?names?\b"
    r"|\bwho (?:am i|are you|is this|was that|is that)\b|\bcall you\b|\bgo by\b"
)
ASKED_PLACE = re.compile(
    r"\bwhere (?:do|did|are|were|is|was|does) (?:you|he|she|they|your \w+)\b|\bwhat (?:city|town|country|state)\b"
)
ASKED_WORK = re.compile(
    r"\bwhat (?:do|did|does) (?:you|he|she|your \w+) do\b|\b(?:your|his|her) (?:job|occupation|profession|work)\b"
    r"|\bfor a living\b"
)
ASKED_AGE = re.compile(r"\bhow old\b|\b(?:your|his|her) age\b")
LEAD = re.compile(r"^(?:oh|um|uh|well|yeah|yes|so|it's|its|i'm|im|just|my name is|\W){0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One thing that the corpus itself says about a person, and how it may be spoken."""

    type: IdentifierType
    form: re.Pattern[str]


COLUMN_TYPES: Mapping[str, IdentifierType] = {
    "mail": "EMAIL",
    "phone": "PHONE",
    "mobile": "PHONE",
    "tel": "PHONE",
    "birth": "BIRTH_DATE",
    "dob": "BIRTH_DATE",
    "address": "ADDRESS",
    "street": "ADDRESS",
    "postcode": "POSTCODE",
    "zip": "POSTCODE",
    "name": "PERSON",
}
QUASI_COLUMNS: Mapping[str, IdentifierType] = {
    "occupation": "OCCUPATION",
    "job": "OCCUPATION",
    "profession": "OCCUPATION",
    "nationality": "NATIONALITY",
    "religion": "RELIGION",
    "town": "PLACE",
    "city": "PLACE",
    "country": "PLACE",
    "region": "PLACE",
    "employer": "ORGANISATION",
}
SHORTEST_PART = 2
FEWEST_DIGITS = 5


def known_identifiers(person: Participant, columns: Mapping[str, Column]) -> tuple[Known, ...]:
    """Return what the participants' table says about a person, ready to be looked for.

    Names are looked for whole and part by part, numbers with any spacing and as spoken digits.
    A name part that is a function word ("will", "an") is left to the recognisers.
    """
    found: list[Known] = []
    for column, meaning in columns.items():
        value = person.attributes.get(column)
        kind = _column_type(column, meaning)
        if kind is None or value is None or value == "":
            continue
        text = f"{value:.0f}" if isinstance(value, float) else value
        found.extend(_known(text, kind))
    return tuple(found)


def find_identifiers(
    turns: Sequence[str], known: Sequence[Known] = ()
) -> tuple[tuple[Span, ...], ...]:
    """Return what identifies somebody in each turn of one person's conversations.

    The spans of a turn may overlap (``merge_spans`` joins those of the wanted types).
    """
    cut = [tokens(turn) for turn in turns]
    cases = [is_cased(words) for words in cut]
    entities = _tagged(turns, cut, cases)
    found: list[list[Span]] = []
    question = ""
    for text, words, model, cased in zip(turns, cut, entities, cases, strict=True):
        spans = [*_known_spans(text, known), *pattern_spans(text)]
        spans += person_spans(words, cased=cased, asked=bool(ASKED_NAME.search(question)))
        spans += [*address_spans(words, cased=cased), *place_spans(words, cased=cased)]
        spans += term_spans(words, cased=cased)
        spans += work_spans(words, cased=cased, asked=bool(ASKED_WORK.search(question)))
        spans += _answers(text, question)
        spans += _believed(model, words, cased=cased)
        found.append(spans)
        question = text.translate(APOSTROPHES).lower()
    again = _repeated(cut, found, cases)
    return tuple(
        tuple(sorted({*spans, *more}, key=lambda s: (s.start, s.end, s.type, s.source)))
        for spans, more in zip(found, again, strict=True)
    )


def _column_type(column: str, meaning: Column) -> IdentifierType | None:
    """Return what a column of the participants' table may show up as in talk, by its name."""
    if meaning.role == "identifier":
        return next((t for part, t in COLUMN_TYPES.items() if part in column.lower()), "RECORD")
    if meaning.role == "quasi" and meaning.kind in ("nominal", "text"):
        return QUASI_COLUMNS.get(column.lower())
    return None


def _known(text: str, kind: IdentifierType) -> Iterator[Known]:
    """Yield the forms in which one value may be said."""
    words = re.findall(r"\w+", text.lower())
    figures = re.sub(r"\D", "", text)
    if not words:
        return
    spaced = r"[\W_]{1,3}".join(re.escape(word) for word in words)
    yield Known(type=kind, form=re.compile(rf"\b{spaced}\b", re.IGNORECASE))
    if kind == "EMAIL":
        dotted = re.sub(r"[@.]", lambda m: " at " if m.group() == "@" else " dot ", text.lower())
        spoken = r"[\W_]{1,3}".join(re.escape(word) for word in dotted.split())
        yield Known(type=kind, form=re.compile(rf"\b{spoken}\b", re.IGNORECASE))
    if len(figures) >= FEWEST_DIGITS and kind in ("PHONE", "RECORD"):
        names = {d: "|".join(w for w, f in DIGITS.items() if f == d) for d in "0123456789"}
        said = r"[ .()-]{0,3}".join(f"(?:{d}|{names[d]})" for d in figures)
        yield Known(type=kind, form=re.compile(rf"(?<!\d){said}(?!\d)", re.IGNORECASE))
    if kind == "PERSON":
        for word in words:
            if len(word) > SHORTEST_PART and word not in function_words():
                yield Known(type=kind, form=re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE))


def _known_spans(text: str, known: Iterable[Known]) -> Iterator[Span]:
    """Yield where a turn says what the corpus knows about the person."""
    for one in known:
        for match in one.form.finditer(text):
            yield Span(start=match.start(), end=match.end(), type=one.type, source="known")


def _tagged(
    turns: Sequence[str], cut: Sequence[Sequence[Token]], cases: Sequence[bool]
) -> list[list[Span]]:
    """Return what the tagger says of each turn, asking only where its answer could be believed."""
    asked = [
        row
        for row, (words, cased) in enumerate(zip(cut, cases, strict=True))
        if any(_is_telling(t, cased=cased) for t in words)
    ]
    answers = named_entities([_recased(turns[r], cut[r], cased=cases[r]) for r in asked])
    found: list[list[Span]] = [[] for _ in turns]
    for row, spans in zip(asked, answers, strict=True):
        found[row] = spans
    return found


def _recased(text: str, words: Sequence[Token], *, cased: bool) -> str:
    """Return the turn with capitals where names may be, for a tagger that was taught on print."""
    if cased:
        return text
    out = list(text)
    for token in words:
        if len(token.low) == token.end - token.start and (
            token.opens or token.low == "i" or is_name(token.low) or is_strange(token.low)
        ):
            out[token.start] = text[token.start].upper()[:1]
    return "".join(out)


def _believed(model: Iterable[Span], words: Sequence[Token], *, cased: bool) -> Iterator[Span]:
    """Yield what the tagger found, less what an everyday word at the start of a line misled it to."""
    for span in model:
        inside = [t for t in words if t.start >= span.start and t.end <= span.end and is_word(t)]
        telling = [t for t in inside if _is_telling(t, cased=cased)]
        if telling and all(t.low not in plain_words() for t in telling):
            yield Span(start=telling[0].start, end=telling[-1].end, type=span.type, source="model")


def _is_telling(token: Token, *, cased: bool) -> bool:
    """Whether a word that the tagger marked looks like a name by itself too."""
    if len(token.low) < 2 or token.low[0] == "'" or token.low in plain_words() | function_words():
        return False
    if is_name(token.low) or is_strange(token.low):
        return token.capital or not cased
    return cased and token.capital and not (token.opens and is_everyday(token.low))


def _answers(text: str, question: str) -> Iterator[Span]:
    """Yield what a short answer gives away only because of the question before it."""
    plain = text.translate(APOSTROPHES).lower()
    lead = LEAD.match(plain)
    start = lead.end() if lead else 0
    for cue, form, kind in ANSWERS:
        if cue.search(question) and (match := form.match(plain, start)):
            yield Span(start=match.start(), end=match.end(), type=kind, source="context")


ANSWERS: tuple[tuple[re.Pattern[str], re.Pattern[str], IdentifierType], ...] = (
    (
        ASKED_AGE,
        re.compile(
            r"(?:\d{1,2}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)(?:[ -]\w{3,5})?)\b(?! (?:weeks|days|months))"
        ),
        "AGE",
    ),
)


def _repeated(
    cut: Sequence[Sequence[Token]], found: Sequence[Sequence[Span]], cases: Sequence[bool]
) -> list[list[Span]]:
    """Return further mentions of names and occupations found anywhere in these conversations."""
    names: dict[str, IdentifierType] = {}
    jobs: set[tuple[str, ...]] = set()
    for words, spans in zip(cut, found, strict=True):
        for span in spans:
            inside = [t for t in words if span.start <= t.start and t.end <= span.end]
            if span.type == "OCCUPATION" and len(inside) > 1:
                jobs.add(tuple(t.low for t in inside))
            elif span.type in ("PERSON", "PLACE", "ORGANISATION"):
                names.update({t.low: span.type for t in inside if _is_repeatable(t)} | names)
    return [
        [*_named_again(words, names, cased=cased), *_same_jobs(words, jobs)]
        for words, cased in zip(cut, cases, strict=True)
    ]


def _named_again(
    words: Sequence[Token], names: Mapping[str, IdentifierType], *, cased: bool
) -> Iterator[Span]:
    """Yield every mention of a name that was found elsewhere."""
    for token in words:
        if token.low in names and (token.capital or not cased):
            kind = names[token.low]
            yield Span(start=token.start, end=token.end, type=kind, source="context")


def _same_jobs(words: Sequence[Token], jobs: Iterable[tuple[str, ...]]) -> Iterator[Span]:
    """Yield every mention of an occupation that somebody here was said to have."""
    lows = [t.low for t in words]
    for job in jobs:
        for at in range(len(lows) - len(job) + 1):
            if tuple(lows[at : at + len(job)]) == job:
                yield Span(
                    start=words[at].start,
                    end=words[at + len(job) - 1].end,
                    type="OCCUPATION",
                    source="context",
                )


def _is_repeatable(token: Token) -> bool:
    """Whether a name stands for itself wherever it is said, being no everyday word."""
    low = token.low
    if not is_word(token) or len(low) < 3 or low[0] == "'" or low in plain_words():
        return False
    return is_strange(low) or (is_name(low) and low not in given_names().ambiguous)
