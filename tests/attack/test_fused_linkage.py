"""One attacker joins modalities: more than the best of them, no worse for a useless one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.joined import Joined, joined
from tests.harness.toys import see, stage

from mindveil.attack.base import ATTACKERS
from mindveil.attack.fused_linkage import FusedLinkage
from mindveil.choices import attacks_of, recordings_of
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.fused import measure_question, measure_shares
from mindveil.evidence.line_ups import mean_of, suffered
from mindveil.evidence.linkage import compare, name_pairs
from mindveil.harness.attacks import meet
from mindveil.study_file import parse_study

ATTACK = FusedLinkage()
BOTH = Joined(noise=1.1, stability=0.7)
"""Voice and answers that name about half of the people each."""


def fight(toy, attacker, seed, monkeypatch, *, shuffled=False, shift=None, change=None):
    """Return one fold of an undefended release: every question's scores with the truth."""
    corpus, rng = joined(toy, seed, monkeypatch, shift), np.random.default_rng(seed)
    corpus = corpus if change is None else change(corpus)
    shown = stage(corpus, rng, shuffled=shuffled)
    protect = None if attacker == "ignorant" else (lambda c, _: c)
    bout = meet(ATTACK, attacker, see(corpus, ATTACK, shown), protect, rng)
    assert bout.by_seat
    return {g.setting: name_pairs(g, bout.truth) for g in bout.guesses}, bout


def folds_of(toy, attacker, seeds, monkeypatch, **more):
    """Return several corpora as if they were folds: people of each count apart."""
    folds = []
    for seed in seeds:
        linked, _ = fight(toy, attacker, seed, monkeypatch, **more)
        folds.append({name: apart(fold, seed) for name, fold in linked.items()})
    return folds


def apart(fold, seed):
    def named(people):
        return tuple(f"{seed}-{p}" for p in people)

    return replace(
        fold, rows=named(fold.rows), columns=named(fold.columns), absent=named(fold.absent)
    )


def rank1(folds, question):
    return float(np.mean(mean_of(suffered([f[question] for f in folds], 100, 1))))


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_two_halves_make_more_than_each(attacker, monkeypatch):
    folds = folds_of(BOTH, attacker, range(3), monkeypatch)
    for alone in ("voice alone", "scales alone"):
        assert 0.3 < rank1(folds, alone) < 0.8
        gain = compare([f[""] for f in folds], [f[alone] for f in folds], 100)
        assert gain.low > 0.05
    found = {m.metric.partition("@")[0]: m for m in measure_shares(folds, 100)}
    assert found["over-best-single"].estimate.low > 0.05
    assert rank1(folds, "with demographics") > rank1(folds, "")


@pytest.mark.parametrize(
    ("toy", "attacker"),
    [
        *((Joined(noise=50.0, stability=0.8), kind) for kind in ATTACKERS),
        *((Joined(noise=0.9, stability=0.0), kind) for kind in ATTACKERS),
        # where little stands out, only who has been taught knows what to make of it
        (Joined(noise=50.0, stability=0.8, voiced=0.3), "semi-informed"),
        (Joined(noise=50.0, stability=0.6), "semi-informed"),
        (Joined(noise=1.6, stability=0.0), "semi-informed"),
    ],
)
def test_a_useless_modality_does_not_hurt(toy, attacker, monkeypatch):
    folds = folds_of(toy, attacker, range(2), monkeypatch)
    best = max(rank1(folds, "voice alone"), rank1(folds, "scales alone"))
    assert rank1(folds, "") > best - 0.03


@pytest.mark.parametrize("attacker", ["ignorant", "semi-informed"])
def test_with_voice_protected_attribution_names_the_answers(attacker, monkeypatch):
    def shift(channel, path, row, rng):
        return rng.normal(size=len(row))

    toy = replace(BOTH, stability=0.9)
    folds = folds_of(toy, attacker, range(2), monkeypatch, shift=shift)
    lost = {m.metric: m.estimate for m in measure_shares(folds, 100)}
    assert lost["lost-without@scales"].low > 0.2
    assert abs(lost["lost-without@voice"].value) < 0.06


def test_without_protection_attribution_names_both(monkeypatch):
    folds = folds_of(BOTH, "ignorant", range(3), monkeypatch)
    lost = {m.metric: m.estimate for m in measure_shares(folds, 100)}
    assert lost["lost-without@scales"].low > 0.1
    assert lost["lost-without@voice"].low > 0.1


