"""What a server sees, seat by seat: what masks stop, what they do not, and who is compared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.detecting import STEPS as OTHER_STEPS
from tests.report.detecting import detecting
from tests.report.dossiers import dossier_of
from tests.report.federating import BACKGROUND, INVERSION, MEMBERSHIP, STEPS, federating
from tests.report.pages import Page

from mindveil.attack import update_views
from mindveil.report import attacks, federation_words
from mindveil.report.federations import seat_groups
from mindveil.report.html import render
from mindveil.report.vocabulary import SETTINGS


@pytest.fixture(scope="module")
def dossier():
    return dossier_of(federating(), STEPS)


@pytest.fixture(scope="module")
def groups(dossier):
    return {group.measure: group for group in seat_groups(dossier)}


def cells(group, line):
    return dict(zip(STEPS, group.lines[line].cells, strict=True))


def test_seats_are_called_as_attacks_call_them():
    names = ("CURIOUS", "MASKED", "COLLUDING", "DIFFERENCED", "CRAFTED")
    seats = [getattr(update_views, name) for name in names]
    assert list(federation_words.SEATS) == seats
    assert not [seat for seat in seats if seat and seat not in SETTINGS]


def test_the_most_harmless_seat_stands_first_and_sums_of_few_last(groups):
    assert list(groups) == [MEMBERSHIP, INVERSION], "fields of a person are no seats"
    said = [line.name for line in groups[MEMBERSHIP].lines]
    assert said[0] == federation_words.SEATS[""][0]
    assert said[1:] == ["One message under its mask", "All other clients tell", "Sums of 4 clients"]


def test_what_is_gained_is_held_against_its_own_limit(groups):
    levels = [cells(groups[MEMBERSHIP], i)["sites"].level for i in range(4)]
    assert levels == ["missed", "met", "missed", "missed"]
    others = cells(groups[INVERSION], 2)["alone"]
    assert (others.figure.value, others.level) == ("98.0%", "missed")
    assert "right person ranked first" in others.remarks
    assert "likeness 1.000, others 0.500" in others.remarks
    assert cells(groups[INVERSION], 0)["sites"].remarks[-1] == "likeness 0.900, control 0.899"


def test_the_seat_that_finds_most_is_named_once_a_release(groups):
    marked = [
        (line.name, cell.release)
        for line in groups[MEMBERSHIP].lines
        for cell in line.cells
        if federation_words.MOST in cell.remarks
    ]
    assert marked == [("All other clients tell", "sites")]


def test_a_seat_that_masks_alone_make_is_not_asked_without(groups):
    twin = cells(groups[MEMBERSHIP], 1)["sites.undefended"]
    assert (twin.level, twin.word, twin.figure) == ("moot", "not asked", None)
    open_hand = cells(groups[MEMBERSHIP], 0)["sites.undefended"]
    assert open_hand.level == "reference"
    assert open_hand.word == "for comparison: the attack works"


def test_what_rests_on_a_handful_is_withheld():
    few = dossier_of([replace(r, n=9 if r.n else None) for r in federating()], STEPS)
    found = [c for g in seat_groups(few) for line in g.lines for c in line.cells]
    assert {c.level for c in found} == {"withheld", "moot"}
    assert not [c for c in found if c.figure is not None]


def test_attacks_on_updates_stand_apart_and_ask_nothing_of_the_original(dossier):
    (group,) = attacks.attack_groups(dossier)
    assert group.name == federation_words.GROUP
    lines = {line.measure: line for line in group.lines}
    assert set(lines) == {MEMBERSHIP, INVERSION, BACKGROUND}
    words = {m: [c.word for c in line.cells] for m, line in lines.items()}
    assert words[MEMBERSHIP][0] == "does not apply"
    assert words[MEMBERSHIP][2] == "not run"
    assert words[BACKGROUND][1] == "no figure"
    assert words[BACKGROUND][3] == "does not apply", "asked where single people are clients"
    assert lines[INVERSION].rule.startswith("Judged by people found; limit 9.0%. Where clients")


def test_the_page_shows_seats_only_where_there_are_federations(dossier):
    page = Page.of(render(dossier))
    assert (3, federation_words.SEATS_TITLE) in page.headings
    assert "All other clients tell" in " ".join(page.text)
    other = Page.of(render(dossier_of(detecting(), OTHER_STEPS)))
    assert (3, federation_words.SEATS_TITLE) not in other.headings
