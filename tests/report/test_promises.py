"""The cards of private releases."""

from __future__ import annotations

from dataclasses import replace

from tests.report.dossiers import dossier_of
from tests.report.synthetic import STEPS, promised

from mindveil.evidence.dossier import ReleaseFacts
from mindveil.report import words
from mindveil.report.html import render
from mindveil.report.promises import promises


def test_a_card_says_what_is_promised_to_whom_and_what_was_paid_for():
    (card,) = promises(dossier_of(promised(), STEPS))
    items = {item: said for item, said, _ in card.items}
    assert card.release == "private"
    assert card.label == "proved"
    assert items["Epsilon"] == "1.00"
    assert [row.metric for _, _, row in card.items if row] == [
        "epsilon",
        "delta",
        "advantage-permitted",
    ]
    assert items["Delta"] == "1e−5, or 1 in 100,000"
    assert items["Largest advantage"].startswith("10.7%")
    assert items["Unit"] == words.UNITS["person"]
    assert items["Neighbours"] == "one person more or less"
    assert items["Accountant"] == "Gaussian differential privacy"
    assert items["Made by"] == "synthesise/dp-copula"
    assert card.mechanisms == (
        "Counts of answers: discrete Gaussian, 40% of rho",
        "Products of scores: discrete Gaussian, 60% of rho",
    )


def test_a_promise_that_could_be_undone_says_so():
    (card,) = promises(dossier_of(promised(label="accounted"), STEPS))
    assert {i: said for i, said, _ in card.items}["Label"].startswith("accounted: ")


def test_a_sentence_alone_is_a_card_without_items():
    dossier = dossier_of([], STEPS)
    facts = (ReleaseFacts(name="private", steps=(), guarantee="Epsilon 1."),)
    (card,) = promises(replace(dossier, releases=facts))
    assert (card.sentence, card.items) == ("Epsilon 1.", ())


def test_the_page_shows_the_card_or_says_that_there_is_none():
    page = render(dossier_of(promised(), STEPS))
    assert "1 in 100,000" in page
    assert words.TEXT["guarantees_none"] not in page
    assert words.TEXT["guarantees_none"] in render(dossier_of([], STEPS))
