"""The cohort as a whole: seedable, growing without changing anybody, complete, shipped."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mindveil.corpus.instruments import get
from mindveil.corpus.model import Corpus
from mindveil.corpus.sample import build as module
from mindveil.corpus.sample.build import build_sample, columns, main
from mindveil.errors import InputError


def test_the_same_seed_gives_the_same_cohort_and_another_gives_another() -> None:
    assert build_sample(seed=4, people=5) == build_sample(seed=4, people=5)
    assert build_sample(seed=4, people=5)[0] != build_sample(seed=5, people=5)[0]


def test_adding_people_changes_nobody() -> None:
    few, few_truth = build_sample(seed=4, people=4)
    many, many_truth = build_sample(seed=4, people=9)
    assert many.participants[:4] == few.participants
    assert {n: many_truth.people[n] for n in few.ids} == few_truth.people


@pytest.mark.parametrize("people", [0, -3, 1000])
def test_an_impossible_number_of_people_is_refused(people: int) -> None:
    with pytest.raises(InputError, match=str(people)):
        build_sample(people=people)


def test_a_cohort_for_tests_is_made_quickly() -> None:
    start = time.process_time()
    build_sample(seed=4, people=24)
    assert time.process_time() - start < 3.0  # 0.5 s on an idle core


def test_every_person_has_every_column_with_a_known_level() -> None:
    corpus, _ = build_sample(seed=4, people=30)
    assert corpus.columns == columns()
    assert corpus.roles("identifier") == ("name", "email", "phone", "mrn")
    assert corpus.roles("sensitive") == ("medication",)
    for person in corpus.participants:
        assert tuple(person.attributes) == tuple(corpus.columns)
        for name, column in corpus.columns.items():
            value = person.attributes[name]
            assert not column.levels or value in column.levels
            assert (column.kind == "number") == isinstance(value, float)


def test_every_visit_has_words_and_all_questionnaires_of_the_right_length() -> None:
    corpus, _ = build_sample(seed=4, people=12)
    lengths = {"phq9": 9, "gad7": 7, "pcl5": 20, "mdq": 15, "pq16": 16}
    assert corpus.synthetic
    assert corpus.tools == tuple(sorted(lengths))
    for person in corpus.participants:
        assert len(person.sessions) in {2, 3}
        for session in person.sessions:
            assert {t: len(r.items) for t, r in session.responses.items()} == lengths
            assert session.has("text")
            assert session.has("scales")


def test_the_questionnaires_are_known_instruments() -> None:
    corpus, _ = build_sample(seed=4, people=2)
    assert [get(tool).key for tool in corpus.tools] == list(corpus.tools)


def test_the_command_writes_the_archives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "build_sample", lambda: build_sample(people=2))
    assert main([str(tmp_path / "new")]) == 0
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["cohort.zip", "truth.zip"]
    assert "cohort.zip" in capsys.readouterr().out


def test_no_identifier_column_is_in_the_words_of_a_guarded_person() -> None:
    corpus, truth = build_sample(seed=4, people=60)
    guarded = [n for n, p in truth.people.items() if p.persona.manner.indiscretion == 0]
    assert guarded
    for person in Corpus.select(corpus, guarded).participants:
        text = " ".join(t.text for s in person.sessions for t in s.transcript)
        assert str(person.attributes["phone"]) not in text
        assert str(person.attributes["email"]) not in text
