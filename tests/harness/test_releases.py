"""What a release never holds, whatever its steps are."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.toys import glass

from mindveil.corpus.model import Column
from mindveil.errors import InputError
from mindveil.harness.releases import cleaned
from mindveil.harness.steps import Steps
from mindveil.study import ReleasePart


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


@pytest.mark.parametrize("last", ["synthesise/dp-copula", "synthesise/dp-marginals"])
def test_a_promise_to_each_is_not_made_after_a_step_that_looks_at_all(last):
    both = ReleasePart(name="x", steps=({"use": "scales/anonymise"}, {"use": last}))
    with pytest.raises(InputError, match="could not keep its promise"):
        Steps.of(both)
    assert Steps.of(ReleasePart(name="x", steps=({"use": last},))).maker is not None
    plain = ReleasePart(name="x", steps=({"use": "scales/anonymise"}, {"use": "synthesise/copula"}))
    assert len(Steps.of(plain).together) == 1
