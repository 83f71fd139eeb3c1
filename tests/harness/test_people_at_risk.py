"""The steward's index: chances and no matches, in the sealed folder alone, the same bytes again."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from tests.run.studies import STUDY, toy_study

from mindveil.addresses import cell_key
from mindveil.attack.base import LinkScores, Membership
from mindveil.evidence.linkage import name_pairs
from mindveil.evidence.measured import Truth
from mindveil.evidence.person_risk import LIMITS, own_chances
from mindveil.evidence.scorecard import Row
from mindveil.harness import attacks
from mindveil.harness.attacks import measure_attack
from mindveil.harness.context import context_of
from mindveil.harness.leak_scan import leaks_in
from mindveil.harness.people_at_risk import (
    counted_at_limit,
    keep_outcomes,
    kept_chances,
    write_index,
)
from mindveil.harness.scoring import Bout, score_bouts
from mindveil.study_file import load_study


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    made = context_of(load_study(toy_study(folder, STUDY + "\n[policy]\nmax_match = 0.2\n")))
    made.folder.prepare()
    return made


@pytest.fixture
def sealed(context):
    """Return the sealed folder, empty."""
    shutil.rmtree(context.folder.sealed)
    shutil.rmtree(context.folder.cells)
    context.folder.prepare()
    return context.folder.sealed


def cells_of(context, measure="scales/linkage"):
    return [c for c in context.plan.cells if c.measure == measure]


def bouts_of(context, found):
    """Return folds in which exactly the people of ``found`` match their records."""
    bouts = []
    for fold in context.folds:
        people = sorted(fold.released)
        codes = {f"R{i:03d}": p for i, p in enumerate(people)}
        scores = np.random.default_rng(fold.index).random((len(people), len(people)))
        np.fill_diagonal(scores, [9.0 if p in found else -1.0 for p in people])
        guesses = LinkScores(
            queries=tuple(codes), candidates=tuple(people), scores=scores, whole_table=True
        )
        truth = Truth(
            person_of=codes,
            released=context.corpus.select(fold.released),
            absent=context.corpus.select(fold.held_out),
        )
        bouts.append(Bout(guesses=(guesses,), truth=truth))
    return bouts


def finish(context, cell):
    path = context.folder.cells / f"{cell_key(context.plan, cell)}.json"
    path.write_text("{}")


def index(sealed):
    with (sealed / "people-at-risk.csv").open(newline="", encoding="utf-8") as page:
        return list(csv.DictReader(page))


def test_who_is_found_stands_first(context, sealed):
    names = context.corpus.ids
    for cell in cells_of(context):
        found = {names[3]} if cell.release == "k3" else set(names)
        if cell.attacker == "lazy-informed":
            found = set()
        keep_outcomes(context, cell, bouts_of(context, found))
        finish(context, cell)
    write_index(context)
    rows = index(sealed)
    assert len(rows) == len(names)
    assert rows[0]["participant_id"] == names[3]
    assert (rows[0]["k3 chance"], rows[0]["k3 exposed"]) == ("1.0", "yes")
    assert rows[0]["k3 attack"] == "scales/linkage (ignorant)"
    assert {r["k3 chance"] for r in rows[1:]} == {"0.0"}
    assert {r["original exposed"] for r in rows} == {"yes"}
    assert sorted(int(r["rarity_rank"]) for r in rows) == list(range(1, len(names) + 1))
    assert {r["unusual"] for r in rows} == {"no"}  # forty people are too few to name a tenth


def test_no_match_and_no_guess_is_stored(context, sealed):
    cell = cells_of(context)[0]
    keep_outcomes(context, cell, bouts_of(context, set(context.corpus.ids[:5])))
    (path,) = (sealed / "outcomes").iterdir()
    left = json.loads(path.read_text())
    assert set(left) == set(context.corpus.ids)
    assert all(0 <= chance <= 1 and exposed in (True, False) for chance, exposed in left.values())
    assert "R0" not in path.read_text()


def test_the_same_bytes_again_and_what_was_killed_does_not_count(context, sealed):
    done, killed, *_ = cells_of(context)
    everybody = set(context.corpus.ids)
    keep_outcomes(context, done, bouts_of(context, set()))
    keep_outcomes(context, killed, bouts_of(context, everybody))
    finish(context, done)
    write_index(context)
    once = (sealed / "people-at-risk.csv").read_bytes()
    assert b"1.0" not in once.partition(b"\n")[2]
    write_index(context)
    assert (sealed / "people-at-risk.csv").read_bytes() == once
    keep_outcomes(context, killed, bouts_of(context, everybody))
    finish(context, killed)
    write_index(context)
    twice = (sealed / "people-at-risk.csv").read_bytes()
    assert twice != once
    (sealed / "people-at-risk.csv").unlink()
    write_index(context)
    assert (sealed / "people-at-risk.csv").read_bytes() == twice


def test_the_index_is_private_and_no_leak_outside_the_sealed_folder(context, sealed):
    cell = cells_of(context)[0]
    keep_outcomes(context, cell, bouts_of(context, set(context.corpus.ids)))
    finish(context, cell)
    write_index(context)
    assert (sealed / "people-at-risk.csv").stat().st_mode & 0o077 == 0
    assert [
        leak for leak in leaks_in(context.folder.root, context.corpus) if leak.kind == "id"
    ] == []


def test_nothing_is_written_where_nothing_was_linked_or_there_is_no_run(context, sealed):
    cell = cells_of(context)[0]
    one = bouts_of(context, set())[0]
    nobody = Membership(people=("a",), scores=np.zeros(1))
    keep_outcomes(context, cell, [Bout(guesses=(nobody,), truth=one.truth)])
    (sealed / "people-at-risk.csv").write_text("of an earlier study")
    write_index(context)
    assert list(sealed.iterdir()) == []
    shutil.rmtree(sealed)
    keep_outcomes(context, cell, bouts_of(context, set()))
    assert not sealed.exists()
    context.folder.prepare()


def test_an_attack_leaves_chances_and_says_only_how_many(context, sealed):
    cell = next(c for c in cells_of(context) if c.release == "original")
    rows = measure_attack(context, cell).rows
    finish(context, cell)
    write_index(context)
    told = {r.metric: r for r in rows}
    mean = np.mean([float(r["original chance"]) for r in index(sealed)])
    assert told["rank1"].value == pytest.approx(mean, abs=1e-6)
    wanted = {"person-risk@worst", "people-exposed", "rank1-worst@age", "rank1-gap@severity"}
    assert wanted <= set(told)
    names = set(context.corpus.ids)
    assert not any(names & set(r.note.replace(";", " ").split()) for r in rows)


def test_the_headline_stays_first_and_the_same_guesses_give_the_same_figures(context):
    bouts = bouts_of(context, set(context.corpus.ids[:9]))
    found = score_bouts(context, bouts, "tier: light", np.random.default_rng(1))
    assert [m.metric for m in found[:2]] == ["rank1", "advantage"]
    assert score_bouts(context, bouts, "tier: light", np.random.default_rng(1)) == found
    assert all(m.note.endswith("tier: light") for m in found)


def test_people_are_counted_at_the_limit_of_the_policy(context):
    rows = [
        Row(
            release="k3", kind="attack", measure="m", modality="text", metric=f"people-above@{at:g}"
        )
        for at in LIMITS
    ]
    told = [r.metric for r in counted_at_limit(context, rows)]
    assert told.index("people-above@limit") == told.index("people-above@0.2") + 1


def test_a_stronger_attacker_takes_over_what_a_weaker_one_left(context, sealed, monkeypatch):
    cells = {c.attacker: c for c in cells_of(context) if c.release == "original"}
    weaker, stronger = cells["ignorant"], cells["lazy-informed"]
    alone = measure_attack(context, stronger)
    assert kept_chances(context, weaker) is None
    measure_attack(context, weaker)
    ran = []
    run = attacks.meet
    monkeypatch.setattr(attacks, "meet", lambda *told: ran.append(told[1]) or run(*told))
    assert measure_attack(context, stronger) == alone
    assert set(ran) == {"lazy-informed"}


def test_chances_are_kept_to_the_last_digit(context, sealed):
    cell = cells_of(context)[0]
    bouts = bouts_of(context, set(context.corpus.ids[:5]))
    keep_outcomes(context, cell, bouts)
    linked = [name_pairs(b.guesses[0], b.truth) for b in bouts]
    assert kept_chances(context, cell) == own_chances(linked, context.study.attack.lineup)


def test_a_modality_that_could_not_be_compared_is_named_in_the_note(context):
    bouts = bouts_of(context, set(context.corpus.ids[:9]))
    cell = cells_of(context)[0]
    mute = replace(bouts[0], guesses=(replace(bouts[0].guesses[0], silent=("voice",)),))
    told = attacks._note(context, cell, [mute, *bouts[1:]], "light")
    assert f"voice could not be compared in 1 of {len(bouts)} folds" in told
    assert "compared" not in attacks._note(context, cell, bouts, "light")
