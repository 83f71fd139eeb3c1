"""Two tables of real people as codes and back: exact, quick, and nothing of theirs kept."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter

import numpy as np
import pytest

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.instruments import get, score
from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.dp.accounting import Budget
from mindveil.dp.noise import seeded
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.encoding_payment import paid_encoding

pytestmark = pytest.mark.realdata

DASS_NUMBERS = ("age", "familysize")
DASS_NAMES = (
    *("country", "education", "urban", "gender", "engnat", "religion"),
    *("orientation", "race", "voted", "married"),
)
UKM_NUMBERS = ("Height", "Weight", "BMI")
UKM_NAMES = ("Gender", "Age", "Race", "Year_of_Study", "Department")


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def columns_of(numbers, names):
    described = dict.fromkeys(numbers, Column(role="quasi", kind="number"))
    return described | dict.fromkeys(names, Column(role="quasi", kind="nominal", found=True))


def attributes_of(row, numbers, names):
    told = {n: float(row[n]) if row[n] else None for n in numbers}
    return told | {n: row[n].strip() or None for n in names}


def corpus_of(name, columns, people):
    participants = tuple(
        Participant(
            participant_id=f"P{n:04d}",
            attributes=attributes,
            sessions=(Session(session_id="01", responses=responses),),
        )
        for n, (attributes, responses) in enumerate(people)
    )
    return Corpus(name=name, participants=participants, columns=columns)


@pytest.fixture(scope="module")
def folder(request):
    path = request.config.rootpath.parent / "shared" / "data" / "tabular"
    if not path.is_dir():
        pytest.skip(f"the real data folder {path} is not on this machine")
    return path


@pytest.fixture(scope="module")
def dass(folder):
    people = []
    for row in rows_of(folder / "dass42_adults.csv"):
        items = tuple(int(text) - 1 for n, text in row.items() if n.startswith("dass") and "_" in n)
        response = Response(items=items, total=score(get("dass42"), items))
        people.append((attributes_of(row, DASS_NUMBERS, DASS_NAMES), {"dass42": response}))
    return corpus_of("dass42", columns_of(DASS_NUMBERS, DASS_NAMES), people)


@pytest.fixture(scope="module")
def ukm(folder):
    tools = {"phq9": ("D", 9), "gad7": ("A", 7), "pss10": ("S", 10)}
    traits = rows_of(folder / "ukm_Demography.csv")
    answered = rows_of(folder / "ukm_Psychological_aspects.csv")
    people = []
    for trait, row in zip(traits, answered, strict=True):
        responses = {
            tool: Response(items=tuple(int(row[f"{letter}{n}"]) for n in range(1, size + 1)))
            for tool, (letter, size) in tools.items()
        }
        people.append((attributes_of(trait, UKM_NUMBERS, UKM_NAMES), responses))
    return corpus_of("ukm", columns_of(UKM_NUMBERS, UKM_NAMES), people)


def answers(corpus):
    return [[s.responses for s in p.sessions] for p in corpus.participants]


@pytest.mark.parametrize("name", ["dass", "ukm"])
def test_answers_come_back_and_rare_levels_do_not(name, request, tmp_path):
    corpus = request.getfixturevalue(name)
    encoding = Encoding.of(corpus)
    codes = encoding.encode(corpus)
    made = encoding.decode(codes, np.random.default_rng(0))
    assert answers(made) == answers(corpus)
    assert encoding.rules == ()
    stored = json.dumps(encoding.to_json())
    for column in (n for n, c in corpus.columns.items() if c.kind == "nominal"):
        told = [p.attributes[column] for p in corpus.participants]
        rare = {v for v, count in Counter(told).items() if v is not None and count < 5}
        back = [p.attributes[column] for p in made.participants]
        assert {b if v not in rare else v for v, b in zip(told, back, strict=True)} == set(told)
        kept = encoding.codebook.variables[encoding.codebook.names.index(column)].levels
        assert not rare & (set(kept) - {"Other", "other"})
    assert not any(p in stored for p in corpus.ids)
    assert np.array_equal(encoding.encode(made), codes)
    save_corpus(made, tmp_path / "made")
    assert [f for f in check_corpus(tmp_path / "made") if f.severity == "error"] == []
    assert answers(load_corpus(tmp_path / "made")) == answers(corpus)


def test_2455_people_are_coded_and_made_at_once(dass):
    part = dass.select(dass.ids[:2455])
    encoding = Encoding.of(part)
    started = time.process_time()
    codes = encoding.encode(part)
    coded = time.process_time()
    encoding.decode(codes, np.random.default_rng(0))
    assert coded - started < 0.3
    assert time.process_time() - coded < 0.5


def test_a_private_codebook_of_real_people_tells_only_what_many_share(dass):
    part = dass.select(dass.ids[:2455])
    budget = Budget(epsilon=3.0, delta=1e-5, accountant="gaussian")
    paid = paid_encoding(part, budget, seeded(np.random.default_rng(0)))
    assert not any(v.found for v in paid.encoding.codebook.variables)
    for field in paid.encoding.layout.fields:
        told = [p.attributes[field.name] for p in part.participants]
        for level in set(field.column.levels) - {field.pool}:
            assert told.count(level) > 30
    assert paid.rest.rho > 0.93 * budget.rho
    made = paid.encoding.decode(paid.codes, np.random.default_rng(0))
    assert answers(made) == answers(part)
