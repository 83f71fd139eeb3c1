"""Make the sample cohort: people who do not exist, what they say and answer, and the truth.

``python -m mindveil.corpus.sample.build FOLDER`` writes the shipped archives. Everything a person
says comes from streams of that person, so people may be added without changing anybody.

The knobs (``answers.py``, ``topics.py``, ``phrases.py``, ``speech.py``, ``leaks.py``) are set so
that the cohort is neither trivial nor hopeless: an author is found among 100 in .5-.8 of cases,
text tells depression from none with an AUC of .75-.88, other questionnaires with .85-.93.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from mindveil.corpus.model import Attribute, Column, Corpus, Participant, Session
from mindveil.corpus.sample.answers import answer, states
from mindveil.corpus.sample.interview import Author, Visit, hold_interview, wake
from mindveil.corpus.sample.lives import (
    EDUCATION,
    MARITAL,
    SEXES,
    TOWN_SIZES,
    draw_persona,
    subtable,
    words,
    world,
)
from mindveil.corpus.sample.load import write_cohort
from mindveil.corpus.sample.personas import Persona
from mindveil.corpus.sample.truth import PersonTruth, Truth, VisitTruth, count_leaks
from mindveil.errors import InputError
from mindveil.randomness import stream

SEED = 20261122
PEOPLE = 150
AUTOMATIC = 1 / 3
"""Share of interviews that an ASR wrote down: lower case, no punctuation."""
MEDICATION: tuple[str, ...] = ("none", "antidepressant", "anxiolytic", "other")

_CONSENT = "any use: these people do not exist"


def build_sample(seed: int = SEED, people: int = PEOPLE) -> tuple[Corpus, Truth]:
    """Return a cohort of ``people`` participants, 2 or 3 visits each, and what is true of them.

    The first 24 of 150 people are the 24 of a cohort of 24. Raises ``InputError`` for less than
    1 or more than 999 people.

    >>> corpus, truth = build_sample(people=2)
    >>> corpus.ids, sorted(truth.people), corpus.tools
    (('P001', 'P002'), ['P001', 'P002'], ('gad7', 'mdq', 'pcl5', 'phq9', 'pq16'))
    """
    if not 1 <= people <= 999:
        raise InputError(f"people = {people}: a sample cohort has 1 to 999 people")
    made = [_make_person(seed, number) for number in range(1, people + 1)]
    corpus = Corpus(
        name="Mindveil sample cohort",
        participants=tuple(participant for participant, _ in made),
        columns=columns(),
        licence="Apache-2.0",
        consent={"text": _CONSENT, "scales": _CONSENT},
        synthetic=True,
    )
    return corpus, Truth(seed=seed, people={p.participant_id: t for p, t in made})


def columns() -> Mapping[str, Column]:
    """Return what each column of participants.tsv means."""
    jobs = tuple(sorted({job for s in world()["sectors"] for job in words(_sector(s), "jobs")}))
    regions, origins = tuple(world()["towns"]), tuple(world()["origins"])
    named = {n: Column(role="identifier", kind="text", description=d) for n, d in _NAMED.items()}
    return named | {
        "age": Column(role="quasi", kind="number", description="age in years"),
        "sex": Column(role="quasi", kind="nominal", levels=SEXES),
        "education": Column(role="quasi", kind="ordinal", levels=EDUCATION),
        "occupation": Column(role="quasi", kind="nominal", levels=jobs),
        "region": Column(role="quasi", kind="nominal", levels=regions),
        "town_size": Column(role="quasi", kind="ordinal", levels=TOWN_SIZES),
        "nationality": Column(role="quasi", kind="nominal", levels=origins),
        "marital": Column(role="quasi", kind="nominal", levels=MARITAL),
        "children": Column(role="quasi", kind="number", description="number of children"),
        "medication": Column(role="sensitive", kind="nominal", levels=MEDICATION),
    }


_NAMED: Mapping[str, str] = MappingProxyType(
    {
        "name": "full name",
        "email": "e-mail address, in a domain that is reserved for examples",
        "phone": "telephone number, in the range that Ofcom reserves for drama",
        "mrn": "hospital record number",
    }
)


def _sector(name: str) -> Mapping[str, object]:
    return subtable(world()["sectors"], name)


def _make_person(seed: int, number: int) -> tuple[Participant, PersonTruth]:
    persona = draw_persona(seed, number)
    author = wake(persona, stream(seed, "tongue", persona.participant_id))
    made = [
        _make_visit(seed, author, index, state) for index, state in enumerate(states(seed, persona))
    ]
    participant = Participant(
        participant_id=persona.participant_id,
        attributes=_attributes(seed, persona),
        sessions=tuple(session for session, _ in made),
    )
    return participant, PersonTruth(persona=persona, visits=tuple(truth for _, truth in made))


def _make_visit(
    seed: int, author: Author, index: int, state: tuple[float, ...]
) -> tuple[Session, VisitTruth]:
    name, number = author.persona.participant_id, str(index)
    automatic = bool(stream(seed, "recorder", name, number).random() < AUTOMATIC)
    visit = Visit(state=state, automatic=automatic)
    rng = stream(seed, "interview", name, number)
    transcript, entities = hold_interview(author, visit, rng)
    session = Session(
        session_id=f"{index + 1:02d}",
        transcript=transcript,
        entities=entities,
        responses=answer(seed, author.persona, index, state),
    )
    truth = VisitTruth(
        session_id=session.session_id,
        state=state,
        automatic=automatic,
        leaks=count_leaks(entities),
    )
    return session, truth


def _attributes(seed: int, persona: Persona) -> dict[str, Attribute]:
    who, life = persona.identity, persona.life
    return {
        "name": f"{who.first} {who.last}",
        "email": who.email,
        "phone": who.phone,
        "mrn": who.record,
        "age": float(who.age),
        "sex": who.sex,
        "education": life.education,
        "occupation": life.occupation,
        "region": life.region,
        "town_size": life.town_size,
        "nationality": who.nationality,
        "marital": life.marital,
        "children": float(life.children),
        "medication": _medication(seed, persona),
    }


def _medication(seed: int, persona: Persona) -> str:
    """Draw what somebody takes: the worse they are, the likelier it is anything."""
    rng = stream(seed, "medication", persona.participant_id)
    depression, anxiety, *_ = persona.factors
    if rng.random() > 0.1 + 0.2 * max(depression, anxiety, 0.0):
        return MEDICATION[0]
    if rng.random() < 0.15:
        return MEDICATION[3]
    return MEDICATION[1 if depression + 0.5 * rng.standard_normal() > anxiety - 0.3 else 2]


def main(arguments: list[str]) -> int:
    """Write the shipped cohort into the folder named, by default beside this module."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    for path in write_cohort(*build_sample(), folder):
        sys.stdout.write(f"{path} ({path.stat().st_size / 1024:.0f} KiB)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
