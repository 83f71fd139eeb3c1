"""The points of a sweep: what they are called, which cannot be, and what is refused."""

from __future__ import annotations

import pytest

from mindveil.errors import InputError
from mindveil.harness.sweep import grids, is_same, varied
from mindveil.study import ReleasePart
from mindveil.study_file import parse_study

STEPS = [{"use": "text/anonymise", "level": 2}, {"use": "scales/anonymise", "k": 5}]
VARY = {"text/anonymise.level": [1, 2], "scales/anonymise.k": [5, 3]}


def study(tmp_path, sweep, steps=STEPS, **more):
    raw = {
        "study": "s",
        "corpus": "c",
        "out": "o",
        "release": [{"name": "a", "steps": steps}],
        "sweep": [{"release": "a", **sweep}],
        **more,
    }
    return parse_study(raw, "study.toml", tmp_path)


def test_every_combination_is_a_release_and_the_one_that_is_there_keeps_its_name(tmp_path):
    (grid,) = grids(study(tmp_path, {"vary": VARY}))
    assert [p.name for p in grid.parts] == ["a~k3-text1", "a~k3-text2", "a~k5-text1", "a"]
    assert grid.parts[0].steps[0].settings == {"level": 1}
    assert grid.parts[0].steps[1].settings == {"k": 3}
    assert grid.skipped == ()


def test_the_order_of_knobs_makes_no_other_points(tmp_path):
    turned = dict(reversed(VARY.items()))
    assert grids(study(tmp_path, {"vary": turned})) == grids(study(tmp_path, {"vary": VARY}))


@pytest.mark.parametrize(("budget", "points"), [(0.4, 2), (0.75, 3), (1.0, 4), (0.01, 2)])
def test_the_budget_is_a_share_of_the_grid_but_both_ends_are_measured(tmp_path, budget, points):
    (grid,) = grids(study(tmp_path, {"vary": VARY, "budget": budget}))
    assert grid.budget == points


def test_a_combination_that_cannot_be_is_left_out_with_a_reason(tmp_path):
    vary = {"voice/mcadams.lowest": [0.6, 0.8], "voice/mcadams.highest": [0.7, 0.9]}
    (grid,) = grids(study(tmp_path, {"vary": vary}, [{"use": "voice/mcadams"}]))
    assert len(grid.parts) == 3
    (why,) = grid.skipped
    assert why.startswith("a~highest0.7-lowest0.8: ")


@pytest.mark.parametrize(
    ("sweep", "says"),
    [
        ({"vary": {"text/anonymise.level": [1, "1"]}}, "the steps of a~text1; list each value"),
        ({"release": "b", "vary": VARY}, "no release 'b'"),
        ({"vary": {"text/anonymize.level": [1]}}, "did you mean 'text/anonymise'"),
        ({"vary": {"text/anonymise.levle": [1, 2]}}, "did you mean 'level'"),
        ({"vary": {"text/anonymise.level": [1, 7]}}, "level 7 does not exist"),
        ({"vary": {"scales/anonymise.k": ["many"]}}, "k = 'many'"),
        ({"vary": VARY, "attacks": ["text/autorship"]}, "did you mean 'text/authorship'"),
        ({"vary": VARY, "utility": ["detect/phq9>=10"]}, "does not ask"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(tmp_path, sweep, says):
    with pytest.raises(InputError, match=says):
        grids(study(tmp_path, sweep))


def test_a_step_that_stands_twice_is_not_guessed_at(tmp_path):
    steps = [{"use": "voice/mcadams"}, {"use": "voice/mcadams"}]
    with pytest.raises(InputError, match="more than once"):
        grids(study(tmp_path, {"vary": {"voice/mcadams.lowest": [0.5]}}, steps))


def test_a_point_may_not_be_mistaken_for_another_release(tmp_path):
    made = study(tmp_path, {"vary": VARY})
    other = ReleasePart(name="a~k3-text1")
    with pytest.raises(InputError, match="has the name of a point"):
        grids(made.model_copy(update={"releases": (*made.releases, other)}))


def test_names_stay_short_and_apart(tmp_path):
    vary = {
        "scales/anonymise.suppress": [0.0123456, 0.0223456],
        "scales/anonymise.items": ["keep", "band"],
        "scales/anonymise.level": [1, 2],
        "scales/anonymise.k": [100, 200],
        "text/anonymise.smooth": [True, False],
    }
    (grid,) = grids(study(tmp_path, {"vary": vary}))
    names = [p.name for p in grid.parts]
    assert len(set(names)) == len(names) == 32
    assert max(map(len, names)) <= 52


def test_a_default_that_is_written_out_makes_no_other_release(tmp_path):
    part = study(tmp_path, {"vary": VARY}).releases[1]
    assert is_same(part, varied(part, {"scales/anonymise.level": 2}, "b"))
    assert not is_same(part, varied(part, {"scales/anonymise.level": 1}, "b"))
