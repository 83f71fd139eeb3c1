"""One interview: who says what, when, and what is given away in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mindveil.corpus.model import Entity, Speaker, Turn
from mindveil.corpus.sample.identifiers import heard, surfaces, thing
from mindveil.corpus.sample.leaks import plan_leaks
from mindveil.corpus.sample.lives import subtable, words, world
from mindveil.corpus.sample.personas import Persona
from mindveil.corpus.sample.phrases import (
    LEVELS,
    MENTIONS,
    Taste,
    acquire_taste,
    grammar,
    say,
    weighted,
)
from mindveil.corpus.sample.speech import (
    Habits,
    Spoken,
    compose,
    draw_habits,
    overhear,
    plain,
    write,
)
from mindveil.corpus.sample.topics import OFF_THEME, SYMPTOMS, level_of, plan_topics

USED_BEFORE = 0.01
"""How much less likely a phrase is for each time the same person used it."""
WORDS = (8, 30)
"""Fewest and most words of a participant's turn."""
NAMED_BY_INTERVIEWER = 0.3
"""Chance that the interviewer says the first name once."""

_INTERVIEWER_RATE = 2.8
_TRIES = 6
_EXPANSIVE = 0.6
_STAYS_ON_TOPIC = 0.6
_SYMPATHY = 0.5
_BAD = 2
"""From this level on, an interviewer may say something kind."""
_FEW = 3
"""Lists of no more phrases than this are not drawn from twice in a turn."""
Key = tuple[str, str]
"""A list of the phrase bank: section and list."""


@dataclass(slots=True, kw_only=True)
class Author:
    """A persona with a tongue; ``said`` and ``used`` remember sentences and phrases."""

    persona: Persona
    taste: Taste
    habits: Habits
    said: set[str] = field(default_factory=set)
    used: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit: the traits on the day, and whether an ASR wrote it down."""

    state: tuple[float, ...]
    automatic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What an answer is about: the topic asked, the phrases it draws on, how bad it is."""

    topic: str
    key: Key
    level: int


@dataclass(slots=True, kw_only=True)
class _Tape:
    """What has been said so far, and the time."""

    spell: Callable[[str], Spoken]
    persona: Persona
    turns: list[Turn] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    clock: float = 0.0


def wake(persona: Persona, rng: np.random.Generator) -> Author:
    """Give a persona a tongue: tastes, habits and the facts of a life."""
    life = persona.life
    places = words(subtable(world()["sectors"], life.sector), "places")
    facts = {
        "partner": (life.partner,),
        "child": (life.child,),
        "sibling": (life.sibling,),
        "hobby": life.hobbies[:2],
        "other_hobby": life.hobbies[2:],
        "workplace": tuple(places),
        "someone": life.confidants,
        "concern": life.concerns,
    }
    return Author(persona=persona, taste=acquire_taste(facts, rng), habits=draw_habits(rng))


def hold_interview(
    author: Author, visit: Visit, rng: np.random.Generator
) -> tuple[tuple[Turn, ...], tuple[Entity, ...]]:
    """Return the turns of one interview and the identifiers spoken in it."""
    persona = author.persona
    tape = _Tape(spell=_spelling(persona, automatic=visit.automatic), persona=persona)
    topics, followed = plan_topics(rng)
    planted = plan_leaks(persona, topics, rng)
    named = rng.random() < NAMED_BY_INTERVIEWER and persona.manner.indiscretion > 0
    naming = topics[int(rng.integers(2, len(topics)))] if named else ""
    subject = _Subject(topic="", key=("", ""), level=0)
    for topic in topics:
        reaction = "named" if topic == naming else _reaction(subject, rng)
        _ask(tape, [(reaction, "any"), ("ask", topic)], rng)
        subject = _subject_of(author, topic, visit, rng)
        leaks = [_phrase(author, p, subject.level, rng) for p in planted[topic]]
        _speak(tape, author, subject, leaks, rng)
        if topic in followed:
            probe = "symptom" if topic in SYMPTOMS else "life"
            _ask(tape, [(_reaction(subject, rng), "any"), ("probe", probe)], rng)
            _speak(tape, author, _followed(persona, subject, rng), [], rng)
    return tuple(tape.turns), tuple(tape.entities)


def _spelling(persona: Persona, *, automatic: bool) -> Callable[[str], Spoken]:
    """Return how turns of this visit are written down."""
    if automatic:
        sounds = {m: heard(m, persona) for m in MENTIONS}
        return lambda turn: overhear(turn, sounds)
    spelled = surfaces(persona)
    return lambda turn: write(turn, spelled)


def _reaction(last: _Subject, rng: np.random.Generator) -> str:
    return "kind" if last.level >= _BAD and rng.random() < _SYMPATHY else "nod"


def _ask(tape: _Tape, parts: Sequence[Key], rng: np.random.Generator) -> None:
    """Let the interviewer react to the last answer, if there was one, and ask."""
    bank = grammar().phrases
    said = []
    for part in parts if tape.turns else parts[1:]:
        lines = bank[part]
        said.append("".join(map(str, lines[int(rng.integers(len(lines)))].nodes)))
    _record(tape, "interviewer", " ".join(said), rng)


