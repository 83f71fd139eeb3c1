from __future__ import annotations

import re

import pytest
from tests.suite.miniature import COPY, HERE, NOISE, miniature, raw_suite, run

from mindveil.errors import InputError
from mindveil.suite.ranking import rank_attackers, rank_defences
from mindveil.suite.score_sheet import read_sheet, write_sheet
from mindveil.suite.suite_file import parse_suite
from mindveil.suite.table import markdown, write_tables

REAL = "text/authorship"


@pytest.fixture(scope="module")
def scales(tmp_path_factory):
    out = tmp_path_factory.mktemp("scales")
    sheet = run(miniature(), out, f"copied={COPY}", f"good={NOISE}")
    return sheet, out


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """The same text track without and with weak attackers."""
    suite = miniature("text", defence=[{"name": "noise", "steps": [{"use": NOISE}]}])
    leaky = f"leaky={HERE}:LeavesNames"
    alone = run(suite, tmp_path_factory.mktemp("alone"), leaky)
    beside = run(
        suite,
        tmp_path_factory.mktemp("beside"),
        leaky,
        attacks=[f"{HERE}:Guesser", f"{HERE}:HalfBlind"],
    )
    return alone, beside


def lines_of(sheet):
    return {x.defence: x for x in rank_defences(sheet.tracks[0])}


def test_a_copy_of_the_originals_is_at_the_bottom_and_noise_at_the_top(scales):
    lines = lines_of(scales[0])
    bottom = {"none", "verbatim", "copied"}
    assert {lines["noise"].rank, lines["good"].rank} == {1, 2}
    assert {lines[name].rank for name in bottom} == {3, 4, 5}
    assert all(lines[name].risk.value >= 0.95 for name in bottom)
    assert lines["good"].risk.value < 0.2


def test_ranks_carry_intervals_that_hold_them(scales):
    for line in lines_of(scales[0]).values():
        assert line.first <= line.rank <= line.last
    lines = lines_of(scales[0])
    assert lines["good"].last < lines["copied"].first
    # the same figures can stand in any order
    assert lines["none"].first == lines["copied"].first


def test_a_copy_reduces_nothing_and_noise_nearly_all(scales):
    lines = lines_of(scales[0])
    assert lines["none"].reduction is None
    assert lines["copied"].reduction.low <= 0 <= lines["copied"].reduction.high
    assert lines["good"].reduction.value > 0.8


def test_noise_is_of_no_use_and_a_copy_of_as_much_as_the_originals(scales):
    lines = lines_of(scales[0])
    assert lines["copied"].utility.value == lines["none"].utility.value
    assert lines["good"].utility.low < 0.5 < lines["good"].utility.high


@pytest.mark.slow
def test_the_same_run_elsewhere_gives_the_same_bytes(scales, tmp_path):
    sheet, _ = scales
    again = run(miniature(), tmp_path / "again", f"copied={COPY}", f"good={NOISE}")
    for place, one in (("first", sheet), ("second", again)):
        write_sheet(one, tmp_path / place)
        write_tables(one, tmp_path / place)
    names = sorted(p.name for p in (tmp_path / "first").iterdir())
    assert names == ["attackers.csv", "defences.csv", "scores.json", "table.md"]
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_a_sheet_is_read_back_as_it_was_written(scales, tmp_path):
    write_sheet(scales[0], tmp_path)
    assert read_sheet(tmp_path) == scales[0]
    assert read_sheet(tmp_path / "scores.json") == scales[0]


def test_a_sheet_names_no_person_no_path_and_no_date(scales, tmp_path):
    sheet, out = scales
    write_sheet(sheet, tmp_path)
    told = (tmp_path / "scores.json").read_text()
    assert str(out) not in told
    assert "P000" not in told
    assert not re.search(r"\b20\d\d-[01]\d|T\d\d:\d\d|/tmp|seconds", told)


def test_every_figure_has_people_interval_attacker_tier_and_cell(scales):
    for figure in scales[0].tracks[0].figures:
        assert figure.status == "ok"
        assert figure.low <= figure.value <= figure.high
        assert figure.n > 0
        assert len(figure.cell) == 32
        if figure.kind == "attack":
            assert figure.attacker
            assert figure.tier in {"light", "trained", "external"}
        if figure.metric == "rank1":
            assert figure.baseline is not None
            assert figure.control is not None


def test_a_leaky_defence_goes_to_the_bottom(text):
    lines = lines_of(text[0])
    assert lines["noise"].rank == 1
    assert lines["leaky"].risk.low > lines["noise"].risk.high
    assert lines["leaky"].rank > 1
    assert lines["leaky"].last == 3
    # attackers who know the defence find what the ignorant one cannot
    assert "lazy-informed" in lines["leaky"].best


def test_weak_attackers_rank_below_the_real_one(text):
    ranks = {(x.measure, x.attacker): x for x in rank_attackers(text[1].tracks[0])}
    real = ranks[REAL, "ignorant"]
    half = ranks[f"{HERE}:HalfBlind", "ignorant"]
    blind = ranks[f"{HERE}:Guesser", "ignorant"]
    assert real.power.low > half.power.high
    assert half.power.value > blind.power.value
    assert real.rank < half.rank < blind.rank
    assert blind.power.low <= 0 <= blind.power.high
    assert not real.entered
    assert blind.entered


def test_weak_attackers_lower_the_risk_of_no_defence(text):
    before, after = lines_of(text[0]), lines_of(text[1])
    for name, line in before.items():
        assert after[name].risk.high >= line.risk.high
    assert {n: x.rank for n, x in before.items()} == {n: x.rank for n, x in after.items()}


def test_an_entered_attack_is_named_in_the_sheet(text):
    track = text[1].tracks[0]
    assert track.attacks == (REAL,)
    assert track.entered_attacks == (f"{HERE}:Guesser", f"{HERE}:HalfBlind")
    assert "2 attacks entered" in markdown(text[1])


def test_what_this_version_cannot_run_is_named(tmp_path):
    raw = raw_suite(attacks=["scales/linkage", "fused/of-a-later-version"], defence=[])
    raw["corpus"].append(
        {
            **raw["corpus"][0],
            "name": "public",
            "source": "annomi",
            "path": "annomi.csv",
            "where": "example.org",
        }
    )
    raw["track"].append({**raw["track"][0], "name": "elsewhere", "corpus": "public"})
    sheet = run(parse_suite(raw, "x.toml"), tmp_path)
    assert {(n.track, n.what) for n in sheet.not_run} == {
        ("scales", "fused/of-a-later-version"),
        ("elsewhere", "track"),
    }
    assert any("example.org" in n.why for n in sheet.not_run)
    assert len(sheet.tracks) == 1


def test_other_people_are_not_the_suites_people(tmp_path):
    raw = raw_suite()
    raw["corpus"][0]["people"] = 59
    with pytest.raises(InputError, match="not the one that the suite names"):
        run(parse_suite(raw, "x.toml"), tmp_path)


def test_two_defences_of_one_name_are_refused(tmp_path):
    with pytest.raises(InputError, match="'noise' is taken"):
        run(miniature(), tmp_path, f"noise={NOISE}")
