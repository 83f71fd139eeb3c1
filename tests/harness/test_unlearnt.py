"""A protection that an attacker cannot rehearse on the few people he has: told, never silent."""

import numpy as np
import pytest
from tests.run.studies import HEAD, toy_study

from mindveil.harness.attacks import measure_attack
from mindveil.harness.context import context_of
from mindveil.harness.releases import make_release
from mindveil.study_file import load_study

STUDY = (
    HEAD
    + """\
[[release]]
name  = "coarse"
steps = [{{ use = "scales/anonymise", level = 2, k = {k} }}]

[attack]
use       = ["scales/linkage"]
attackers = ["semi-informed"]
"""
)


@pytest.mark.parametrize(("k", "told"), [(3, False), (60, True)])
def test_the_note_says_where_nothing_could_be_learnt(tmp_path, k, told):
    study = load_study(toy_study(tmp_path, STUDY.format(k=k), people=220))
    context = context_of(study)
    context.folder.prepare()
    make_release(context, "coarse")
    (cell,) = (c for c in context.plan.cells if c.release == "coarse")
    found = measure_attack(context, cell)
    assert all(np.isfinite(r.value) for r in found.rows)
    assert ("learnt nothing there" in found.rows[0].note) == told
    assert found.tier == ("light" if told else "trained")
