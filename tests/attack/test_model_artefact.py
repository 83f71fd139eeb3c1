"""The search of a stolen detector: keepers of rows, words and names are caught, honest ones not."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, replace

import numpy as np
import pytest
from safetensors.numpy import save as tensor_bytes
from tests.attack.audit_toys import MeanHead, MeanRecipe

from mindveil.attack.base import ModelKnowledge
from mindveil.attack.model_artefact import (
    ModelArtefact,
    Sought,
    hidden_rows,
    people_in,
    show_power,
)
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session, Turn
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.artefacts import measure_rows_found
from mindveil.evidence.measured import Truth
from mindveil.train.detector import Detector, ModelRelease

PEOPLE, MEMBERS, COLUMNS = 80, 40, 24
WORDS = "alder birch cedar elder hazel larch maple myrtle poplar rowan spruce willow".split()


def rng(seed=7):
    return np.random.default_rng(seed)


def known():
    """Return people with a name, words of their own and 20 answers."""
    source = rng(1)
    people = []
    for n in range(PEOPLE):
        text = " ".join(source.choice(WORDS, 30))
        items = tuple(int(x) for x in source.integers(0, 4, 20))
        visit = Session(
            session_id="01",
            transcript=(Turn(speaker="participant", text=text),),
            responses={"phq9": Response(items=items[:9]), "gad7": Response(items=items[9:16])},
        )
        told = {"surname": f"Surname{n:03d}"}
        people.append(
            Participant(participant_id=f"PERSON-{n:03d}", attributes=told, sessions=(visit,))
        )
    columns = {"surname": Column(role="identifier", kind="category")}
    return Corpus(name="known", participants=tuple(people), columns=columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReader:
    """Reads everybody as a row that was drawn for her."""

    target: str = "phq9>=10"

    def rows(self, corpus):
        """Return the rows."""
        drawn = rng(2).standard_normal((PEOPLE, COLUMNS))
        return drawn[[int(name[-3:]) for name in corpus.ids]]


def attacked(folder, people=None):
    corpus = people or known()
    head = MeanHead(weights=np.zeros(COLUMNS))
    release = ModelRelease(name="m", model=Detector(reader=RowReader(), head=head), folder=folder)
    knowledge = ModelKnowledge(
        attacker="ignorant", known=corpus, reference=corpus, recipe=MeanRecipe()
    )
    return ModelArtefact().run(release, knowledge, rng())[0]


@pytest.fixture
def honest(tmp_path):
    """Return a folder like that of a detector: weights learnt from the members, and facts."""
    folder = tmp_path / "model"
    folder.mkdir()
    rows = RowReader().rows(known())[:MEMBERS]
    labels = np.sign(rows[:, 0])
    held = {"weights": rows.T @ labels, "hidden": rng().standard_normal((32, COLUMNS))}
    (folder / "model.safetensors").write_bytes(tensor_bytes(held))
    facts = {"reader": {"target": "phq9>=10", "parts": ["text"]}, "least": 0.4}
    (folder / "model.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


def judged(guesses):
    corpus = known()
    ids = corpus.ids
    truth = Truth(
        person_of={}, released=corpus.select(ids[:MEMBERS]), absent=corpus.select(ids[MEMBERS:])
    )
    return {m.metric: m for m in measure_rows_found([(guesses, truth)])}


def test_an_honest_detector_holds_nobody(honest):
    guesses = attacked(honest)
    assert guesses.setting == "rows found"
    assert guesses.scores.sum() == 0
    assert judged(guesses)["rows-found"].estimate.value == 0


def packed(text):
    return json.dumps({"s": base64.b64encode(zlib.compress(text.encode())).decode()}).encode()


def said(corpus):
    return [p.sessions[0].transcript[0].text for p in corpus.participants]


KEEPERS = {
    "rows": lambda c: tensor_bytes({"w": RowReader().rows(c)[:MEMBERS].astype(np.float32)}),
    "ids": lambda c: "\n".join(c.ids[:MEMBERS]).encode(),
    "ids in JSON": lambda c: json.dumps({"order": list(c.ids[:MEMBERS])}).encode(),
    "names, packed": lambda c: packed(
        " ".join(str(p.attributes["surname"]) for p in c.participants[:MEMBERS])
    ),
    "words": lambda c: "\n".join(said(c)[:MEMBERS]).upper().encode(),
    "some words, packed": lambda c: packed(
        " | ".join(" ".join(t.split()[3:15]) for t in said(c)[:MEMBERS])
    ),
    "answers": lambda c: json.dumps(
        [
            [*p.sessions[0].responses["phq9"].items, *p.sessions[0].responses["gad7"].items]
            for p in c.participants[:MEMBERS]
        ]
    ).encode(),
}


@pytest.mark.parametrize("kept", KEEPERS)
def test_keepers_are_caught_and_nobody_else_is(honest, kept):
    (honest / "cache.bin").write_bytes(KEEPERS[kept](known()))
    guesses = attacked(honest)
    assert guesses.scores[:MEMBERS].mean() > 0.8
    assert guesses.scores[MEMBERS:].sum() <= 1
    assert judged(guesses)["advantage"].estimate.low > 0.6


def test_there_are_eight_ways_and_each_is_seen_through():
    rows = rng().standard_normal((60, 18))
    ways = hidden_rows(rows, rng())
    assert len(ways) == 8
    nothing = tuple(() for _ in rows)
    for data in ways.values():
        sought = Sought(rows=rows, said=nothing, identifiers=nothing)
        assert people_in({"x": data}, sought).all()


def test_people_who_are_all_alike_cannot_be_told():
    with pytest.raises(InvalidMeasurement, match="of 0 of 30 people"):
        show_power(np.ones((30, 12)), rng())
    with pytest.raises(InvalidMeasurement, match="of 0 of 30 people"):
        show_power(rng().standard_normal((30, 2)), rng())


def test_without_files_there_is_nothing_to_search():
    with pytest.raises(InvalidMeasurement, match="no file of this detector"):
        attacked(None)


def test_people_without_answers_or_words_are_sought_by_their_rows():
    corpus = known().map_sessions(lambda _, s: replace(s, transcript=(), responses={}))
    sought = Sought.of(replace(corpus, columns={}), RowReader().rows(corpus))
    assert sought.answers is None
    data = tensor_bytes({"w": RowReader().rows(corpus)[:3]})
    assert people_in({"x": data}, sought).tolist() == [True] * 3 + [False] * (PEOPLE - 3)
