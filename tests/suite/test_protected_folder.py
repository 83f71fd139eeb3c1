from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from tests.suite.miniature import data, miniature, people_of, run

from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.errors import InputError
from mindveil.suite.defences import IndependentNoise
from mindveil.suite.entrants import entrant_of
from mindveil.suite.protected_folder import read_returned
from mindveil.suite.ranking import ALONE, rank_defences
from mindveil.suite.suite_corpora import coded, export


@pytest.fixture
def exported(tmp_path):
    suite = miniature()
    there = data(tmp_path / "data")
    export(suite, suite.part.tracks[0], there, tmp_path / "export")
    return tmp_path / "export"


def codes():
    suite = miniature()
    return coded(suite, suite.part.tracks[0], people_of("scales"))


def returned(folder, again=None):
    spec = f"mine={folder}" + (f",{again}" if again else "")
    return read_returned(entrant_of(spec), people_of("scales"), codes())


def noisy(folder, out, seed):
    corpus = IndependentNoise().apply(load_corpus(folder), np.random.default_rng(seed))
    save_corpus(corpus, out)
    return out


def test_an_export_holds_everybody_under_codes_and_nobody_by_id(exported):
    corpus = load_corpus(exported)
    originals = people_of("scales")
    assert set(corpus.ids) == set(codes().values())
    assert not set(corpus.ids) & set(originals.ids)
    assert list(corpus.ids) == sorted(corpus.ids)  # the order of the originals is not told
    told = "".join(str(p.relative_to(exported)) for p in exported.rglob("*"))
    assert not any(person in told for person in originals.ids)


def test_nothing_but_the_export_is_left_beside_it(exported):
    assert {p.name for p in exported.parent.iterdir()} == {"data", "export"}


def test_what_comes_back_stands_under_the_ids_of_its_people(exported):
    found = returned(exported)
    originals = people_of("scales")
    assert found.corpus.ids == originals.ids
    assert found.again is None
    for mine, theirs in zip(found.corpus.participants, originals.participants, strict=True):
        assert mine.attributes == theirs.attributes
        assert [s.responses for s in mine.sessions] == [s.responses for s in theirs.sessions]
        assert [s.session_id for s in mine.sessions] == [s.session_id for s in theirs.sessions]


def _without_one(corpus):
    return corpus.with_people(corpus.participants[1:])


def _with_a_stranger(corpus):
    stranger = replace(corpus.participants[0], participant_id="STRANGER01")
    return corpus.with_people((*corpus.participants, stranger))


def _of_strangers(corpus):
    people = [
        replace(p, participant_id=f"STRANGER{i:02d}") for i, p in enumerate(corpus.participants)
    ]
    return corpus.with_people(people)


def _without_a_session(corpus):
    first, *rest = corpus.participants
    return corpus.with_people((replace(first, sessions=first.sessions[:1]), *rest))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_without_one, "1 of 60 people are missing"),
        (_with_a_stranger, "1 of 61 people in the folder are not of this track"),
        (_of_strangers, "nobody in the folder has a code of this track"),
        (_without_a_session, "somebody has 1 sessions in the folder and 2 in the export"),
    ],
)
def test_a_folder_of_other_people_is_refused_and_names_nobody(exported, tmp_path, change, sentence):
    save_corpus(change(load_corpus(exported)), tmp_path / "bad")
    with pytest.raises(InputError) as found:
        returned(tmp_path / "bad")
    assert sentence in str(found.value)
    assert not any(c in str(found.value) for c in (*codes().values(), "STRANGER", "P00"))


def _link_to_a_file(folder, outside):
    (outside / "secret.tsv").write_text("x\n")
    (folder / "phenotype" / "more.tsv").symlink_to(outside / "secret.tsv")


def _link_to_a_folder(folder, outside):
    (folder / "sub-more").symlink_to(outside, target_is_directory=True)


def _table_through_a_link(folder, outside):
    shutil.move(folder / "participants.tsv", outside / "participants.tsv")
    (folder / "participants.tsv").symlink_to(outside / "participants.tsv")


def _id_that_leads_out(folder, outside):
    _ = outside
    table = folder / "participants.tsv"
    first, second, *rest = table.read_text().splitlines()
    _, *cells = second.split("\t")
    table.write_text("\n".join((first, "\t".join(("../../etc", *cells)), *rest)) + "\n")


def _no_table(folder, outside):
    _ = outside
    (folder / "participants.tsv").unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        _link_to_a_file,
        _link_to_a_folder,
        _table_through_a_link,
        _id_that_leads_out,
        _no_table,
    ],
)
def test_a_folder_that_leads_elsewhere_is_bad_input_in_one_sentence(exported, tmp_path, spoil):
    outside = tmp_path / "outside"
    outside.mkdir()
    spoil(exported, outside)
    with pytest.raises(InputError) as found:
        returned(exported)
    assert found.value.exit_code == 2
    assert "\n" not in str(found.value)


def test_a_folder_that_is_a_link_is_refused(exported, tmp_path):
    (tmp_path / "link").symlink_to(exported, target_is_directory=True)
    with pytest.raises(InputError, match="is a link"):
        returned(tmp_path / "link")


def test_the_second_folder_is_protected_anew(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "again")
    with pytest.raises(InputError, match="both folders hold the same"):
        returned(exported, tmp_path / "again")


@pytest.mark.slow
def test_one_folder_meets_the_ignorant_alone_and_two_folders_are_ranked(exported, tmp_path):
    one = noisy(exported, tmp_path / "one", 1)
    again = noisy(exported, tmp_path / "again", 2)
    sheet = run(
        miniature(),
        tmp_path / "out",
        f"light={one}",
        f"full={one},{again}",
        f"leaky={exported}",
    )
    track = sheet.tracks[0]
    lines = {x.defence: x for x in rank_defences(track)}
    met = {d.name: d.attackers for d in track.defences}
    assert met["light"] == met["leaky"] == ("ignorant",)
    assert met["full"] == ("ignorant", "lazy-informed")
    assert lines["light"].rank is None
    assert lines["light"].remarks == (ALONE,)
    assert lines["light"].risk.value < 0.2
    assert lines["leaky"].risk.value >= 0.95
    assert rank_defences(track)[-1].defence == "leaky"
    assert lines["full"].rank in {1, 2}
    assert {f.attacker for f in track.figures if f.defence == "full" and f.kind == "attack"} == {
        "ignorant",
        "lazy-informed",
    }
    assert {d.name: d.origin for d in track.defences}["full"] == "two folders"
