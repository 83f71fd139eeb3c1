"""What a study did not look at is said, and nothing that could not be looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.harness.toys import glass

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Turn
from mindveil.harness.context import context_of
from mindveil.harness.summary import sum_up
from mindveil.study_file import parse_study

JOINED = "one attacker who joins all modalities"
PART = {"study": "toy", "corpus": "corpus", "out": "run", "attack": {"use": ["scales/linkage"]}}


@pytest.mark.parametrize(("words", "told"), [(True, True), (False, False)])
def test_who_joins_modalities_is_missed_only_where_there_are_several(tmp_path, words, told):
    people = glass(40, np.random.default_rng(3))
    said = (Turn(speaker="participant", text="it goes well"),) if words else ()
    save_corpus(people.map_sessions(lambda _, s: replace(s, transcript=said)), tmp_path / "corpus")
    context = context_of(parse_study(PART, "s", tmp_path))
    assert (JOINED in sum_up(context, []).untested) == told
