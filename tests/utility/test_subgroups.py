"""Who is in which group: told alike of a release and its original, nobody guessed."""

from __future__ import annotations

import numpy as np
from tests.utility.answers import table

from mindveil.features.scales import latest_table
from mindveil.utility.subgroups import background_groups, groups_of, median_age, severity_groups


def six():
    return table(
        {"phq9": [[v] * 9 for v in (0, 0, 1, 1, 2, 3)]},
        {
            "age": [20.0, 30.0, 40.0, 50.0, "30-39", None],
            "gender": ["f", "m", "f|m", "*", None, "f"],
        },
    )


def test_six_people_by_hand():
    found = groups_of(six(), "phq9")
    # the median of 20, 30, 34.5, 40, 50
    assert found["age"] == {
        "P00000": "up to 34.5",
        "P00001": "up to 34.5",
        "P00002": "above 34.5",
        "P00003": "above 34.5",
        "P00004": "up to 34.5",
    }
    assert found["gender"] == {"P00000": "f", "P00001": "m", "P00005": "f"}
    assert found["severity"]["P00000"] == "minimal"
    assert found["severity"]["P00002"] == "mild"  # 9
    assert found["severity"]["P00004"] == "moderately severe"  # 18


def test_the_release_is_divided_where_the_original_is():
    ages = {"age": [60.0] * 3, "gender": ["f"] * 3}
    release = latest_table(table({"phq9": [[1] * 9] * 3}, ages))
    age = median_age(latest_table(six()))
    assert background_groups(release, age)["age"].tolist() == ["above 34.5"] * 3


def test_a_persons_own_language_is_a_group_whatever_its_column_is_called():
    for name in ("language", "Native language", "mother_tongue"):
        spoken = table({"phq9": [[1] * 9] * 4}, {name: ["de", "fr", "*", None]})
        assert groups_of(spoken, "")["language"] == {"P00000": "de", "P00001": "fr"}


def test_without_columns_there_are_no_groups():
    plain = latest_table(table({"phq9": [[1] * 9] * 3}))
    assert median_age(plain) is None
    assert background_groups(plain, None) == {}
    assert groups_of(table({"own": [[1]] * 3}), "own") == {}


def test_who_has_no_score_has_no_severity():
    assert severity_groups(np.array([np.nan]), 3.0).tolist() == [""]
