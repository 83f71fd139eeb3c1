"""What a study may vary: the order of values, the grid, and the sentence that refuses the rest."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mindveil.errors import InputError
from mindveil.ranges import SweepPart, grid, is_ordered, values_at, weakest_first
from mindveil.study_file import parse_study


@pytest.mark.parametrize(
    ("knob", "given_values", "ordered"),
    [
        ("scales/anonymise.k", [11, 3, 5], (3, 5, 11)),
        ("train/dp.epsilon", [1.0, 8.0, 3.0], (8.0, 3.0, 1.0)),
        ("voice/mcadams.highest", [0.6, 0.9, 0.8], (0.9, 0.8, 0.6)),
        ("voice/mcadams.lowest", [1.3, 0.9, 0.5], (0.9, 1.3, 0.5)),
        ("text/anonymise.smooth", [True, False], (False, True)),
        ("scales/anonymise.items", ["keep", "band", "keep"], ("keep", "band")),
    ],
)
def test_values_stand_from_the_weakest_protection_to_the_strongest(knob, given_values, ordered):
    assert weakest_first(knob, given_values) == ordered


def test_it_is_known_which_settings_have_an_order():
    assert is_ordered("a.level")
    assert not is_ordered("scales/anonymise.items")


@given(st.permutations(["a.k", "b.level", "c.items"]))
def test_the_order_of_knobs_does_not_matter(knobs):
    values = {"a.k": (5, 3), "b.level": (1, 2, 3), "c.items": ("x", "y")}
    sweep = SweepPart(release="r", vary={k: values[k] for k in knobs})
    usual = SweepPart(release="r", vary=values)
    assert sweep == usual
    assert grid(sweep) == grid(usual)


def test_the_grid_holds_every_combination_once_the_weakest_first():
    sweep = SweepPart(release="r", vary={"b.level": (2, 1), "a.k": (5, 3)})
    made = [values_at(sweep, place) for place in grid(sweep)]
    assert made[0] == {"a.k": 3, "b.level": 1}
    assert made[-1] == {"a.k": 5, "b.level": 2}
    told = {tuple(m.values()) for m in made}
    assert told == set(itertools.product((3, 5), (1, 2)))
    assert len(made) == 4


def test_points_are_asked_what_the_sweep_names():
    sweep = SweepPart(release="r", vary={"a.k": (1, 2)}, attacks=("text/authorship",))
    assert sweep.asks("attack", "text/authorship")
    assert not sweep.asks("attack", "scales/linkage")
    assert sweep.asks("utility", "detect/phq9>=10")
    assert sweep.made("r~k2")
    assert sweep.made("r~k2.undefended")
    assert not sweep.made("r")


@pytest.mark.parametrize(
    ("sweep", "says"),
    [
        ({"release": "a", "vary": {"level": [1]}}, 'write "step.setting"'),
        ({"release": "a", "vary": {"x.k": []}}, "no values to try"),
        ({"release": "a", "vary": {"x.k": list(range(3000))}}, "more than 2000 combinations"),
        ({"release": "a", "vary": {"x.k": [1]}, "budged": 1}, "did you mean 'budget'?"),
        ({"release": "a", "vary": {"x.k": [1]}, "budget": 0}, "greater than 0"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_in_a_sentence(sweep, says, tmp_path):
    raw = {"study": "s", "corpus": "c", "out": "o", "sweep": [sweep]}
    with pytest.raises(InputError, match=says):
        parse_study(raw, "study.toml", tmp_path)


def test_an_empty_sweep_is_none():
    with pytest.raises(ValidationError):
        SweepPart(release="r", vary={})
