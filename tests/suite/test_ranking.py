from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.suite.sheets import ALL, LINKAGE, figure, matched, track_of, unbelieved, useful

from mindveil.suite.ranking import ALONE, rank_attackers, rank_defences
from mindveil.suite.score_sheet import DefenceSheet


def lines(track):
    return {x.defence: x for x in rank_defences(track)}


def test_defences_stand_by_the_upper_bound_of_the_worst_attacker():
    # worst upper bounds: none .95, wide .45 (.25 + .20), narrow .35, good .10
    track = track_of(
        [
            *matched("none", 0.90),
            *matched("wide", 0.25, 0.20),
            *matched("narrow", 0.30),
            *matched("good", 0.05),
        ]
    )
    assert [x.defence for x in rank_defences(track)] == ["good", "narrow", "wide", "none"]
    assert [x.rank for x in rank_defences(track)] == [1, 2, 3, 4]


def test_the_worst_of_several_attackers_counts():
    track = track_of(
        [
            *matched("none", 0.90),
            *matched("mine", 0.10),
            *matched("mine", 0.60, attacker="semi-informed"),
            *matched("mine", 0.30, attacker="lazy-informed"),
        ]
    )
    mine = lines(track)["mine"]
    assert mine.risk.value == 0.60
    assert mine.best == f"{LINKAGE}, semi-informed"
    # advantage before: (.90 - .05) / .95, after (.60 - .05) / .95: 1 - .55 / .85
    assert mine.reduction.value == pytest.approx(1 - 0.55 / 0.85)


def test_what_is_no_match_is_ranked_above_its_control():
    # success .5 of singling out, where the control finds .45 as well: gain .09
    track = track_of(
        [
            *matched("none", 0.90),
            figure("mine", "success", 0.50, measure="scales/singling-out"),
            figure("mine", "advantage", 0.09, measure="scales/singling-out"),
        ]
    )
    assert lines(track)["mine"].risk.value == 0.09
    assert lines(track)["mine"].figure == "advantage"


def test_utility_decides_where_risks_are_the_same():
    same = [*matched("none", 0.9), *matched("dull", 0.1), *matched("sharp", 0.1)]
    track = track_of([*same, useful("none", 0.8), useful("dull", 0.5), useful("sharp", 0.8)])
    assert [x.defence for x in rank_defences(track)] == ["sharp", "dull", "none"]


def test_ranks_of_figures_far_apart_are_certain_and_of_equal_ones_are_not():
    track = track_of([*matched("none", 0.9), *matched("one", 0.4), *matched("two", 0.4)])
    found = lines(track)
    assert (found["none"].first, found["none"].last) == (3, 3)
    assert (found["one"].first, found["one"].last) == (1, 2)
    assert (found["two"].first, found["two"].last) == (1, 2)


def test_a_defence_that_few_attackers_were_sent_at_has_no_rank():
    track = track_of([*matched("none", 0.9), *matched("folder", 0.01), *matched("other", 0.5)])
    few = [
        DefenceSheet(
            name=d.name,
            origin="folder" if d.name == "folder" else "reference",
            steps=(),
            attackers=("ignorant",) if d.name == "folder" else ALL,
        )
        for d in track.defences
    ]
    found = rank_defences(track.model_copy(update={"defences": tuple(few)}))
    assert [x.defence for x in found] == ["other", "none", "folder"]
    assert found[-1].rank is None
    assert found[-1].remarks == (ALONE,)
    assert found[-1].risk.value == 0.01


def test_an_attack_that_could_not_be_believed_is_no_low_risk():
    broken = unbelieved("flat", "invalid")
    track = track_of([*matched("none", 0.9), broken])
    flat = lines(track)["flat"]
    assert flat.rank is None
    assert flat.risk is None
    assert any("could not be believed" in r for r in flat.remarks)


def test_an_attack_that_tells_nothing_of_so_few_people_is_held_against_nobody():
    other = {"measure": "voice/attribute-inference", "attacker": "ignorant"}
    lost = [unbelieved(name, "invalid", **other) for name in ("none", "mine")]
    track = track_of(
        [*matched("none", 0.9), *matched("mine", 0.1), *lost],
        attacks=(LINKAGE, "voice/attribute-inference"),
    )
    assert lines(track)["mine"].rank == 1
    assert rank_attackers(track)[-1].rank is None
    failed = [unbelieved("mine", "failed", **other)]
    track = track.model_copy(update={"figures": (*track.figures[:-1], *failed)})
    assert lines(track)["mine"].rank is None


