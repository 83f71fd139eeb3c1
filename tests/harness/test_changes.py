"""What can be changed of a release: one step of a setting, or a modality left out."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.evidence.test_operating_points import point

from mindveil.errors import InputError
from mindveil.evidence.estimate import clopper_pearson
from mindveil.evidence.policy import Finding, RowKey
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import ReleaseVerdict
from mindveil.harness.advice import (
    Start,
    Tried,
    candidates,
    in_the_way,
    passes,
    people_missing,
    widened,
)
from mindveil.harness.changes import as_toml, changes_of, combined
from mindveil.study import ReleasePart

EVERYTHING = {"text", "voice", "face", "scales"}


def part(*steps, name="mine"):
    return ReleasePart.model_validate({"name": name, "steps": steps})


def told(changes, direction="safer"):
    return {c.told for c in changes if c.direction == direction and c.steps == 1}


@pytest.mark.parametrize(
    ("step", "safer", "more_useful"),
    [
        (
            {"use": "text/anonymise", "level": 1},
            {"text/anonymise level 1 -> 2"},
            {"text/anonymise smooth true -> false"},
        ),
        (
            {"use": "scales/anonymise", "k": 4},
            {
                "scales/anonymise k 4 -> 5",
                "scales/anonymise suppress 0.02 -> 0.05",
                "scales/anonymise items keep -> band",
            },
            {
                "scales/anonymise k 4 -> 3",
                "scales/anonymise suppress 0.02 -> 0.0",
                "scales/anonymise level 2 -> 1",
            },
        ),
        (
            {"use": "voice/mcadams", "lowest": 0.5, "highest": 0.9},
            {"voice/mcadams highest 0.9 -> 0.8", "voice/mcadams lowest 0.5 -> 0.4"},
            {"voice/mcadams highest 0.9 -> 0.95", "voice/mcadams lowest 0.5 -> 0.6"},
        ),
        (
            {"use": "train/dp", "target": "phq9>=10", "modality": "scales", "epsilon": 3.0},
            {"train/dp epsilon 3.0 -> 2.0"},
            {"train/dp epsilon 3.0 -> 4.0"},
        ),
    ],
)
def test_a_setting_goes_one_step_up_or_down_as_far_as_it_exists(step, safer, more_useful):
    found = changes_of(part(step), {"scales"})
    assert told(found) == safer
    assert told(found, "more useful") == more_useful


def test_a_change_is_made_of_the_release_and_of_nothing_else():
    mine = part({"use": "text/anonymise", "level": 1}, {"use": "scales/anonymise", "k": 5})
    for change in changes_of(mine, {"text", "scales"}):
        made = change.of(mine)
        assert made != mine
        if change.setting:
            assert len(made.steps) == 2
            assert made.steps[change.step].settings[change.setting] == change.value
            assert made.steps[1 - change.step] == mine.steps[1 - change.step]


def test_a_modality_is_left_out_with_all_that_was_done_to_it():
    mine = part({"use": "text/redact"}, {"use": "text/anonymise"}, {"use": "scales/anonymise"})
    gone = [c for c in changes_of(mine, EVERYTHING) if not c.setting]
    measures = ["text/measures", "voice/measures", "face/measures"]
    omitted = ["text/omit", "voice/omit", "face/omit"]
    assert [c.value for c in gone] == [*measures, *omitted]
    for first in (gone[0], gone[3]):
        made = first.of(mine)
        assert [s.use for s in made.steps] == [first.value, "scales/anonymise"]
        assert first.value not in {c.value for c in changes_of(made, EVERYTHING)}
    bare = changes_of(gone[3].of(mine), EVERYTHING)
    assert not {"text/measures", "text/omit"} & {c.value for c in bare}


def test_words_go_behind_the_step_that_needs_them():
    mine = part({"use": "voice/anonymise"}, {"use": "scales/anonymise"})
    for change in changes_of(mine, EVERYTHING):
        if change.value in {"text/measures", "text/omit"}:
            uses = [s.use for s in change.of(mine).steps]
            assert uses == ["voice/anonymise", change.value, "scales/anonymise"]


def test_nothing_is_left_out_of_what_holds_no_recordings():
    table = part({"use": "synthesise/copula"})
    assert [c for c in changes_of(table, EVERYTHING) if not c.setting] == []


def test_changes_go_together_where_they_are_not_of_the_same_thing():
    mine = part({"use": "text/anonymise", "level": 1}, {"use": "scales/anonymise", "level": 1})
    changes = [c for c in changes_of(mine, {"text", "scales"}) if c.direction == "safer"]
    for steps in (1, 2, 3):
        found = combined(mine, changes, steps)
        assert len({c.part.name for c in found}) == len(found)
        assert all(sum(x.steps for x in c.changes) == steps for c in found)
        assert all(len({x.knob for x in c.changes}) == len(c.changes) for c in found)
    both = {c.told for c in combined(mine, changes, 2)}
    assert "scales/anonymise level 1 -> 2; text/anonymise level 1 -> 2" in both or (
        "text/anonymise level 1 -> 2; scales/anonymise level 1 -> 2" in both
    )
    assert not any("text/anonymise" in b and "left out" in b for b in both)


def test_a_release_is_written_as_a_study_file_reads_it():
    mine = part(
        {"use": "text/anonymise", "level": 1, "smooth": False},
        {"use": "scales/anonymise", "items": "band", "suppress": 0.05},
        name="mine~band",
    )
    (read,) = tomllib.loads(as_toml(mine))["release"]
    assert ReleasePart.model_validate(read) == mine
    with pytest.raises(InputError):
        changes_of(part({"use": "text/anonymize"}), {"text"})


def block(kind="match", modality="scales", **more):
    row = RowKey(release="mine", measure="m", modality=modality, attacker="", metric="rank1")
    return Finding(state="missed", sentence="Too risky.", kind=kind, row=row, **more)


def start(mine, *blocks):
    return Start(part=mine, point=point("mine", 0.5, 0.8), blocks=blocks, max_risk=0.09)


def tried(candidate, risk, use):
    return Tried(
        candidate=candidate,
        verdict=verdict("DO NOT RELEASE"),
        point=point(candidate.part.name, risk, use),
        cost=None,
        passed=False,
        confirmed=False,
        cells=1,
    )


def verdict(decision, *findings, release="mine"):
    return ReleaseVerdict(
        release=release,
        decision=decision,
        sentence="",
        findings=findings,
        weakest_modality="",
        worst=None,
        reduction=None,
        people_needed=None,
        not_tested=(),
        deciding=findings,
    )


MINE = part({"use": "text/anonymise", "level": 1}, {"use": "scales/anonymise", "level": 2, "k": 5})


def test_only_what_is_too_risky_is_changed_and_only_the_right_way():
    changes = changes_of(MINE, {"text", "scales"})
    found = list(candidates(start(MINE, block()), changes, []))
    assert found[0].told == "scales/anonymise k 5 -> 8"
    assert all(c.modalities == {"scales"} for c in found)
    assert all(x.direction == "safer" for c in found for x in c.changes)
    useless = list(candidates(start(MINE, block("use-kept", "fused")), changes, []))
    assert {x.direction for c in useless for x in c.changes} == {"more useful"}


def test_where_two_modalities_leak_both_are_changed():
    changes = changes_of(MINE, {"text", "scales"})
    found = list(candidates(start(MINE, block(), block(modality="text")), changes, []))
    assert found
    assert all(c.modalities == {"text", "scales"} for c in found)


def test_where_all_together_leak_anything_may_help():
    changes = changes_of(MINE, {"text", "scales"})
    found = list(candidates(start(MINE, block(modality="fused")), changes, []))
    assert {m for c in found for m in c.modalities} == {"text", "scales"}


def test_what_leaks_most_is_changed_first():
    changes = changes_of(MINE, {"text", "scales"})
    for weakest in ("text", "scales"):
        from_there = replace(start(MINE, block(modality="fused")), weakest=weakest)
        assert next(candidates(from_there, changes, [])).modalities == {weakest}


def test_what_did_nothing_alone_waits_and_what_costs_least_goes_first():
    changes = [c for c in changes_of(MINE, {"scales"}) if "suppress" not in c.setting]
    seen: list[Tried] = []
    given = []
    for candidate in candidates(start(MINE, block()), changes, seen):
        given.append(candidate)
        effect = {"k": (0.3, 0.8), "items": (0.5, 0.7)}
        single = candidate.changes[0].setting
        seen.append(tried(candidate, *(effect.get(single, (0.5, 0.8)))))
    names = [c.told for c in given]
    assert names[0] == "scales/anonymise k 5 -> 8"
    farther = names.index("scales/anonymise k 5 -> 20")
    together = names.index("scales/anonymise k 5 -> 8; scales/anonymise items keep -> band")
    assert farther < together  # band alone lowered no risk
    assert len(set(names)) == len(names)


def test_no_two_changes_have_one_name_however_long_the_name_of_the_release():
    mine = part(
        {"use": "voice/mcadams"}, {"use": "scales/anonymise", "k": 5}, name="a-release-" + "x" * 30
    )
    changes = changes_of(mine, EVERYTHING)
    found = [c.part for steps in (1, 2, 3, 4) for c in combined(mine, changes, steps)]
    steps = {as_toml(p.model_copy(update={"name": "same"})) for p in found}
    assert len({p.name for p in found}) == len(found) == len(steps)
    assert max(len(p.name) for p in found) <= 52


def test_what_no_change_can_mend_is_not_tried():
    twice = Finding(state="unknown", sentence="", kind="contamination")
    mine = part({"use": "scales/anonymise", "k": 5})
    changes = changes_of(mine, EVERYTHING)
    assert next(candidates(start(mine, block()), changes, []), None) is not None
    assert list(candidates(start(mine, block(), twice), changes, [])) == []


def test_the_widened_interval_is_that_of_so_many_tries():
    row = Row(
        release="a", kind="attack", measure="m", modality="text", metric="rank1", value=0.1,
        low=0.1 - 0.0196, high=0.1 + 0.0392, n=100,
    )  # fmt: skip
    assert widened(row, 1) == row
    five = widened(row, 5)
    assert five.high == pytest.approx(0.1 + 0.0392 * 5.29832 / 3.68888, abs=1e-5)  # ln .005, .025
    assert five.low == pytest.approx(0.1 - 0.0196 * 5.29832 / 3.68888, abs=1e-5)


@given(st.integers(0, 40), st.integers(40, 800), st.integers(2, 60))
def test_a_widened_share_reaches_as_far_as_the_exact_interval_of_so_many_tries(hits, n, tries):
    e = clopper_pearson(hits, n)
    row = Row(
        release="a", kind="attack", measure="m", modality="text", metric="rank1", value=e.value,
        low=e.low, high=e.high, n=n,
    )  # fmt: skip
    tail = 0.025 / tries
    exact = 1.0 if hits == n else stats.beta.ppf(1 - tail, hits + 1, n - hits)
    assert widened(row, tries).high >= exact - 1e-9
    least = stats.beta.ppf(tail, hits, n - hits + 1) if hits else 0.0
    assert widened(row, tries).low <= least + 1e-9


def test_people_are_asked_for_only_where_people_are_all_that_is_missing():
    few = Finding(state="unknown", sentence="few", people_needed=80)
    many = Finding(state="unknown", sentence="many", people_needed=200)
    never = Finding(state="unknown", sentence="never")
    one = verdict("INCONCLUSIVE", few, many, release="a")
    other = verdict("INCONCLUSIVE", few, never, release="b")
    assert people_missing([one, other], "release").people == 200
    assert people_missing([one, other], "release").condition == "many"
    assert people_missing([other], "release") is None
    assert people_missing([], "release") is None


def test_what_passes_depends_on_what_is_allowed():
    assert passes(verdict("RELEASE"), "release")
    assert not passes(verdict("CONTROLLED"), "release")
    assert passes(verdict("CONTROLLED"), "controlled")
    assert not passes(verdict("INCONCLUSIVE"), "controlled")
    met = Finding(state="met", sentence="")
    assert in_the_way(verdict("RELEASE", met), "release") == ()
