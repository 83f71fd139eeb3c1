"""The card says everything that is needed to judge a promise."""

from __future__ import annotations

import json

from mindveil.dp.accounting import Budget, statement
from mindveil.dp.card import Card, Circumstances
from mindveil.dp.composition import Cost, together

BUDGET = Budget(epsilon=3.0, delta=1e-5, accountant="gaussian")


def card(*, proved=True, spent=None):
    return Card(
        guarantee=statement(BUDGET, ["one-way tables", "correlations"], proved),
        circumstances=Circumstances(
            release="private copula",
            os_entropy=proved,
            public=["levels of the questionnaire", "clipping at 2.5"],
            caveats=["shipped without occupations"],
            spent=spent,
        ),
    )


def test_every_item_is_there():
    words = dict(card().items())
    assert words["Promise"] == "epsilon 3, delta 1e-05"
    assert "one person" in words["Unit of privacy"]
    assert "in or out" in words["Neighbours"]
    assert "<= 28.1 %" in words["Largest advantage"]
    assert words["Mechanisms"] == "one-way tables; correlations"
    assert "Dong" in words["Accountant"]
    assert words["Label"].startswith("proved")
    assert "operating system" in words["Noise"]
    assert words["Taken as public"] == "levels of the questionnaire; clipping at 2.5"
    assert "no ledger" in words["All releases so far"]
    assert next(w for i, w in card().items() if i == "Caveat") == "shipped without occupations"


def test_what_is_missing_is_said():
    bare = Card(
        guarantee=statement(BUDGET, [], False),
        circumstances=Circumstances(release="x", os_entropy=False),
    )
    words = dict(bare.items())
    assert words["Mechanisms"] == "not stated"
    assert words["Taken as public"] == "nothing"
    assert words["Label"].startswith("accounted")
    assert "seed" in words["Noise"]


def test_what_earlier_releases_add_is_said():
    spent = together([Cost.of(BUDGET)])
    assert "over 1 release from" in dict(card(spent=spent).items())["All releases so far"]
    spent = together([Cost.of(BUDGET)] * 2)
    assert "over 2 releases from" in dict(card(spent=spent).items())["All releases so far"]


def test_the_card_is_plain_data_and_plain_text():
    spent = together([Cost.of(BUDGET)])
    found = json.loads(json.dumps(card(spent=spent).to_json(), allow_nan=False))
    assert found["guarantee"]["epsilon"] == 3.0
    assert found["spent"]["releases"] == 1
    assert found["words"][2] == ["Promise", "epsilon 3, delta 1e-05"]
    assert card().to_json()["spent"] is None
    lines = card().text().splitlines()
    assert lines[0] == "Differential privacy card: private copula"
    assert len(lines) == 1 + len(card().items())
