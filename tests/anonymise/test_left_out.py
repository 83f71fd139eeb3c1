"""Of what is left out nothing is there, and nothing is asked; everything else stays as it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.run.media_study import media_study, recorded_people
from tests.run.studies import HEAD

from mindveil import catalog
from mindveil.choices import meets_release, tasks_for
from mindveil.corpus.model import MEASURES, MediaFile
from mindveil.errors import InputError
from mindveil.harness.context import context_of
from mindveil.harness.steps import Steps
from mindveil.release_kinds import left_out, measured_alone
from mindveil.study import ReleasePart
from mindveil.study_file import load_study

KINDS = ("text", "voice", "face")


def part(*uses):
    return ReleasePart.model_validate({"name": "mine", "steps": [{"use": u} for u in uses]})


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return recorded_people(tmp_path_factory.mktemp("sample"), count=3, silent=2)


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_goes_and_the_others_stay(kind, people):
    done = catalog.step(f"{kind}/omit", {}).apply(people, np.random.default_rng(1))
    assert done.ids == people.ids
    assert done.modalities == people.modalities - {kind}
    for mine, theirs in zip(done.participants, people.participants, strict=True):
        assert mine.attributes == theirs.attributes
        for after, before in zip(mine.sessions, theirs.sessions, strict=True):
            assert after.session_id == before.session_id
            assert after.responses == before.responses
            assert kind not in after.media
            assert all(after.media.get(m) == before.media.get(m) for m in {*KINDS} - {kind})
            said = ((), ()) if kind == "text" else (before.transcript, before.entities)
            assert (after.transcript, after.entities) == said


def test_measures_and_timed_words_go_as_well(people, tmp_path):
    files = tuple(MediaFile(path=tmp_path / n, task=MEASURES) for n in ("x_words.tsv", "x.parquet"))
    there = people.map_sessions(lambda _, s: replace(s, media={**s.media, "text": files}))
    done = catalog.step("text/omit", {}).apply(there, np.random.default_rng(1))
    assert "text" not in done.modalities
    assert not any("text" in s.media for p in done.participants for s in p.sessions)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_of_what_is_not_there(kind):
    release = part(f"{kind}/omit")
    met = {n for n, a in catalog.ATTACKS.items() if meets_release(catalog.attack(n, {}), release)}
    assert {n for n, a in catalog.ATTACKS.items() if kind in a.needs}.isdisjoint(met)
    assert {"fused/linkage", "scales/linkage", "release/leaks"} <= met
    streams = ("text", "voice", "face", "scales", "fused")
    asked = tasks_for(release, [("detect/phq9>=10", s) for s in streams])
    assert [s for _, s in asked] == [s for s in streams if s != kind]


def test_nothing_is_joined_where_one_kind_is_left():
    everything = frozenset({"text", "scales"})
    fused = catalog.attack("fused/linkage", {})
    assert meets_release(fused, part("text/redact"), everything)
    assert not meets_release(fused, part("text/omit"), everything)


def test_measures_that_are_left_out_afterwards_are_not_there():
    release = part("text/measures", "text/omit")
    assert left_out(release) == {"text"}
    assert measured_alone(release) == set()


@pytest.mark.parametrize("gone", ["text/omit", "text/measures"])
@pytest.mark.parametrize("voice", ["voice/anonymise", "voice/mcadams", "voice/pseudo-voice"])
def test_words_may_not_go_before_the_voices_that_need_them(gone, voice):
    with pytest.raises(InputError, match=f"{gone} stands before {voice}, which finds spoken names"):
        Steps.of(part(gone, voice))
    assert Steps.of(part(voice, gone)).alone
    assert Steps.of(part(gone, "voice/omit", "face/mask")).alone


def test_a_study_with_such_a_release_is_refused_before_anything_is_made(tmp_path):
    bad = '[[release]]\nname = "bad"\nsteps = [{ use = "text/omit" }, { use = "voice/mcadams" }]\n'
    study = load_study(media_study(tmp_path, HEAD + bad, 3))
    with pytest.raises(InputError, match="put voice/mcadams first"):
        context_of(study)


RELEASES = """
[[release]]
name = "answers"
steps = [{ use = "text/omit" }, { use = "voice/omit" }, { use = "face/omit" }]

[attack]
use = ["all"]

[utility]
use = ["detect/phq9>=10", "retention/voice"]
"""


def test_a_plan_asks_of_answers_what_is_asked_of_answers(tmp_path):
    study = load_study(media_study(tmp_path, HEAD + RELEASES, 6))
    cells = [c for c in context_of(study).plan.cells if c.release == "answers"]
    assert {c.modality for c in cells if c.kind == "attack"} == {"scales", "files"}
    assert {c.modality for c in cells if c.kind == "utility"} == {"scales", "fused"}