def test_a_file_that_names_somebody_costs_the_rank():
    leak = figure("mine", "leaks-found", 0.1, measure="release/leaks", modality="files")
    track = track_of([*matched("none", 0.9), *matched("mine", 0.1), leak])
    assert lines(track)["mine"].rank is None
    clean = figure("mine", "leaks-found", 0.0, 0.0, measure="release/leaks", modality="files")
    track = track_of([*matched("none", 0.9), *matched("mine", 0.1), clean])
    assert lines(track)["mine"].rank == 1


def test_attackers_stand_by_what_they_show_where_nothing_is_defended():
    track = track_of(
        [
            *matched("none", 0.5),
            *matched("none", 0.9, attacker="semi-informed"),
            *matched("none", 0.06, measure="mine:Guesser"),
            *matched("mine", 1.0 - 0.05, measure="mine:Guesser"),
        ],
        entered_attacks=("mine:Guesser",),
    )
    found = rank_attackers(track)
    assert [(x.measure, x.attacker) for x in found] == [
        (LINKAGE, "semi-informed"),
        (LINKAGE, "ignorant"),
        ("mine:Guesser", "ignorant"),
    ]
    assert [x.entered for x in found] == [False, False, True]
    assert found[0].power.value == pytest.approx(0.85 / 0.95)


def test_an_attacker_without_a_figure_has_no_rank():
    broken = unbelieved("none", "failed")
    assert rank_attackers(track_of([broken]))[0].rank is None


risks = st.lists(st.floats(0.05, 0.95), min_size=2, max_size=6)


@settings(max_examples=40, deadline=None)
@given(values=risks, extra=st.floats(0.05, 0.95), at=st.integers(0, 5))
def test_one_attacker_more_never_lowers_a_risk_and_every_rank_lies_in_its_interval(
    values, extra, at
):
    figures = [f for i, v in enumerate(values) for f in matched(f"d{i}", v)]
    before = lines(track_of(figures))
    more = matched(f"d{at % len(values)}", extra, measure="mine:More")
    after = lines(track_of([*figures, *more]))
    for name, line in before.items():
        assert after[name].risk.high >= line.risk.high
        assert after[name].first <= after[name].rank <= after[name].last
    assert sorted(x.rank for x in after.values()) == list(range(1, len(values) + 1))


@settings(max_examples=40, deadline=None)
@given(values=risks, seed=st.integers(0, 99))
def test_the_order_of_the_sheet_changes_no_rank(values, seed):
    distinct = list(np.unique(np.round(values, 2)))
    groups = [matched(f"d{i}", float(v), 0.02) for i, v in enumerate(distinct)]
    order = np.random.default_rng(seed).permutation(len(groups))
    straight = lines(track_of([f for g in groups for f in g]))
    mixed = lines(track_of([f for i in order for f in groups[i]]))
    assert {n: x.rank for n, x in straight.items()} == {n: x.rank for n, x in mixed.items()}


def test_a_defence_that_breaks_where_an_attacker_uses_it_himself_has_no_rank():
    strong = {"attacker": "semi-informed"}
    track = track_of(
        [
            *(*matched("none", 0.9), *matched("none", 0.9, **strong)),
            *(*matched("honest", 0.4), *matched("honest", 0.5, **strong)),
            *(*matched("broken", 0.05), unbelieved("broken", "invalid", **strong)),
            *(*matched("crashes", 0.05), unbelieved("crashes", "failed", **strong)),
        ]
    )
    found = lines(track)
    told = f"{LINKAGE} by the semi-informed attacker could not be believed"
    assert found["broken"].remarks == found["crashes"].remarks == (told,)
    assert (found["broken"].rank, found["crashes"].rank, found["honest"].rank) == (None, None, 1)


def test_an_attacker_that_tells_nothing_of_the_originals_takes_nobody_s_rank():
    strong = {"attacker": "semi-informed"}
    track = track_of(
        [
            *(*matched("none", 0.9), unbelieved("none", "invalid", **strong)),
            *(*matched("mine", 0.05), unbelieved("mine", "invalid", **strong)),
        ]
    )
    assert lines(track)["mine"].rank == 1