@pytest.mark.parametrize("attacker", ["ignorant", "semi-informed"])
def test_nobody_is_named_in_shuffled_corpora(attacker, monkeypatch):
    above = below = 0
    for seed in range(8 if attacker == "ignorant" else 4):
        linked, _ = fight(Joined(people=60), attacker, seed, monkeypatch, shuffled=True)
        for question in ("", "with demographics", "voice alone", "without voice"):
            found = measure_question([linked[question]], 10, frozenset())
            gain = next(m for m in found if m.metric == "advantage").estimate
            above, below = above + (gain.low > 0), below + (gain.high < 0)
    assert above + below <= 4  # of 32 exact intervals, or 16


def test_who_has_no_voice_is_tied_by_voice_and_found_by_answers(monkeypatch):
    linked, _ = fight(Joined(stability=0.95, items=30, voiced=0.3), "ignorant", 1, monkeypatch)
    told = np.ptp(linked["voice alone"].scores, axis=1) > 0
    assert 0 < told.sum() < len(told) / 2
    assert np.isfinite(linked[""].scores).all()
    found = suffered([linked[""]], 100, 1)
    silent = [found[p] for p, yes in zip(linked[""].rows, told, strict=True) if not yes]
    assert np.mean(silent) > 0.9


def test_every_question_is_asked_of_the_same_people_and_candidates(monkeypatch):
    linked, bout = fight(BOTH, "ignorant", 2, monkeypatch)
    assert [g.setting for g in bout.guesses] == [
        "",
        "with demographics",
        *("voice alone", "without voice", "scales alone", "without scales"),
    ]
    assert {f.rows for f in linked.values()} == {linked[""].rows}
    assert {f.columns for f in linked.values()} == {linked[""].columns}
    assert [g.curves for g in bout.guesses] == [True, *[False] * 5]
    assert {g.tier for g in bout.guesses} == {"light"}


def test_the_semi_informed_attacker_is_trained(monkeypatch):
    _, bout = fight(BOTH, "semi-informed", 2, monkeypatch)
    assert {g.tier for g in bout.guesses} == {"trained"}


def test_one_modality_alone_is_not_asked_without_it(monkeypatch):
    def silent(corpus):
        return corpus.map_sessions(lambda _, s: replace(s, media={}))

    _, bout = fight(BOTH, "ignorant", 3, monkeypatch, change=silent)
    assert [g.setting for g in bout.guesses] == ["", "with demographics"]


def test_nothing_in_common_is_invalid(monkeypatch):
    def gone(corpus):
        return corpus.map_sessions(lambda _, s: replace(s, media={}, responses={}))

    with pytest.raises(InvalidMeasurement):
        fight(BOTH, "ignorant", 3, monkeypatch, change=gone)


def study(tmp_path, use):
    raw = {
        "study": "toy",
        "corpus": "c",
        "out": "run",
        "attack": {"use": use, "recordings": [1, 9]},
    }
    return parse_study(raw, "study.toml", tmp_path)


def test_a_corpus_of_one_modality_has_nothing_to_join(tmp_path, monkeypatch):
    whole = joined(Joined(people=20), 1, monkeypatch)
    alone = whole.map_sessions(lambda _, s: replace(s, media={}))
    assert {"fused/linkage", "fused/cross-modal"} <= set(
        attacks_of(study(tmp_path, ["all"]), whole)[0]
    )
    chosen, skipped = attacks_of(study(tmp_path, ["all"]), alone)
    assert not {"fused/linkage", "fused/cross-modal"} & set(chosen)
    assert any(s.startswith("fused/linkage: the corpus has one modality") for s in skipped)
    once = whole.with_people(
        replace(p, sessions=(p.sessions[0], replace(p.sessions[1], media={})))
        for p in whole.participants
    )
    with pytest.raises(InputError, match="fewer than two modalities were recorded at two visits"):
        attacks_of(study(tmp_path, ["fused/linkage"]), once)


def test_recordings_are_those_of_whatever_there_is_most_of(tmp_path, monkeypatch):
    corpus = joined(Joined(people=20), 1, monkeypatch)
    assert recordings_of(study(tmp_path, ["fused/linkage"]), corpus, ATTACK) == [1]
