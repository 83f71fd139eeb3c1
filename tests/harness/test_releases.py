"""What a release never holds, whatever its steps are."""

from __future__ import annotations

import numpy as np
from tests.harness.toys import glass

from mindveil.corpus.model import Column
from mindveil.harness.releases import cleaned


def test_columns_that_name_people_go_and_the_others_stay():
    corpus = glass(6, np.random.default_rng(1))
    people = corpus.participants
    named = corpus.with_people(
        type(p)(
            participant_id=p.participant_id,
            attributes={**p.attributes, "name": "Zither Quince"},
            sessions=p.sessions,
        )
        for p in people
    )
    columns = {**corpus.columns, "name": Column(role="identifier", kind="text")}
    release = cleaned(type(corpus)(name="x", participants=named.participants, columns=columns))
    assert set(release.columns) == set(corpus.columns)
    assert [p.attributes for p in release.participants] == [p.attributes for p in people]
    assert [p.sessions for p in release.participants] == [p.sessions for p in people]
