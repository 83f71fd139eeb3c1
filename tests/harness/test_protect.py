"""What leaves the building is searched before it stands there."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from tests.run.studies import HEAD, toy_study

from mindveil.corpus.model import Modality
from mindveil.errors import RefusedError
from mindveil.harness.context import context_of
from mindveil.harness.protect import Beside, protect_corpus
from mindveil.study_file import load_study

STUDY = (
    HEAD
    + """\
[[release]]
name  = "kept"
steps = [{ use = "scales/anonymise", level = 2, k = 3 }]

[[release]]
name  = "leaky"
steps = [{ use = "tests.harness.test_protect:Forgetful" }]

[attack]
use = []

[split]
reference = 0
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetful:
    """Leave the number of the record of each person in a column."""

    name: ClassVar[str] = "forgetful"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    alone: ClassVar[bool] = True

    def apply(self, corpus, rng):
        people = [
            replace(p, attributes={**p.attributes, "sex": f"x {p.participant_id}"})
            for p in corpus.participants
        ]
        return corpus.with_people(people)


def test_a_corpus_that_tells_who_somebody_is_is_taken_back(tmp_path):
    context = context_of(load_study(toy_study(tmp_path, STUDY)))
    assert protect_corpus(context, "kept", tmp_path / "kept", Beside()) == 40
    with pytest.raises(RefusedError, match="files tell who somebody is") as refused:
        protect_corpus(context, "leaky", tmp_path / "leaky", Beside())
    assert not (tmp_path / "leaky").exists()
    assert not any(i in str(refused.value) for i in context.corpus.ids)
