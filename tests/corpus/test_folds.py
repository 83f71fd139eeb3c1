from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.folds import Fold, Split, rotate
from mindveil.errors import InputError


def test_ten_people_by_hand():
    folds = rotate([f"P{i}" for i in range(10)], Split(), seed=1)
    assert len(folds) == 5
    for fold in folds:
        sizes = (len(fold.released), len(fold.reference), len(fold.held_out))
        assert sizes == (6, 2, 2)


@given(
    people=st.integers(5, 80),
    folds=st.integers(3, 5),
    repeats=st.integers(1, 3),
    seed=st.integers(0, 2**31),
)
def test_everybody_is_held_out_once_a_repeat_and_roles_share_nobody(people, folds, repeats, seed):
    ids = [f"P{i}" for i in range(people)]
    made = rotate(ids, Split(folds=folds, repeats=repeats), seed)
    for repeat in range(repeats):
        turns = [f for f in made if f.repeat == repeat]
        held_out = [p for f in turns for p in f.held_out]
        assert sorted(held_out) == sorted(ids)
        for fold in turns:
            assert fold.released | fold.reference | fold.held_out == set(ids)
            assert len(fold.released) + len(fold.reference) + len(fold.held_out) == people


def test_the_order_of_people_does_not_matter():
    ids = [f"P{i}" for i in range(20)]
    assert rotate(ids, Split(), 3) == rotate(ids[::-1], Split(), 3)


@given(cases=st.integers(0, 40), others=st.integers(5, 40), seed=st.integers(0, 999))
def test_every_part_holds_each_group_in_proportion(cases, others, seed):
    sides = {f"P{i:02d}": "case" if i < cases else "other" for i in range(cases + others)}
    held_out = [f.held_out for f in rotate(sorted(sides), Split(), seed, sides)]
    for side in ("case", "other"):
        counts = [sum(sides[p] == side for p in part) for part in held_out]
        assert max(counts) - min(counts) <= 1


def test_no_reference_releases_four_fifths():
    fold = rotate([f"P{i}" for i in range(10)], Split(reference=0), 1)[0]
    assert (len(fold.released), len(fold.reference), len(fold.held_out)) == (8, 0, 2)


@pytest.mark.parametrize("which", ["released", "reference", "held_out"])
def test_an_overlapping_split_cannot_be_built(which):
    groups = {name: {name} for name in ("released", "reference", "held_out")}
    other = next(n for n in groups if n != which)
    groups[which] = {which, other}
    roles = {name: frozenset(people) for name, people in groups.items()}
    with pytest.raises(InputError, match="two roles"):
        Fold(repeat=0, index=0, **roles)


def test_fifty_planted_overlaps_are_all_caught():
    for number in range(50):
        fold = rotate([f"P{i}" for i in range(20)], Split(), number)[number % 5]
        spy = next(iter(sorted(fold.held_out)))
        with pytest.raises(InputError):
            Fold(
                repeat=0,
                index=0,
                released=fold.released | {spy},
                reference=fold.reference,
                held_out=fold.held_out,
            )


@pytest.mark.parametrize(
    ("ids", "split", "says"),
    [
        (["A", "A", "B", "C", "D"], Split(), "twice"),
        (["A", "B"], Split(), "cannot be divided"),
    ],
)
def test_what_cannot_be_divided_is_said(ids, split, says):
    with pytest.raises(InputError, match=says):
        rotate(ids, split, 1)


def test_two_folds_leave_no_room_for_three_roles():
    with pytest.raises(InputError, match="at least 3"):
        Split(folds=2)
