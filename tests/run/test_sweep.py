"""A study with a sweep: only the points are new, a killed one resumes, and bytes do not depend on it."""

from __future__ import annotations

import itertools
import json

import pytest
from tests.run.studies import STUDY, toy_study

from mindveil.engine.base import Outcome
from mindveil.errors import MindveilError
from mindveil.evidence.scorecard import Row
from mindveil.harness.context import context_of
from mindveil.harness.summary import frozen, sum_up, write_dossier
from mindveil.harness.sweep import grids
from mindveil.harness.work import work
from mindveil.study_file import load_study
from mindveil.sweep import following, outlines, run_sweeps

VARY = '"scales/anonymise.k" = [2, 3, 6], "scales/anonymise.level" = [1, 2]'
QUICK = (
    STUDY.replace(
        'attackers = ["ignorant", "lazy-informed"]', 'attackers = ["ignorant"]\nuse = ATTACKS'
    )
    .replace('"severity/phq9"', "")
    .replace("[attack]", "[split]\nfolds = 3\n\n[attack]")
)


class Here:
    """Computes jobs in this very process; stops as if it was killed after so many."""

    def __init__(self, stop_after=10**6):
        self.left = stop_after

    def run(self, jobs, done):
        for job in jobs:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
            try:
                done(Outcome(job=job, result=work(job.payload)))
            except MindveilError as fault:
                done(Outcome(job=job, result=None, fault=str(fault)))


def study(folder, sweep, attacks='["scales/linkage"]'):
    text = QUICK.replace("ATTACKS", attacks) + f'\n[[sweep]]\nrelease = "k3"\n{sweep}\n'
    if folder.is_dir():
        (folder / "study.toml").write_text(text)
        return context_of(load_study(folder / "study.toml"))
    folder.mkdir()
    return context_of(load_study(toy_study(folder, text, people=24)))


def swept(context, executor):
    measured, finished = run_sweeps(context, executor, lambda *_: None)
    write_dossier(sum_up(measured, finished.rows), measured)
    return measured, finished


def results(context):
    root = context.folder.root
    names = ("scorecard.csv", "verdict.json", "study.toml")
    cells = sorted((p.name, p.read_bytes()) for p in (root / "cells").iterdir())
    return [(root / n).read_bytes() for n in names], cells


@pytest.fixture(autouse=True)
def _one_day(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")


def test_a_sweep_that_was_killed_resumes_and_ends_with_the_same_bytes(tmp_path):
    sweep = f"vary = {{ {VARY} }}\nbudget = 0.7"
    whole = study(tmp_path / "whole", sweep)
    measured, finished = swept(whole, Here())
    assert finished.failed == 0
    points = [r.name for r in measured.study.releases if "~" in r.name]
    assert 2 <= len(points) <= 3  # at most four of six, and k3 is there anyhow
    killed = study(tmp_path / "killed", sweep)
    with pytest.raises(KeyboardInterrupt):
        swept(killed, Here(stop_after=9))
    other = study(tmp_path / "killed", f"vary = {{ {', '.join(reversed_knobs())} }}\nbudget = 0.7")
    swept(other, Here())
    assert results(other) == results(whole)


def reversed_knobs():
    first, second = VARY.split("], ")
    return [second, first + "]"]


def test_nothing_is_computed_twice_and_the_frozen_study_is_the_same_sweep(tmp_path):
    context = study(tmp_path / "s", f"vary = {{ {VARY} }}\nbudget = 0.4")
    measured, _ = swept(context, Here())
    before = results(measured)
    again, _ = swept(context, Here(stop_after=0))
    assert results(again) == before
    frozen_one = context_of(load_study(measured.folder.root / "study.toml"))
    resumed, _ = swept(frozen_one, Here(stop_after=0))
    assert frozen(resumed.study) == frozen(measured.study)
    assert results(resumed) == before


def test_a_point_that_was_asked_less_does_not_pass_for_what_nobody_asked(tmp_path):
    fewer = (
        'vary = { "scales/anonymise.level" = [1, 2] }\nbudget = 1.0\nattacks = ["scales/linkage"]'
    )
    context = study(tmp_path / "s", fewer, '["scales/linkage", "scales/singling-out"]')
    measured, finished = swept(context, Here())
    (point,) = (r.name for r in measured.study.releases if "~" in r.name)
    mine = [r for r in finished.rows if r.release == point and r.measure == "scales/singling-out"]
    assert {r.status for r in mine} == {"inconclusive"}
    verdict = json.loads((measured.folder.root / "verdict.json").read_text())
    told = {v["release"]: v for v in verdict["judgement"]["releases"]}
    unknown = [f for f in told[point]["findings"] if f["state"] == "unknown"]
    assert any("scales/singling-out gave no figure" in f["sentence"] for f in unknown)


def test_what_a_sweep_may_cost_is_told_before(tmp_path):
    context = study(tmp_path / "s", f"vary = {{ {VARY} }}\nbudget = 0.7")
    (told,) = outlines(context)
    assert (told.release, told.points, told.budget) == ("k3", 6, 4)
    assert told.cells == 3 * 2  # three new points, one attack and one question each
    assert list(itertools.chain(told.skipped)) == []


def figure(release, measure, metric, value):
    kind = "utility" if metric == "auroc" else "attack"
    return Row(
        release=release,
        kind=kind,
        measure=measure,
        modality="scales",
        metric=metric,
        value=value,
        low=value - 0.03,
        high=value + 0.03,
        n=100,
    )


@pytest.mark.parametrize(("risk", "measure"), [("rank1", "text/authorship"), ("advantage", "a/b")])
def test_rounds_follow_what_was_seen_until_the_budget_is_spent(tmp_path, risk, measure):
    vary = (
        '"scales/anonymise.k" = [2, 3, 4, 5, 6, 7], "scales/anonymise.suppress" = [0.0, 0.1, 0.2]'
    )
    context = study(tmp_path / "s", f"vary = {{ {vary} }}\nbudget = 0.5")
    (grid,) = grids(context.study)

    def rows(part, place):
        near, hidden = place[0] / 5, place[1] / 2
        yield figure(part.name, "detect/phq9>=14", "auroc", 0.85 - 0.1 * near**2 - 0.2 * hidden)
        yield figure(part.name, measure, risk, 0.8 - 0.7 * near)

    chosen = []
    while True:
        known = {p.name for p in chosen} | {"k3"}
        seen = [
            r
            for part, place in zip(grid.parts, grid.places, strict=True)
            if part.name in known
            for r in rows(part, place)
        ]
        more = following(grid, seen, chosen)
        if not more:
            break
        assert not {p.name for p in more} & known
        chosen += more
    at = [grid.places[grid.parts.index(p)] for p in chosen]
    assert len(grid.parts) == 18  # k3 hides the usual 2 % and is none of them
    assert len(chosen) <= grid.budget == 9
    useful = [place for place in at if place[1] == 0]
    assert len(useful) >= 5  # hiding people costs use and helps nothing: it is left alone
    assert grid.places[-1] in at
    assert grid.places[0] in at


def test_without_figures_a_sweep_ends_after_its_first_points(tmp_path):
    context = study(tmp_path / "s", f"vary = {{ {VARY} }}\nbudget = 1.0")
    (grid,) = grids(context.study)
    first = following(grid, [], [])
    assert first
    assert following(grid, [], first) == []
