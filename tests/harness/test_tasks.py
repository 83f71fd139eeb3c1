"""Questions that are put to the releases of a whole study: here, the validity checks."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.toys import glass

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Session, Turn
from mindveil.errors import InputError
from mindveil.harness.context import context_of
from mindveil.harness.releases import make_release
from mindveil.harness.tasks import measure_task
from mindveil.study_file import load_study

STUDY = """\
study  = "doubts"
seed   = 7
corpus = "corpus"
out    = "run"

[[release]]
name  = "coarse"
steps = [{ use = "scales/anonymise", level = 1 }]

[[release]]
name  = "nobody"
steps = [{ use = "synthesise/copula" }]

[[release]]
name  = "measures"
steps = [{ use = "text/measures" }]

[attack]
use = []

[utility]
use = ["identity/phq9>=14", "interviewer/phq9>=14"]
modalities = ["text", "scales"]
"""


def interviewed(session: Session) -> Session:
    """Return a session in which somebody asks."""
    asked = Turn(speaker="interviewer", text="and how did you sleep last night")
    return Session(
        session_id=session.session_id,
        transcript=(*session.transcript, asked),
        entities=session.entities,
        responses=session.responses,
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doubts")
    corpus = glass(40, np.random.default_rng(3)).map_sessions(lambda _, s: interviewed(s))
    save_corpus(corpus, folder / "corpus", truth=True)
    (folder / "study.toml").write_text(STUDY)
    return folder / "study.toml"


def test_people_who_exist_are_asked_and_an_interviewer_where_words_are_left(study):
    cells = context_of(load_study(study)).plan.cells
    asked = {(c.release, c.measure.partition("/")[0], c.modality) for c in cells}
    asked = {a for a in asked if a[1] in {"identity", "interviewer"}}
    everybody = {"original", "coarse", "measures"}
    assert asked == {
        *((release, "identity", m) for release in everybody for m in ("text", "scales")),
        *((release, "interviewer", "text") for release in everybody - {"measures"}),
    }


def test_the_released_people_are_met_again_under_their_own_names(study):
    context = context_of(load_study(study))
    make_release(context, "coarse")
    found = {}
    for cell in context.plan.cells:
        if cell.release == "coarse":
            rows = measure_task(context, cell).rows
            assert {r.status for r in rows} == {"ok"}
            found |= {(cell.modality, r.metric): r for r in rows}
    assert {metric for _, metric in found} == {
        *(f"auroc-{w}" for w in ("overlapping", "disjoint", "participant", "interviewer", "both")),
        "identity-share",
        "interviewer-share",
    }
    assert {r.n for r in found.values()} == {40}
    # Answers are drawn anew at every visit, and everybody is asked the same.
    for metric in ("auroc-disjoint", "auroc-interviewer"):
        row = found["text", metric]
        assert row.low <= 0.5 <= row.high


@pytest.mark.slow
def test_people_are_recognised_by_measures_alone_where_a_release_holds_nothing_else(study):
    context = context_of(load_study(study))
    make_release(context, "measures")
    (cell,) = (c for c in context.plan.cells if (c.release, c.modality) == ("measures", "text"))
    rows = measure_task(context, cell).rows
    assert [(r.metric, r.status, r.n) for r in rows] == [
        ("auroc-overlapping", "ok", 40),
        ("auroc-disjoint", "ok", 40),
        ("identity-share", "ok", 40),
    ]


@pytest.mark.parametrize("what", ["identity/phq9", "identity/gad7>=10"])
def test_a_check_needs_a_target_that_was_asked(what, study):
    told = load_study(study)
    wrong = told.model_copy(update={"utility": told.utility.model_copy(update={"use": (what,)})})
    with pytest.raises(InputError, match=r"target|holds no answers"):
        context_of(wrong)


def test_without_an_interviewer_there_is_nothing_to_check(tmp_path):
    save_corpus(glass(20, np.random.default_rng(3)), tmp_path / "corpus", truth=True)
    (tmp_path / "study.toml").write_text(STUDY)
    with pytest.raises(InputError, match="no transcript has a turn of an interviewer"):
        context_of(load_study(tmp_path / "study.toml"))


def test_a_check_is_no_condition_of_a_policy(study):
    told = load_study(study)
    policy = told.policy.model_copy(
        update={"min_utility": {"identity/phq9>=14": {"auroc-disjoint": 0.5}}}
    )
    with pytest.raises(InputError, match="validity check"):
        context_of(told.model_copy(update={"policy": policy}))