def _subject_of(author: Author, topic: str, visit: Visit, rng: np.random.Generator) -> _Subject:
    """Return what the participant answers with: the topic at some level, or something else."""
    level = 0
    if topic in SYMPTOMS:
        if rng.random() < OFF_THEME:
            return _Subject(topic=topic, key=_any_life(author.persona, rng), level=0)
        level = level_of(topic, visit.state, author.persona.manner.candour, rng)
    return _Subject(topic=topic, key=_about(author.persona, topic, level, rng), level=level)


def _followed(persona: Persona, subject: _Subject, rng: np.random.Generator) -> _Subject:
    """Return what a follow-up is answered with: more of the topic, or a general remark."""
    if rng.random() < _STAYS_ON_TOPIC:
        key = _about(persona, subject.topic, subject.level, rng)
    else:
        key = ("more", "any")
    return replace(subject, key=key)


def _about(persona: Persona, topic: str, level: int, rng: np.random.Generator) -> Key:
    """Return the phrases with which a topic is answered at a level."""
    if topic in SYMPTOMS:
        return topic, LEVELS[level]
    if topic == "work":
        return topic, persona.life.sector
    if topic == "pets":
        return topic, persona.life.pet
    if topic == "family":
        options = _household(persona)
        return topic, options[int(rng.integers(len(options)))]
    return topic, "any"


def _household(persona: Persona) -> tuple[str, ...]:
    life, age = persona.life, persona.identity.age
    options = [
        *(["partner", "partner"] if life.partner else ["alone"]),
        *((["children", "children"] if age < 50 else ["grown", "grown"]) if life.child else []),
        *(["parents"] if age < 62 else []),
        *(["siblings"] if life.sibling else []),
    ]
    return tuple(options)


def _any_life(persona: Persona, rng: np.random.Generator) -> Key:
    topics = ("aside", "concern", "concern", "work", "family", "hobby", "pets")
    return _about(persona, topics[int(rng.integers(len(topics)))], 0, rng)


def _phrase(author: Author, key: Key, level: int, rng: np.random.Generator) -> str:
    """Return a sentence that this person has not said before, from a phrase hardly used yet."""
    templates = grammar().phrases[key]
    sentence = ""
    for _ in range(_TRIES):
        odds = tuple(
            author.taste.weights[t.index] * USED_BEFORE ** author.used.get(t.index, 0)
            for t in templates
        )
        chosen = templates[weighted(odds, rng)]
        sentence = say(chosen, author.taste, level, rng)
        if sentence not in author.said:
            author.used[chosen.index] = author.used.get(chosen.index, 0) + 1
            break
    author.said.add(sentence)
    return sentence


def _speak(
    tape: _Tape, author: Author, subject: _Subject, leaks: list[str], rng: np.random.Generator
) -> None:
    """Say a turn of 8 to 30 words: the answer, what it gives away, and as much more as suits."""
    manner = author.persona.manner

    def more() -> str:
        return _phrase(author, _extra(author.persona, subject.key, rng), subject.level, rng)

    sentences = [_phrase(author, subject.key, subject.level, rng), *leaks]
    needed = len(sentences)
    while rng.random() < manner.wordiness * _EXPANSIVE and len(sentences) < needed + 2:
        sentences.append(more())
    for _ in range(4 * _TRIES):
        turn = compose(sentences, author.habits, manner, rng)
        length = len(tape.spell(turn).text.split())
        if WORDS[0] <= length <= WORDS[1]:
            break
        if length < WORDS[0]:
            sentences.append(more())
        elif len(sentences) > needed:
            sentences.pop()
        elif manner != plain(manner):
            manner = plain(manner)
        elif len(sentences) > 1:
            sentences, needed = sentences[1:], needed - 1
    _record(tape, "participant", turn, rng)


def _extra(persona: Persona, key: Key, rng: np.random.Generator) -> Key:
    """Return what else comes up: more of the same, a remark, or something from life."""
    draw = rng.random()
    if draw < 0.5 and key[0] in SYMPTOMS and len(grammar().phrases[key]) > _FEW:
        return key
    return ("more", "any") if draw < 0.72 else _any_life(persona, rng)


def _record(tape: _Tape, speaker: Speaker, turn: str, rng: np.random.Generator) -> None:
    """Put a turn on the tape, with its time and the identifiers in it."""
    spoken = tape.spell(turn)
    rate = _INTERVIEWER_RATE
    pause = 0.25 + 0.35 * rng.random()
    if speaker == "participant":
        rate = tape.persona.body.words_per_minute / 60
        pause += 0.3 * max(tape.persona.factors[0] + 0.5, 0.0)
    start = tape.clock + pause
    seconds = len(spoken.text.split()) / rate * (1 + 0.06 * rng.standard_normal())
    tape.clock = start + max(seconds, 0.3)
    index = len(tape.turns)
    for mention, first, end in spoken.mentions:
        known = thing(mention, tape.persona)
        tape.entities.append(
            Entity(
                turn=index,
                start=first,
                end=end,
                type=known.type,
                role=known.role,
                entity=known.entity,
            )
        )
    tape.turns.append(
        Turn(speaker=speaker, text=spoken.text, start=round(start, 2), end=round(tape.clock, 2))
    )
